"""`make deploy`: what stands in this tree, before its readers.

 build, package ▶ first stack: bucket, table, key ▶ upload ▶ change set ▶ ask ▶ update ▶ invalidate ▶ look

Whatever was interrupted, the next run goes on: what is uploaded is not uploaded again, what is in the stack stays,
and a release that never came to be the stack's is one that nobody reads.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra import package
from infra.deploy import releases, templates, wishes
from infra.deploy.account import Account
from infra.deploy.applying import apply
from infra.deploy.asking import Operator
from infra.deploy.distribution import Distribution
from infra.deploy.kept import kept
from infra.deploy.publishing import publish
from infra.deploy.releases import Deployment, Records
from infra.deploy.stack import Parameters, Stack
from infra.deploy.switching import switch
from infra.deploy.templates import Template
from infra.deploy.trouble import CannotDeploy
from infra.deploy.wishes import Wishes
from infra.local import building

# Where the site stands before CloudFront has given it an address; nobody can have this one (RFC 6761).
NOWHERE = "https://kalauz.invalid"
_FOR_DNS = "Mail"  # what the outputs with records for DNS begin with: infra/mails.yaml


@dataclass(frozen=True)
class Made:
    """What a tree came to: a built site, and a package."""

    site: Path
    package: Path

    def template(self) -> Template:
        """The package's template."""
        template: Template = json.loads((self.package / package.TEMPLATE).read_text("utf-8"))
        return template


def make(address: str) -> Made:
    """Build the site for its address, and the package, into build/.

    Raises CannotDeploy or CannotPackage with what is wrong in this tree.
    """
    made = Made(package.ROOT / "build" / "site", package.FOLDER)
    print(f"Building the site for {address}, and the package.")
    if wrong := building.build(made.site, address, compressed=False):
        raise CannotDeploy(f"The site cannot be built:\n{wrong}")
    package.package(made.package)
    return made


def deploy(wanted: Wishes, account: Account, operator: Operator) -> str:
    """Deploy a new release of this tree. Returns the address where readers find it. Raises CannotDeploy.

    At the first deployment without a domain it goes twice: CloudFront names the address only when it is there.
    """
    stack = Stack(account, wanted.stack_name, wanted.stage)
    stack.takes_updates()
    address, is_known = _deploy(stack, wanted, operator)
    if not is_known:
        print(f"\nThe site has its address now, {address}: it is built and deployed once more, for it.")
        address, _is_known = _deploy(stack, Wishes(wanted.stage), None)
    if records := [value for name, value in stack.outputs().items() if name.startswith(_FOR_DNS)]:
        print("\n".join(["\nFor mails the DNS of the sender's domain needs, once:", *sorted(records)]))
    return address


def _deploy(stack: Stack, wanted: Wishes, operator: Operator | None) -> tuple[str, bool]:
    """One release; returns the address of the site, and whether it was built for it."""
    account, release = stack.account, releases.new_release()
    previous, resources = stack.parameters(), stack.resources()
    distribution = Distribution.of(account, resources.get("Site", ""))
    declared = package.template()["Parameters"]
    settings = wanted.over(previous, declared)
    address = f"https://{settings['Domain']}" if settings.get("Domain") else distribution.address
    former = distribution.edge_secret if wanted.rotates else ""
    if wanted.rotates and not former:
        raise CannotDeploy("ROTATE=1 changes a secret, and there is none yet: deploy without it.")
    print(f"Release {release} for {stack.name}, in account {account.id}, {account.region}.")
    made = make(address or NOWHERE)
    template = made.template()
    parameters: Parameters = {
        **settings,
        **wishes.edge_secrets(previous, former),
        "Stage": package.STAGE,
        "TableName": stack.name,
        "KeyAlias": f"alias/{stack.name}",
        "Origins": address or NOWHERE,
        "Release": release,
    }
    if set(resources) < set(templates.FIRST):
        _begin(stack, template, parameters, resources, operator)
        parameters |= wishes.edge_secrets(stack.parameters(), former)

    records = Records(account, stack.resources()["SiteBucket"])
    published = publish(made.site, release, records.bucket, account.client("s3"))
    print(
        f"Uploaded {published.uploaded:,} files, {published.sent:,} bytes, for {published.addresses:,} addresses; "
        f"{published.already_there:,} were there already."
    )
    template = templates.with_code(template, records.code(release))
    recorded = releases.without_secrets(parameters, templates.secrets(template))
    before = _before(previous, resources)
    records.write(release, Deployment(template, recorded, before), made.package)
    apply(stack.propose({"TemplateURL": records.template(release)}, parameters), operator)
    if not address:
        return stack.outputs()["Address"], False
    return switch(stack, release, before), True


def _begin(
    stack: Stack,
    template: Template,
    parameters: Parameters,
    resources: Collection[str],
    operator: Operator | None,
) -> None:
    """The first stack: a bucket to upload to, and table and key, taken in if an earlier stack left them."""
    left = kept(stack.account, stack.name)
    imports = [each for each in left.imports() if each["LogicalResourceId"] not in resources]
    if imports:
        names = [each["LogicalResourceId"] for each in imports]
        print(f"{stack.name} was here before. What it left is taken in again: {', '.join(names)}.")
        body = json.dumps(templates.only(template, [*resources, *names]))
        apply(stack.propose({"TemplateBody": body}, parameters, imports), operator)
        parameters = {**parameters, **wishes.edge_secrets(stack.parameters(), "")}
    body = json.dumps(templates.only(template, templates.FIRST))
    apply(stack.propose({"TemplateBody": body}, parameters), operator)


def _before(previous: Mapping[str, str], resources: Collection[str]) -> str:
    """The release that going back from a new one leads to: the stack's, unless nobody could read it."""
    if "Site" not in resources or previous["Origins"] == NOWHERE:
        return ""
    return previous["Release"]
