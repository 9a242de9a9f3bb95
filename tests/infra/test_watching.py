"""Watching Kalauz in AWS: an alarm fires when something ails and not before, and the runbook tells what to do then."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import botocore.session
import pytest

from chalicelib import metrics
from chalicelib.problems import PROBLEMS
from chalicelib.routing import MAKES_A_CHANGE
from infra import package
from infra.bench.budget import CALLS
from infra.local.ministack import CREDENTIALS, REGION, Ministack
from tests.client import Client
from tests.infra.alarms import VALUE, Alarm, Values
from tests.infra.processes import ROOT
from tests.lines import Lines
from tests.requests.walk import ENDPOINTS, named

pytestmark = pytest.mark.xdist_group("watch")

TEMPLATE = package.template()
ALARMS = sorted(
    name for name, each in TEMPLATE["Resources"].items() if each.get("Type") == "AWS::CloudWatch::Alarm"
)
RUNBOOK = (ROOT / "RUNBOOK.md").read_text("utf-8")

every_alarm = pytest.mark.parametrize("name", ALARMS)

# What AWS tells by itself, and of what (the chapters "metrics and dimensions" of each service's guide).
FUNCTION = {"FunctionName"}
OF_AWS: dict[tuple[str, str], set[frozenset[str]]] = {
    **{
        ("AWS/ApiGateway", name): {frozenset({"ApiName", "Stage"})}
        for name in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency")
    },
    **{
        ("AWS/Lambda", name): {frozenset(FUNCTION)}
        for name in ("Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge")
    },
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {frozenset({"QueueName"})},
    **{
        ("AWS/SES", f"Reputation.{rate}Rate"): {frozenset({"ses:configuration-set"})}
        for rate in ("Bounce", "Complaint")
    },
    **{
        ("AWS/DynamoDB", f"{kind}ThrottleEvents"): {
            frozenset({"TableName"}),
            frozenset({"TableName", "GlobalSecondaryIndexName"}),
        }
        for kind in ("Read", "Write")
    },
    **{
        ("AWS/DynamoDB", f"Consumed{kind}CapacityUnits"): {frozenset({"TableName"})}
        for kind in ("Read", "Write")
    },
    ("AWS/DynamoDB", "TransactionConflict"): {frozenset({"TableName"})},
    ("AWS/DynamoDB", "SystemErrors"): {frozenset({"TableName", "Operation"})},
    ("AWS/Logs", "IncomingBytes"): {frozenset({"LogGroupName"})},
    **{
        ("AWS/CloudFront", name): {frozenset({"DistributionId", "Region"})}
        for name in ("Requests", "BytesDownloaded", "5xxErrorRate")
    },
}


def alarm(name: str, **parameters: Any) -> Alarm:
    """An alarm of the stack."""
    return Alarm(TEMPLATE, name, **{"QuietHours": 3, **parameters})


# --- What ails, and what does not ---

# Of each alarm: periods after which it fires, and such after which it does not, just below it or for another reason.
Case = tuple[list[Values], list[list[Values]]]


def one(value: float) -> Values:
    """A period of an alarm that looks at one time series."""
    return {VALUE: value}


CASES: dict[str, Case] = {
    "ApiFails": (
        [{"failed": 11, "requests": 1000}],
        [
            [{"failed": 9, "requests": 9}],
            [{"failed": 10, "requests": 1000}],
            [{"failed": 0, "requests": 0}],
            [],
        ],
    ),
    "ApiMeetsBugs": ([one(1)], [[]]),
    "ApiUnavailable": ([one(10)], [[one(9)], []]),
    "ApiSlow": ([one(2001)] * 3, [[one(2000)] * 3, [one(9000)] * 2, [one(9000), one(9000), one(900)], []]),
    "ApiThrottled": ([one(100)], [[one(99)], []]),
    "ApiQuiet": ([one(0)] * 3, [[one(0), one(1), one(0)], [one(1)] * 3]),
    "SignInsRefused": (
        [{"passwords": 150, "codes": 60, "done": 150}],
        [
            [{"passwords": 199, "done": 1}],
            [{"passwords": 300, "codes": 20, "done": 400}],
            [{"done": 10_000}],
            [],
        ],
    ),
    "APIHandlerFails": ([one(3)], [[one(2)], []]),
    "SendMailsFails": ([one(3)], [[one(2)], []]),
    "SweepMailsFails": ([one(2)], [[one(1)], []]),
    "HearOfMailsFails": ([one(3)], [[one(2)], []]),
    "FunctionsThrottled": (
        [{"api": 6, "sender": 4}],
        [[{"api": 9}], [{"api": 5, "sender": 1, "sweep": 2, "listener": 1}], []],
    ),
    "FunctionsNearTimeout": (
        [{"sender_took": 55_000}, {"api_took": 900}, {"sender_took": 58_000, "api_took": 900}],
        [
            [{"sweep_took": 230_000}, {}, {}],
            [{"api_took": 18_000, "sender_took": 54_000, "sweep_took": 216_000, "listener_took": 18_000}] * 3,
            [],
        ],
    ),
    "ConcurrencyNearLimit": (
        [{"at_once": 801}, {"at_once": 10}, {"at_once": 900}],
        [[{"at_once": 800}] * 3, [{"at_once": 1000}, {}, {}], []],
    ),
    "MailsLag": ([one(120_001)] * 5, [[one(120_000)] * 5, [one(500_000)] * 4, []]),
    "MailsGivenUp": ([one(1)], [[one(0)], []]),
    "MailsWaitLong": ([one(901)] * 2, [[one(900)] * 2, [one(2000), one(10)]]),
    "SweepMissing": ([], [[one(1)], [one(3)]]),
    "SendMailsLeavesSome": ([one(1)], [[one(0)]]),
    "SweepMailsLeavesSome": ([one(1)], [[one(0)]]),
    "HearOfMailsLeavesSome": ([one(1)], [[one(0)]]),
    "MailsBounce": ([one(0.021)], [[one(0.02)], [one(0)]]),
    "MailsAnnoy": ([one(0.0011)], [[one(0.001)], [one(0)]]),
    "TableThrottled": (
        [{"reads": 3, "index_writes": 7}],
        [[{"reads": 3, "writes": 3, "index_reads": 2, "index_writes": 1}], []],
    ),
    "TableFails": (
        [{"reads": 10}, {}, {"transactions": 7, "changes": 3}],
        [[{"reads": 500}], [{"lists": 9}] * 3, []],
    ),
    "SiteFails": ([one(1.1)] * 3, [[one(1)] * 3, [one(50)] * 2, []]),
}


def test_every_alarm_is_tried() -> None:
    assert sorted(CASES) == ALARMS


@every_alarm
def test_it_fires_when_something_ails(name: str) -> None:
    ailing, _well = CASES[name]
    assert alarm(name).state(ailing) == "ALARM"


@every_alarm
def test_it_keeps_still_when_nothing_does(name: str) -> None:
    _ailing, well = CASES[name]
    assert well
    for periods in well:
        assert alarm(name).state(periods) == "OK", periods


@every_alarm
def test_it_is_over_when_all_is_well_again(name: str) -> None:
    ailing, well = CASES[name]
    asked = alarm(name).properties["EvaluationPeriods"]
    assert alarm(name).state([*ailing, *((well[-1] or [{}]) * asked)], before="ALARM") == "OK"


@pytest.mark.parametrize(
    "name", [each for each in ALARMS if "Leaves" in each or each in ("MailsBounce", "MailsAnnoy")]
)
def test_what_lies_there_is_not_forgotten_while_nothing_is_told(name: str) -> None:
    """SQS falls silent about a queue that nobody touches, SES while no mails go out."""
    assert alarm(name).state([], before="ALARM") == "ALARM"
    assert alarm(name).state([], before="OK") == "OK"


@every_alarm
def test_what_is_missing_was_thought_of(name: str) -> None:
    assert TEMPLATE["Resources"][name]["Properties"]["TreatMissingData"] in (
        "notBreaching",
        "breaching",
        "ignore",
    )
    if alarm(name).properties["TreatMissingData"] == "breaching":
        assert alarm(name).state([]) == "ALARM"


@pytest.mark.parametrize(
    ("called", "function"),
    [("api", "APIHandler"), ("sender", "SendMails"), ("sweep", "SweepMails"), ("listener", "HearOfMails")],
)
def test_how_near_a_timeout_is_follows_the_functions_own(called: str, function: str) -> None:
    settings = json.loads((ROOT / "functions/.chalice/config.json").read_text("utf-8"))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function.replace("APIHandler", "ApiHandler")).lower()
    own = settings["stages"]["production"]["lambda_functions"][name]
    seconds = own.get("lambda_timeout", settings["lambda_timeout"])
    near = alarm("FunctionsNearTimeout")
    assert near.metrics[f"{called}_took"].dimensions == {"FunctionName": function}
    assert near.value({f"{called}_took": seconds * 1000}) == 100


def test_the_limit_of_concurrency_is_the_reserved_one_where_there_is_one() -> None:
    assert alarm("ConcurrencyNearLimit", ReservedConcurrency=50).value({"at_once": 40}) == 80
    assert alarm("ConcurrencyNearLimit", ConcurrencyLimit=10).value({"at_once": 8}) == 80


# --- What they look at ---


def counted() -> Iterator[tuple[str, frozenset[tuple[str, str]]]]:
    """Every time series that our lines can add to: its name and dimensions."""
    values = {
        "code": list(PROBLEMS),
        "route": [named(each) for each in ENDPOINTS if each.method in MAKES_A_CHANGE],
    }
    stack = (metrics.STACK, "kalauz-production")
    for metric in metrics.METRICS:
        for value in values[metric.by] if metric.by else [""]:
            yield metric.name, frozenset({stack, *([(metric.by, value)] if metric.by else [])})


@every_alarm
def test_it_looks_at_what_is_told(name: str) -> None:
    """CloudWatch would wait without a word for a metric that nobody tells."""
    ours = set(counted())
    filtered = alarm("Throttled").properties["MetricTransformations"][0]["MetricName"]
    for metric in alarm(name).metrics.values():
        if metric.name == filtered:
            assert (metric.namespace, metric.dimensions) == (metrics.NAMESPACE, {})
        elif metric.namespace == metrics.NAMESPACE:
            assert (metric.name, frozenset(metric.dimensions.items())) in ours
        else:
            assert frozenset(metric.dimensions) in OF_AWS[metric.namespace, metric.name]


@every_alarm
def test_what_it_looks_at_is_of_this_stack(name: str) -> None:
    resources = {*TEMPLATE["Resources"], "APIHandler", "SendMails", "SweepMails", "HearOfMails"}
    for metric in alarm(name).metrics.values():
        own = {*metric.dimensions.values(), metric.name.removeprefix("Throttled-")}
        assert own & {*resources, "kalauz-production"}


def test_operations_that_can_fail_are_those_that_the_functions_use() -> None:
    watched = {metric.dimensions["Operation"] for metric in alarm("TableFails").metrics.values()}
    used = {name for names in CALLS.values() for name in names}
    assert watched <= used and watched >= {"GetItem", "Query", "UpdateItem", "TransactWriteItems"}


def test_what_api_gateway_refuses_by_itself_is_counted_from_its_access_log() -> None:
    pattern = alarm("Throttled").properties["FilterPattern"]
    (found,) = re.findall(r"\{ \$\.(\w+) = \"(\w+)\" \}", pattern)
    told = json.loads(TEMPLATE["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Format"])
    assert told[found[0]] == "$context.error.responseType"
    model = botocore.session.Session().get_service_model("apigateway")
    assert found[1] in model.shape_for("GatewayResponseType").enum


@every_alarm
def test_who_watches_is_told_of_it_and_of_its_end(name: str) -> None:
    said = alarm(name).properties
    assert said["AlarmActions"] == said["OKActions"] == ["AlarmTopic"]


def test_cloudwatch_may_publish_what_the_topic_encrypts() -> None:
    resources = TEMPLATE["Resources"]
    assert resources["AlarmTopic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    for policy, actions in (
        (resources["AlarmKey"]["Properties"]["KeyPolicy"], ["kms:Decrypt", "kms:GenerateDataKey"]),
        (resources["AlarmTopicPolicy"]["Properties"]["PolicyDocument"], "sns:Publish"),
    ):
        (ours,) = [
            each
            for each in policy["Statement"]
            if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        ]
        assert ours["Action"] == actions
        assert ours["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


# --- What it costs ---


def test_what_is_counted_costs_less_than_25_dollars_a_month() -> None:
    """CloudWatch asks 0.30 dollars for each time series that was told in a month, 0.10 for each that an alarm reads."""
    series = {*counted(), ("Throttled", frozenset())}
    read = sum(len(alarm(name).metrics) for name in ALARMS)
    assert len(series) * 0.30 + read * 0.10 < 25


# --- On ministack ---


@pytest.fixture(scope="module")
def cloudwatch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """CloudWatch, with a topic and a queue that hears of it."""
    running = Ministack.start(
        tmp_path_factory.mktemp("watch"),
        keeps_state=False,
        services=("monitoring", "cloudwatch", "sns", "sqs", "sts"),
    )
    try:
        running.wait_until_ready()
        clients = {
            service: boto3.client(
                service,
                endpoint_url=running.endpoint,
                region_name=REGION,
                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            )
            for service in ("cloudwatch", "sns", "sqs")
        }
        topic = clients["sns"].create_topic(Name="alarms")["TopicArn"]
        queue = clients["sqs"].create_queue(QueueName="alarms")["QueueUrl"]
        arn = clients["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        clients["sns"].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        yield {**clients, "topic": topic, "queue": queue}
    finally:
        running.stop()


def heard(cloudwatch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the topic told since it was asked last."""
    told = cloudwatch["sqs"].receive_message(QueueUrl=cloudwatch["queue"], MaxNumberOfMessages=10)
    found = []
    for message in told.get("Messages", []):
        cloudwatch["sqs"].delete_message(QueueUrl=cloudwatch["queue"], ReceiptHandle=message["ReceiptHandle"])
        found.append(json.loads(json.loads(message["Body"])["Message"]))
    return found


