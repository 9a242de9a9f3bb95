"""What readers get in AWS: pages, redirects and 404s by CloudFront and its functions, and the API behind it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

import pytest
from botocore.exceptions import ClientError

from infra import package, response_headers
from infra.local.pages import Pages
from tests.infra import made_up_site
from tests.infra.cloud import Cloud
from tests.infra.made_up_site import FIRST, SECOND, STYLES
from tests.infra.processes import ROOT, Answer
from tests.infra.site_stack import EDGE_SECRET, SiteStack
from theme.hooks.headers import HEADERS

pytestmark = pytest.mark.xdist_group("cloud")

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/kalauz/0a1b2c3d"


@dataclass(frozen=True)
class Served:
    """The first release, as AWS serves it; `local` serves the same folder as `make run` does."""

    stack: SiteStack
    local: Pages

    def ask(self, path: str, method: str = "GET", *, body: bytes | None = None, **headers: str) -> Answer:
        """What a reader gets."""
        return self.stack.cloud.ask(self.stack.address + path, method, body=body, **headers)


@pytest.fixture(scope="module")
def site(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A stack that shows the first release."""
    folder = made_up_site.write(tmp_path_factory.mktemp("site"), FIRST)
    stack = SiteStack.begin(cloud, "serving")
    stack.publish(folder, FIRST)
    assert stack.show(FIRST) == "UPDATE_COMPLETE"
    return Served(stack, Pages(folder))


@pytest.fixture
def two_releases(cloud: Cloud, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SiteStack]:
    """A stack that shows the first release, and has the second in its bucket."""
    name = re.sub(r"[^a-z]+", "-", request.node.name)[:40].strip("-")
    stack = SiteStack.begin(cloud, name)
    for release in (FIRST, SECOND):
        stack.publish(made_up_site.write(tmp_path / release, release), release)
    assert stack.show(FIRST) == "UPDATE_COMPLETE"
    yield stack


# --- Pages ---


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/people/",
        "/people/add-contact/",
        "/hu/people/add-contact/",
        "/es/",
        "/robots.txt",
        "/sitemap.xml",
        "/people/slika,%20prva%201.png",
        f"/{STYLES[FIRST]}",
        "/pagefind/vocabularies.json",
        "/pagefind/vocabulary.sr.0a1b2c3d.json",
        "/pagefind/fragment/sr-latn_9f8e7d6.pf_fragment",
        "/pictures/0123456789abcdef.png",
        # Without the slash at the end, and by the file's name.
        "/hu",
        "/people/add-contact",
        "/people/add-contact/index.html",
        "/index.html",
        # Renamed.
        "/people/new-contact/",
        "/people/new-contact",
        "/hu/people/new-contact/?from=mail&name=%C4%90or%C4%91e%26Ana",
        # Not there: in Serbian, in Hungarian, in Spanish.
        "/nothing",
        "/people/nothing/",
        "/sr/",
        "/hungary/",
        "/People/",
        "/assetsite.css",
        "/hu/nothing/",
        "/hu/people/",
        "/hu/nothing.html",
        "/es/people/new-contact/",
        "/es/nothing?from=mail",
    ],
)
def test_an_address_answers_as_it_does_locally(site: Served, address: str) -> None:
    here, there = locally(site.local, address), site.ask(address)
    assert outcome(there, address) == outcome(here, address)


def test_a_redirect_is_for_good_and_keeps_the_query(site: Served) -> None:
    for path in ("/people/add-contact", "/people/new-contact/"):
        answer = site.ask(f"{path}?from=mail&name=%C4%90or%C4%91e%26Ana")
        assert answer.status == 301
        assert answer.headers["Location"] == "/people/add-contact/?from=mail&name=%C4%90or%C4%91e%26Ana"


