"""What Lambda does with a function, in a Python that has only the folders named and the standard library.

`python -S lambda_runtime.py HANDLER FOLDER...` takes events as JSON, one a line, and prints for each what the handler
answers, after what it wrote meanwhile.
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
    handler, *folders = sys.argv[1:]
    sys.path[:1] = folders  # The first place is this script's own folder.
    module, _dot, name = handler.rpartition(".")
    answers = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        print(json.dumps({"answer": answers(json.loads(line), Context())}), flush=True)
