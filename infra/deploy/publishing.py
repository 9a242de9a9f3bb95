"""What of a built site goes into the bucket, and the list of its addresses, by which CloudFront answers.

files/<path>               what has a hash of its content in its name: of all releases, for ever
releases/<release>/<path>  everything else of a release
pages/<release>.json       its addresses, as CloudFront's KeyValueStore imports them; written last
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from whitenoise.media_types import MediaTypes

from infra.deploy.trouble import CannotDeploy
from infra.local.pages import FOR_EVER, HASHED, REDIRECTS

UPLOADS = 16  # at a time; the client needs as many connections

# A shared cache may keep a page for a minute. A browser asks each time, and mostly hears that nothing has changed.
FOR_A_MINUTE = "public, max-age=0, s-maxage=60, must-revalidate"
# The folder that CloudFront reads from files/ alone: infra/site.yaml.
HASHED_ONLY = "assets/"
# What a KeyValueStore takes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
LARGEST_KEY, LARGEST_VALUE, LARGEST_LIST = 512, 1024, 5_000_000  # bytes

_INDEX, _NOT_FOUND = "index.html", "404.html"
_COMPRESSED = (".br", ".gz")
_AS_IT_IS = "/!$&'()*+,;=:@"  # RFC 3986, 3.3
_TYPES = MediaTypes()


@dataclass(frozen=True)
class Published:
    """What publishing a release came to, for the terminal."""

    addresses: int
    uploaded: int  # files
    already_there: int  # files, of earlier releases or of an interrupted upload
    sent: int  # bytes


@dataclass(frozen=True)
class _File:
    """A file of the site as the bucket keeps it."""

    path: Path
    key: str
    is_hashed: bool

    def is_among(self, there: dict[str, str]) -> bool:
        """Whether the bucket has it: by its name if that tells its content, else by S3's own digest."""
        if self.is_hashed:
            return self.key in there
        digest = hashlib.md5(self.path.read_bytes(), usedforsecurity=False).hexdigest()
        return there.get(self.key) == digest

    def put(self, bucket: str, s3: Any) -> int:
        """Upload it. Returns its size in bytes."""
        content = self.path.read_bytes()
        s3.put_object(
            Bucket=bucket,
            Key=self.key,
            Body=content,
            ContentType=_content_type(self.path),
            CacheControl=FOR_EVER if self.is_hashed else FOR_A_MINUTE,
            # S3 sends it as x-amz-meta-status; infra/edge/responses.js then answers with that status.
            Metadata={"status": "404"} if self.path.name == _NOT_FOUND else {},
        )
        return len(content)


def publish(site: Path, release: str, bucket: str, s3: Any) -> Published:
    """Upload a built site as a release, which nobody sees until the stack's Release names it.

    Takes a boto3 client for S3 with UPLOADS connections. What is there already is not sent again, so an upload that was
    interrupted goes on where it was. The list of addresses comes last: where it is, everything that it lists is. Raises
    CannotDeploy for a site that CloudFront could not serve, before anything is sent.
    """
    known = addresses(site)
    listed = as_imported(known)
    files = list(_files(site, release))
    there = {**_listing(bucket, "files/", s3), **_listing(bucket, f"releases/{release}/", s3)}
    with ThreadPoolExecutor(UPLOADS) as threads:
        missing = [file for file in files if not file.is_among(there)]
        sizes = list(threads.map(lambda file: file.put(bucket, s3), missing))
    s3.put_object(Bucket=bucket, Key=list_key(release), Body=listed, ContentType="application/json")
    return Published(
        addresses=len(known),
        uploaded=len(missing),
        already_there=len(files) - len(missing),
        sent=sum(sizes) + len(listed),
    )


def list_key(release: str) -> str:
    """Where a release's list of addresses is kept; it is there once everything else of the release is."""
    return f"pages/{release}.json"


def addresses(site: Path) -> dict[str, str]:
    """Every address of the site's own, and where what it names stands now.

    A page, or another file without a hash, stands where it is; an article that was renamed, at its new address.
    """
    redirects = site / REDIRECTS
    moved: dict[str, str] = json.loads(redirects.read_text("utf-8")) if redirects.exists() else {}
    own = sorted(
        _address(name)
        for name in _names(site)
        if not HASHED.search(name) and PurePosixPath(name).name != _NOT_FOUND
    )
    return {**moved, **dict(zip(own, own, strict=True))}


def as_imported(known: dict[str, str]) -> bytes:
    """Addresses in the form that CloudFront imports. Raises CannotDeploy for one that is too long, and for too many."""
    for address, now in known.items():
        if len(address.encode()) > LARGEST_KEY or len(now.encode()) > LARGEST_VALUE:
            raise CannotDeploy(f"{address} is too long: CloudFront takes addresses of {LARGEST_KEY} bytes.")
    pairs = [{"key": address, "value": now} for address, now in known.items()]
    listed = json.dumps({"data": pairs}, separators=(",", ":")).encode()
    if len(listed) > LARGEST_LIST:
        raise CannotDeploy(
            f"The list of the site's addresses has {len(listed):,} bytes; CloudFront takes {LARGEST_LIST:,}."
        )
    return listed


def _files(site: Path, release: str) -> Iterator[_File]:
    """Everything to upload, what others lean on first. Raises CannotDeploy for a file that nobody could ask for."""
    for name in sorted(_names(site), key=lambda name: (not HASHED.search(name), name)):
        is_hashed = bool(HASHED.search(name))
        if name.startswith(HASHED_ONLY) and not is_hashed:
            raise CannotDeploy(
                f"{name} has no hash in its name, and what stands in {HASHED_ONLY} is kept for ever: "
                "move it to another folder of the site."
            )
        yield _File(site / name, f"files/{name}" if is_hashed else f"releases/{release}/{name}", is_hashed)


def _names(site: Path) -> Iterator[str]:
    """The paths of the site's files. CloudFront compresses by itself, and has the redirects in its list."""
    for path in site.rglob("*"):
        is_copy = path.suffix in _COMPRESSED and path.with_suffix("").exists()
        if path.is_file() and not is_copy and path != site / REDIRECTS:
            yield path.relative_to(site).as_posix()


def _address(name: str) -> str:
    """As a browser asks for it."""
    path = PurePosixPath(name)
    shown = f"{path.parent}/".removeprefix("./") if path.name == _INDEX else name
    return quote(f"/{shown}", safe=_AS_IT_IS)


def _content_type(path: Path) -> str:
    """As whitenoise says it, which serves the site locally: infra/local/pages.py."""
    kind: str = _TYPES.get_type(str(path))
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _listing(bucket: str, prefix: str, s3: Any) -> dict[str, str]:
    """The keys under a prefix, each with its ETag, which is the MD5 of an object that was sent in one piece."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {each["Key"]: each["ETag"].strip('"') for page in pages for each in page.get("Contents", [])}
