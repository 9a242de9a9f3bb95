"""What `make deploy` does not begin with: each time one line, which says how to mend it."""

import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, TokenRetrievalError

from infra.deploy import __main__ as command
from infra.deploy import applying, asking, releases
from infra.deploy.asking import Operator
from infra.deploy.stack import Change
from infra.deploy.trouble import CannotDeploy, told
from infra.deploy.wishes import Wishes, edge_secrets

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/kalauz/0a1b2c3d-0000-4000-8000-000000000000"
DECLARED = {name: {"Default": ""} for name in ("Domain", "CertificateArn", "WebAclArn")}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A shell in which nobody has signed in to AWS, at a machine that is none of AWS's."""
    for name in (
        "ACCESS_KEY_ID",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
        "PROFILE",
        "DEFAULT_REGION",
        "ENDPOINT_URL",
    ):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("STAGE", "production")
    return monkeypatch


@pytest.mark.parametrize(
    ("region", "line"),
    [
        ("", "No region is named: set AWS_REGION, for instance AWS_REGION=eu-central-1."),
        ("eu-central-1", "There are no credentials for AWS here: run `aws configure`, or set AWS_PROFILE."),
        ("eu-south-2", "The region eu-south-2 has no SES: set AWS_REGION to one that has, "),
        ("mars-north-1", "AWS has no such region (Unknown region: 'mars-north-1'"),
    ],
)
def test_a_shell_without_region_or_credentials(
    shell: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], region: str, line: str
) -> None:
    shell.setenv("AWS_REGION", region)
    assert command.main("deploy") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith(line), said


@pytest.mark.parametrize("stage", ["", "Production", "a", "-a", "a-", "a_b", "a" * 21, "../a"])
def test_a_stage_needs_a_name_that_aws_takes(stage: str) -> None:
    with pytest.raises(CannotDeploy, match="Name the stage" if not stage else "is no name for a stage"):
        Wishes.of({"STAGE": stage})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DOMAIN": "help.example.org"}, "DOMAIN=help.example.org needs a certificate"),
        ({"CERTIFICATE": CERTIFICATE}, "CERTIFICATE needs a DOMAIN"),
        ({"DOMAIN": "https://help.example.org", "CERTIFICATE": CERTIFICATE}, "is no domain name"),
        (
            {"DOMAIN": "help.example.org", "CERTIFICATE": CERTIFICATE.replace("us-east-1", "eu-central-1")},
            "lives in eu-central-1: order one in us-east-1",
        ),
        ({"DOMAIN": "help.example.org", "CERTIFICATE": "arn:aws:iam::1:x"}, "is no ARN of a certificate"),
        ({"WEB_ACL": WEB_ACL.replace("us-east-1", "eu-central-1")}, "is no web ACL for CloudFront"),
        ({"WEB_ACL": WEB_ACL.replace("global", "regional")}, "is no web ACL for CloudFront"),
    ],
)
def test_settings_that_do_not_fit_each_other(settings: dict[str, str], says: str) -> None:
    with pytest.raises(CannotDeploy, match=says):
        Wishes.of({"STAGE": "production", **settings}).over({}, DECLARED)


def test_what_is_not_given_keeps_its_value_and_what_is_given_empty_goes() -> None:
    previous = {"Domain": "help.example.org", "CertificateArn": CERTIFICATE, "WebAclArn": WEB_ACL}
    assert Wishes.of({"STAGE": "production"}).over(previous, DECLARED) == previous
    without = Wishes.of({"STAGE": "production", "DOMAIN": "", "CERTIFICATE": ""}).over(previous, DECLARED)
    assert without == {"Domain": "", "CertificateArn": "", "WebAclArn": WEB_ACL}
    with pytest.raises(CannotDeploy, match="CERTIFICATE needs a DOMAIN"):
        Wishes.of({"STAGE": "production", "DOMAIN": ""}).over(previous, DECLARED)


def test_the_edge_secret_is_made_once_and_kept() -> None:
    made = edge_secrets({}, "")
    assert len(str(made["EdgeSecret"])) == 43  # 32 bytes
    assert edge_secrets({}, "")["EdgeSecret"] != made["EdgeSecret"]
    assert edge_secrets({"EdgeSecret": "****"}, "") == {"EdgeSecret": None, "EdgeSecretBefore": ""}
    assert edge_secrets({"EdgeSecret": "****"}, "former")["EdgeSecretBefore"] == "former"


@pytest.mark.parametrize(
    ("status", "mended_by"),
    [
        ("ROLLBACK_COMPLETE", "make destroy STAGE=production"),
        ("ROLLBACK_FAILED", "make destroy STAGE=production"),
        ("DELETE_FAILED", "make destroy STAGE=production"),
        ("IMPORT_ROLLBACK_FAILED", "make destroy STAGE=production"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "aws cloudformation continue-update-rollback --stack-name kalauz-production",
        ),
        ("UPDATE_IN_PROGRESS", "it ends by itself"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "it ends by itself"),
    ],
)
def test_a_stack_that_takes_no_update(monkeypatch: pytest.MonkeyPatch, status: str, mended_by: str) -> None:
    from infra.deploy.stack import Stack

    monkeypatch.setattr(Stack, "described", lambda _stack: {"StackStatus": status})
    with pytest.raises(CannotDeploy, match=f"^The stack kalauz-production is {status}: .*{mended_by}"):
        Stack(None, "kalauz-production", "production").takes_updates()  # type: ignore[arg-type]


