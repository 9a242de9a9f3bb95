"""`make package`: the functions as Lambda takes them, and the template that CloudFormation deploys them by.

functions/ and its locked wheels ──chalice package──▶ sources ──compileall──▶ build/package/deployment.zip
app.py, PARTS, brand.toml, PROBLEMS, the table of routes ──▶ build/package/sam.json

The zip holds bytecode instead of sources, so that a function starts without compiling: Lambda keeps nothing that it
compiled for the next start. Bytecode is of one minor version of Python, so Lambda runs it with the one that made it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import reduce
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalice.constants import MISSING_DEPENDENCIES_TEMPLATE
from chalice.package import TemplateDeepMerger, YAMLTemplateSerializer

from app import ROOMS
from chalicelib import brand
from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra import dashboard, gateway_responses, response_headers
from infra.local.pages import HASHED

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "package"
ZIP = "deployment.zip"
TEMPLATE = "sam.json"
STAGE = "production"
LARGEST_ZIP = 5_000_000  # bytes (design.md, Budgets)
# What is laid over chalice's own template, in this order.
PARTS = ("template.yaml", "functions.yaml", "site.yaml", "mails.yaml", "watch.yaml")

_NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.po", "deployments", "deployed")
# What comes with the wheels and no function imports: addresses of mails are not looked up in DNS, and argon2's binding
# needs cffi's compiled part alone, which stands beside the folder.
_LEFT_OUT = ("cffi", "dns", "dnspython-*.dist-info", "pycparser", "pycparser-*.dist-info")
_IN_LAMBDA = "/var/task"  # where it unpacks the zip, and so where a traceback looks for a line
_ENVIRONMENT = {
    # Asked for by chalice to learn AWS's partition; the template names no region.
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "PIP_ONLY_BINARY": ":all:",  # What would be compiled here is not what the lock's hashes stand for.
    "PYTHONDONTWRITEBYTECODE": "1",
}


class CannotPackage(Exception):
    """Why there is no package; its words are for the terminal."""


def package(folder: Path) -> None:
    """Write deployment.zip and sam.json into a folder, in the place of what it held. Raises CannotPackage.

    The same tree, packed by the same Python, gives the same bytes.
    """
    package_sources(folder)
    _check_python(folder / TEMPLATE)
    compile_zip(folder / ZIP)
    size = (folder / ZIP).stat().st_size
    if size > LARGEST_ZIP:
        raise CannotPackage(f"{folder / ZIP} is too large: {size:,} bytes, and {LARGEST_ZIP:,} are allowed.")


def package_sources(folder: Path) -> None:
    """Write them as chalice does, of sources and whole wheels. Raises CannotPackage."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as workshop:
        # A copy, in which brand.toml is a file and not a link, and no zip of an earlier time is found.
        functions = Path(
            shutil.copytree(ROOT / "functions", Path(workshop, "functions"), ignore=_NOT_SHIPPED)
        )
        merged = Path(workshop, "merged.json")
        merged.write_text(json.dumps(template()), "utf-8")
        _chalice("package", "--stage", STAGE, "--merge-template", str(merged), str(folder), within=functions)


def compile_zip(packed: Path) -> None:
    """Replace each source in a zip by its bytecode, and leave out what no function imports. Raises CannotPackage."""
    with tempfile.TemporaryDirectory() as unpacked:
        folder = Path(unpacked)
        with ZipFile(packed) as sources:
            sources.extractall(folder)
        for pattern in _LEFT_OUT:
            for path in list(folder.glob(pattern)):
                shutil.rmtree(path)
        for record in folder.glob("*.dist-info/RECORD"):
            record.unlink()  # The wheel's list of its files, of which most are others now.
        _compile(folder)
        with ZipFile(packed, "w") as shipped:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                # Written without the time and the rights that it has here.
                entry = ZipInfo(path.relative_to(folder).as_posix())
                entry.external_attr = 0o644 << 16
                shipped.writestr(entry, path.read_bytes(), ZIP_DEFLATED, compresslevel=9)


