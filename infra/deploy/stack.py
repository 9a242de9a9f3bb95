"""One CloudFormation stack: how it stands, what a change set would do to it, and following it while it changes."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, WaiterError

from infra.deploy.account import Account
from infra.deploy.trouble import CannotDeploy

LOOKS_EVERY = 3.0  # seconds between two looks at something that changes
_PATIENCE = 1_200  # looks at a change set that is being made
_NOTHING_CHANGES = ("didn't contain changes", "No updates are to be performed")
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

# What an operator can do about a stack that takes no update.
_MENDED_BY = {
    "ROLLBACK_COMPLETE": "its first deployment failed: `make destroy STAGE={stage}` takes away what is left of it, "
    "then deploy again",
    "ROLLBACK_FAILED": "its first deployment failed, and so did tidying up: `make destroy STAGE={stage}`, then deploy "
    "again",
    "CREATE_FAILED": "its first deployment failed: `make destroy STAGE={stage}`, then deploy again",
    "DELETE_FAILED": "it was being destroyed: `make destroy STAGE={stage}` goes on with that",
    "UPDATE_FAILED": "an update stopped half way: `aws cloudformation rollback-stack --stack-name {name}` puts back "
    "what was, then deploy again",
    "UPDATE_ROLLBACK_FAILED": "an update failed, and so did going back: `aws cloudformation continue-update-rollback "
    "--stack-name {name}`, wait until it ends, then deploy again",
    # CloudFormation has no way on from this one but to delete the stack, and what it took in is retained.
    "IMPORT_ROLLBACK_FAILED": "taking in a kept table failed, and so did going back: `make destroy STAGE={stage}` lets "
    "go of it, then deploy again",
}
_UNDER_WAY = (
    "something changes it right now, or an interrupted command of ours began to: it ends by itself, `aws "
    "cloudformation describe-stacks --stack-name {name}` shows when; then run this again"
)

Parameters = dict[str, str | None]
"""What a template asks for; None leaves a parameter as the stack has it."""


@dataclass(frozen=True)
class Change:
    """What a change set does to one resource."""

    action: str  # Add, Modify, Remove, Import or Dynamic
    name: str
    type: str
    replacement: str  # True, False, Conditional, or nothing

    @classmethod
    def of(cls, described: dict[str, Any]) -> "Change":
        """As DescribeChangeSet tells it."""
        change = described["ResourceChange"]
        return cls(
            change["Action"],
            change["LogicalResourceId"],
            change["ResourceType"],
            change.get("Replacement", ""),
        )


@dataclass(frozen=True)
class Stack:
    """A stack by its name, there or not yet."""

    account: Account
    name: str
    stage: str

    @property
    def _cloudformation(self) -> Any:
        return self.account.client("cloudformation")

    def described(self) -> dict[str, Any]:
        """As DescribeStacks tells it; nothing when there is none, or only the shell that a change set of it needs."""
        try:
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as failure:
            if "does not exist" in str(failure):
                return {}
            raise
        return {} if stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else stack

    def takes_updates(self) -> bool:
        """Whether it is there and can be updated; False when it is not there. Raises CannotDeploy when it cannot."""
        status = str(self.described().get("StackStatus", ""))
        if status.endswith("_IN_PROGRESS"):
            raise CannotDeploy(self._cannot(status, _UNDER_WAY))
        if status in _MENDED_BY:
            raise CannotDeploy(self._cannot(status, _MENDED_BY[status]))
        return bool(status)

    def can_be_deleted(self) -> bool:
        """Whether it is there, in whatever state; False when it is not. Raises CannotDeploy while it changes."""
        status = str(self.described().get("StackStatus", ""))
        if status.endswith("_IN_PROGRESS"):
            raise CannotDeploy(self._cannot(status, _UNDER_WAY))
        return bool(status)

    def parameters(self) -> dict[str, str]:
        """Its parameters as they are; secret ones are stars."""
        told = self.described().get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in told}

    def outputs(self) -> dict[str, str]:
        """What it tells of itself."""
        return {each["OutputKey"]: each["OutputValue"] for each in self.described().get("Outputs", [])}

    def resources(self) -> dict[str, str]:
        """The physical names of its resources by their logical ones."""
        if not self.described():
            return {}
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each.get("PhysicalResourceId") and each["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def propose(
        self, template: dict[str, str], parameters: Parameters, imports: list[dict[str, Any]] | None = None
    ) -> "ChangeSet | None":
        """A change set towards a template, or None when it would change nothing.

        `template` is {"TemplateBody": …} or {"TemplateURL": …}; `imports` are resources that are there already,
        in the shape of ResourcesToImport. Raises CannotDeploy when AWS finds the template wrong.
        """
        kind = "IMPORT" if imports else "UPDATE" if self.described() else "CREATE"
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"kalauz-{uuid4().hex}",
            ChangeSetType=kind,
            Capabilities=_CAPABILITIES,
            Parameters=[_parameter(*each) for each in parameters.items()],
            **template,
            **({"ResourcesToImport": imports} if imports else {}),
        )
        change_set = ChangeSet(self, made["StackId"], made["Id"], f"{kind}_COMPLETE")
        try:
            self._cloudformation.get_waiter("change_set_create_complete").wait(
                ChangeSetName=change_set.id,
                WaiterConfig={"Delay": LOOKS_EVERY, "MaxAttempts": _PATIENCE},
            )
        except WaiterError as failure:
            reason = failure.last_response.get("StatusReason", "") or str(failure)
            change_set.drop()
            if any(words in reason for words in _NOTHING_CHANGES):
                return None
            raise CannotDeploy(
                f"CloudFormation refuses the template: {' '.join(reason.split())}"
            ) from failure
        return change_set

    def delete(self) -> None:
        """Delete it and wait, telling of each resource. Raises CannotDeploy when some of it stays against our will."""
        stack_id = self.described()["StackId"]
        latest = self._latest_event(stack_id)
        self._cloudformation.delete_stack(StackName=stack_id)
        self._follow(stack_id, latest, "DELETE_COMPLETE")

    def _cannot(self, status: str, mended_by: str) -> str:
        return f"The stack {self.name} is {status}: {mended_by.format(name=self.name, stage=self.stage)}."

    def _follow(self, stack_id: str, latest: str, wanted: str) -> None:
        """Tell of resources as they are done, until the stack is.

        boto3's waiters would say nothing for the quarter of an hour that a distribution takes. The stack's own event
        ends the wait, and not its status, which may still be the former one for a moment.
        """
        first_failure = ""
        while True:
            for event in self._events(stack_id, since=latest):
                latest, name, status = event["EventId"], event["LogicalResourceId"], event["ResourceStatus"]
                reason = " ".join(event.get("ResourceStatusReason", "").split())
                if status.endswith("_FAILED"):
                    first_failure = first_failure or f"{name}: {reason or status}"
                if status.endswith("_IN_PROGRESS"):
                    continue
                # What failed before it was made has no physical name.
                if event.get("PhysicalResourceId") != stack_id:
                    print(f"  {status:<17}  {name:<32}  {event['ResourceType']}")
                    if status.endswith("_FAILED"):
                        print(f"    {reason}")
                elif status == wanted:
                    return
                else:
                    raise CannotDeploy(f"{self.name} ended as {status}. First of all failed {first_failure}")
            time.sleep(LOOKS_EVERY)

    def _latest_event(self, stack_id: str) -> str:
        """The newest event's id, or nothing."""
        told = self._cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        return str(told[0]["EventId"]) if told else ""

    def _events(self, stack_id: str, since: str) -> list[dict[str, Any]]:
        """The events after one, oldest first."""
        newer: list[dict[str, Any]] = []
        for page in self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                if event["EventId"] == since:
                    return newer[::-1]
                newer.append(event)
        return newer[::-1]


@dataclass(frozen=True)
class ChangeSet:
    """What CloudFormation would do, and has not done yet."""

    stack: Stack
    stack_id: str
    id: str
    ends_as: str  # how the stack stands when all went well

    def changes(self) -> list[Change]:
        """What it does to each resource."""
        pages = self.stack._cloudformation.get_paginator("describe_change_set").paginate(
            ChangeSetName=self.id
        )
        return [Change.of(each) for page in pages for each in page["Changes"] if "ResourceChange" in each]

    def execute(self) -> None:
        """Do it and wait, telling of each resource. Raises CannotDeploy when the stack does not end as wanted."""
        latest = self.stack._latest_event(self.stack_id)
        self.stack._cloudformation.execute_change_set(ChangeSetName=self.id)
        self.stack._follow(self.stack_id, latest, self.ends_as)

    def drop(self) -> None:
        """Forget it; of a stack that was to be made, its shell too."""
        cloudformation = self.stack._cloudformation
        cloudformation.delete_change_set(ChangeSetName=self.id)
        if not self.stack.described():
            cloudformation.delete_stack(StackName=self.stack_id)


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}
