"""`make package`, as an operator sees it: a zip that Lambda runs, a template that gives each function its rights."""

import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import botocore.session
import pytest
from moto.events.models import EventPattern

from chalicelib import brand, settings, table
from chalicelib.keys import key
from chalicelib.mail import actions as mail
from chalicelib.mail.routes import deliver_records, hear_of_mails, is_queued_mail
from chalicelib.problems import PROBLEMS, Problem
from chalicelib.words import LANGUAGES, say
from infra import package
from infra.bench.budget import CALLS
from tests.aws_calls import Calls
from tests.client import Client, endpoints
from tests.conftest import PASSWORD, TABLE, empty_table, items, settle, table_properties
from tests.infra import rights
from tests.infra.lambda_runtime import Context
from tests.infra.packaged import SCHEDULED, Package, request
from tests.infra.processes import ROOT
from tests.mail.news import bounce, published
from tests.mail.outbox import is_queued, queue, record, stored
from tests.requests.walk import ENDPOINTS, Place, caller, knock

pytestmark = pytest.mark.xdist_group("package")

FUNCTIONS = ("APIHandler", "SendMails", "SweepMails", "HearOfMails")
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
FAILING = ("SendMails", "SweepMails", "HearOfMails")  # with nobody waiting for an answer
# What Lambda needs a function's own rights for, before and after our code runs.
BY_LAMBDA = {
    "APIHandler": set[str](),
    "SendMails": {
        "sqs:SendMessage",
        *(f"dynamodb:{verb}" for verb in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")),
    },
    "SweepMails": {"sqs:SendMessage"},
    "HearOfMails": {"sqs:SendMessage"},
}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}

is_like_lambda = pytest.mark.skipif(
    (platform.system(), platform.machine(), platform.libc_ver()[0]) != ("Linux", "x86_64", "glibc"),
    reason="the wheels in the zip are for Lambda's own kind of machine",
)


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package, made once for all tests."""
    folder = tmp_path_factory.mktemp("package")
    package.package(folder)
    return Package(folder)


@pytest.fixture(scope="module")
def unpacked(packaged: Package) -> Package:
    """The package with its zip unpacked, ready to run."""
    packaged.unpack()
    return packaged


# --- The zip ---


def test_the_zip_is_small(packaged: Package) -> None:
    assert packaged.zip.stat().st_size < 5_000_000


def test_its_size_is_told(
    packaged: Package, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "FOLDER", packaged.folder)
    monkeypatch.setattr(package, "package", lambda _folder: None)
    assert package.main() == 0
    assert f"{packaged.zip.stat().st_size:,} bytes of at most 5,000,000" in capsys.readouterr().out


def pack(folder: Path, runtime: str, **files: bytes) -> None:
    """What chalice leaves: a zip of these files, and a template with functions for this runtime."""
    folder.mkdir()
    with ZipFile(folder / "deployment.zip", "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": runtime}}
    (folder / "sam.json").write_text(json.dumps({"Resources": {"APIHandler": function}}), "utf-8")


def test_a_larger_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    large = os.urandom(5_000_000)  # which no compression makes smaller
    monkeypatch.setattr(package, "FOLDER", tmp_path / "package")
    monkeypatch.setattr(
        package, "_chalice", lambda *arguments, within: pack(Path(arguments[-1]), PYTHON, large=large)
    )
    assert package.main() == 1
    assert re.search(r"too large: 5,00\d,\d{3} bytes", capsys.readouterr().err)


def test_bytecode_that_lambda_could_not_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a Python that Lambda does not offer, chalice names the nearest one that it does."""
    monkeypatch.setattr(
        package, "_chalice", lambda *arguments, within: pack(Path(arguments[-1]), "python3.10")
    )
    with pytest.raises(package.CannotPackage, match=rf"run on python3\.10 what {PYTHON} has compiled"):
        package.package(tmp_path / "package")


def test_a_source_that_cannot_be_compiled_is_told(tmp_path: Path) -> None:
    pack(tmp_path / "package", PYTHON, **{"right.py": b"A = 1", "wrong.py": b"def :"})
    with pytest.raises(package.CannotPackage, match=r"wrong\.py"):
        package.compile_zip(tmp_path / "package/deployment.zip")


