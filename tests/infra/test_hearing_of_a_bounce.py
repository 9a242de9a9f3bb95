"""Hearing of a bounce in a ministack: our own template's topic, SES's simulator of mailboxes, and the envelope of SNS.

What ministack lacks is that a configuration set publishes: there an identity does, without the mail's tags and with
another word for the kind. Those two are put in; how SES tells them stands in tests/mail/news.py.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.package import YAMLTemplateSerializer

from chalicelib import brand
from chalicelib.mail import actions, feedback
from chalicelib.mail.routes import hear_of_mails
from chalicelib.table import commit
from infra.local import stack
from tests.conftest import items, settle
from tests.infra.cloud import Cloud
from tests.infra.lambda_runtime import Context
from tests.infra.processes import ROOT
from tests.mail.outbox import stored

pytestmark = pytest.mark.xdist_group("cloud")

NAME = "hearing"
SENDER = {"Address": brand.SUPPORT_EMAIL, "Domain": brand.SUPPORT_EMAIL.rpartition("@")[2]}


@pytest.fixture
def mails(cloud: Cloud) -> Iterator[dict[str, str]]:
    """infra/mails.yaml by itself; returns the physical names of its resources."""
    template = YAMLTemplateSerializer().load_template((ROOT / "infra/mails.yaml").read_text("utf-8"), "")
    template["Mappings"] = {"Brand": {"Sender": SENDER}}
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName=f"{NAME}-mails", TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(
        StackName=f"{NAME}-mails", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )
    resources = formation.describe_stack_resources(StackName=f"{NAME}-mails")["StackResources"]
    try:
        with stack.of_its_own(cloud.ministack, NAME):
            yield {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
    finally:
        formation.delete_stack(StackName=f"{NAME}-mails")


def messages(cloud: Cloud, queue_url: str, number: int) -> list[dict[str, Any]]:
    """What SNS put into a queue, once there are so many."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + 20
    while len(found) < number and time.monotonic() < deadline:
        answer = cloud.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        found += [json.loads(each["Body"]) for each in answer.get("Messages", [])]
    assert len(found) == number
    return found


def test_a_mail_to_nobody_is_known_to_have_bounced(
    cloud: Cloud, mails: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_url = cloud.client("sqs").create_queue(QueueName=NAME)["QueueUrl"]
    queue = cloud.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    topic = mails["MailEvents"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue["Attributes"]["QueueArn"])
    # The sender's address is an identity by itself here, and so is asked before its domain.
    for kind in ("Bounce", "Complaint"):
        cloud.client("ses").set_identity_notification_topic(
            Identity=brand.SUPPORT_EMAIL, NotificationType=kind, SnsTopic=topic
        )
    monkeypatch.setenv("KALAUZ_MAIL_CONFIGURATION", mails["MailConfiguration"])
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    now = datetime.now(UTC)
    for mailbox in ("bounce", "complaint", "success"):
        address = f"{mailbox}@simulator.amazonses.com"
        commit(actions.send_password_changed(f"USER#{alice.id}", address, "sr", alice.name, now))

    assert actions.sweep(now, actions.by_ses) == 3
    for message in messages(cloud, queue_url, 2):
        told = json.loads(message["Message"])
        (to,) = told["mail"]["destination"]
        (key,) = [{"pk": item["pk"], "sk": item["sk"]} for item in items("Email") if item["to"] == to]
        told["eventType"] = told.pop("notificationType")
        told["mail"]["tags"] = {tag["Name"]: [tag["Value"]] for tag in feedback.tags(key)}
        brought = {"EventSource": "aws:sns", "Sns": {**message, "Message": json.dumps(told)}}
        hear_of_mails({"Records": [brought]}, Context())

    known = {
        item["to"].partition("@")[0]: stored({"pk": item["pk"], "sk": item["sk"]}) for item in items("Email")
    }
    assert known["bounce"]["bounced_kind"] == "permanent" and known["bounce"]["bounced_status"] == "5.1.1"
    assert known["complaint"]["complained_reason"] == "abuse"
    assert not {"bounced_at", "complained_at"} & set(known["success"])
