"""What SES publishes of mails, as SNS brings it to a function."""

import json
from typing import Any

from chalicelib.keys import Key
from chalicelib.mail import feedback

ADDRESS = "nobody.at.all@gone.example"
AT = "2026-11-22T16:10:02.669Z"


def event(key: Key, kind: str, **parts: Any) -> dict[str, Any]:
    """An event of a configuration set, of a mail that was sent with our tags."""
    tags = {tag["Name"]: [tag["Value"]] for tag in feedback.tags(key)}
    return {
        "eventType": kind,
        "mail": {
            "timestamp": "2026-11-22T16:04:45.012Z",
            "source": "Tilia <podrska@tilia.example>",
            "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/tilia.example",
            "sendingAccountId": "123456789012",
            "messageId": "0107019a-7c191be4-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
            "destination": [ADDRESS],
            "headersTruncated": False,
            "headers": [{"name": "To", "value": ADDRESS}],
            "commonHeaders": {"to": [ADDRESS], "subject": "Vaša lozinka je promenjena"},
            "tags": {
                "ses:operation": ["SendRawEmail"],
                "ses:configuration-set": ["kalauz-mails"],
                "ses:source-ip": ["203.0.113.68"],
                "ses:from-domain": ["tilia.example"],
                "ses:caller-identity": ["kalauz-SendMails"],
                **tags,
            },
        },
        **parts,
    }


def bounce(key: Key, *, kind: str = "Permanent", at: str = AT, **recipient: str) -> dict[str, Any]:
    """The other side did not take a mail; `status` and `diagnosticCode` are what it answered."""
    told = {"status": "5.1.1", "diagnosticCode": f"smtp; 550 5.1.1 <{ADDRESS}> user unknown", **recipient}
    return event(
        key,
        "Bounce",
        bounce={
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": ADDRESS, "action": "failed", **told}],
            "timestamp": at,
            "feedbackId": "0107019a-7c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000",
            "reportingMTA": "dsn; mta.gone.example",
        },
    )


def complaint(key: Key, *, at: str = AT, reason: str | None = "abuse") -> dict[str, Any]:
    """The addressee called a mail spam."""
    told = (
        {"userAgent": "ExampleCorp Feedback Loop (V0.01)", "complaintFeedbackType": reason} if reason else {}
    )
    return event(
        key,
        "Complaint",
        complaint={
            "complainedRecipients": [{"emailAddress": ADDRESS}],
            "timestamp": at,
            "feedbackId": "0107019a-7c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000001",
            "complaintSubType": None if reason else "OnAccountSuppressionList",
            "arrivalDate": at,
            **told,
        },
    )


def delay(key: Key, *, at: str = AT, reason: str = "MailboxFull") -> dict[str, Any]:
    """The other side asks to try later."""
    told = {"status": "4.2.2", "diagnosticCode": f"smtp; 452 4.2.2 <{ADDRESS}> is full"}
    return event(
        key,
        "DeliveryDelay",
        deliveryDelay={
            "timestamp": at,
            "delayType": reason,
            "expirationTime": "2026-11-23T06:04:45.012Z",
            "delayedRecipients": [{"emailAddress": ADDRESS, **told}],
        },
    )


def rejection(key: Key) -> dict[str, Any]:
    """SES itself found a virus in a mail."""
    return event(key, "Reject", reject={"reason": "Bad content"})


def published(told: Any, *, number: int = 0) -> dict[str, Any]:
    """The record by which SNS brings an event; a text stands as it is."""
    topic = "arn:aws:sns:eu-central-1:123456789012:kalauz-MailEvents"
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{topic}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55",
        "Sns": {
            "Type": "Notification",
            "MessageId": f"95df01b4-ee98-5cb9-9903-{number:012}",
            "TopicArn": topic,
            "Subject": "Amazon SES Email Event Notification",
            "Message": told if isinstance(told, str) else json.dumps(told),
            "Timestamp": AT,
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertUrl": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService.pem",
            "UnsubscribeUrl": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
            "MessageAttributes": {},
        },
    }