def test_the_same_sources_make_the_same_zip(tmp_path: Path) -> None:
    """In whatever order they come, and whenever."""
    folder = ROOT / "functions"
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.py"))}
    made = []
    for name, order in {"first": list(files), "second": list(reversed(files))}.items():
        pack(tmp_path / name, PYTHON, **{each: files[each] for each in order})
        with ZipFile(tmp_path / name / "deployment.zip", "a") as packed:
            packed.writestr(ZipInfo("brand.toml", (2026, 11, 22, 10, len(made), 0)), b"")
        package.compile_zip(tmp_path / name / "deployment.zip")
        made.append((tmp_path / name / "deployment.zip").read_bytes())
    assert made[0] == made[1]


def test_a_wheel_that_cannot_be_had_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chalice itself would go on without it, and end well."""
    said = "Could not install dependencies:\nsegno==1.6.6\nYou will have to build these yourself"
    done = subprocess.CompletedProcess([], 0, said)
    monkeypatch.setattr(package.subprocess, "run", lambda *_arguments, **_named: done)
    with pytest.raises(package.CannotPackage, match=r"segno==1\.6\.6"):
        package.package(tmp_path / "package")


def test_every_locked_dependency_that_is_imported_is_in_it(packaged: Package) -> None:
    lock = (ROOT / "functions/requirements.txt").read_text("utf-8")
    locked = set(re.findall(r"^(\S+)==(\S+)", lock, re.MULTILINE))
    found = set(
        re.findall(r"^([^/]+)-([^/-]+)\.dist-info/METADATA$", "\n".join(packaged.names), re.MULTILINE)
    )
    left_out = {(name, version) for name, version in locked if name in ("dnspython", "pycparser")}
    assert {(name.replace("_", "-").lower(), version) for name, version in found} == locked - left_out


def test_nothing_that_is_not_run_is_in_it(packaged: Package) -> None:
    ours = [name for name in packaged.names if name.startswith("chalicelib/")]
    assert {Path(name).suffix for name in ours} == {".pyc", ".toml", ".mo", ".html", ".txt"}
    first_parts = {name.partition("/")[0] for name in packaged.names}
    assert first_parts.isdisjoint(
        {
            "tests",
            "infra",
            "theme",
            ".chalice",
            "boto3",
            "botocore",
            "babel",
            "pip",
            "cffi",
            "dns",
            "pycparser",
        }
    )
    assert [name for name in packaged.names if "__pycache__" in name or name.endswith(".py")] == []
    assert len(packaged.names) == len(set(packaged.names))


def test_its_bytecode_is_for_the_python_that_lambda_runs_it_with(packaged: Package) -> None:
    assert {packaged.properties(function)["Runtime"] for function in FUNCTIONS} == {PYTHON}
    taken_as_it_is = (1).to_bytes(4, "little")  # by a hash of its source, which is not looked up (PEP 552)
    with ZipFile(packaged.zip) as packed:
        heads = {packed.read(name)[:8] for name in packaged.names if name.endswith(".pyc")}
    assert heads == {MAGIC_NUMBER + taken_as_it_is}


def test_the_provider_and_the_words_are_in_it(packaged: Package) -> None:
    assert packaged.file("chalicelib/brand.toml") == (ROOT / "brand.toml").read_bytes()
    catalogs = {name for name in packaged.names if name.endswith(".mo")}
    assert catalogs == {f"chalicelib/locale/{language}/LC_MESSAGES/kalauz.mo" for language in LANGUAGES}


def test_the_list_of_articles_is_in_it(packaged: Package) -> None:
    paths = packaged.file("chalicelib/articles/published.txt").decode().splitlines()
    written = (path.relative_to(ROOT / "docs/sr") for path in (ROOT / "docs/sr").rglob("*.md"))
    assert paths == sorted(str(path.with_suffix("")) for path in written if path.stem != "index")


# --- The functions, run from the zip ---


@is_like_lambda
def test_the_api_describes_itself(unpacked: Package) -> None:
    answer = unpacked.run("APIHandler", request("GET", "/api/openapi.json"))
    assert answer["statusCode"] == 200
    assert set(json.loads(answer["body"])["paths"]) == {each.path for each in ENDPOINTS}


@is_like_lambda
def test_the_api_refuses_who_goes_round_cloudfront_and_says_so_in_hungarian(unpacked: Package) -> None:
    event = request("GET", "/api/openapi.json", X_Kalauz_Edge="guessed", Accept_Language="hu")
    answer = unpacked.run("APIHandler", event)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (403, "not_allowed")
    assert problem["title"] == say("hu", PROBLEMS["not_allowed"][1]) != PROBLEMS["not_allowed"][1]
    assert problem["instance"] == event["requestContext"]["requestId"]


@is_like_lambda
def test_the_api_signs_a_person_in(unpacked: Package, emulated: None) -> None:
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    body = {"email": alice.email, "password": PASSWORD}
    answer = unpacked.run("APIHandler", request("POST", "/api/session", body))
    assert answer["statusCode"] == 201, answer["body"]
    assert answer["multiValueHeaders"]["Set-Cookie"][0].startswith("__Host-session=")


@is_like_lambda
def test_every_route_works_with_what_is_in_the_zip_and_every_mail_of_theirs(
    unpacked: Package, emulated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nothing is left out that one of them imports on its way."""
    here = {name: value for name, value in os.environ.items() if name.startswith("KALAUZ_")}
    with unpacked.started("APIHandler", **here) as api, unpacked.started("SweepMails", **here) as sweep:
        monkeypatch.setattr("app.app", lambda event, _context: api.answer(event))
        for endpoint in ENDPOINTS:
            empty_table()
            alice = settle("alice", "Alice Petrović", "sr", owns=True)
            client, path = caller(endpoint, alice), Place.furnished(alice).path(endpoint)
            answer = knock(client, endpoint, path)
            assert answer.status < 400, (endpoint.method, path, answer.text)
            sweep.answer(SCHEDULED)
            assert not any(is_queued(key(mail["pk"], mail["sk"])) for mail in items("Email")), path
    assert api.log == sweep.log == []