# Those that a value raises, of one time series: ministack computes no expressions, and does not hear silence.
RAISED = [
    name for name in ALARMS if VALUE in alarm(name).metrics and name not in ("ApiQuiet", "SweepMissing")
]


@pytest.mark.parametrize("name", RAISED)
def test_whoever_watches_hears_of_it_with_the_way_to_the_runbook(
    cloudwatch: dict[str, Any], name: str
) -> None:
    said = {**alarm(name).properties, "AlarmName": name}
    told = {"AlarmActions": [cloudwatch["topic"]], "OKActions": [cloudwatch["topic"]]}
    heard(cloudwatch)
    cloudwatch["cloudwatch"].put_metric_alarm(**{**said, **told})
    (metric,) = alarm(name).metrics.values()
    datum = {
        "MetricName": metric.name,
        "Dimensions": [{"Name": each, "Value": value} for each, value in metric.dimensions.items()],
        "Values": [CASES[name][0][0][VALUE]],
    }
    cloudwatch["cloudwatch"].put_metric_data(Namespace=metric.namespace, MetricData=[datum])
    # ministack adds up what is told of all dimensions, so that an alarm on one of them may first hear of another.
    ours = [each for each in heard(cloudwatch) if each["AlarmName"] == name][-1]
    assert (ours["NewStateValue"], ours["AlarmDescription"]) == ("ALARM", said["AlarmDescription"])


