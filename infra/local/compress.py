"""Compressed copies beside the site's files: what a page weighs here is what it weighs behind CloudFront."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli

TEXT = frozenset({".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".webmanifest"})
SMALLEST = 256  # bytes; below, compressing saves nothing.
# CloudFront's own level is about this; the highest takes 20 times as long.
BROTLI_QUALITY = 5
GZIP_LEVEL = 6


def compress(site: Path) -> None:
    """Write a .br and a .gz beside each file that is text and not tiny."""
    texts = [path for path in site.rglob("*") if path.suffix in TEXT and path.is_file()]
    with ThreadPoolExecutor() as threads:
        list(threads.map(_compress, texts))


def _compress(path: Path) -> None:
    content = path.read_bytes()
    if len(content) < SMALLEST:
        return
    path.with_name(f"{path.name}.br").write_bytes(brotli.compress(content, quality=BROTLI_QUALITY))
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, GZIP_LEVEL, mtime=0))