def test_each_language_has_its_404_page(site: Served) -> None:
    said = {path: site.ask(path) for path in ("/nothing/", "/hu/nothing/", "/es/nothing/")}
    assert {answer.status for answer in said.values()} == {404}
    assert [re.findall("<h1>(.+)</h1>", answer.text) for answer in said.values()] == [
        ["Nema te stranice"],
        ["Nincs ilyen oldal"],
        ["No existe esa página"],
    ]


def test_a_404_page_asked_for_by_its_name_is_none_that_is_there(site: Served) -> None:
    assert [site.ask(path).status for path in ("/404.html", "/hu/404.html")] == [404, 404]


@pytest.mark.parametrize("path", ["/people/", "/hu/nothing/"])
def test_head_is_answered_as_get_without_the_page(site: Served, path: str) -> None:
    get, head = site.ask(path), site.ask(path, "HEAD")
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["Content-Length"] == str(len(get.body))


def test_a_browser_that_has_the_page_hears_that_nothing_changed(site: Served) -> None:
    known = site.ask("/people/").headers["ETag"]
    assert site.ask("/people/", If_None_Match=known).status == 304


def test_a_missing_page_is_nothing_that_a_browser_could_have(site: Served) -> None:
    headers = site.ask("/nothing/").headers
    assert [name for name in ("ETag", "Last-Modified", "x-amz-meta-status") if name in headers] == []


def test_pages_are_kept_for_a_minute_and_what_has_a_hash_for_ever(site: Served) -> None:
    kept = {
        path: site.ask(path).headers["Cache-Control"] for path in ("/people/", "/nothing/", "/robots.txt")
    }
    assert set(kept.values()) == {"public, max-age=0, s-maxage=60, must-revalidate"}
    for path in (f"/{STYLES[FIRST]}", "/pictures/0123456789abcdef.png"):
        assert site.ask(path).headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/people/", "/nothing/", f"/{STYLES[FIRST]}", "/api/me", "/api/missing"])
def test_every_answer_has_the_headers_of_the_build(site: Served, path: str) -> None:
    headers = site.ask(path).headers
    assert {name: headers.get_all(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }


def test_who_comes_by_http_is_sent_to_https(site: Served) -> None:
    for path in ("/people/?a=1", f"/{STYLES[FIRST]}"):
        wanted = site.stack.address + path
        answer = site.stack.cloud.ask(wanted, scheme="http")
        assert (answer.status, answer.headers["Location"]) == (301, wanted)


@pytest.mark.parametrize(
    "key",
    [
        f"pages/{FIRST}.json",
        f"deployments/{FIRST}/template.json",
        "deployments/code.0123456789abcdef.zip",
        f"releases/{FIRST}/index.html",
        f"releases/{FIRST}/people/index.html",
        f"files/{STYLES[FIRST]}",
    ],
)
def test_the_bucket_cannot_be_read_by_its_keys(site: Served, key: str) -> None:
    s3 = site.stack.cloud.client("s3")
    if key.startswith("deployments/"):
        s3.put_object(Bucket=site.stack.bucket, Key=key, Body=b"not for readers")
    kept = s3.get_object(Bucket=site.stack.bucket, Key=key)["Body"].read()
    answer = site.ask(f"/{key}")
    assert answer.status in (403, 404)
    assert kept not in answer.body


# --- The API ---


def test_the_api_hears_what_it_reads_of_a_request(site: Served) -> None:
    said = {
        "accept-language": "hu",
        "content-type": "application/json",
        "idempotency-key": "5f0c",
        "origin": site.stack.address,
        "sec-fetch-site": "same-origin",
        "cookie": "__Host-session=s; signed_in=1",
    }
    sent = {name.replace("-", "_"): value for name, value in said.items()}
    event = json.loads(
        site.ask("/api/tickets?next=a%2Bb&next=c", "POST", body=b'{"subject": "\xc4\x90"}', **sent).body
    )
    assert said.items() <= event["headers"].items()
    assert (event["httpMethod"], event["path"], event["body"]) == ("POST", "/api/tickets", '{"subject": "Đ"}')
    assert event["requestContext"]["stage"] == "api"
    assert event["multiValueQueryStringParameters"] == {"next": ["a+b", "c"]}


def test_the_api_hears_nothing_else_of_a_browser(site: Served) -> None:
    curious = {
        "Authorization": "Basic x",
        "Referer": "https://example.com/",
        "DNT": "1",
        "User_Agent": "Browser/1",
    }
    heard = json.loads(site.ask("/api/me", **curious).body)["headers"]
    assert {"authorization", "referer", "dnt"}.isdisjoint(heard)
    assert heard["user-agent"] == "Amazon CloudFront"


def test_the_api_believes_cloudfront_and_not_the_reader(site: Served) -> None:
    lies = {"X_Kalauz_Edge": "guessed", "CloudFront_Viewer_Address": "203.0.113.9:1"}
    heard = json.loads(site.ask("/api/me", **lies).body)["headers"]
    assert heard["x-kalauz-edge"] == EDGE_SECRET
    assert heard["cloudfront-viewer-address"].startswith("127.0.0.1:")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_api_is_asked_by_every_method(site: Served, method: str) -> None:
    assert json.loads(site.ask("/api/me", method).body)["httpMethod"] == method


def test_what_the_api_does_not_find_stays_its_own_answer(site: Served) -> None:
    answer = site.ask("/api/missing")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_answer_of_the_api_is_kept_for_the_next_reader(site: Served) -> None:
    """Neither by the behaviour, nor as one of the errors that CloudFront keeps for ten seconds of its own accord."""
    said = config(site.stack)
    (api,) = (each for each in said["CacheBehaviors"]["Items"] if each["PathPattern"] == "/api/*")
    policy = site.stack.cloud.client("cloudfront").get_cache_policy(Id=api["CachePolicyId"])["CachePolicy"]
    assert policy["CachePolicyConfig"]["Name"] == "Managed-CachingDisabled"
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in said["CustomErrorResponses"]["Items"]}
    assert kept == dict.fromkeys((404, 414, 500, 501, 502, 503, 504), 0)


