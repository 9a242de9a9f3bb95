"""Writes a 404 page in each language; mkdocs alone would leave one, in the language it built last."""

from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.utils.templates import TemplateContext, url_filter

from chalicelib.words import DEFAULT_LANGUAGE
from theme.hooks.languages import build_language


@jinja2.pass_context
def url(context: TemplateContext, path: str) -> str:
    """The address as mkdocs gives it, but for the home page's on a 404 page, which it would write as `/.`."""
    if path or context["page"]:
        return url_filter(context, path)
    return context["base_url"]


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """A 404 page is shown at any depth, so its addresses start at the root."""
    env.filters["url"] = url
    return env


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The default language's page stays at /404.html; the others go beside their homes."""
    language = build_language(config)
    if template_name != "404.html" or language == DEFAULT_LANGUAGE:
        return output
    path = Path(config.site_dir, language, template_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(output, "utf-8")
    return ""  # An empty page is not written by mkdocs.
