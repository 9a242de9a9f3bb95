"""What the operator wants of the stack: STAGE=… and the like, each with the parameter that it sets."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.deploy.stack import Parameters
from infra.deploy.trouble import CannotDeploy

# What is not given keeps its previous value; what is given empty is as if it had never been given.
SETTINGS = {
    "DOMAIN": "Domain",
    "CERTIFICATE": "CertificateArn",
    "WEB_ACL": "WebAclArn",
    "ALARM_EMAIL": "AlarmEmail",
    "QUIET_HOURS": "QuietHours",
    "CONCURRENCY": "ReservedConcurrency",
    "CONCURRENCY_LIMIT": "ConcurrencyLimit",
    "API_RATE": "ApiRate",
    "API_BURST": "ApiBurst",
    "LIMITED_RATE": "LimitedRate",
    "LIMITED_BURST": "LimitedBurst",
    "MAILS_AT_ONCE": "MailsAtOnce",
    "MANAGES_API_GATEWAY_ACCOUNT": "ManagesApiGatewayAccount",
    "MANAGES_MAIL_IDENTITY": "ManagesMailIdentity",
}
_EDGE_SECRET = "EdgeSecret"  # noqa: S105 - a parameter's name.
_FORMER_EDGE_SECRET = "EdgeSecretBefore"  # noqa: S105
_SECRET_BYTES = 32
_STAGE = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_CERTIFICATE = re.compile(r"arn:aws:acm:(?P<region>[\w-]+):\d{12}:certificate/[\w-]+")
_WEB_ACL = re.compile(
    r"arn:aws:wafv2:(?P<region>[\w-]+):\d{12}:(?P<scope>global|regional)/webacl/[\w-]+/[\w-]+"
)
_CLOUDFRONT = "us-east-1"  # where everything that CloudFront is given must live


@dataclass(frozen=True)
class Wishes:
    """What was said on the command line."""

    stage: str
    settings: dict[str, str] = field(default_factory=dict)
    rotates: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Wishes":
        """As the variables of make say. Raises CannotDeploy when there is no right STAGE."""
        given = {
            parameter: environment[name].strip()
            for name, parameter in SETTINGS.items()
            if name in environment
        }
        return cls(_stage(environment.get("STAGE", "")), given, environment.get("ROTATE") == "1")

    @property
    def stack_name(self) -> str:
        """The stack's name, which is also the table's."""
        return f"kalauz-{self.stage}"

    def over(
        self, previous: Mapping[str, str], declared: Mapping[str, Mapping[str, object]]
    ) -> dict[str, str]:
        """The settings that the stack shall have, given what it has and what its new template asks for.

        Raises CannotDeploy when they do not fit each other, or cannot be.
        """
        settings = {
            name: value
            for name in SETTINGS.values()
            if name in declared and (value := self.settings.get(name, previous.get(name))) is not None
        }
        # An empty one is the default again, which may be anything.
        settings = {
            name: str(declared[name].get("Default", "")) if value == "" else value
            for name, value in settings.items()
        }
        _check(settings)
        return settings


def edge_secrets(previous: Mapping[str, str], former: str) -> Parameters:
    """The secret between CloudFront and the functions: the one there is, or a new one when there is none.

    `former` is what it has been, when a new one shall take its place; the functions accept both then.
    """
    if _EDGE_SECRET in previous and not former:
        return {_EDGE_SECRET: None, _FORMER_EDGE_SECRET: ""}
    return {_EDGE_SECRET: secrets.token_urlsafe(_SECRET_BYTES), _FORMER_EDGE_SECRET: former}


def _stage(said: str) -> str:
    if not said:
        raise CannotDeploy("Name the stage: `make deploy STAGE=production`, for instance.")
    if not _STAGE.fullmatch(said):
        raise CannotDeploy(
            f"STAGE={said} is no name for a stage: 2 to 20 small letters, digits and hyphens, beginning with a letter."
        )
    return said


def _check(settings: Mapping[str, str]) -> None:
    domain, certificate = settings.get("Domain", ""), settings.get("CertificateArn", "")
    if domain and not _DOMAIN.fullmatch(domain):
        raise CannotDeploy(
            f"DOMAIN={domain} is no domain name: write it without https:// and in small letters."
        )
    if domain and not certificate:
        raise CannotDeploy(
            f"DOMAIN={domain} needs a certificate: order one for it in ACM in {_CLOUDFRONT}, and add "
            "CERTIFICATE=<its ARN>."
        )
    if certificate and not domain:
        raise CannotDeploy(
            "CERTIFICATE needs a DOMAIN that it stands for: add DOMAIN=…, or CERTIFICATE= for neither."
        )
    if certificate:
        found = _CERTIFICATE.fullmatch(certificate)
        if not found:
            raise CannotDeploy(f"CERTIFICATE={certificate} is no ARN of a certificate in ACM.")
        if found["region"] != _CLOUDFRONT:
            raise CannotDeploy(
                f"The certificate lives in {found['region']}: order one in {_CLOUDFRONT}, from where alone CloudFront "
                "takes it."
            )
    if web_acl := settings.get("WebAclArn", ""):
        found = _WEB_ACL.fullmatch(web_acl)
        if not found or found["region"] != _CLOUDFRONT or found["scope"] != "global":
            raise CannotDeploy(
                f"WEB_ACL={web_acl} is no web ACL for CloudFront: make one with scope CLOUDFRONT in {_CLOUDFRONT}."
            )
    if (concurrency := settings.get("ReservedConcurrency", "0")) and not concurrency.isdecimal():
        raise CannotDeploy(f"CONCURRENCY={concurrency} is no number: 0 reserves nothing.")