def _refused(code: str, message: str = "", operation: str = "CreateChangeSet") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (_refused("ExpiredToken", "The security token included in the request is expired"), "have expired"),
        (_refused("InvalidClientTokenId"), "AWS does not know these credentials"),
        (
            _refused(
                "AccessDenied",
                "User: arn:aws:iam::1:user/vera is not authorized to perform: cloudformation:CreateChangeSet on "
                "resource: arn:aws:cloudformation:eu-central-1:1:stack/kalauz-production/* because no identity-based "
                "policy allows the cloudformation:CreateChangeSet action",
            ),
            "does not allow you cloudformation:CreateChangeSet on arn:aws:cloudformation:eu-central-1:1:stack/kalauz-p",
        ),
        (
            _refused("AccessDenied", "Access Denied", "PutObject"),
            "does not allow you PutObject: infra/deploy/policy.json",
        ),
        (
            _refused("ValidationError", "Two\nlines"),
            "AWS refused CreateChangeSet (ValidationError): Two lines",
        ),
        (NoCredentialsError(), "no credentials"),
        (TokenRetrievalError(provider="sso", error_msg="Token has expired"), "aws sso login"),
        (EndpointConnectionError(endpoint_url="https://sts.amazonaws.com/"), "AWS cannot be reached"),
    ],
)
def test_what_aws_refuses_is_told_in_one_line(failure: Exception, says: str) -> None:
    assert says in told(failure)
    assert "\n" not in told(failure)


def test_a_release_is_named_after_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(CannotDeploy, match="deploy from a clone"):
        releases.new_release()
    git = ["git", "-c", "user.name=Vera", "-c", "user.email=vera@example.com"]
    (tmp_path / "brand.toml").write_text("name = 'Kalauz'\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert releases.new_release().endswith(f"Z-{commit.stdout[:7]}")
    (tmp_path / "brand.toml").write_text("name = 'Other'\n")
    with pytest.raises(CannotDeploy, match=r"^Something is not committed, brand\.toml for one"):
        releases.new_release()


# --- Asking ---


class Proposed:
    """A change set that would take the table away."""

    stack = type("Stack", (), {"name": "kalauz-production"})
    done = ""

    def changes(self) -> list[Change]:
        return [
            Change("Modify", "APIHandler", "AWS::Lambda::Function", "False"),
            Change("Add", "Alarm", "AWS::CloudWatch::Alarm", ""),
            Change("Modify", "Table", "AWS::DynamoDB::Table", "True"),
            Change("Remove", "Key", "AWS::KMS::Key", ""),
        ]

    def execute(self) -> None:
        self.done = "executed"

    def drop(self) -> None:
        self.done = "dropped"


def test_what_would_lose_data_stands_first_and_no_pipeline_agrees_to_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    proposed = Proposed()
    with pytest.raises(CannotDeploy, match=r"^Table and Key would lose .* YES=1 does not answer that"):
        applying.apply(proposed, Operator(has_said_yes=True))  # type: ignore[arg-type]
    assert proposed.done == "dropped"
    shown = [line for line in capsys.readouterr().out.splitlines() if "AWS::" in line]
    assert [line.split()[:3] for line in shown] == [
        ["!!", "Modify", "Table"],
        ["!!", "Remove", "Key"],
        ["Add", "Alarm", "AWS::CloudWatch::Alarm"],
        ["Modify", "APIHandler", "AWS::Lambda::Function"],
    ]
    assert shown[0].endswith("is replaced, AND HOLDS DATA")


@pytest.mark.parametrize(
    ("typed", "done"),
    [("y", "executed"), ("YES", "executed"), ("", "dropped"), ("n", "dropped"), ("yep", "dropped")],
)
def test_only_a_yes_is_a_yes(monkeypatch: pytest.MonkeyPatch, typed: str, done: str) -> None:
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())
    monkeypatch.setattr("builtins.input", lambda _question: typed)
    proposed = Proposed()
    if done == "executed":
        applying.apply(proposed, Operator())  # type: ignore[arg-type]
    else:
        with pytest.raises(CannotDeploy, match="Nothing of that was done"):
            applying.apply(proposed, Operator())  # type: ignore[arg-type]
    assert proposed.done == done


def test_what_is_destroyed_has_to_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_answer", lambda _question: "productoin")
    with pytest.raises(CannotDeploy, match="something else"):
        Operator().types("Type production to destroy it:", "production")
    monkeypatch.setattr(asking, "_answer", lambda _question: "production")
    Operator().types("Type production to destroy it:", "production")


def test_make_hands_over_what_was_said() -> None:
    done = subprocess.run(
        ["make", "deploy", "STAGE=Wrong"], cwd=releases.ROOT, capture_output=True, text=True, check=False
    )
    assert "STAGE=Wrong is no name for a stage" in done.stderr
    assert done.returncode == 2
