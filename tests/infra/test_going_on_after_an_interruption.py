"""A deployment is killed wherever it may be; the next one goes on."""

import pytest

from tests.infra.deployer import BESIDE_ANOTHER, Deployer

pytestmark = pytest.mark.xdist_group("cloud")
STAGE = "killed"

# Where a first deployment may end, in its order; `make deploy` is run after each, and gets as far as the next.
ENDS = [
    ("the stack is a shell with a change set", "after", "CreateChangeSet", 1, "REVIEW_IN_PROGRESS"),
    ("the first stack is being made", "after", "ExecuteChangeSet", 1, "CREATE_COMPLETE"),
    ("half of the files are uploaded", "before", "PutObject", 10, "CREATE_COMPLETE"),
    ("all is uploaded", "before", "CreateChangeSet", 1, "CREATE_COMPLETE"),
    ("nobody has agreed yet", "after", "CreateChangeSet", 1, "CREATE_COMPLETE"),
    ("the update runs", "after", "ExecuteChangeSet", 1, "UPDATE_COMPLETE"),
    ("the release is the stack's", "before", "CreateInvalidation", 1, "UPDATE_COMPLETE"),
]


def test_whatever_killed_the_last_one_the_next_deployment_goes_on(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in BESIDE_ANOTHER.items():
        monkeypatch.setenv(name, value)
    for where, when, operation, nth, status in ENDS:
        deployer.is_killed(when, operation, STAGE, nth=nth)
        assert deployer.described(STAGE)["StackStatus"] == status or deployer.settled(STAGE) == status, where
    said = deployer.succeeds("deploy", STAGE)
    assert said.splitlines()[-1] == f"The site is at {deployer.output(STAGE, 'Address')}"
    # Of all these releases two were the stack's, after the address was known.
    deployer.succeeds("rollback", STAGE)
    assert "is the first release" in deployer.refusal("rollback", STAGE)


def test_while_something_changes_the_stack_nothing_is_begun(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "infra.deploy.stack.Stack.described", lambda _stack: {"StackStatus": "UPDATE_IN_PROGRESS"}
    )
    for what in ("deploy", "rollback", "destroy"):
        deployer.calls.clear()
        said = deployer.refusal(what, STAGE)
        assert said.startswith(
            f"The stack kalauz-{STAGE} is UPDATE_IN_PROGRESS: something changes it right now"
        )
        assert [call.operation for call in deployer.calls] == ["GetCallerIdentity"]