def test_the_api_is_never_asked_without_encryption(site: Served) -> None:
    assert site.stack.cloud.ask(f"{site.stack.address}/api/me", scheme="http").status == 403
    (api,) = (each for each in config(site.stack)["Origins"]["Items"] if each["Id"] == "API")
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["CustomOriginConfig"]["OriginSslProtocols"]["Items"] == ["TLSv1.2"]


def test_the_origin_path_is_the_stage_that_chalice_makes(site: Served) -> None:
    stages = json.loads((ROOT / "functions/.chalice/config.json").read_text("utf-8"))
    (api,) = (each for each in config(site.stack)["Origins"]["Items"] if each["Id"] == "API")
    assert api["OriginPath"] == f"/{stages.get('api_gateway_stage', 'api')}"


# --- From one release to another ---


def test_a_release_is_not_seen_before_the_switch(two_releases: SiteStack) -> None:
    assert shown(two_releases) == {FIRST}
    assert two_releases.cloud.ask(f"{two_releases.address}/releases/{SECOND}/index.html").status == 404


def test_after_the_switch_all_pages_are_the_new_ones(two_releases: SiteStack) -> None:
    address = two_releases.address
    assert two_releases.show(SECOND) == "UPDATE_COMPLETE"
    assert two_releases.address == address
    assert shown(two_releases) == {SECOND}
    assert two_releases.cloud.ask(f"{address}/releases/{FIRST}/index.html").status == 404


def test_a_page_opened_before_the_switch_still_gets_its_files(two_releases: SiteStack) -> None:
    two_releases.show(SECOND)
    for release in (FIRST, SECOND):
        answer = two_releases.cloud.ask(f"{two_releases.address}/{STYLES[release]}")
        assert (answer.status, answer.text) == (200, f"/* {release} */")


