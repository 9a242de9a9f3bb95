"""Gives headings addresses in plain letters, `#sta-ako-poruke-ne-stizu`, that survive being copied."""

import re
import unicodedata

from mkdocs.config.defaults import MkDocsConfig

# The one letter of the site's languages that Unicode does not take apart into a letter and its mark.
_UNDECOMPOSED = str.maketrans({"đ": "dj"})


def anchor(heading: str, separator: str) -> str:
    """The heading's words in lower case ASCII, joined by the separator."""
    letters = unicodedata.normalize("NFKD", heading.lower().translate(_UNDECOMPOSED))
    plain = letters.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", separator, plain).strip(separator)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A function cannot be named in mkdocs.yml before the hooks are importable, so it is set here."""
    config.mdx_configs["toc"]["slugify"] = anchor
    return config
