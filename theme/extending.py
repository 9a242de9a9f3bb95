"""What the hooks share that extend Markdown."""

from typing import Any

from markdown import Extension
from mkdocs.config.defaults import MkDocsConfig

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def extend(config: MkDocsConfig, extension: Extension) -> MkDocsConfig:
    """Add an extension to those of mkdocs.yml, once, though mkdocs-static-i18n configures each language."""
    extensions: list[Any] = config.markdown_extensions  # mkdocs names them, and passes on what is one.
    if extension not in extensions:
        extensions.append(extension)
    return config
