"""One step of the stack, shown before it is done: what deploying, going back and taking in have in common."""

from infra.columns import aligned
from infra.deploy.asking import Operator
from infra.deploy.stack import Change, ChangeSet
from infra.deploy.templates import FIRST

_REPLACES = {"True": "is replaced", "Conditional": "may be replaced"}


def apply(change_set: ChangeSet | None, operator: Operator | None) -> None:
    """Show a change set, ask, do it, and tell how it goes; None changes nothing, and is told.

    Without an operator nobody is asked: it goes on with what was agreed to before. What holds data is replaced or
    removed only when somebody at a terminal says so. Raises CannotDeploy when it is not agreed to, or fails.
    """
    if not change_set:
        print("Nothing of the stack changes.")
        return
    changes = change_set.changes()
    dangerous = [change.name for change in changes if endangers_data(change)]
    print(f"\nWhat CloudFormation will do to {change_set.stack.name}:\n{table(changes)}\n")
    try:
        if dangerous:
            (operator or Operator()).agrees_in_person(
                f"{_listed(dangerous)} would lose its data. Go on all the same?"
            )
        elif operator:
            operator.agrees("Go on?")
    except BaseException:
        change_set.drop()
        raise
    change_set.execute()


def table(changes: list[Change]) -> str:
    """A change set for the terminal, what endangers data first and marked."""
    changes = sorted(changes, key=lambda change: (not endangers_data(change), change.action, change.name))
    return aligned(
        [
            (
                "!!" if endangers_data(change) else "  ",
                change.action,
                change.name,
                change.type,
                f"{_REPLACES.get(change.replacement, '')}{', AND HOLDS DATA' if endangers_data(change) else ''}",
            )
            for change in changes
        ]
    )


def endangers_data(change: Change) -> bool:
    """Whether something that nobody can build again would be gone from the stack."""
    return change.name in FIRST and (change.action == "Remove" or change.replacement in _REPLACES)


def _listed(names: list[str]) -> str:
    return " and ".join(names)
