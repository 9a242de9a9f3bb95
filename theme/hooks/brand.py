"""Puts the provider's name and figures where an article writes `{{ brand.name }}`; no article names one."""

import re

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from chalicelib import brand

log = get_plugin_logger("brand")

VALUES: dict[str, str] = {
    "name": brand.PROVIDER,
    "company": brand.COMPANY,
    "support_email": brand.SUPPORT_EMAIL,
    "hours": brand.HOURS,
    "ticket_prefix": brand.TICKET_PREFIX,
    "contacts_per_account": str(brand.CONTACTS_PER_ACCOUNT),
    "invitations_per_day": str(brand.INVITATIONS_PER_DAY),
    "undo_minutes": str(brand.UNDO_MINUTES),
    "shortest_password": str(brand.SHORTEST_PASSWORD),
}

_PLACEHOLDER = re.compile(r"\{\{\s*brand\.([\w.-]*)\s*\}\}")


def fill(text: str) -> str:
    """The text with every known placeholder replaced; unknown ones stay, for unknown_keys to tell of."""
    return _PLACEHOLDER.sub(lambda match: VALUES.get(match[1], match[0]), text)


def unknown_keys(source: str) -> list[tuple[int, str]]:
    """The line and the key of each placeholder that brand has no value for."""
    return [
        (number, match[1])
        for number, line in enumerate(source.splitlines(), start=1)
        for match in _PLACEHOLDER.finditer(line)
        if match[1] not in VALUES
    ]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Absolute addresses start where the provider's site stands; `mkdocs serve` has set its own already."""
    config.site_url = config.site_url or brand.BRAND["provider"]["site"].rstrip("/") + "/"
    return config


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill the article and its front matter; a warning fails the strict build."""
    # The file itself is searched, because page.markdown has lost the lines of its front matter.
    for line, key in unknown_keys(page.file.content_string):
        log.warning(
            f"docs/{page.file.src_uri}:{line}: brand has no '{key}'; it has {', '.join(sorted(VALUES))}"
        )
    for name, value in page.meta.items():
        if isinstance(value, str):
            page.meta[name] = fill(value)
    return fill(markdown)


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates say {{ brand.name }} too."""
    env.globals["brand"] = VALUES
    return env
