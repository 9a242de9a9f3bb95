"""What is counted, in CloudWatch's embedded metric format: a line of the log that is also a metric.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

A metric costs by each combination of what it is counted by, so nothing is counted by a user, an account or an article.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import settings

NAMESPACE = "Kalauz"
STACK = "stack"  # Several stacks of an account share the namespace.


@dataclass(frozen=True)
class Metric:
    """What is counted: a name, a unit of CloudWatch's, and the field of the line that it is counted by, if any."""

    name: str
    by: str | None = None
    unit: str = "Count"


DONE = Metric("Done", by="route")  # writes that succeeded
REFUSED = Metric("Refused", by="code")  # requests that were answered with a problem

MAILS_QUEUED = Metric("MailsQueued")  # as the stream brings them; what only a sweep finds is not among them
MAILS_SENT = Metric("MailsSent")
MAILS_FAILED = Metric("MailsFailed")  # tries that SES did not take; the mail stays queued
MAILS_PARKED = Metric("MailsParked")  # given up
MAILS_BOUNCED = Metric("MailsBounced")
MAILS_COMPLAINED = Metric("MailsComplained")

# Told by each sweep of the queue.
MAILS_WAITING = Metric("MailsWaiting")
OLDEST_MAIL = Metric("OldestMail", unit="Seconds")

METRICS = (
    DONE,
    REFUSED,
    MAILS_QUEUED,
    MAILS_SENT,
    MAILS_FAILED,
    MAILS_PARKED,
    MAILS_BOUNCED,
    MAILS_COMPLAINED,
    MAILS_WAITING,
    OLDEST_MAIL,
)

Counts = Mapping[Metric, float]


def embedded(counts: Counts, milliseconds: int) -> dict[str, Any]:
    """What a line needs beside its own fields to count: values, the stack, and what CloudWatch shall read of them.

    Takes the time as milliseconds since 1970. The line must hold, as text, the field that a metric is counted `by`.
    """
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [[STACK, metric.by] if metric.by else [STACK]],
            "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
        }
        for metric in counts
    ]
    return {
        STACK: settings.table_name(),
        **{metric.name: value for metric, value in counts.items()},
        "_aws": {"Timestamp": milliseconds, "CloudWatchMetrics": directives},
    }
