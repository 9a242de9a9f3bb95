"""A built site goes into the bucket: each file under its key and with its headers, what is there already not again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.deploy import publishing
from infra.deploy.publishing import FOR_A_MINUTE, LARGEST_LIST, as_imported, publish
from infra.deploy.trouble import CannotDeploy
from infra.local.pages import FOR_EVER
from tests.infra import made_up_site
from tests.infra.cloud import Cloud
from tests.infra.made_up_site import FIRST, SECOND, STYLES

pytestmark = pytest.mark.xdist_group("cloud")


class Bucket:
    """A bucket of its own; `sent` are the keys that were uploaded to it, in their order."""

    def __init__(self, s3: Any) -> None:
        self.name = f"site-{uuid4().hex[:12]}"
        self.s3 = s3
        self.sent: list[str] = []
        self.takes = 1_000_000  # uploads, before the connection breaks
        s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.meta.events.register("before-call.s3.PutObject", self._hear)

    def publish(self, site: Path, release: str) -> publishing.Published:
        """Upload a release, and forget what was sent before."""
        self.sent.clear()
        return publish(site, release, self.name, self.s3)

    def head(self, key: str) -> dict[str, Any]:
        """What the bucket says of a file."""
        return dict(self.s3.head_object(Bucket=self.name, Key=key))

    @property
    def keys(self) -> set[str]:
        """All that is in it."""
        return {each["Key"] for each in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])}

    def _hear(self, params: dict[str, Any], **_named: Any) -> None:
        if len(self.sent) >= self.takes:
            raise ConnectionError("the network is gone")
        self.sent.append(params["url_path"].removeprefix("/"))


@pytest.fixture
def bucket(cloud: Cloud) -> Iterator[Bucket]:
    yield Bucket(cloud.client("s3"))


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return made_up_site.write(tmp_path / "first", FIRST)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return made_up_site.write(tmp_path / "second", SECOND)


def test_each_file_has_its_key(bucket: Bucket, first: Path) -> None:
    bucket.publish(first, FIRST)
    assert bucket.keys == {
        f"files/{STYLES[FIRST]}",
        "files/pagefind/fragment/sr-latn_9f8e7d6.pf_fragment",
        "files/pagefind/vocabulary.sr.0a1b2c3d.json",
        "files/pictures/0123456789abcdef.png",
        f"releases/{FIRST}/404.html",
        f"releases/{FIRST}/es/404.html",
        f"releases/{FIRST}/es/index.html",
        f"releases/{FIRST}/hu/404.html",
        f"releases/{FIRST}/hu/index.html",
        f"releases/{FIRST}/hu/people/add-contact/index.html",
        f"releases/{FIRST}/index.html",
        f"releases/{FIRST}/pagefind/vocabularies.json",
        f"releases/{FIRST}/people/add-contact/index.html",
        f"releases/{FIRST}/people/index.html",
        f"releases/{FIRST}/people/slika, prva 1.png",
        f"releases/{FIRST}/robots.txt",
        f"releases/{FIRST}/sitemap.xml",
        f"pages/{FIRST}.json",
    }


@pytest.mark.parametrize(
    ("key", "kind", "kept"),
    [
        (f"releases/{FIRST}/index.html", "text/html; charset=utf-8", FOR_A_MINUTE),
        (f"releases/{FIRST}/robots.txt", "text/plain; charset=utf-8", FOR_A_MINUTE),
        (f"releases/{FIRST}/pagefind/vocabularies.json", "application/json", FOR_A_MINUTE),
        (f"files/{STYLES[FIRST]}", "text/css; charset=utf-8", FOR_EVER),
        ("files/pictures/0123456789abcdef.png", "image/png", FOR_EVER),
    ],
)
def test_each_file_has_its_headers(bucket: Bucket, first: Path, key: str, kind: str, kept: str) -> None:
    bucket.publish(first, FIRST)
    head = bucket.head(key)
    assert (head["ContentType"], head["CacheControl"]) == (kind, kept)


def test_the_list_has_every_address_and_where_it_leads(bucket: Bucket, first: Path) -> None:
    bucket.publish(first, FIRST)
    listed = json.loads(bucket.s3.get_object(Bucket=bucket.name, Key=f"pages/{FIRST}.json")["Body"].read())
    assert set(listed) == {"data"}
    assert {pair["key"]: pair["value"] for pair in listed["data"]} == {
        "/people/new-contact/": "/people/add-contact/",
        "/hu/people/new-contact/": "/hu/people/add-contact/",
        **{
            address: address
            for address in (
                "/",
                "/es/",
                "/hu/",
                "/hu/people/add-contact/",
                "/pagefind/vocabularies.json",
                "/people/",
                "/people/add-contact/",
                "/people/slika,%20prva%201.png",
                "/robots.txt",
                "/sitemap.xml",
            )
        },
    }


def test_pages_come_after_what_they_name_and_the_list_last(bucket: Bucket, first: Path) -> None:
    bucket.publish(first, FIRST)
    assert bucket.sent[-1].endswith(f"pages/{FIRST}.json")
    hashed = [number for number, key in enumerate(bucket.sent) if "/files/" in f"/{key}"]
    pages = [number for number, key in enumerate(bucket.sent) if key.endswith(".html")]
    assert sum(hashed) / len(hashed) < sum(pages) / len(pages)


def test_the_next_release_sends_only_what_is_new(bucket: Bucket, first: Path, second: Path) -> None:
    before = bucket.publish(first, FIRST)
    after = bucket.publish(second, SECOND)
    assert (before.already_there, after.already_there) == (0, 3)
    sent = [key for key in bucket.sent if "files/" in key]
    assert [key.partition("files/")[2] for key in sent] == [STYLES[SECOND]]
    assert f"files/{STYLES[FIRST]}" in bucket.keys


def test_what_is_told_is_what_was_sent(bucket: Bucket, first: Path) -> None:
    told = bucket.publish(first, FIRST)
    assert (told.addresses, told.uploaded) == (12, len(bucket.keys) - 1)
    assert told.sent == sum(bucket.head(key)["ContentLength"] for key in bucket.keys)


def test_an_upload_that_was_interrupted_goes_on_where_it_was(bucket: Bucket, first: Path) -> None:
    bucket.takes = 7
    with pytest.raises(ConnectionError):
        bucket.publish(first, FIRST)
    arrived = len(bucket.keys)
    assert f"pages/{FIRST}.json" not in bucket.keys
    bucket.takes = 1_000_000
    told = bucket.publish(first, FIRST)
    assert arrived > 0 and (told.already_there, told.uploaded) == (arrived, 17 - arrived)
    assert f"pages/{FIRST}.json" in bucket.keys


def test_a_page_that_changed_meanwhile_is_sent_again(bucket: Bucket, first: Path) -> None:
    bucket.publish(first, FIRST)
    (first / "index.html").write_text("<h1>Pomoć, popravljena</h1>", "utf-8")
    assert bucket.publish(first, FIRST).uploaded == 1
    assert [key.partition("releases/")[2] for key in bucket.sent[:-1]] == [f"{FIRST}/index.html"]


def test_a_file_that_would_be_kept_for_ever_without_a_hash_is_refused(bucket: Bucket, first: Path) -> None:
    (first / "assets" / "logo.svg").write_text("<svg/>")
    with pytest.raises(CannotDeploy, match=r"assets/logo\.svg has no hash in its name"):
        bucket.publish(first, FIRST)
    assert bucket.keys == set()


def test_an_address_that_cloudfront_cannot_list_is_refused(bucket: Bucket, first: Path) -> None:
    long = first / "/".join(["a-word-of-an-address"] * 25)
    long.mkdir(parents=True)
    (long / "index.html").write_text("<h1>Deep</h1>")
    with pytest.raises(CannotDeploy, match="too long: CloudFront takes addresses of 512 bytes"):
        bucket.publish(first, FIRST)
    assert bucket.keys == set()


def test_a_list_that_is_too_large_for_cloudfront_is_refused(
    bucket: Bucket, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "LARGEST_LIST", 500)
    with pytest.raises(CannotDeploy, match="CloudFront takes 500"):
        bucket.publish(first, FIRST)
    assert bucket.keys == set()


def test_three_thousand_pages_take_a_fifteenth_of_what_a_list_may_have() -> None:
    """1,018 articles in each language, with addresses of some forty letters: 322 KB, and 5 MB may be."""
    known = [
        f"/{language}section-{number % 6}/an-article-of-five-words-{number:04}/"
        for language in ("", "hu/", "es/")
        for number in range(1_018)
    ]
    assert len(known) == 3_054
    listed = as_imported(dict(zip(known, known, strict=True)))
    assert 300_000 < len(listed) < LARGEST_LIST / 15
