"""What a function asks of AWS, and what its policy grants: each told as IAM sees it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from fnmatch import fnmatchcase
from typing import Any

from tests.aws_calls import Calls
from tests.infra.packaged import Package

# A transaction needs the right to each of its steps, and none of its own.
STEPS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

TABLE = '{"Fn::GetAtt": ["Table", "Arn"]}'
INDEX = '{"Fn::Sub": "${Table.Arn}/index/gsi1"}'
KEY = '{"Fn::GetAtt": ["Key", "Arn"]}'
_SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
SENDER = f"{_SES}:identity/${{Domain}}"
SENDER_BY_ADDRESS = f"{_SES}:identity/${{Address}}"
CONFIGURATION = f"{_SES}:configuration-set/${{MailConfiguration}}"


@dataclass(frozen=True)
class Ask:
    """One action on one resource, with what conditions look at."""

    action: str
    resource: str
    context: Mapping[str, list[str]]


Statement = dict[str, Any]


def statements(package: Package, function: str) -> list[Statement]:
    """The policy of a function's role, each Brand looked up."""
    (_get_att, (role, _arn)) = next(iter(package.properties(function)["Role"].items()))
    (policy,) = package.properties(role)["Policies"]
    found: list[Statement] = _resolved(policy["PolicyDocument"]["Statement"], package.template["Mappings"])
    return found


def granted(statement: Statement) -> set[tuple[str, str]]:
    """The actions of a statement, each with each of its resources."""
    resources = [_as_text(resource) for resource in _listed(statement["Resource"])]
    return {(action, resource) for action in _listed(statement["Action"]) for resource in resources}


def permits(statement: Statement, ask: Ask) -> bool:
    """Whether a statement allows what is asked."""
    return (ask.action, ask.resource) in granted(statement) and all(
        _OPERATORS[operator](_listed(wanted), ask.context.get(name, []))
        for operator, condition in statement.get("Condition", {}).items()
        for name, wanted in condition.items()
    )


def asks(calls: Calls) -> Iterator[Ask]:
    """What the calls need the right to."""
    for name, asked in calls.made:
        if name == "TransactWriteItems":
            for step in asked["TransactItems"]:
                ((kind, request),) = step.items()
                yield _of_items(STEPS[kind], TABLE, [request.get("Key") or request["Item"]])
        elif name == "BatchGetItem":
            (wanted,) = asked["RequestItems"].values()
            yield _of_items(name, TABLE, wanted["Keys"])
        elif name == "Query":
            yield _of_items(
                name,
                INDEX if "IndexName" in asked else TABLE,
                [{"pk": asked["ExpressionAttributeValues"][":pk"]}],
            )
        elif name in ("Encrypt", "Decrypt"):
            yield Ask(f"kms:{name}", KEY, {"kms:EncryptionContextKeys": list(asked["EncryptionContext"])})
        elif name == "SendRawEmail":
            sender = {"ses:FromAddress": [parseaddr(asked["Source"])[1]]}
            # Of an address that somebody verified by itself SES asks for the right to that, and not to its domain.
            yield Ask(f"ses:{name}", SENDER, sender)
            yield Ask(f"ses:{name}", SENDER_BY_ADDRESS, sender)
            if "ConfigurationSetName" in asked:
                yield Ask(f"ses:{name}", CONFIGURATION, sender)
        else:
            yield _of_items(name, TABLE, [asked.get("Key") or asked["Item"]])


def _of_items(action: str, resource: str, keys: list[dict[str, Any]]) -> Ask:
    return Ask(f"dynamodb:{action}", resource, {"dynamodb:LeadingKeys": [key["pk"]["S"] for key in keys]})


_OPERATORS: dict[str, Callable[[list[str], list[str]], bool]] = {
    "StringEquals": lambda wanted, found: len(found) == 1 and found[0] in wanted,
    "ForAnyValue:StringEquals": lambda wanted, found: any(value in wanted for value in found),
    "ForAllValues:StringLike": lambda wanted, found: all(
        any(fnmatchcase(value, pattern) for pattern in wanted) for value in found
    ),
}


def _as_text(resource: dict[str, Any]) -> str:
    """An ARN in the template's words; of a substitution with values of its own only the pattern."""
    pattern = resource.get("Fn::Sub")
    if isinstance(pattern, str) and pattern.startswith("arn:"):
        return pattern
    return str(pattern[0]) if isinstance(pattern, list) else json.dumps(resource)


def _listed(one_or_more: Any) -> list[str]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def _resolved(part: Any, mappings: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_resolved(each, mappings) for each in part]
    if not isinstance(part, dict):
        return part
    if "Fn::FindInMap" in part:
        name, first, second = part["Fn::FindInMap"]
        return mappings[name][first][second]
    return {name: _resolved(each, mappings) for name, each in part.items()}
