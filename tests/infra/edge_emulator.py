"""ministack with what of CloudFront it lacks, for the tests of this folder: `python -m tests.infra.edge_emulator FD`.

1. It keeps no pairs of a KeyValueStore's ImportSource; here they are read from the bucket.
2. A CloudFront Function cannot `import cf from 'cloudfront'`, nor ask for `rawQueryString()`; here it can.
3. An API Gateway of the same ministack is no origin; here it is, without TLS.
4. No origin hears of CloudFront-Viewer-Address; here it does, in place of what the viewer says.
5. A bucket's policy cannot tell that CloudFront reads it by HTTPS; here it is told what the viewer does.
6. CloudFormation's identity of SES tells no DNS records of DKIM; here it tells three.
7. CloudFormation makes no alarm on metric math; here it is one on the first metric that the expression names.
"""

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.iam_evaluator import pin_request_origin
from ministack.services import cloudfront, cloudfront_keyvaluestore, s3
from ministack.services.cloudformation import provisioners

from infra.local import emulator

VIEWER_PORT = 40_000
_IMPORT = "import cf from 'cloudfront';"
_STORE = """
const pairs = %s;
const cf = { kvs: () => ({ exists: async (key) => key in pairs, get: async (key) => pairs[key] }) };
"""
_RAW_QUERY_STRING = """
const theirs = handler;
handler = (event) => {
    const pair = (name, one) => encodeURIComponent(name) + '=' + encodeURIComponent(one.value);
    const query = Object.entries(event.request.querystring);
    event.request.rawQueryString = () =>
        query.flatMap(([name, all]) => (all.multiValue || [all]).map((one) => pair(name, one))).join('&') || undefined;
    return theirs(event);
};
"""

_create_store = provisioners._cf_kvs_create
_live_code = cloudfront.live_function_code
_forward = cloudfront._forward_to_origin
_connect = cloudfront._origin_connect_target
_answer = cloudfront.handle_viewer_request
_alarm = provisioners._cw_metric_alarm_record


def create_store(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
    """Make a KeyValueStore with what its ImportSource lists."""
    bucket, _slash, key = properties["ImportSource"]["SourceArn"].removeprefix("arn:aws:s3:::").partition("/")
    status, _headers, listed = s3._get_object(bucket, key, {}, {})
    if status != 200:
        raise ValueError(f"AWS::CloudFront::KeyValueStore: {key} cannot be imported")
    name: str
    name, attributes = _create_store(logical_id, properties, stack)
    pairs = {pair["key"]: pair["value"] for pair in json.loads(listed)["data"]}
    cloudfront_keyvaluestore._stores[attributes["Arn"]] = {"etag": attributes["Id"], "items": pairs}
    return name, attributes


def update_store(
    name: str, before: dict[str, Any], properties: dict[str, Any], stack: str
) -> tuple[str, dict[str, str]]:
    """A store of another name is another store; CloudFormation then deletes this one."""
    return create_store("", properties, stack)


def live_code(function: str) -> bytes | None:
    """A function's code, with what it imports written before it."""
    code: bytes | None = _live_code(function)
    if code is None:
        return None
    stores = cloudfront._functions[function.rsplit("/", 1)[-1]]["live_body"]["kvs_arns"]
    pairs = {
        key: value for arn in stores for key, value in cloudfront_keyvaluestore._stores[arn]["items"].items()
    }
    return (code.decode().replace(_IMPORT, _STORE % json.dumps(pairs)) + _RAW_QUERY_STRING).encode()


def forward(origin: dict[str, Any], *request: Any) -> Any:
    """Ask an origin; an API by the name under which ministack knows it."""
    api, dot, _domain = origin["domain_name"].partition(".execute-api.")
    return _forward({**origin, "domain_name": f"{api}.execute-api.localhost"} if dot else origin, *request)


def connect(origin: dict[str, Any], viewer_is_https: bool) -> tuple[str, int, bool]:
    """Where an origin is: an API, where we are."""
    if origin["domain_name"].endswith(".execute-api.localhost"):
        return "127.0.0.1", int(os.environ["GATEWAY_PORT"]), False
    where: tuple[str, int, bool] = _connect(origin, viewer_is_https)
    return where


def answer(*request: Any) -> Awaitable[Any]:
    """Answer a viewer, whose address and transport policies may ask for."""
    headers, viewer = request[5], request[8]
    headers["cloudfront-viewer-address"] = f"{viewer}:{VIEWER_PORT}"
    pin_request_origin(viewer, headers.get("x-forwarded-proto") == "https")
    answered: Awaitable[Any] = _answer(*request)
    return answered


def with_dkim(make: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of SES's identities, which tells the records too."""

    def made(*asked: Any, **named: Any) -> tuple[str, dict[str, str]]:
        domain, attributes = make(*asked, **named)
        for number in "123":
            attributes[f"DkimDNSTokenName{number}"] = f"{number}._domainkey.{domain}"
            attributes[f"DkimDNSTokenValue{number}"] = f"{number}.dkim.amazonses.com"
        return domain, attributes

    return made


def alarm(name: str, properties: dict[str, Any]) -> Any:
    """An alarm as CloudWatch keeps it, on one metric."""
    if not properties.get("Metrics"):
        return _alarm(name, properties)
    stat = next(each["MetricStat"] for each in properties["Metrics"] if "MetricStat" in each)
    rest = {name: value for name, value in properties.items() if name != "Metrics"}
    return _alarm(name, {**rest, **stat["Metric"], "Period": stat["Period"]})


for _kind, _handler in (_identities := provisioners._RESOURCE_HANDLERS["AWS::SES::EmailIdentity"]).items():
    if _kind in ("create", "update"):
        _identities[_kind] = with_dkim(_handler)
provisioners._RESOURCE_HANDLERS["AWS::CloudFront::KeyValueStore"].update(
    create=create_store, update=update_store
)
provisioners._cw_metric_alarm_record = alarm
cloudfront.live_function_code = live_code
cloudfront._forward_to_origin = forward
cloudfront._origin_connect_target = connect
cloudfront.handle_viewer_request = answer

if __name__ == "__main__":
    emulator.main()
