"""What Lambda does with a function, in a Python that has only the folders named and the standard library.

`python -S lambda_runtime.py FOLDER...` takes `{"handler", "event"}` as JSON, and prints what the handler answers.
"""

import importlib
import json
import sys
import time


class Context:
    """What a handler may ask of its run, which ends after so many milliseconds."""

    aws_request_id = "request-of-a-test"
    function_name = "kalauz"
    memory_limit_in_mb = 1024

    def __init__(self, milliseconds: int = 20_000) -> None:
        self._ends_at = time.monotonic() + milliseconds / 1000

    def get_remaining_time_in_millis(self) -> int:
        return round((self._ends_at - time.monotonic()) * 1000)


if __name__ == "__main__":
    sys.path[:1] = sys.argv[1:]  # The first place is this script's own folder.
    asked = json.load(sys.stdin)
    module, _dot, name = asked["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    print(json.dumps(handler(asked["event"], Context())))
