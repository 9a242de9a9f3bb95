"""Lets the hooks that follow import chalicelib and each other, wherever mkdocs was started from.

mkdocs restores sys.path after it has loaded a hook, but a package imported once still finds its modules.
"""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT), str(_ROOT / "functions")]

import app  # noqa: E402, F401
import chalicelib  # noqa: E402, F401
import theme.hooks  # noqa: E402, F401