# --- The dashboard ---


def test_the_dashboard_shows_what_is_told_and_of_this_stack() -> None:
    body = TEMPLATE["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    names = {name for name, _dimensions in counted()}
    resources = {*TEMPLATE["Resources"], "APIHandler", "SendMails", "SweepMails", "HearOfMails", "TableName"}
    for filled_in in re.findall(r"\$\{(\w+)(?:\.\w+)?\}", body):
        assert filled_in in resources
    for widget in widgets:
        assert widget["properties"]["title"] and widget["x"] + widget["width"] <= 24
        for line in widget["properties"]["metrics"]:
            if "expression" in line[0]:
                assert re.search(r"MetricName=\"(\w+)\"", line[0]["expression"])[1] in names  # type: ignore[index]
            elif line[0] == metrics.NAMESPACE:
                assert line[1] in names and line[2:4] == ["stack", "${TableName}"]
            else:
                assert frozenset(line[2:-1:2]) in OF_AWS[line[0], line[1]]


# --- The runbook ---

PARTS = ("**Means.**", "**Look first.**", "**Do.**", "**Wake somebody.**")


def entries() -> dict[str, str]:
    """The entries of the runbook, by the alarm."""
    parts = re.split(r"^### (\w+)$", RUNBOOK, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_each_alarm_has_an_entry_and_each_entry_an_alarm() -> None:
    assert sorted(entries()) == ALARMS


@every_alarm
def test_its_description_says_what_to_do_first_and_where_more_stands(name: str) -> None:
    description = alarm(name).properties["AlarmDescription"]
    assert re.search(r" First (see|open) ", description)
    assert description.endswith(f" RUNBOOK.md#{name.lower()}")
    assert len(description) <= 1024


@every_alarm
def test_its_entry_tells_what_it_means_where_to_look_what_to_do_and_whom_to_wake(name: str) -> None:
    entry = entries()[name]
    places = [entry.find(part) for part in PARTS]
    assert -1 not in places and places == sorted(places)


QUERIES = re.findall(r"^```insights\n(.*?)^```", RUNBOOK, flags=re.MULTILINE | re.DOTALL)
# Words of Logs Insights: commands, functions, and what CloudWatch adds to each line.
INSIGHTS = {
    *(
        "fields",
        "filter",
        "stats",
        "sort",
        "limit",
        "by",
        "as",
        "and",
        "or",
        "not",
        "in",
        "like",
        "desc",
        "asc",
    ),
    *("count", "sum", "max", "avg", "pct", "bin", "ispresent", "timestamp", "message", "m", "h"),
}


def test_a_query_of_the_runbook_asks_for_what_lines_hold(visitor: Client, lines: Lines) -> None:
    visitor.get("/api/me")
    held = {*lines.taken()[0], *AS_LAMBDA, *OF_OTHERS}
    access = TEMPLATE["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]
    held |= set(json.loads(access))
    assert len(QUERIES) > 10
    for query in QUERIES:
        groups, _newline, asked = query.partition("\n")
        assert groups.startswith("# ") and set(re.findall(r"\w+Logs", groups)) <= set(TEMPLATE["Resources"])
        bare = re.sub(r'"[^"]*"|/[^/\n]*/|(?<![.\w])\d+\w*', " ", asked)
        named_there = set(re.findall(r"\bas (\w+)", bare))
        words = {word.partition(".")[0] for word in re.findall(r"[A-Za-z_][\w.]*", bare)}
        assert words - INSIGHTS - named_there <= held, query


# What other lines than a refusal's hold: tests/requests/test_logging.py and tests/mail/test_following_a_mail.py.
OF_OTHERS = {
    "fault",
    "cold_start",
    "kind",
    "reference",
    "tries",
    "function",
    "what",
    "left",
    "logger",
    "where",
}
# What Lambda itself writes when a run ends badly.
AS_LAMBDA = {"type", "record", "errorMessage", "errorType"}
