"""A month of so many customers: what is asked, sent and kept, what it costs, how near it comes to what AWS allows.

All of it is arithmetic on the counts of budget.py, the prices of prices.toml and the assumptions of scale.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from chalicelib import brand
from chalicelib.mail.repository import SHARDS
from infra.bench import price_actions as actions
from infra.bench.budget import CALLS, CHARGE, MAIL, UNITS, WRITE_UNITS
from infra.bench.price_scale import Scale
from infra.bench.prices import Prices, added

DAYS = 30.4
SECONDS = DAYS * 24 * 3600
YEAR = 12  # months

# A queued mail is put into the index, changed there when it is claimed, and taken out when it is sent.
INDEX_WRITES_A_MAIL = 3
# What a vote writes of its article's counter, and what adding or removing a contact writes of its account.
COUNTER_WRITES = 2


@dataclass(frozen=True)
class Month:
    """A month of so many customers, when they have been there for a year."""

    customers: int
    scale: Scale
    prices: Prices

    @cached_property
    def page_views(self) -> float:
        """Pages that are read, by anybody."""
        reading = self.scale.reading
        return self.customers * (reading["visits"] * reading["pages"] + reading["searches"])

    @cached_property
    def requests(self) -> float:
        """Requests to the API."""
        return self.customers * sum(self.scale.calls().values())

    @cached_property
    def mails(self) -> float:
        """Mails that are sent."""
        return self.customers * _mails(self.scale.calls())

    @cached_property
    def stored_gb(self) -> float:
        """What a year left in the table and its index; what expires is taken to stay for a year too, as votes do."""
        left = sum(
            (UNITS[route].kept + UNITS[route].passing) * times for route, times in self.scale.calls().items()
        )
        return max(0.0, self.customers * left * YEAR / actions.GB)

    @cached_property
    def usage(self) -> dict[str, float]:
        """So much of each unit of prices.toml."""
        calls = [
            (self.customers * n, actions.request(route, self.scale))
            for route, n in self.scale.calls().items()
        ]
        total = added(
            *calls,
            (self.page_views, actions.page_view(self.scale)),
            (self.mails * self.scale.mails["told_of"], actions.news(self.scale)),
            (1, actions.sweeps(self.scale)),
            (1, self.scale.standing),
        )
        kept = {
            "dynamodb.stored_gb": self.stored_gb,
            "dynamodb.point_in_time_recovery_gb": self.stored_gb,
            "cloudwatch.log_stored_gb": total["cloudwatch.log_gb"] * self.scale.logs["kept_months"],
        }
        return added((1, total), (1, kept))

    @cached_property
    def bill(self) -> dict[str, float]:
        """Dollars for each service, the dearest first."""
        return self.prices.by_service(self.usage)

    @cached_property
    def firewall(self) -> float:
        """Dollars for WAF with three rules before it all, which is in no bill unless it is wanted."""
        return self.prices.cost(
            {"waf.web_acls": 1, "waf.rules": 3, "waf.requests": self.usage["cloudfront.requests"]}
        )


@dataclass(frozen=True)
class Second:
    """The load of one second: how often each route is called, and how many pages are read."""

    calls: Mapping[str, float]
    pages: float

    @property
    def requests(self) -> float:
        """Requests to the API."""
        return sum(self.calls.values())

    @property
    def mails(self) -> float:
        """Mails that are queued."""
        return _mails(self.calls)


def mean(month: Month) -> Second:
    """A month's second like any other."""
    calls = {route: month.customers * times / SECONDS for route, times in month.scale.calls().items()}
    return Second(calls, month.page_views / SECONDS)


def peak(month: Month) -> Second:
    """The busiest second of an ordinary month."""
    second, times = mean(month), month.scale.busiest["times_the_mean"]
    return Second({route: times * n for route, n in second.calls.items()}, times * second.pages)


def bad_hour(month: Month) -> Second:
    """A second of the hour in which the provider's own service is down: customers look, sign in, and open tickets."""
    busiest, second = month.scale.busiest, mean(month)
    tickets = month.customers * busiest["hour_tickets"] / 3600
    visits = month.customers * busiest["hour_visits"] / 3600
    added_calls = {"POST /api/tickets": tickets, "POST /api/session": tickets, "GET /api/me": visits}
    calls = {route: n + added_calls.get(route, 0.0) for route, n in second.calls.items()}
    return Second(calls, second.pages + visits * month.scale.reading["pages"])


@dataclass(frozen=True)
class Limit:
    """Something that can be too little: its load at the worst second of a month, how much there is, what mends it."""

    what: str
    load: float
    most: float
    unit: str
    mended_by: str

    @property
    def share(self) -> float:
        """1 when it is just enough."""
        return self.load / self.most


def limits(month: Month) -> list[Limit]:
    """Everything that can be too little, the nearest to its limit first."""
    both = [_of_second(second, month) for second in (peak(month), bad_hour(month))]
    worst = [max(pair, key=lambda one: one.share) for pair in zip(*both, strict=True)]
    return sorted([*worst, _mails_of_a_day(month)], key=lambda one: -one.share)


def breaks_at(limit: Limit, month: Month) -> float:
    """How many customers it is just enough for."""
    return month.customers / limit.share