@is_like_lambda
def test_a_fault_is_told_by_the_lines_of_our_sources(
    unpacked: Package, emulated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unpacked.started("APIHandler", KALAUZ_TABLE="a table that is not there") as api:
        body = {"email": "alice@example.com", "password": PASSWORD}
        assert api.answer(request("POST", "/api/session", body))["statusCode"] >= 500
    (places,) = [json.loads(line)["fault"][0]["where"] for line in api.log if '"fault"' in line]
    ours = [place for place in places if place.startswith("chalicelib/")]
    assert len(ours) >= 3
    for place in ours:
        file, number, function = place.split(":")
        lines = (ROOT / "functions" / file).read_text("utf-8").splitlines()[: int(number)]
        assert any(f"def {function}(" in line for line in lines), place


@is_like_lambda
@pytest.mark.parametrize("function", ["SendMails", "SweepMails"])
def test_a_queued_mail_is_sent(unpacked: Package, emulated: None, function: str) -> None:
    mail_key = queue(settle("alice", "Alice Petrović", "sr", owns=True), datetime.now(UTC))
    event, answer = {
        "SendMails": ({"Records": [record(mail_key)]}, {"batchItemFailures": []}),
        "SweepMails": (SCHEDULED, None),
    }[function]
    assert unpacked.run(function, event) == answer
    assert not is_queued(mail_key)


@is_like_lambda
def test_a_bounce_is_kept_with_its_mail(unpacked: Package, emulated: None) -> None:
    mail_key = queue(settle("alice", "Alice Petrović", "sr", owns=True), datetime.now(UTC))
    assert unpacked.run("HearOfMails", {"Records": [published(bounce(mail_key))]}) is None
    assert stored(mail_key)["bounced_kind"] == "permanent"


@is_like_lambda
def test_a_foreign_event_is_refused(unpacked: Package, emulated: None) -> None:
    foreign = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a.txt"}}}]}
    assert unpacked.run("APIHandler", foreign)["statusCode"] == 400
    assert unpacked.run("SendMails", foreign) == {"batchItemFailures": []}


# --- The template ---


@pytest.mark.parametrize("template", ["sam", "expanded"])
def test_cfn_lint_finds_nothing(packaged: Package, template: str) -> None:
    judged = subprocess.run(
        [
            Path(sys.executable).with_name("cfn-lint"),
            "--include-checks",
            "I",
            "--",
            getattr(packaged, template),
        ],
        capture_output=True,
        text=True,
    )
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


def test_checkov_finds_nothing_that_was_not_accepted_for_a_reason(packaged: Package) -> None:
    accepted = tomllib.loads((ROOT / "infra/checkov/accepted.toml").read_text("utf-8"))
    assert all(each["why"] and "\n" not in each["why"] for each in accepted.values())
    found = checkov(packaged.expanded)
    assert found == {(check, resource) for check, each in accepted.items() for resource in each["on"]}


def checkov(template: Path) -> set[tuple[str, str]]:
    """What checkov finds wrong in a template, without asking anybody: the check, and the resource's name."""
    program = ROOT / ".venv/checkov/bin/checkov"
    assert program.exists(), "It is installed by: make .venv/checkov/made"
    judged = subprocess.run(
        [program, "--framework", "cloudformation", "--skip-download", "--output", "json", "--file", template],
        capture_output=True,
        text=True,
        # Without credentials it can tell nobody either.
        env={"PATH": os.environ["PATH"], "HOME": str(template.parent)},
    )
    told = json.loads(judged.stdout)
    assert told["summary"]["parsing_errors"] == 0 and told["summary"]["passed"] > 0
    return {
        (each["check_id"], each["resource"].rpartition(".")[2]) for each in told["results"]["failed_checks"]
    }


def test_it_names_no_region_and_no_account(packaged: Package) -> None:
    said = packaged.sam.read_text("utf-8")
    named = set(re.findall(r"\b[a-z]{2}-[a-z]+-\d\b|\b\d{12}\b", said))
    assert named <= {"us-east-1"}, "where CloudFront looks for its certificates and access lists"


@pytest.mark.parametrize(
    ("function", "memory", "timeout"),
    [("APIHandler", 1769, 20), ("SendMails", 512, 60), ("SweepMails", 512, 240), ("HearOfMails", 256, 20)],
)
def test_a_function_has_its_memory_and_time(
    packaged: Package, function: str, memory: int, timeout: int
) -> None:
    said = packaged.properties(function)
    assert (said["MemorySize"], said["Timeout"], said["Tracing"]) == (memory, timeout, "PassThrough")


def test_every_setting_reaches_the_functions(packaged: Package) -> None:
    known = set(re.findall(r"KALAUZ_\w+", Path(settings.__file__).read_text("utf-8")))
    # Only who is asked by CloudFront knows its secrets, and only who sends whom SES shall tell.
    secrets = {"KALAUZ_EDGE_SECRET", "KALAUZ_EDGE_SECRET_BEFORE"}
    of_senders = {"KALAUZ_MAIL_CONFIGURATION"}
    for function, others in {
        "APIHandler": of_senders,
        "SendMails": secrets,
        "SweepMails": secrets,
        "HearOfMails": secrets | of_senders,
    }.items():
        assert set(packaged.variables(function)) == known - others, function
    assert packaged.variables("APIHandler")["KALAUZ_STAGE"] == "production"


def test_the_secret_is_not_shown_and_the_site_is_the_providers(packaged: Package) -> None:
    parameters = packaged.template["Parameters"]
    assert parameters["EdgeSecret"]["NoEcho"] is True and "Default" not in parameters["EdgeSecret"]
    assert parameters["EdgeSecretBefore"]["NoEcho"] is True
    assert parameters["Origins"]["Default"] == brand.BRAND["provider"]["site"]


def test_the_api_is_regional_and_has_one_stage(packaged: Package) -> None:
    said = packaged.properties("RestAPI")
    assert (said["EndpointConfiguration"], said["StageName"], said["OpenApiVersion"]) == (
        "REGIONAL",
        "api",
        "2.0",
    )
    assert set(said["DefinitionBody"]["paths"]) == {each.path for each in ENDPOINTS}


def test_the_stream_wakes_the_sender_which_tells_what_failed(packaged: Package) -> None:
    (event,) = packaged.properties("SendMails")["Events"].values()
    said = event["Properties"]
    assert event["Type"] == "DynamoDB"
    assert said["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert said["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert said["BisectBatchOnFunctionError"] is True
    assert 1 <= said["MaximumRetryAttempts"] <= 10
    assert said["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["SendMailsFailed", "Arn"]}


@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
@pytest.mark.parametrize("entity", ["Email", "Ticket"])
def test_the_stream_brings_what_the_sender_would_send(packaged: Package, name: str, entity: str) -> None:
    (event,) = packaged.properties("SendMails")["Events"].values()
    (one,) = event["Properties"]["FilterCriteria"]["Filters"]
    written = record(key("USER#1", "EMAIL#1"), name=name, entity=entity)
    assert EventPattern.load(one["Pattern"]).matches_event(written) == is_queued_mail(written)


def test_a_schedule_wakes_the_sweep(packaged: Package) -> None:
    (event,) = packaged.properties("SweepMails")["Events"].values()
    assert (event["Type"], event["Properties"]["Schedule"]) == ("Schedule", "rate(5 minutes)")
    assert event["Properties"]["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["SweepMailsFailed", "Arn"]}}


def test_what_ses_publishes_wakes_who_hears_of_mails(packaged: Package) -> None:
    (event,) = packaged.properties("HearOfMails")["Events"].values()
    assert (event["Type"], event["Properties"]["Topic"]) == ("SNS", {"Ref": "MailEvents"})
    news = packaged.properties("MailNews")
    assert news["ConfigurationSetName"] == {"Ref": "MailConfiguration"}
    assert news["EventDestination"]["SnsDestination"] == {"TopicARN": {"Ref": "MailEvents"}}
    assert set(news["EventDestination"]["MatchingEventTypes"]) == {
        "bounce",
        "complaint",
        "deliveryDelay",
        "reject",
    }


def test_nobody_but_ses_of_this_account_may_publish_them(packaged: Package) -> None:
    (said,) = packaged.properties("MailEventsPolicy")["PolicyDocument"]["Statement"]
    assert (said["Effect"], said["Principal"], said["Action"]) == (
        "Allow",
        {"Service": "ses.amazonaws.com"},
        "sns:Publish",
    )
    assert said["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert packaged.properties("MailEvents")["KmsMasterKeyId"] == {"Ref": "MailEventsKey"}


@pytest.mark.parametrize("function", FAILING)
def test_what_a_function_could_not_do_is_kept_for_two_weeks(packaged: Package, function: str) -> None:
    said = packaged.properties(f"{function}Failed")
    assert said == {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 60 * 60}
    (own,) = [each for each in rights.statements(packaged, function) if each["Action"] == "sqs:SendMessage"]
    assert own["Resource"] == {"Fn::GetAtt": [f"{function}Failed", "Arn"]}


@pytest.mark.parametrize("function", ["SweepMails", "HearOfMails"])
def test_an_event_that_fails_in_the_end_goes_there_too(packaged: Package, function: str) -> None:
    said = packaged.properties(function)["EventInvokeConfig"]
    assert said["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": [f"{function}Failed", "Arn"]
    }
    assert said["MaximumRetryAttempts"] <= 2


# --- What API Gateway takes, and what it writes down ---


def test_a_route_that_is_limited_takes_less_than_the_others(packaged: Package) -> None:
    settings_of = {
        (said["HttpMethod"], said["ResourcePath"]): (
            said["ThrottlingRateLimit"],
            said["ThrottlingBurstLimit"],
        )
        for said in packaged.properties("RestAPI")["MethodSettings"]
    }
    limited = {(each.method, "/" + each.path.replace("/", "~1")) for each in ENDPOINTS if each.limited_by}
    assert ("POST", "/~1api~1session") in limited
    assert settings_of == {
        ("*", "/*"): ({"Ref": "ApiRate"}, {"Ref": "ApiBurst"}),
        **{route: ({"Ref": "LimitedRate"}, {"Ref": "LimitedBurst"}) for route in limited},
    }
    parameters = packaged.template["Parameters"]
    assert parameters["LimitedRate"]["Default"] < parameters["ApiRate"]["Default"]
    assert parameters["LimitedBurst"]["Default"] < parameters["ApiBurst"]["Default"]


def test_an_access_log_tells_the_route_and_not_who_took_it(packaged: Package) -> None:
    said = packaged.properties("RestAPI")["AccessLogSetting"]
    line = json.loads(said["Format"])
    assert line["request_id"] == "$context.requestId"
    assert line["route"] == "$context.httpMethod $context.resourcePath"
    told = set(re.findall(r"\$context\.([\w.]+)", said["Format"]))
    assert told == {
        "requestId",
        "requestTimeEpoch",
        "httpMethod",
        "resourcePath",
        "status",
        "responseLatency",
        "integration.latency",
        "integration.status",
        "integration.error",
        "error.responseType",
    }
    assert packaged.properties("RestAPILogs")["RetentionInDays"] == 90


def test_api_gateway_may_log_before_its_stage_does(packaged: Package) -> None:
    """Without the account's role CloudFormation could not make the stage."""
    assert {"Ref": "ApiGatewayAccount"} in packaged.properties("RestAPI")["Tags"]["LogsBy"]["Fn::If"]
    assert packaged.template["Resources"]["ApiGatewayAccount"]["Condition"] == "ManagesApiGateway"


# --- What API Gateway answers by itself ---


def test_every_answer_of_api_gateway_is_ours(packaged: Package) -> None:
    model = botocore.session.Session().get_service_model("apigateway")
    kinds = set(model.shape_for("GatewayResponseType").enum)
    assert set(packaged.properties("RestAPI")["GatewayResponses"]) == kinds


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", "not_found"),
        ("REQUEST_TOO_LARGE", "body_too_large"),
        ("UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type"),
        ("THROTTLED", "too_many_attempts"),
        ("QUOTA_EXCEEDED", "too_many_attempts"),
        ("INTEGRATION_TIMEOUT", "unavailable"),
        ("INTEGRATION_FAILURE", "unavailable"),
        ("WAF_FILTERED", "not_allowed"),
        ("DEFAULT_4XX", "malformed_body"),
        ("DEFAULT_5XX", "internal_error"),
    ],
)
def test_an_answer_of_api_gateway_is_a_problem_like_any_other(
    packaged: Package, kind: str, code: str
) -> None:
    said = packaged.properties("RestAPI")["GatewayResponses"][kind]
    headers = said["ResponseParameters"]["Headers"]
    problem = json.loads(said["ResponseTemplates"]["application/json"])
    assert said["StatusCode"] == problem["status"] == PROBLEMS[code][0]
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code.replace('_', '-')}"
    assert problem["instance"] == "$context.requestId"
    assert set(problem) == {"type", "title", "status", "code", "instance"}
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["Cache-Control"] == "'no-store'"
    assert headers["X-Content-Type-Options"] == "'nosniff'"
    assert headers["Content-Language"] == "'sr-Latn, hu, es'"
    assert ("Retry-After" in headers) == (problem["status"] in (429, 503))
    wait = int(headers.get("Retry-After", "''").strip("'") or 0) or None
    for language in LANGUAGES:
        assert Problem(code, retry_after=wait).document(language, "")["title"] in problem["title"]


# --- The rights of each function ---


def the_api() -> Calls:
    """Every route, each asked by somebody whom it lets in, on a table of its own."""
    heard = Calls()
    for endpoint in ENDPOINTS:
        table.dynamodb().delete_table(TableName=TABLE)
        table.dynamodb().create_table(**table_properties(TABLE))
        alice = settle("alice", "Alice Petrović", "sr", owns=True)
        client, path = caller(endpoint, alice), Place.furnished(alice).path(endpoint)
        with Calls.listening() as calls:
            knock(client, endpoint, path)
        heard.made += calls.made
    assert {*heard.names} >= {name for names in CALLS.values() for name in names}
    return heard


def the_sender() -> Calls:
    """A mail with a token, to a user; and one of an account."""
    written = [record(key(item["pk"], item["sk"])) for item in queued_mails()]
    with Calls.listening() as calls:
        assert deliver_records(written, mail.by_ses) == {"batchItemFailures": []}
    return calls


def the_sweep() -> Calls:
    """The same mails, when the stream missed them."""
    missed = len(queued_mails())
    with Calls.listening() as calls:
        assert mail.sweep(datetime.now(UTC), mail.by_ses) == missed
    return calls


def queued_mails() -> list[dict[str, Any]]:
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    knock(Client(), endpoints()["POST", "/api/password-resets"])
    knock(alice.signed_in(), endpoints()["POST", "/api/tickets"])
    mails = items("Email")
    assert {mail["pk"] for mail in mails} == {f"USER#{alice.id}", f"ACCOUNT#{alice.account_id}"}
    return mails


def the_listener() -> Calls:
    """News of mails that were sent, to a user and for an account."""
    told = [published(bounce(key(item["pk"], item["sk"]))) for item in queued_mails()]
    with Calls.listening() as calls:
        hear_of_mails({"Records": told}, Context())
    assert all("bounced_at" in item for item in items("Email"))
    return calls


AT_WORK: dict[str, Callable[[], Calls]] = {
    "APIHandler": the_api,
    "SendMails": the_sender,
    "SweepMails": the_sweep,
    "HearOfMails": the_listener,
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_no_more(
    packaged: Package, aws: None, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KALAUZ_MAIL_CONFIGURATION", "kalauz-mails")
    policy = rights.statements(packaged, function)
    asks = list(rights.asks(AT_WORK[function]()))
    assert [ask for ask in asks if not any(rights.permits(statement, ask) for statement in policy)] == []
    asked = {(ask.action, ask.resource) for ask in asks}
    granted = {each for statement in policy for each in rights.granted(statement)}
    assert {action for action, _resource in granted - asked} == BY_LAMBDA[function] | LOGS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rights_name_what_they_are_on(packaged: Package, function: str) -> None:
    for statement in rights.statements(packaged, function):
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & set(statement)
        assert "*" not in json.dumps([statement["Action"], statement["Resource"]])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_into_its_own_logs(packaged: Package, function: str) -> None:
    logs = {"Ref": f"{function}Logs"}
    assert packaged.properties(function)["LoggingConfig"]["LogGroup"] == logs
    assert packaged.properties(logs["Ref"])["RetentionInDays"] == 90
    (own,) = [each for each in rights.statements(packaged, function) if set(each["Action"]) == LOGS]
    assert own["Resource"] == {"Fn::GetAtt": [logs["Ref"], "Arn"]}


def test_no_role_is_shared_and_none_is_made_up_by_chalice(packaged: Package) -> None:
    roles = [
        name for name, each in packaged.template["Resources"].items() if each["Type"] == "AWS::IAM::Role"
    ]
    used = [packaged.properties(function)["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS]
    roles.remove("ApiGatewayLogsRole")  # It is API Gateway's own.
    assert sorted(roles) == sorted(used) == sorted(set(used))
    config = json.loads((ROOT / "functions/.chalice/config.json").read_text("utf-8"))
    assert config["autogen_policy"] is False


@pytest.mark.parametrize(
    ("function", "action", "resource", "conditions"),
    [
        ("SendMails", "dynamodb:GetItem", rights.TABLE, {"dynamodb:LeadingKeys": ["SESSION#0"]}),
        ("SweepMails", "dynamodb:GetItem", rights.TABLE, {"dynamodb:LeadingKeys": ["EMAIL#a@b.example"]}),
        ("SweepMails", "dynamodb:Query", rights.INDEX, {"dynamodb:LeadingKeys": ["USER#1#SESSIONS"]}),
        ("SendMails", "kms:Decrypt", rights.KEY, {"kms:EncryptionContextKeys": ["of_another_kind"]}),
        ("SendMails", "kms:Decrypt", rights.KEY, {}),
        ("SendMails", "ses:SendRawEmail", rights.SENDER, {"ses:FromAddress": ["other@tilia.example"]}),
        ("HearOfMails", "dynamodb:GetItem", rights.TABLE, {"dynamodb:LeadingKeys": ["USER#1"]}),
        ("HearOfMails", "dynamodb:UpdateItem", rights.TABLE, {"dynamodb:LeadingKeys": ["SESSION#0"]}),
        ("HearOfMails", "kms:Decrypt", rights.KEY, {"kms:EncryptionContextKeys": ["owner"]}),
        ("HearOfMails", "ses:SendRawEmail", rights.SENDER, {"ses:FromAddress": [brand.SUPPORT_EMAIL]}),
        ("APIHandler", "ses:SendRawEmail", rights.SENDER, {"ses:FromAddress": [brand.SUPPORT_EMAIL]}),
        ("APIHandler", "dynamodb:DeleteTable", rights.TABLE, {}),
        ("APIHandler", "dynamodb:Scan", rights.TABLE, {}),
    ],
)
def test_what_a_function_has_no_business_with_is_refused_it(
    packaged: Package, function: str, action: str, resource: str, conditions: dict[str, list[str]]
) -> None:
    ask = rights.Ask(action, resource, conditions)
    assert not any(rights.permits(statement, ask) for statement in rights.statements(packaged, function))
