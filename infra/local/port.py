"""The one port of the site: PORT, or 8000."""

import errno
import os
import socket

from infra.local.trouble import CannotRun

HOST = "127.0.0.1"
_DEFAULT = "8000"


def wanted() -> int:
    """The port to serve on; 0 takes a free one. Raises CannotRun."""
    written = os.environ.get("PORT") or _DEFAULT
    if not (written.isascii() and written.isdigit() and int(written) < 65536):
        raise CannotRun(f"PORT is a number from 1 to 65535, not '{written}': make run PORT={_DEFAULT}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(written)))
        except OSError as failure:
            raise _taken(written, failure) from failure
        port = int(probe.getsockname()[1])
    if _answers_over_ipv6(port):
        raise _taken(written, OSError(errno.EADDRINUSE, ""))
    return port


def _taken(port: str, failure: OSError) -> CannotRun:
    """Why a port cannot be had, and how another one can."""
    why = "may not be opened by you" if failure.errno == errno.EACCES else "is in use"
    another = int(port) + 1 if 1024 <= int(port) < 65535 else 8001
    return CannotRun(f"Port {port} {why}. Take another: make run PORT={another}")


def _answers_over_ipv6(port: int) -> bool:
    """Whether somebody else has the port at ::1, where a browser looks for `localhost` first."""
    try:
        with socket.create_connection(("::1", port), timeout=1):
            return True
    except OSError:
        return False
