"""The pictures that stand for the site elsewhere: one for each page, shown with its link, and a home screen's icon.

They are drawn of the built site, from what its pages say of themselves, and kept between builds by what is in them.
"""

import hashlib
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import ttf_opensans
from PIL import Image, ImageDraw, ImageFont

FOLDER = "pictures"
ICON = f"{FOLDER}/icon-180.png"
KEPT = Path(__file__).resolve().parents[1] / ".cache" / FOLDER

# What those who show links ask for: 1.91 to 1, and at least 1200 wide.
WIDTH, HEIGHT = 1200, 630
MARGIN, FOOT = 80, 150
# As theme/assets/site.css has them.
INK, QUIET, PAPER, WASH, ACCENT = "#16202e", "#4a5767", "#ffffff", "#e6f4f1", "#0a6b62"
SIZES = range(84, 35, -4)  # of a title: the largest that fits
MOST_LINES = 4
COLOURS = 64  # Two of text and what lies between them and the paper: a picture of 15 to 20 KB.

_META = re.compile(r'<meta property="og:(title|site_name|image)" content="(.*?)">')


class Picture(NamedTuple):
    """What a page's picture says."""

    title: str
    site: str

    @property
    def name(self) -> str:
        """The name of its file, another one for other words or another drawing."""
        content = "\0".join([*self, _this_drawing()])
        return f"{hashlib.sha256(content.encode()).hexdigest()[:16]}.png"


@cache
def _this_drawing() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def write(site: Path, kept: Path = KEPT) -> None:
    """Draw what the pages of a built site name, unless an earlier build did."""
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    kept.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as threads:
        for path in threads.map(lambda item: _keep(item[0], item[1], kept), _wanted(site).items()):
            shutil.copyfile(path, folder / path.name)
    icon().save(site / ICON)


def _wanted(site: Path) -> dict[str, Picture]:
    """The names of the pictures, and what each says."""
    wanted = {}
    for page in site.rglob("*.html"):
        said = dict(_META.findall(page.read_text("utf-8").partition("</head>")[0]))
        if "image" in said:
            name = urlsplit(said["image"]).path.rpartition("/")[2]
            wanted[name] = Picture(unescape(said["title"]), unescape(said["site_name"]))
    return wanted


def _keep(name: str, picture: Picture, kept: Path) -> Path:
    path = kept / name
    if not path.exists():
        # Another build may be drawing the same one, so it comes to its place whole.
        part = kept / f"{name}.{os.getpid()}"
        draw(picture).save(part, "PNG")
        part.replace(path)
    return path


def draw(picture: Picture) -> Image.Image:
    """A page's picture: its title, as large as it fits, and whose site it is on."""
    image = _sheet(picture.site).copy()
    font, lines = _fitting(picture.title)
    canvas = ImageDraw.Draw(image)
    canvas.multiline_text((MARGIN, MARGIN), "\n".join(lines), fill=INK, font=font, spacing=font.size * 0.18)
    return image.quantize(COLOURS, Image.Quantize.FASTOCTREE)


@cache
def _sheet(site: str) -> Image.Image:
    """What all pictures of a site have."""
    image = Image.new("RGB", (WIDTH, HEIGHT), WASH)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, HEIGHT - FOOT, WIDTH, HEIGHT), fill=PAPER)
    canvas.rectangle((0, 0, 24, HEIGHT), fill=ACCENT)
    middle = HEIGHT - FOOT // 2
    image.paste(_mark(64), (MARGIN, middle - 32))
    canvas.text((MARGIN + 88, middle), site, fill=QUIET, font=_font(600, 36), anchor="lm")
    return image


def _fitting(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest size at which the title has its place, and its lines; what does not fit at any is cut."""
    room = HEIGHT - FOOT - 2 * MARGIN
    for size in SIZES:
        font = _font(700, size)
        lines = _wrapped(title, font)
        if len(lines) <= MOST_LINES and len(lines) * font.size * 1.4 <= room + font.size * 0.4:
            return font, lines
    return font, [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]


def _wrapped(title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines += _broken(word, font)
    return lines


def _broken(word: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """A word that is longer than a line goes on in the next one."""
    parts = [""]
    for letter in word:
        if font.getlength(parts[-1] + letter) > WIDTH - 2 * MARGIN:
            parts.append("")
        parts[-1] += letter
    return parts


def icon(size: int = 180) -> Image.Image:
    """The site's icon, theme/assets/icon.svg, for the home screen of a phone, which rounds the corners itself."""
    image = Image.new("RGB", (size, size), ACCENT)
    _strokes(image, size)
    return image


def _mark(size: int) -> Image.Image:
    """The same with its corners, on paper."""
    large = size * 4  # drawn large and made smaller, so that its edges are smooth
    image = Image.new("RGB", (large, large), PAPER)
    ImageDraw.Draw(image).rounded_rectangle((0, 0, large - 1, large - 1), large // 4, fill=ACCENT)
    _strokes(image, large)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _strokes(image: Image.Image, size: int) -> None:
    """The guidepost of icon.svg, whose unit is a 32nd of its size."""
    canvas, unit = ImageDraw.Draw(image), size / 32
    for path in (
        ((16, 6), (16, 26)),
        ((16, 9), (24, 9), (27, 12), (24, 15), (16, 15)),
        ((16, 16), (8, 16), (5, 19), (8, 22), (16, 22)),
    ):
        points = [(x * unit, y * unit) for x, y in path]
        canvas.line(points, fill=PAPER, width=round(2.5 * unit), joint="curve")
        for x, y in points:
            canvas.circle((x, y), 1.25 * unit, fill=PAPER)


@cache
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(ttf_opensans.opensans(weight).path, size)
