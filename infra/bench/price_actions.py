"""What actions use of AWS, in the units of prices.toml: by the counts of budget.py and the times of scale.toml."""

from infra.bench.budget import CALLS, LOGGED, MAIL, PAGE, PAGE_AGAIN, SWEEP_READ_UNITS, UNITS, WRITE_UNITS
from infra.bench.chromium import MOST_REQUESTS, Weight
from infra.bench.price_scale import Scale, megabytes
from infra.bench.prices import added

GB = 1e9

REQUEST_BYTES = 1_000  # of what a reader's browser sends: headers, cookies, a form
ANSWER_BYTES = 300  # of the headers that API Gateway and CloudFront add to an answer
# For a page run requests.js and responses.js of infra/edge, and the former looks it up. For files none runs.
EDGE_RUNS = 2.0
EDGE_READS = 2.0

SWEEPS_A_MONTH = 12 * 24 * 30.4
SHARDS = SWEEP_READ_UNITS * 2  # a query of each, which costs half a unit

_WAITS = {"TransactWriteItems": "waiting_transaction"}


def request(route: str, scale: Scale) -> dict[str, float]:
    """What one request to a route such as `POST /api/tickets` uses, with the sending of the mails that it queues.

    Each mail is taken to be sent by a run of the sender of its own. What stays in the table is not in it, since what
    that costs depends on how long.
    """
    units, calls = UNITS[route], CALLS[route]
    asked = {
        "cloudfront.requests": 1.0,
        "cloudfront.out_gb": (units.answered + ANSWER_BYTES) / GB,
        "cloudfront.to_origin_gb": REQUEST_BYTES / GB,
        "apigateway.requests": 1.0,
        **_run("api_handler", request_seconds(route, scale), scale),
        "dynamodb.write_units": float(WRITE_UNITS.get(route, 0)),
        "dynamodb.read_units": float(units.read_units),
        "kms.calls": float(sum(call in ("Encrypt", "Decrypt") for call in calls)),
    }
    return added((1, asked), (units.mails, mail(scale, has_token="Encrypt" in calls)))


def mail(scale: Scale, *, has_token: bool) -> dict[str, float]:
    """What sending one mail uses; of one with a token, KMS too."""
    return {
        "ses.mails": 1.0,
        "ses.sent_gb": MAIL.bytes / GB,
        **_run("send_mails", mail_seconds(scale), scale),
        "dynamodb.write_units": float(MAIL.write_units),
        "dynamodb.read_units": float(MAIL.read_units),
        "kms.calls": float(has_token),
    }


def news(scale: Scale) -> dict[str, float]:
    """What it uses to hear from SES of one mail, and to write that down."""
    took = _seconds("hear_of_mails", scale.time["request"] + scale.time["call"], scale.time["waiting"], scale)
    return {"sns.published": 1.0, **_run("hear_of_mails", took, scale), "dynamodb.write_units": 1.0}


def page(weight: Weight, scale: Scale) -> dict[str, float]:
    """What a page uses that brings so many files and bytes to its reader, one of them being the page itself."""
    return {
        "cloudfront.requests": float(weight.requests),
        "cloudfront.out_gb": weight.bytes / GB,
        "cloudfront.function_runs": EDGE_RUNS,
        "cloudfront.store_reads": EDGE_READS,
        "s3.reads": scale.reading["not_at_the_edge"] * weight.requests,
    }


def page_view(scale: Scale) -> dict[str, float]:
    """What one of a visit's pages uses on the average: the first comes with all its files, the others by themselves."""
    pages = scale.reading["pages"]
    first, further = Weight(MOST_REQUESTS, PAGE), Weight(1, PAGE_AGAIN)
    return added((1 / pages, page(first, scale)), (1 - 1 / pages, page(further, scale)))


def sweeps(scale: Scale) -> dict[str, float]:
    """What a month's sweeps of the queue use when nothing is stuck."""
    time = scale.time
    took = _seconds("sweep_mails", time["request"] + SHARDS * time["call"], SHARDS * time["waiting"], scale)
    return added(
        (SWEEPS_A_MONTH, {**_run("sweep_mails", took, scale), "dynamodb.read_units": SWEEP_READ_UNITS})
    )


def request_seconds(route: str, scale: Scale) -> float:
    """How long Lambda works for one request to a route."""
    calls, time = CALLS[route], scale.time
    works = time["request"] + len(calls) * time["call"] + UNITS[route].hashes * time["hash"]
    return _seconds("api_handler", works, sum(time[_WAITS.get(call, "waiting")] for call in calls), scale)


def mail_seconds(scale: Scale) -> float:
    """How long Lambda works for one mail."""
    time = scale.time
    works = time["request"] + MAIL.calls * time["call"] + time["mail"]
    return _seconds("send_mails", works, (MAIL.calls - 1) * time["waiting"] + time["waiting_ses"], scale)


def _seconds(function: str, works: float, waits: float, scale: Scale) -> float:
    """Of milliseconds of this machine's processor and of waiting. A function has a core for its memory's share."""
    share = min(1.0, megabytes(function) / scale.time["core_megabytes"])
    return (works * scale.time["slower"] / share + waits) / 1000


def _run(function: str, seconds: float, scale: Scale) -> dict[str, float]:
    return {
        "lambda.invocations": 1.0,
        "lambda.gb_seconds": seconds * megabytes(function) / 1024,
        "cloudwatch.log_gb": (LOGGED + scale.logs["platform"]) / GB,
    }
