"""What the operator is asked before something happens that cannot be taken back by Ctrl+C."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from infra.deploy.trouble import CannotDeploy


@dataclass(frozen=True)
class Operator:
    """Who runs the command: somebody at a terminal, or a pipeline that has said yes in advance."""

    has_said_yes: bool = False
    wants_to_destroy: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Operator":
        """As YES=1 and DESTROY=<stack> say."""
        return cls(environment.get("YES") == "1", environment.get("DESTROY", ""))

    def agrees(self, question: str) -> None:
        """Ask for a yes; YES=1 is one. Raises CannotDeploy without it."""
        if not self.has_said_yes and _answer(f"{question} [y/N] ").lower() not in ("y", "yes"):
            raise CannotDeploy("Nothing of that was done.")

    def agrees_in_person(self, question: str) -> None:
        """Ask for a yes that no YES=1 can stand for, because data would be lost. Raises CannotDeploy."""
        if self.has_said_yes:
            raise CannotDeploy(f"{question} YES=1 does not answer that: run this at a terminal without it.")
        self.agrees(question)

    def types(self, question: str, word: str) -> None:
        """Ask for a word to be typed; YES=1 stands for it. Raises CannotDeploy when it is another one."""
        if not self.has_said_yes and _answer(f"{question} ") != word:
            raise CannotDeploy("Nothing was destroyed: what was typed is something else.")


def _answer(question: str) -> str:
    if not sys.stdin.isatty():
        raise CannotDeploy("There is nobody to ask here: run this at a terminal, or say YES=1 in a pipeline.")
    try:
        return input(question).strip()
    except EOFError:
        return ""
