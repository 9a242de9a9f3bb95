"""The template of `make package`, as one deployment takes it, and the parts of it that come first."""

from collections.abc import Iterable
from typing import Any

Template = dict[str, Any]

# Each has a name of its own choosing and a Retain, so that what it holds outlives its stack.
KEPT = ("Table", "Key", "KeyName")
# The first stack: where releases are uploaded to, and what outlives it all.
FIRST = ("SiteBucket", *KEPT)

# Of these a first template would say more than it makes; an import may not say anything about outputs.
_OF_THE_WHOLE = ("Globals", "Outputs", "Transform")


def only(template: Template, names: Iterable[str]) -> Template:
    """The template with these of its resources alone, with all its parameters."""
    rest = {part: value for part, value in template.items() if part not in _OF_THE_WHOLE}
    return {**rest, "Resources": {name: template["Resources"][name] for name in names}}


def with_code(template: Template, address: str) -> Template:
    """The template with its functions' code at an s3:// address, in the place of the zip beside it."""
    resources = {
        name: {**resource, "Properties": {**resource["Properties"], "CodeUri": address}}
        if resource["Type"] == "AWS::Serverless::Function"
        else resource
        for name, resource in template["Resources"].items()
    }
    return {**template, "Resources": resources}


def secrets(template: Template) -> frozenset[str]:
    """The parameters that nobody may read."""
    return frozenset(name for name, said in template["Parameters"].items() if said.get("NoEcho") is True)
