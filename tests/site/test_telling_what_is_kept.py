"""The page on privacy names what this site leaves in a browser: who adds to it must tell readers, in each language."""

import re
from pathlib import Path

import pytest

from chalicelib import cookies
from chalicelib.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
# keep(REMOVED, …), localStorage.setItem(OFFERED, …), keep(DRAFT + slot, …)
_STORED_UNDER = re.compile(r"\b(?:keep|setItem)\(([A-Z]+)\b")


def cookie_names() -> set[str]:
    """The cookies' names, as cookies.py declares them, without the prefix that some get over TLS."""
    declared = {name for constant, name in vars(cookies).items() if re.fullmatch(r"_[A-Z_]+", constant)}
    return {name for name in declared if isinstance(name, str) and name != cookies._TLS_ONLY}


def storage_keys() -> set[str]:
    """The keys under which the page's modules keep something in the tab or for good."""
    keys = set()
    for module in (ROOT / "theme" / "assets").glob("*.js"):
        text = module.read_text("utf-8")
        for constant in _STORED_UNDER.findall(text):
            value = re.search(rf"^const {constant} = '([^']+)'", text, re.MULTILINE)
            assert value, f"{module.name} keeps something under {constant}, which it does not declare"
            keys.add(value[1])
    return keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_on_privacy_names_each_cookie_and_each_key_in_the_browser(language: str) -> None:
    names, keys = cookie_names(), storage_keys()
    assert {"session", "signed_in", "sign_in", "visitor"} <= names
    assert {"draft:", "removed", "language-offered"} <= keys
    told = re.findall(
        r"^- `(?:__Host-)?([^`]+)`", (ROOT / f"docs/{language}/privacy.md").read_text("utf-8"), re.M
    )
    assert set(told) == names | keys