def test_an_edge_that_has_no_list_yet_shows_the_pages_all_the_same(two_releases: SiteStack) -> None:
    cloudfront, name = two_releases.cloud.client("cloudfront"), f"{two_releases.name}-requests"
    code = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
    unread = b"{ exists: async () => { throw new Error('not here yet'); } }"
    assert code.count(b"cf.kvs()") == 1
    told = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
    cloudfront.update_function(
        Name=name,
        IfMatch=told["ETag"],
        FunctionConfig=told["FunctionSummary"]["FunctionConfig"],
        FunctionCode=code.replace(b"cf.kvs()", unread),
    )
    changed = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
    cloudfront.publish_function(Name=name, IfMatch=changed["ETag"])
    for path in ("/", "/people/add-contact/", "/hu/people/add-contact/?from=mail", "/robots.txt"):
        assert two_releases.cloud.ask(two_releases.address + path).status == 200, path


def test_going_back_shows_the_release_before(two_releases: SiteStack) -> None:
    two_releases.show(SECOND)
    assert two_releases.show(FIRST) == "UPDATE_COMPLETE"
    assert shown(two_releases) == {FIRST}


def test_only_the_list_of_the_release_that_is_shown_is_kept(two_releases: SiteStack) -> None:
    two_releases.show(SECOND)
    stores = two_releases.cloud.client("cloudfront").list_key_value_stores()["KeyValueStoreList"]["Items"]
    ours = [store["Name"] for store in stores if store["Name"].startswith(f"{two_releases.name}-2026")]
    assert ours == [f"{two_releases.name}-{SECOND}"]


def test_a_release_that_was_never_uploaded_leaves_the_site_as_it_was(two_releases: SiteStack) -> None:
    assert two_releases.show("20261124T080000Z-9a8b7c6") == "UPDATE_ROLLBACK_COMPLETE"
    assert shown(two_releases) == {FIRST}


# --- Settings ---


