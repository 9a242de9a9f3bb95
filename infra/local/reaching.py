"""Which table a command of an operator or a writer is about: one in AWS, or that of `make run`, running or not.

STAGE=production                    kalauz-production in AWS, and the key that goes with it
TABLE=kalauz-production-restored    any table in AWS; its key is alias/TABLE, unless KEY_ALIAS names another
neither                             the table of `make run`
"""

import contextlib
import os
from collections.abc import Iterator

from infra.local import stack
from infra.local.folder import InUse, local_folder
from infra.local.ministack import Ministack, endpoint_in
from infra.local.trouble import CannotRun


@contextlib.contextmanager
def reaching_the_table(*, to_write: bool = False) -> Iterator[None]:
    """Lead the functions to the table that STAGE or TABLE names, or else to that of `make run`. Raises CannotRun.

    Who comes `to_write` finds an empty table where `make run` never was, and what they write there is kept.
    """
    stage, name = os.environ.get("STAGE"), os.environ.get("TABLE")
    if stage and name:
        raise CannotRun("Say STAGE=… or TABLE=…, not both.")
    if name := name or (stage and f"kalauz-{stage}"):
        os.environ["KALAUZ_TABLE"] = name
        os.environ["KALAUZ_KEY"] = os.environ.get("KEY_ALIAS") or f"alias/{name}"
        # AWS's command line and `make deploy` read AWS_REGION first, boto3 the other one alone.
        if region := os.environ.get("AWS_REGION"):
            os.environ["AWS_DEFAULT_REGION"] = region
        yield
        return
    folder = local_folder()
    with contextlib.ExitStack() as cleanup:
        try:
            folder.claim()
        except InUse:
            stack.reach(endpoint_in(folder.ministack))
        else:
            keeps_something = folder.keeps_something()
            if not keeps_something and not to_write:
                raise CannotRun(f"{folder.path} keeps nothing yet: start `make run`.")
            ministack = Ministack.start(folder.ministack, keeps_state=True, inherits=(folder.lock,))
            # Who only reads has nothing to save.
            cleanup.callback(ministack.stop if to_write else ministack.abandon)
            ministack.wait_until_ready()
            stack.environment(ministack)
            if not keeps_something:
                stack.create()
        yield
