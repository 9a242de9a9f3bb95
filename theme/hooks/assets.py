"""Publishes theme/assets/ under names that carry a hash of the content, and nothing of the underlying theme.

A name that changes with its content may be cached for ever. The stylesheets become one file, and a module's
imports are rewritten to the hashed names, so a page loads one CSS file and needs no import map.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

SOURCE = Path(__file__).resolve().parents[1] / "assets"
# In this order: site.css has the colours that the others use.
STYLESHEETS = ("site.css", "card.css", "search.css")

_STATIC_IMPORT = re.compile(r"""^(\s*(?:import|export)\b[^"'()]*["'])\./([\w.-]+\.js)(["'])""", re.MULTILINE)
_DYNAMIC_IMPORT = re.compile(r"""(\bimport\(\s*["'])\./([\w.-]+\.js)(["']\s*\))""")


class Assets:
    """The files of a folder as published: `names` leads to the hashed names, and those to `contents`."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}
        self._imports: dict[str, list[str]] = {}
        self._started_by_others: set[str] = set()
        styles = [path for name in STYLESHEETS if (path := folder / name).exists()]
        self._publish("site.css", b"\n".join(path.read_bytes() for path in styles))
        self._modules = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.js"))}
        for name in self._modules:
            self._publish_module(name, importers=())
        for path in sorted(folder.glob("*.svg")):
            self._publish(path.name, path.read_bytes())

    def url(self, name: str) -> str:
        """Where a source file is published, from the site's root."""
        return f"assets/{self.names[name]}"

    @property
    def scripts(self) -> list[str]:
        """The modules that a page starts: those that no other imports."""
        return sorted(self._modules.keys() - self._started_by_others)

    @property
    def preloads(self) -> list[str]:
        """What the page's scripts import, each once; modules imported on demand wait for their demand."""
        found: dict[str, None] = {}
        waiting = self.scripts
        while waiting:
            for name in self._imports[waiting.pop(0)]:
                if name not in found:
                    found[name] = None
                    waiting.append(name)
        return list(found)

    def _publish(self, name: str, content: bytes) -> None:
        path = PurePosixPath(name)
        digest = hashlib.sha256(content).hexdigest()[:8]
        self.names[name] = f"{path.stem}.{digest}{path.suffix}"
        self.contents[self.names[name]] = content

    def _publish_module(self, name: str, importers: tuple[str, ...]) -> None:
        """Imported modules first: their hashes are part of this module's content."""
        if name in self.names:
            return
        if name in importers:
            raise ValueError(f"theme/assets/{name} imports itself through {' → '.join(importers)}")
        if name not in self._modules:
            raise ValueError(f"theme/assets/{importers[-1]} imports {name}, which is not there")
        source = self._modules[name]
        self._imports[name] = [match[2] for match in _STATIC_IMPORT.finditer(source)]
        for pattern in (_STATIC_IMPORT, _DYNAMIC_IMPORT):
            for match in pattern.finditer(source):
                self._publish_module(match[2], (*importers, name))
                self._started_by_others.add(match[2])
            source = pattern.sub(lambda match: f"{match[1]}./{self.names[match[2]]}{match[3]}", source)
        self._publish(name, source.encode())


def write(contents: Mapping[str, bytes], folder: Path) -> None:
    """Write the published files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave the theme's own folder out: no page of ours uses its files, and listing its 14,000 icons takes long."""
    config.theme.dirs = [
        folder for folder in config.theme.dirs if not Path(folder, "mkdocs_theme.yml").exists()
    ]
    return config


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates ask {{ assets.url('site.css') | url }}. Read for each build, so a writer's change shows."""
    assets = Assets(SOURCE)
    env.globals["assets"] = assets
    write(assets.contents, Path(config.site_dir) / "assets")
    return env
