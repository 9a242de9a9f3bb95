"""What a page says of itself to those who show a link to it. Its picture is drawn later, by theme/pictures.py."""

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from theme import pictures
from theme.hooks.brand import VALUES
from theme.hooks.languages import build_language

# https://ogp.me: a language with a territory.
LOCALES = {"sr": "sr_RS", "hu": "hu_HU", "es": "es_ES"}


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write {{ social_locale }}, {{ social_site }}, {{ social_picture(page) }} and {{ touch_icon }}."""
    site = f"{VALUES['name']} {config.site_name}"

    def picture(page: Page) -> str:
        return f"{config.site_url}{pictures.FOLDER}/{pictures.Picture(str(page.title), site).name}"

    env.globals.update(
        social_locale=LOCALES[build_language(config)],
        social_site=site,
        social_picture=picture,
        touch_icon=pictures.ICON,
    )
    return env
