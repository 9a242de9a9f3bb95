"""Says each page in its language: the words of the templates, dates, and the way to its translations."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import jinja2
from babel.dates import format_date
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGE_TAGS, _, catalog, say
from theme.compiled import TEMPLATES


class Translation(NamedTuple):
    """One language of a page. Where the page is not written in it, the address is that language's home."""

    language: str
    tag: str
    name: str
    url: str
    absolute_url: str
    is_written: bool


class Offer(NamedTuple):
    """What a page written in several languages says, in one of them, to a reader who would rather read that one."""

    label: str
    words: str
    accept: str
    decline: str


def offer(language: str) -> Offer:
    """The offer of a page in a language, in that language."""
    return Offer(
        label=say(language, _("Language")),
        words=say(language, _("This page is available in your language too.")),
        accept=say(language, _("Read it in your language")),
        decline=say(language, _("No, thanks")),
    )


def build_language(config: MkDocsConfig) -> str:
    """The language that is being built: mkdocs-static-i18n runs one build a language."""
    i18n: Any = config.plugins["i18n"]
    return str(i18n.current_language)


def translations(config: MkDocsConfig, alternates: Mapping[str, File]) -> list[Translation]:
    """Every language of the site, in the order of mkdocs.yml."""
    i18n: Any = config.plugins["i18n"]
    found = []
    for language in i18n.config.languages:
        file = alternates.get(language.locale)
        home = "" if language.locale == DEFAULT_LANGUAGE else f"{language.locale}/"
        url = file.url.removeprefix("./") if file else home
        tag = LANGUAGE_TAGS[language.locale]
        found.append(
            Translation(language.locale, tag, language.name, url, f"{config.site_url}{url}", bool(file))
        )
    return found


@cache
def date_in_words(day: date, language: str) -> str:
    """14. novembra 2026. · 2026. november 14. · 14 de noviembre de 2026"""
    if language != "sr":
        return format_date(day, "long", locale=language)
    # CLDR has Serbian months in the nominative only, and a date takes the genitive.
    written = format_date(day, "long", locale="sr_Latn")
    return re.sub(r"[a-z]+", lambda month: re.sub("bar$", "br", month[0]) + "a", written)


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Install the build language's catalog, and escape what templates print unless they say otherwise."""
    language = build_language(config)
    env.autoescape = True
    env.bytecode_cache = TEMPLATES
    installer: Any = env
    installer.install_gettext_translations(catalog(language), newstyle=True)
    env.globals.update(language=language, language_tag=LANGUAGE_TAGS[language])
    env.globals["default_language"] = DEFAULT_LANGUAGE
    env.globals["article_file"] = lambda path: files.get_file_from_path(f"{language}/{path}.md")
    env.globals["offer"] = offer
    env.globals["translations_of"] = lambda file: translations(config, file.alternates)
    env.filters["date_in_words"] = lambda day: date_in_words(day, language)
    return env


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """The language switch keeps the page, and has no language that the page is not written in."""
    alternates: Mapping[str, File] = getattr(page.file, "alternates", {})
    context["translations"] = translations(config, alternates)
    written = [other for other in context["translations"] if other.is_written]
    context["switch"] = written if len(written) > 1 else []
    return context


def on_template_context(context: dict[str, Any], template_name: str, config: MkDocsConfig) -> dict[str, Any]:
    """A page that is no article, such as 404, switches to the homes."""
    context["translations"] = context["switch"] = translations(config, {})
    return context
