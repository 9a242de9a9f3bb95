"""The dashboard of a stack: one screen of what goes on, from a reader's request down to what costs money.

CloudWatch lays it out on a grid, 24 wide. `${…}` are filled in by CloudFormation.
"""

import json
from typing import Any

STACK = "${AWS::StackName}"
FUNCTIONS = ("APIHandler", "SendMails", "SweepMails", "HearOfMails")
QUEUES = ("SendMailsFailed", "SweepMailsFailed", "HearOfMailsFailed")
WIDTH, HEIGHT = 8, 5  # three beside each other

Line = list[Any]


def body() -> dict[str, str]:
    """What AWS::CloudWatch::Dashboard takes as DashboardBody."""
    graphs = [
        _graph("Requests to the API, and what failed", _api("Count"), _api("4XXError"), _api("5XXError")),
        _graph(
            "Milliseconds that a request takes", *(_api("Latency", stat) for stat in ("p50", "p95", "p99"))
        ),
        _graph("What was done, by route", _search("route", "Done"), stacked=True),
        _graph("What was refused, by code", _search("code", "Refused"), stacked=True),
        _graph(
            "Mails", *(_ours(name) for name in ("MailsQueued", "MailsSent", "MailsFailed", "MailsParked"))
        ),
        _graph(
            "Mails that wait: how many, seconds of the oldest",
            _ours("MailsWaiting", "Maximum"),
            _ours("OldestMail", "Maximum", yAxis="right"),
        ),
        _graph(
            "Bounces and complaints; their share of all mails",
            _ours("MailsBounced"),
            _ours("MailsComplained"),
            *(_reputation(rate) for rate in ("BounceRate", "ComplaintRate")),
        ),
        _graph(
            "Left in dead-letter queues; milliseconds that the sender is behind",
            *(
                _line(
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "Maximum",
                    QueueName=f"${{{queue}.QueueName}}",
                )
                for queue in QUEUES
            ),
            _line("AWS/Lambda", "IteratorAge", "Maximum", FunctionName="${SendMails}", yAxis="right"),
        ),
        _graph(
            "Functions: faults and refused starts",
            *(
                _line("AWS/Lambda", name, "Sum", FunctionName=f"${{{function}}}")
                for name in ("Errors", "Throttles")
                for function in FUNCTIONS
            ),
        ),
        _graph(
            "Functions at once",
            *(
                _line("AWS/Lambda", "ConcurrentExecutions", "Maximum", FunctionName=f"${{{function}}}")
                for function in FUNCTIONS
            ),
        ),
        _graph(
            "Paid for: units of the table, put off and in conflict",
            *(
                _line("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", "Sum", TableName="${Table}")
                for kind in ("Read", "Write")
            ),
            *(
                _line("AWS/DynamoDB", name, "Sum", TableName="${Table}", yAxis="right")
                for name in ("ReadThrottleEvents", "WriteThrottleEvents", "TransactionConflict")
            ),
        ),
        _graph(
            "Paid for: bytes of logs, CloudFront's requests and bytes",
            *(
                _line("AWS/Logs", "IncomingBytes", "Sum", LogGroupName=f"${{{group}Logs}}")
                for group in (*FUNCTIONS, "RestAPI")
            ),
            *(_site(name, "Sum") for name in ("Requests", "BytesDownloaded")),
            _site("5xxErrorRate", "Average", yAxis="right"),
        ),
    ]
    placed = [
        {**graph, "x": place % 3 * WIDTH, "y": place // 3 * HEIGHT, "width": WIDTH, "height": HEIGHT}
        for place, graph in enumerate(graphs)
    ]
    return {"Fn::Sub": json.dumps({"start": "-PT24H", "widgets": placed})}


def _graph(title: str, *lines: Line, stacked: bool = False) -> dict[str, Any]:
    properties = {
        "title": title,
        "region": "${AWS::Region}",
        "period": 300,
        "view": "timeSeries",
        "stacked": stacked,
        "metrics": lines,
    }
    return {"type": "metric", "properties": properties}


def _line(namespace: str, name: str, stat: str, yAxis: str = "left", region: str = "", **by: str) -> Line:  # noqa: N803 - AWS's.
    dimensions = [part for dimension in by.items() for part in dimension]
    drawn = {"stat": stat, "yAxis": yAxis, **({"region": region} if region else {})}
    return [namespace, name, *dimensions, drawn]


def _api(name: str, stat: str = "Sum") -> Line:
    return _line("AWS/ApiGateway", name, stat, ApiName=STACK, Stage="api")


def _ours(name: str, stat: str = "Sum", **drawn: str) -> Line:
    return _line("Kalauz", name, stat, stack="${TableName}", **drawn)


def _search(by: str, name: str) -> Line:
    """A line for each route or code that there was."""
    words = f"""SEARCH('{{Kalauz,stack,{by}}} MetricName="{name}" stack="${{TableName}}"', 'Sum', 300)"""
    return [{"expression": words}]


def _reputation(rate: str) -> Line:
    line = _line("AWS/SES", f"Reputation.{rate}", "Average", yAxis="right")
    return [*line[:2], "ses:configuration-set", "${MailConfiguration}", line[-1]]


def _site(name: str, stat: str, **drawn: str) -> Line:
    """CloudFront tells its numbers in one region, wherever the stack is."""
    return _line(
        "AWS/CloudFront", name, stat, region="us-east-1", DistributionId="${Site}", Region="Global", **drawn
    )
