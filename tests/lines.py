"""The log as CloudWatch gets it: what the functions print, one JSON object a line, and whether a secret is in it."""

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib import logs

SHORT = 8  # characters; a shorter secret is looked for as a word of its own: six digits are in many a number


@dataclass
class Lines:
    """What was printed since it was read last."""

    capsys: pytest.CaptureFixture[str]
    read: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def written(cls, capsys: pytest.CaptureFixture[str]) -> Iterator["Lines"]:
        """Let the functions write as they do in AWS, until the end of the block."""
        root = logging.getLogger()
        before = list(root.handlers)
        # Warnings may be captured since app.py was imported; pytest has taken them for this test meanwhile.
        logging.captureWarnings(capture=False)
        with patch.dict(os.environ, KALAUZ_STAGE="production"):
            logs.set_up()
        ours = [handler for handler in root.handlers if handler not in before]
        try:
            yield cls(capsys)
        finally:
            for handler in ours:
                root.removeHandler(handler)
            logging.captureWarnings(capture=False)
            logging.raiseExceptions = True
            logs.set_up()

    def taken(self) -> list[dict[str, Any]]:
        """The lines since the last call; each must be one JSON object, whatever wrote it."""
        printed = self.capsys.readouterr()
        assert printed.err == ""
        self.read = [json.loads(line) for line in printed.out.splitlines()]
        assert all(isinstance(line, dict) for line in self.read)
        return self.read


def told(lines: object, secrets: Iterable[str]) -> set[str]:
    """Those of the secrets that stand in the lines: in letters of any case, or escaped by JSON, however often."""
    text = json.dumps(lines, ensure_ascii=False).replace("\\", "").casefold()
    return {secret for secret in secrets if _stands_in(text, secret)}


def _stands_in(text: str, secret: str) -> bool:
    written = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    forms = {form.replace("\\", "").casefold() for form in written}
    if len(secret) >= SHORT:
        return any(form in text for form in forms)
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)