def _of_second(second: Second, month: Month) -> list[Limit]:
    scale = month.scale
    quotas, stack = scale.quotas, scale.stack
    running = sum(n * actions.request_seconds(route, scale) for route, n in second.calls.items())
    kms = sum(
        n * sum(call in ("Encrypt", "Decrypt") for call in CALLS[route]) for route, n in second.calls.items()
    )
    limited = {route: n for route, n in second.calls.items() if set(CHARGE) <= set(CALLS[route])}
    busiest_route = max(limited, key=lambda route: limited[route])
    writes = sum(n * WRITE_UNITS.get(route, 0) for route, n in second.calls.items())
    senders = quotas["shards"] * stack["MailsAtOnce"]
    writing = "write units a second"
    return [
        Limit(
            "mails, SES's rate", second.mails, quotas["ses_second"], "a second", "ask SES for a higher rate"
        ),
        Limit(
            "mails, what SendMails can send",
            second.mails,
            senders / actions.mail_seconds(scale),
            "a second",
            "MAILS_AT_ONCE of make deploy",
        ),
        Limit(
            "requests to the API",
            second.requests,
            stack["ApiRate"],
            "a second",
            "API_RATE, API_BURST of make deploy",
        ),
        Limit(
            f"{busiest_route}",
            limited[busiest_route],
            stack["LimitedRate"],
            "a second",
            "LIMITED_RATE, LIMITED_BURST of make deploy",
        ),
        Limit(
            "API Gateway in this region",
            second.requests,
            quotas["api_gateway"],
            "a second",
            "ask API Gateway for a higher rate",
        ),
        Limit(
            "functions at once",
            running + second.mails * actions.mail_seconds(scale),
            quotas["lambda_at_once"],
            "runs",
            "ask Lambda; CONCURRENCY keeps them for the API",
        ),
        Limit("KMS", kms + second.mails, quotas["kms"], "calls a second", "ask KMS for a higher rate"),
        Limit(
            "the table",
            writes + second.mails * MAIL.write_units,
            quotas["table_writes"],
            writing,
            "ask DynamoDB for a higher table quota",
        ),
        Limit(
            "CloudFront",
            actions.page_view(scale)["cloudfront.requests"] * second.pages + second.requests,
            quotas["cloudfront"],
            "requests a second",
            "ask CloudFront for a higher rate",
        ),
        Limit(
            "votes on the most read article",
            second.calls["POST /api/votes"] * scale.together["most_read_article"],
            transactions_on_one_item(scale),
            "a second, one after the other",
            "counters by shard in articles",
        ),
        *(
            Limit(key.what, key.writes, quotas["key_writes"], writing, key.mended_by)
            for key in hot_keys(second, scale)
        ),
    ]


@dataclass(frozen=True)
class HotKey:
    """A partition's key that many write, in write units a second."""

    what: str
    writes: float
    mended_by: str


def hot_keys(second: Second, scale: Scale) -> list[HotKey]:
    """The keys whose writes grow with the customers, the hottest first."""
    calls = second.calls
    votes = calls["POST /api/votes"] * scale.together["most_read_article"]
    keys = [
        HotKey(
            f"EMAILS#QUEUED#0-{SHARDS - 1} on gsi1",
            second.mails * INDEX_WRITES_A_MAIL / SHARDS,
            "SHARDS in mail/repository.py",
        ),
        HotKey(
            "ARTICLE#path, VOTES of the most read", votes * COUNTER_WRITES, "counters by shard in articles"
        ),
        HotKey("SEARCH_MISSES#day", calls["POST /api/search-misses"], "a shard in keys.search_miss"),
    ]
    return sorted(keys, key=lambda key: -key.writes)


def hottest_key(month: Month) -> HotKey:
    """The hottest of them all, in the busiest second and in the bad hour."""
    seconds = (peak(month), bad_hour(month))
    return max(
        (key for second in seconds for key in hot_keys(second, month.scale)), key=lambda key: key.writes
    )


def transactions_on_one_item(scale: Scale) -> float:
    """How many a second: they fail while another is under way, and are tried again."""
    return 1000 / scale.time["waiting_transaction"]


def of_few(scale: Scale) -> list[Limit]:
    """What can be too little however few the customers are: for one office, one account, one address."""
    together, quotas = scale.together, scale.quotas
    changes = together["biggest_account"] * together["changes_each"] / 60
    (window,) = brand.windows("sign_in_per_address", local=False)
    minutes = window.seconds // 60
    return [
        Limit(
            f"{together['office']:,} people sign in behind one address",
            together["office"],
            window.times,
            f"in {minutes} minutes",
            "sign_in_per_address in brand.toml",
        ),
        Limit(
            f"{together['biggest_account']:,} people change contacts of one account",
            changes,
            transactions_on_one_item(scale),
            "a second, one after the other",
            "nothing: the account's counter makes them wait",
        ),
        Limit(
            "the same, ACCOUNT#id in write units",
            changes * COUNTER_WRITES,
            quotas["key_writes"],
            "a second",
            "nothing",
        ),
        Limit(
            "somebody tries passwords from one address, ATTEMPTS#…",
            scale.stack["LimitedRate"],
            quotas["key_writes"],
            "write units a second",
            "LimitedRate is the most that comes through",
        ),
    ]


def _mails_of_a_day(month: Month) -> Limit:
    quota = month.scale.quotas["ses_day"]
    return Limit("mails, SES's day", month.mails / DAYS, quota, "a day", "ask SES for a higher daily quota")


def _mails(calls: Mapping[str, float]) -> float:
    return sum(UNITS[route].mails * times for route, times in calls.items())
