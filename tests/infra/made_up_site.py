"""A built site of a few words, such as mkdocs and its hooks leave it, in a release and the one after."""

import gzip
import json
from pathlib import Path

FIRST, SECOND = "20261122T223000Z-1a2b3c4", "20261123T080000Z-5d6e7f8"

_PAGES = {
    "index.html": "Pomoć",
    "people/index.html": "Ljudi",
    "people/add-contact/index.html": "Dodavanje kontakta",
    "hu/index.html": "Súgó",
    "hu/people/add-contact/index.html": "Kapcsolattartó hozzáadása",
    "es/index.html": "Ayuda",
    "404.html": "Nema te stranice",
    "hu/404.html": "Nincs ilyen oldal",
    "es/404.html": "No existe esa página",
}
# A release's own files, by what it looks like.
STYLES = {FIRST: "assets/site.11111111.css", SECOND: "assets/site.22222222.css"}
_OTHERS = {
    "robots.txt": b"User-agent: *\n",
    "sitemap.xml": b"<urlset></urlset>\n",
    "people/slika, prva 1.png": b"\x89PNG",
    "pagefind/vocabularies.json": b"{}",
    "pagefind/vocabulary.sr.0a1b2c3d.json": b"[]",
    "pagefind/fragment/sr-latn_9f8e7d6.pf_fragment": gzip.compress(b"{}", mtime=0),
    "pictures/0123456789abcdef.png": b"\x89PNG of a shared link",
}
_MOVED = {
    "/people/new-contact/": "/people/add-contact/",
    "/hu/people/new-contact/": "/hu/people/add-contact/",
}


def write(site: Path, release: str) -> Path:
    """Write the site of a release into a folder; returns the folder."""
    for name, words in _PAGES.items():
        page = f'<link rel="stylesheet" href="/{STYLES[release]}"><h1>{words}</h1><p>{release}</p>'
        _write(site / name, page.encode())
    for name, content in {**_OTHERS, STYLES[release]: f"/* {release} */".encode()}.items():
        _write(site / name, content)
    _write(site / "redirects.json", json.dumps(_MOVED).encode())
    # As the build of `make run` leaves them.
    _write(site / "sitemap.xml.gz", gzip.compress(_OTHERS["sitemap.xml"]))
    return site


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
