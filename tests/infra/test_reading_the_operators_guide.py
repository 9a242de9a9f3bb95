"""OPERATING.md and RUNBOOK.md name only what is there: commands, variables, files, headings, parts of the stack.

What an operator cannot type or find is worse than what no guide tells.
"""

import ast
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra import package
from infra.deploy.wishes import SETTINGS
from infra.package import ROOT

GUIDE, RUNBOOK = "OPERATING.md", "RUNBOOK.md"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TEMPLATE: dict[str, Any] = package.template()
# What chalice makes of app.py, and SAM of the schedule.
MADE_OF_CODE = {"APIHandler", "SendMails", "SweepMails", "HearOfMails", "RestAPI", "SweepMailsStuckMails"}
PARTS_OF_THE_STACK = {*TEMPLATE["Parameters"], *TEMPLATE["Outputs"], *TEMPLATE["Resources"], *MADE_OF_CODE}
# In the same shape, but AWS's words.
OF_AWS = {
    *("AccessDeniedException", "DisabledException", "KMSInvalidStateException", "ResourceNotFoundException"),
    *(
        "ThrottlingException",
        "Throttling",
        "MessageRejected",
        "MailFromDomainNotVerified",
        "AccountSendingPaused",
    ),
    *("MaxSendRate", "SendRawEmail"),
    *("KeyError", "TemplateNotFound", "UndefinedError"),  # Python's
}
# What AWS says in capitals.
STATES = {"CLOUDFRONT", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "ISSUED", "THROTTLED"}
STATES |= {"MISSING_AUTHENTICATION_TOKEN"}

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"\bmake (?P<target>[a-z][a-z-]+)(?P<variables>(?: [A-Z_]+=(?:<[^>]*>|[^\s`,;:)<]*)[^\s`]*)*)"
)
VARIABLE = re.compile(r"\b([A-Z][A-Z_]+)=")
NAME = re.compile(r"[A-Z][a-z]\w*[A-Z0-9]\w*|[A-Z]{2,}[A-Z][a-z]\w*")
SETTING = re.compile(r"^\| `([A-Z_]+)` \| `(\w+)` \| (\w+) \| .+ \|$", re.MULTILINE)


def text(name: str) -> str:
    """One of the two, as somebody reads it."""
    return (ROOT / name).read_text("utf-8")


def code(name: str) -> list[str]:
    """What stands in it as code: words in a sentence, and whole blocks."""
    return [*BLOCK.findall(text(name)), *SPAN.findall(BLOCK.sub("", text(name)))]


def commands(name: str) -> list[re.Match[str]]:
    """The commands of make in it."""
    return [found for part in code(name) for found in COMMAND.finditer(part)]


def recipe(target: str) -> Path:
    """Where the code behind a command of make stands."""
    found = re.search(
        rf"^{target}:.*\n(?:\t.*\n)*?\t.*python (?:-u )?-m (infra[\w.]*)", MAKEFILE, re.MULTILINE
    )
    assert found, f"make {target} runs nothing of ours"
    module = ROOT / found[1].replace(".", "/")
    return module if module.is_dir() else module.parent


def read_there(target: str) -> set[str]:
    """The words that the code behind a command knows, the names of its variables among them."""
    files = [*recipe(target).glob("*.py"), ROOT / "infra/local/reaching.py"]
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def slug(heading: str) -> str:
    """A heading's address, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def slugs(name: str) -> set[str]:
    bare = BLOCK.sub("", text(name))
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", bare, re.MULTILINE)}


each_text = pytest.mark.parametrize("name", [GUIDE, RUNBOOK])


@each_text
def test_each_command_of_make_is_one(name: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]+):", MAKEFILE, re.MULTILINE))
    named = {found["target"] for found in commands(name)}
    assert named and named <= targets


@each_text
def test_each_variable_of_a_command_is_read_by_it(name: str) -> None:
    for found in commands(name):
        variables = set(VARIABLE.findall(found["variables"]))
        assert variables <= (read_there(found["target"]) if variables else set()), found[0]


@each_text
def test_each_variable_in_a_sentence_is_one(name: str) -> None:
    known = {
        word for target in ("deploy", "export", "bench", "votes") for word in read_there(target)
    } | STATES
    spans = SPAN.findall(BLOCK.sub("", text(name)))
    named = {found[1] for span in spans if (found := re.fullmatch(r"([A-Z][A-Z_]+)(=[^ ]*)?", span))}
    assert named and named <= known


def test_the_settings_are_those_of_the_stack_with_their_defaults() -> None:
    told = SETTING.findall(text(GUIDE))
    assert {(variable, parameter) for variable, parameter, _default in told} == set(SETTINGS.items())
    assert len(told) == len(SETTINGS)
    for _variable, parameter, default in told:
        assert str(TEMPLATE["Parameters"][parameter]["Default"]) == ("" if default == "none" else default), (
            parameter
        )


@each_text
def test_settings_are_named_as_they_are_typed(name: str) -> None:
    """A parameter's own name stands in the table alone."""
    rest = SETTING.sub("", text(name))
    assert [parameter for parameter in SETTINGS.values() if re.search(rf"`{parameter}[`=]", rest)] == []


@each_text
def test_each_file_is_there(name: str) -> None:
    ours = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    named = {
        span
        for span in SPAN.findall(BLOCK.sub("", text(name)))
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", span)
    }
    files = {
        span for span in named if span.partition("/")[0] in ours or span.endswith((".toml", ".py", ".md"))
    }
    assert [file for file in files if not (ROOT / file).exists()] == []
    assert files


@each_text
def test_each_link_leads_somewhere(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text(name)) if not link.startswith("https://")]
    assert links
    for link in links:
        file, _mark, heading = link.partition("#")
        assert (ROOT / (file or name)).exists(), link
        assert not heading or heading in slugs(file or name), link


@each_text
def test_headings_have_addresses_of_their_own(name: str) -> None:
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text(name)), re.MULTILINE)
    assert [heading for heading, times in Counter(map(slug, headings)).items() if times > 1] == []


@each_text
def test_each_part_of_the_stack_is_in_it(name: str) -> None:
    spans = SPAN.findall(BLOCK.sub("", text(name)))
    named = {word for word in spans if NAME.fullmatch(word)}
    named |= {word for part in code(name) for word in re.findall(r"<([A-Z]\w+)>", part)}
    named |= set(re.findall(r"--logical-resource-id (\w+)", text(name)))
    assert named
    assert named - PARTS_OF_THE_STACK - OF_AWS == set()


def test_numbers_are_those_of_the_stack() -> None:
    resources = [each for each in TEMPLATE["Resources"].values() if "Type" in each]
    alarms = sum(each["Type"] == "AWS::CloudWatch::Alarm" for each in resources)
    (days,) = {
        each["Properties"]["RetentionInDays"] for each in resources if each["Type"] == "AWS::Logs::LogGroup"
    }
    assert set(re.findall(r"(\d+) alarms", text(GUIDE))) == {str(alarms)}
    assert f"Logs are kept for {days} days" in text(GUIDE)
    config = json.loads((ROOT / "functions/.chalice/config.json").read_text("utf-8"))
    api = config["stages"][package.STAGE]["lambda_functions"]["api_handler"]
    assert f"({api['lambda_memory_size']:,} MB" in text(GUIDE)
