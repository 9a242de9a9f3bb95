"""What a deployment decides, read from the environment when it is asked for, so that a test can decide too."""

import os


def is_local() -> bool:
    """Whether this is `make run` or a test: plain cookie names and wide limits, by stage, never by header."""
    return os.environ.get("KALAUZ_STAGE") == "local"


def table_name() -> str:
    """The one DynamoDB table."""
    return os.environ.get("KALAUZ_TABLE", "kalauz")


def key_id() -> str:
    """The KMS key that seals tokens and secrets."""
    return os.environ.get("KALAUZ_KEY", "alias/kalauz")


def origins() -> tuple[str, ...]:
    """The site's own origins; links in mails are built from the first one, never from a Host header."""
    return tuple(os.environ.get("KALAUZ_ORIGINS", "http://localhost:8000").split())


def edge_secrets() -> tuple[str, ...]:
    """What our CloudFront alone puts into its header: the secret, and the one before while a new one spreads."""
    named = ("KALAUZ_EDGE_SECRET", "KALAUZ_EDGE_SECRET_BEFORE")
    return tuple(secret for secret in (os.environ.get(name, "") for name in named) if secret)


def mail_configuration() -> str:
    """The configuration set of SES that reports what became of a mail; empty where nobody reports."""
    return os.environ.get("KALAUZ_MAIL_CONFIGURATION", "")


def release() -> str:
    """The release that these functions belong to, as a deployment names it; empty on a developer's machine."""
    return os.environ.get("KALAUZ_RELEASE", "")
