"""Where articles stand: folders that are languages, the navigation, and addresses that articles have left."""

import subprocess
from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.writing.articles import Docs, section
from infra.writing.findings import Finding, nearest


def folders(docs: Docs) -> Iterator[Finding]:
    """What stands under docs/ and belongs to no language; the site would take a two-letter folder for one."""
    for path in sorted((docs.root / "docs").iterdir()):
        file = f"docs/{path.name}"
        if path.is_dir() and path.name not in LANGUAGES:
            languages = ", ".join(f"docs/{language}" for language in LANGUAGES)
            what = f"'{path.name}' is no language of this site"
            yield Finding(file, 1, what, f"move what it holds into {languages}")
        elif path.is_file() and path.suffix == ".md":
            yield Finding(
                file, 1, "an article stands in a language's folder", f"move it to docs/{DEFAULT_LANGUAGE}/"
            )


def navigation(docs: Docs) -> Iterator[Finding]:
    """Articles that `nav:` in mkdocs.yml lacks, and those that it names and nobody wrote."""
    file = docs.root / "mkdocs.yml"
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader) if file.exists() else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield Finding(
            "mkdocs.yml", line, f"it cannot be read: {error.problem}", "indent as the lines above do"
        )
        return
    if not isinstance(root, yaml.MappingNode):
        return
    navs = (value for key, value in root.value if key.value == "nav")
    named = {node.value: node.start_mark.line + 1 for nav in navs for node in _leaves(nav)}
    written = {f"{path}.md": path for language, path in docs.articles if language == DEFAULT_LANGUAGE}
    for path, line in named.items():
        if path not in written:
            yield Finding("mkdocs.yml", line, f"there is no article '{path}'", nearest(path, written))
    for path in written.keys() - named.keys():
        article = docs.articles[DEFAULT_LANGUAGE, written[path]]
        yield article.finding(1, "the navigation lacks this article", f"add `- {path}` to nav: in mkdocs.yml")


def _leaves(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        for _title, value in node.value:
            yield from _leaves(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _leaves(value)
    elif isinstance(node, yaml.ScalarNode):
        yield node


def vanished(docs: Docs) -> Iterator[Finding]:
    """Serbian articles that git remembers, that are gone, and that no `was` names: links to them would break."""
    claimed = {
        section(line.text)
        for article in docs.articles.values()
        if "was" in article.front_matter.entries
        for line in article.front_matter.entries["was"].values
    }
    for path, now in _left(docs).items():
        if (DEFAULT_LANGUAGE, path) in docs.articles or section(path) in claimed:
            continue
        add = f"add `was:` and a line `  - {section(path)}`"
        if article := docs.articles.get((DEFAULT_LANGUAGE, now)):
            what = f"this article stood at '{section(path)}' before, and readers have links to it"
            yield article.finding(1, what, add)
        else:
            file = f"docs/{DEFAULT_LANGUAGE}/{path}.md"
            what = "this article is gone, and readers have links to it"
            yield Finding(file, 1, what, f"{add} to the article that tells it now")


def _left(docs: Docs) -> dict[str, str]:
    """The paths that Serbian articles had at some commit, and where each was moved to, if git can tell.

    Empty where there is no git, or no history.
    """
    folder = f"docs/{DEFAULT_LANGUAGE}/"
    log = ("log", "--diff-filter=DR", "--name-status", "--format=", "-M", "--relative", "--", folder)
    now = ("diff", "HEAD", "--diff-filter=DR", "--name-status", "-M", "--relative", "--", folder)
    left: dict[str, str] = {}
    for arguments in (now, log):  # The latest move first.
        for line in _git(docs, *arguments).splitlines():
            _status, path, *to = line.split("\t")
            moved = _path(to[0], folder) if to else ""
            left.setdefault(_path(path, folder), left.get(moved) or moved)
    return left


def _path(file: str, folder: str) -> str:
    return PurePosixPath(file.removeprefix(folder)).with_suffix("").as_posix()


def _git(docs: Docs, *arguments: str) -> str:
    command = ["git", "-c", "core.quotePath=false", *arguments]
    try:
        ran = subprocess.run(command, cwd=docs.root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return ran.stdout if ran.returncode == 0 else ""
