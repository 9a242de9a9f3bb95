"""The child process that is AWS here: ministack on an inherited socket, for as long as its parent lives.

`python -m infra.local.emulator FD` takes the socket's descriptor, and a pipe as stdin that the parent holds open.
However the parent ends, be it by SIGKILL, the kernel closes its end of the pipe. The child then ends itself
as SIGTERM would, which is the only way in which ministack saves its state.
"""

import asyncio
import os
import signal
import sys
import threading


def main() -> None:
    """Serve as the command's argument says, for as long as the parent lives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    serve(int(sys.argv[1]))


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def serve(descriptor: int) -> None:
    """Serve until SIGTERM; then save, if PERSIST_STATE says so, and return."""
    from hypercorn.asyncio import serve as hypercorn
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75  # As ministack's own entry point has it: longer than a boto3 client's.
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    config.accesslog = None
    asyncio.run(hypercorn(app, config))


if __name__ == "__main__":
    main()