def test_nobody_but_this_distribution_reads_the_bucket_and_nobody_without_encryption(site: Served) -> None:
    bucket, s3 = site.stack.bucket, site.stack.cloud.client("s3")
    arn = f"arn:aws:s3:::{bucket}"
    reads, refuses = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (reads["Principal"], reads["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert reads["Resource"] == [f"{arn}/files/*", f"{arn}/releases/*"]
    distribution = site.stack.output("DistributionId")
    source = reads["Condition"]["StringEquals"]["aws:SourceArn"]
    assert re.fullmatch(rf"arn:aws:cloudfront::\d+:distribution/{distribution}", source)
    assert (refuses["Effect"], refuses["Principal"], refuses["Action"]) == ("Deny", "*", "s3:*")
    assert str(refuses["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True} and len(blocked) == 4
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"


def test_what_is_overwritten_in_the_bucket_can_be_had_back_for_a_month(site: Served) -> None:
    bucket, s3 = site.stack.bucket, site.stack.cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    # ministack drops the rules of a bucket that CloudFormation makes.
    said = package.template()["Resources"]["SiteBucket"]["Properties"]["LifecycleConfiguration"]
    (rule,) = said["Rules"]
    assert (rule["Status"], rule["NoncurrentVersionExpiration"]) == ("Enabled", {"NoncurrentDays": 30})


def test_a_key_of_the_cache_is_the_address_alone(site: Served) -> None:
    said = config(site.stack)
    behaviors = [said["DefaultCacheBehavior"], *said["CacheBehaviors"]["Items"]]
    for behavior in (each for each in behaviors if each["TargetOriginId"] != "API"):
        policy = site.stack.cloud.client("cloudfront").get_cache_policy(Id=behavior["CachePolicyId"])
        told = policy["CachePolicy"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        assert told["HeadersConfig"]["HeaderBehavior"] == "none"
        assert told["CookiesConfig"]["CookieBehavior"] == "none"
        assert told["QueryStringsConfig"]["QueryStringBehavior"] == "none"
        assert (
            told["EnableAcceptEncodingBrotli"] and told["EnableAcceptEncodingGzip"] and behavior["Compress"]
        )


def test_the_functions_fit_into_cloudfront_and_have_no_gap_left(site: Served) -> None:
    cloudfront = site.stack.cloud.client("cloudfront")
    for name in ("requests", "responses"):
        code = cloudfront.get_function(Name=f"serving-{name}", Stage="LIVE")["FunctionCode"].read()
        assert len(code) <= 10_000 and b"${" not in code


def test_a_domain_has_its_name_certificate_and_web_acl(two_releases: SiteStack) -> None:
    own = {"Domain": "help.example.com", "CertificateArn": CERTIFICATE, "WebAclArn": WEB_ACL}
    assert {"Aliases", "WebACLId"}.isdisjoint(config(two_releases))
    assert two_releases.address.endswith(".cloudfront.net")
    assert two_releases.show(FIRST, **own) == "UPDATE_COMPLETE"
    said = config(two_releases)
    assert two_releases.address == "https://help.example.com"
    assert (said["Aliases"]["Items"], said["WebACLId"]) == (["help.example.com"], WEB_ACL)
    certificate = said["ViewerCertificate"]
    assert (certificate["ACMCertificateArn"], certificate["SSLSupportMethod"]) == (CERTIFICATE, "sni-only")
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"Domain": "help.example.com"}, "Domain needs CertificateArn"),
        ({"CertificateArn": CERTIFICATE.replace("us-east-1", "eu-central-1")}, "CertificateArn"),
        ({"WebAclArn": WEB_ACL.replace("us-east-1", "eu-central-1")}, "WebAclArn"),
        ({"Domain": "https://help.example.com", "CertificateArn": CERTIFICATE}, "Domain"),
        ({"Release": "latest"}, "Release"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(site: Served, parameters: dict[str, str], why: str) -> None:
    with pytest.raises(ClientError, match=why):
        site.stack.show(**{"release": parameters.pop("Release", FIRST)}, **parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Strict-Transport-Security", "max-age=1; includeSubDomains"),
        ("X-Content-Type-Options", "sniff"),
    ],
)
def test_a_header_that_cloudfront_would_send_otherwise_is_not_packaged(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        response_headers.config({**HEADERS, name: value})


def config(stack: SiteStack) -> dict[str, Any]:
    """The distribution's settings."""
    cloudfront = stack.cloud.client("cloudfront")
    told = cloudfront.get_distribution_config(Id=stack.output("DistributionId"))
    return dict(told["DistributionConfig"])


def shown(stack: SiteStack) -> set[str]:
    """The releases that the pages are of."""
    paths = ("/", "/people/", "/hu/people/add-contact/", "/nothing/", "/es/nothing/")
    said = [stack.cloud.ask(stack.address + path).text for path in paths]
    return {release for text in said for release in re.findall(r"<p>(.+)</p>", text) or ["none"]}


def locally(pages: Pages, address: str) -> Answer:
    """What `make run` answers."""
    wanted, headers, started = urlsplit(address), HTTPMessage(), list[str]()
    environ: dict[str, Any] = {"PATH_INFO": unquote(wanted.path), "QUERY_STRING": wanted.query}
    setup_testing_defaults(environ)

    def start(status: str, pairs: list[tuple[str, str]], _failure: object = None) -> Any:
        started.append(status)
        for name, value in pairs:
            headers[name] = value

    body = b"".join(pages(environ, start))
    return Answer(int(started[0].split()[0]), headers, body)


def outcome(answer: Answer, address: str) -> tuple[int, str, bytes]:
    """Status, what it is or where it leads, and the body. CloudFront redirects for good, `make run` for now."""
    if answer.status in (301, 302):
        return 301, urljoin(address, answer.headers["Location"]), b""
    return answer.status, answer.headers["Content-Type"].replace('"', ""), answer.body
