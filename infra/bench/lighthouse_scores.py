"""What Lighthouse gives the home page, an article with a form and one without, on a phone and a desktop computer.

Performance is simulated for a slow phone and its network, and still differs from time to time: what is told is the
median of three, the third of which is left out when the first two agree. It takes npm, which installs Lighthouse of a
locked version into build/lighthouse/; without npm nothing is measured.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.bench.chromium import launch_options
from infra.bench.rows import Counted, Row, Verdict, verdict
from infra.bench.setting import Setting
from infra.local.ministack import ROOT

SOURCE = Path(__file__).with_name("lighthouse")
INSTALLED = ROOT / "build" / "lighthouse"
PAGES = ("", "people/add-contact/", "support/how-support-works/")
FORMS = ("mobile", "desktop")
WANTED = 100  # in each of performance, accessibility, best practices, and what search engines ask for (SEO)


class Scores(NamedTuple):
    """What one or several looks at a page gave it."""

    performance: int
    others: list[int]
    lost: list[str]  # The audits that took something away.


def rows(setting: Setting) -> Iterator[Row]:
    """A row for each page, language and form, or one that says why there is none."""
    if not shutil.which("npm"):
        yield Row("Lighthouse", "skipped: there is no npm", verdict=Verdict.SKIPPED)
        return
    _install()
    with _measuring() as process:
        for page in PAGES:
            for language in LANGUAGES:
                path = f"/{page}" if language == DEFAULT_LANGUAGE else f"/{language}/{page}"
                for form in FORMS:
                    look = partial(_look, process, setting.site.address + path, form)
                    yield row(path, form, combined(look))


def row(path: str, form: str, scores: Scores) -> Row:
    """What a page got; one that lacks more than speed, which depends on the machine too, is at fault."""
    kind = Row if min(scores.others) == WANTED else Counted
    every = (scores.performance, *scores.others)
    return kind(
        f"Lighthouse {path}, {form}",
        " / ".join(map(str, every)),
        ", ".join(scores.lost),
        budget=" / ".join([str(WANTED)] * len(every)),
        verdict=verdict(min(every) == WANTED),
    )


def combined(look: Callable[[], Scores]) -> Scores:
    """Of two or three looks the middle performance, the worst of the rest, and whatever took something away."""
    looks = [look(), look()]
    if looks[0].performance != looks[1].performance:
        looks.append(look())
    return Scores(
        int(median(each.performance for each in looks)),
        [min(scores) for scores in zip(*(each.others for each in looks), strict=True)],
        sorted({audit for each in looks for audit in each.lost}),
    )


def _look(process: "subprocess.Popen[str]", address: str, form: str) -> Scores:
    assert process.stdin and process.stdout  # noqa: S101 - pipes, as asked for.
    process.stdin.write(json.dumps({"address": address, "form": form}) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"Lighthouse ended at {address}")
    answer = json.loads(line)
    performance, *others = answer["scores"]
    return Scores(performance, others, answer["lost"])


def _measuring() -> "subprocess.Popen[str]":
    options = launch_options()
    chromium = options["executable_path"]
    if not chromium:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.executable_path
    return subprocess.Popen(
        ["node", "measure.js", chromium, json.dumps(options["args"])],
        cwd=INSTALLED,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _install() -> None:
    """Install what the lock says, unless that was done."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    lock, done = SOURCE / "package-lock.json", INSTALLED / "installed.json"
    for path in SOURCE.iterdir():
        shutil.copy(path, INSTALLED)
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=INSTALLED, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(lock, done)
