"""What several measurements need, started when the first of them asks for it."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib import logs
from infra.local import stack
from tests.infra.processes import Running, running

TABLE = "bench"


class Setting(ExitStack):
    """A folder, a ministack and a site, of this run only; what was started ends with the block."""

    _has_ministack = False

    @cached_property
    def folder(self) -> Path:
        """An empty folder."""
        return Path(self.enter_context(TemporaryDirectory(prefix="kalauz-bench-")))

    def use_ministack(self) -> None:
        """Let the functions in this process work on a table in a ministack."""
        if not self._has_ministack:
            ministack = self.enter_context(stack.running(self.folder / "ministack"))
            self.enter_context(stack.of_its_own(ministack, TABLE))
            logs.set_up()  # Again, now that this is no stage of AWS: what is measured writes no line a request.
            self._has_ministack = True

    @cached_property
    def site(self) -> Running:
        """What `make run` serves, by a process of its own."""
        return self.enter_context(running(self.folder / "site"))
