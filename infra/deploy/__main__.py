"""`make deploy`, `make rollback` and `make destroy`: what the operator types, and what the terminal says."""

import os
import sys

from infra.deploy.account import account
from infra.deploy.asking import Operator
from infra.deploy.deploying import deploy
from infra.deploy.destroying import destroy
from infra.deploy.rolling_back import roll_back
from infra.deploy.trouble import Foreseen, told
from infra.deploy.wishes import Wishes

INTERRUPTED = 130  # as a shell tells of Ctrl+C


def main(command: str) -> int:
    """Do what was asked for; returns the exit status."""
    try:
        wanted, operator = Wishes.of(os.environ), Operator.of(os.environ)
        match command:
            case "deploy":
                print(f"\nThe site is at {deploy(wanted, account(), operator)}")
            case "rollback":
                print(f"\nThe site is at {roll_back(wanted, account(), operator)}")
            case "destroy":
                destroy(wanted, account(), operator)
            case _:
                raise SystemExit(f"{command} is none of deploy, rollback and destroy.")
    except Foreseen as trouble:
        print(told(trouble), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            f"\nInterrupted. What AWS has begun it ends by itself; run {command} again then.", file=sys.stderr
        )
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
