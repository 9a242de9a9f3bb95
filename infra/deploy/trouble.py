"""What keeps a deployment from going on, each in one line that says how to mend it."""

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
)

from infra.package import CannotPackage


class CannotDeploy(Exception):
    """Its text is one line: what is wrong, and what to do about it."""


# Everything that a command of ours ends on without a traceback.
Foreseen = (CannotDeploy, CannotPackage, BotoCoreError, ClientError)

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_ACTION = re.compile(r"not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?")


def told(failure: BaseException, *, policy: str = "infra/deploy/policy.json") -> str:
    """What to tell the operator of one of the Foreseen: a single line, but for what a build printed.

    `policy` is the file that lists the rights which the command needs.
    """
    if isinstance(failure, ClientError):
        return _answered(failure, policy)
    if isinstance(failure, (NoCredentialsError, PartialCredentialsError)):
        return "There are no credentials for AWS here: run `aws configure`, or set AWS_PROFILE."
    if isinstance(failure, (SSOError, TokenRetrievalError)):
        return "The sign-in to AWS has expired: run `aws sso login`, and this again."
    if isinstance(failure, ProfileNotFound):
        return f"{failure}: set AWS_PROFILE to one of those that `aws configure list-profiles` shows."
    if isinstance(failure, NoRegionError):
        return "No region is named: set AWS_REGION, for instance AWS_REGION=eu-central-1."
    if isinstance(failure, UnknownRegionError):
        return f"AWS has no such region ({failure}): set AWS_REGION to one that it has."
    if isinstance(failure, (EndpointConnectionError, ConnectTimeoutError)):
        return f"AWS cannot be reached: {failure} See whether this machine has a network, and run this again."
    return str(failure)


def _answered(failure: ClientError, policy: str) -> str:
    """What AWS's own answer means."""
    code, message = failure.response["Error"].get("Code", ""), failure.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return "The credentials for AWS have expired: get new ones (`aws sso login`), and run this again."
    if code in _UNKNOWN:
        return f"AWS does not know these credentials ({code}): see `aws configure list` for where they come from."
    if code in _DENIED or "not authorized to perform" in message:
        found = _ACTION.search(message)
        action = found["action"] if found else failure.operation_name
        where = f" on {found['resource']}" if found and found["resource"] else ""
        return f"AWS does not allow you {action}{where}: {policy} lists what this needs."
    return f"AWS refused {failure.operation_name} ({code}): {' '.join(message.split())}"