def _compile(folder: Path) -> None:
    """Put bytecode in the place of every source, with its docstrings: the API's description is made of ours.

    It is taken as it is, since there is no source to compare it with. An interpreter of its own compiles: how bytecode
    is written depends on what else the one that writes it has loaded.
    """
    command = [sys.executable, "-I", "-m", "compileall", "-q", "-b", "--invalidation-mode", "unchecked-hash"]
    done = subprocess.run(  # noqa: S603 - a program of our own choosing.
        [*command, "-s", folder, "-p", _IN_LAMBDA, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotPackage(done.stdout.rstrip())
    for source in folder.rglob("*.py"):
        source.unlink()


def _check_python(template: Path) -> None:
    """Chalice names, of the versions that Lambda offers, the one nearest to this; raise CannotPackage for another."""
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    resources = json.loads(template.read_text("utf-8"))["Resources"].values()
    functions = [each["Properties"] for each in resources if each["Type"] == "AWS::Serverless::Function"]
    if others := {each["Runtime"] for each in functions} - {ours}:
        raise CannotPackage(f"Lambda would run on {', '.join(sorted(others))} what {ours} has compiled.")


def template() -> dict[str, Any]:
    """All that is laid over chalice's own template."""
    serializer = YAMLTemplateSerializer()
    parts = [serializer.load_template((ROOT / "infra" / part).read_text("utf-8"), part) for part in PARTS]
    merged: dict[str, Any] = reduce(
        lambda under, over: TemplateDeepMerger().merge(over, under), [*parts, _said()]
    )
    return merged


def _said() -> dict[str, Any]:
    """What other files say already."""
    sender = brand.SUPPORT_EMAIL
    return {
        "Parameters": {"Origins": {"Default": brand.BRAND["provider"]["site"]}},
        "Mappings": {"Brand": {"Sender": {"Address": sender, "Domain": sender.rpartition("@")[2]}}},
        "Resources": {
            "RestAPI": {
                "Properties": {
                    "GatewayResponses": gateway_responses.responses(),
                    "MethodSettings": [_throttled("*", "/*", "Api"), *_limited_routes()],
                }
            },
            "Dashboard": {"Properties": {"DashboardBody": dashboard.body()}},
            "SiteHeaders": {"Properties": {"ResponseHeadersPolicyConfig": response_headers.config()}},
            "SiteRequests": {"Properties": {"FunctionCode": _edge("requests.js", **_addresses())}},
            "SiteResponses": {"Properties": {"FunctionCode": _edge("responses.js")}},
        },
    }


def _edge(name: str, **filled_in: str) -> dict[str, Any] | str:
    """The code of a CloudFront Function; what is filled into it may name parameters of the stack."""
    code = (ROOT / "infra" / "edge" / name).read_text("utf-8")
    return {"Fn::Sub": [code, filled_in]} if filled_in else code


def _addresses() -> dict[str, str]:
    """What the site's addresses tell: which name has a hash, as an expression of JavaScript, and the languages."""
    others = " ".join(language for language in LANGUAGES if language != DEFAULT_LANGUAGE)
    return {"Hashed": HASHED.pattern.replace("/", r"\/"), "Languages": others}


def _limited_routes() -> list[dict[str, Any]]:
    """Routes that are limited for each address or person take less together than the others, too."""
    endpoints = [endpoint for room in ROOMS for endpoint in room.endpoints]
    return [_throttled(each.method, each.path, "Limited") for each in endpoints if each.limited_by]


def _throttled(method: str, path: str, parameters: str) -> dict[str, Any]:
    """What API Gateway takes of a method; behind a slash it wants each slash of a path as ~1."""
    return {
        "HttpMethod": method,
        "ResourcePath": path if path == "/*" else "/" + path.replace("/", "~1"),
        "ThrottlingRateLimit": {"Ref": f"{parameters}Rate"},
        "ThrottlingBurstLimit": {"Ref": f"{parameters}Burst"},
        "MetricsEnabled": False,
    }


def _chalice(*arguments: str, within: Path) -> None:
    """Run chalice without credentials, and without whatever this shell says of AWS, Python and Kalauz."""
    ours = ("AWS_", "KALAUZ_", "PYTHON")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(  # noqa: S603 - a program of our own choosing.
        [Path(sys.executable).with_name("chalice"), *arguments],
        cwd=within,
        env={**inherited, **_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Of a wheel that it could not get chalice tells, and goes on without.
    lacks_a_wheel = MISSING_DEPENDENCIES_TEMPLATE.split("%s")[0].strip() in done.stdout
    if done.returncode or lacks_a_wheel:
        raise CannotPackage(done.stdout.rstrip())


def main() -> int:
    """Build into build/package/, and tell the size."""
    try:
        package(FOLDER)
    except CannotPackage as trouble:
        print(trouble, file=sys.stderr)
        return 1
    size = (FOLDER / ZIP).stat().st_size
    print(f"{FOLDER / TEMPLATE}\n{FOLDER / ZIP}: {size:,} bytes of at most {LARGEST_ZIP:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
