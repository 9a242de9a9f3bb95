"""`make rollback`: the release before the one that readers see, its pages, functions and settings together.

A second time goes two back: each release remembers which one was before it when it was deployed.
"""

from infra.deploy import templates, wishes
from infra.deploy.account import Account
from infra.deploy.applying import apply
from infra.deploy.asking import Operator
from infra.deploy.publishing import list_key
from infra.deploy.releases import Records
from infra.deploy.stack import Parameters, Stack
from infra.deploy.switching import switch
from infra.deploy.trouble import CannotDeploy
from infra.deploy.wishes import Wishes


def roll_back(wanted: Wishes, account: Account, operator: Operator) -> str:
    """Go back by one release. Returns the site's address. Raises CannotDeploy, also when there is nothing before."""
    stack = Stack(account, wanted.stack_name, wanted.stage)
    if not stack.takes_updates():
        raise CannotDeploy(f"There is no stack {stack.name} in {account.region} to go back in.")
    previous, resources = stack.parameters(), stack.resources()
    if "Site" not in resources:
        raise CannotDeploy(f"{stack.name} has no release yet: `make deploy STAGE={stack.stage}` goes on.")
    records = Records(account, resources["SiteBucket"])
    current = previous["Release"]
    release = records.before(current)
    if not release:
        raise CannotDeploy(f"{current} is the first release of {stack.name}: there is none to go back to.")
    deployment = records.read(release)
    records.require(list_key(release))
    records.require_code(release)
    print(f"From release {current} back to {release}.")
    parameters: Parameters = {
        **deployment.parameters,
        # What is secret is not written down, and stays as it is.
        **{
            name: value
            for name, value in wishes.edge_secrets(previous, "").items()
            if name in templates.secrets(deployment.template)
        },
    }
    apply(stack.propose({"TemplateURL": records.template(release)}, parameters), operator)
    return switch(stack, release, deployment.before)
