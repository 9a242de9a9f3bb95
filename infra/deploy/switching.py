"""What follows on a change of release: CloudFront forgets the former one, and the site is looked at."""

import json
from collections.abc import Iterator
from uuid import uuid4

from infra.deploy import stack as stacks
from infra.deploy.account import Account
from infra.deploy.checks import Live
from infra.deploy.distribution import Distribution
from infra.deploy.publishing import list_key
from infra.deploy.stack import Stack
from infra.deploy.trouble import CannotDeploy

_PATIENCE = 600  # looks at an invalidation; a minute is usual


def switch(stack: Stack, release: str, before: str) -> str:
    """Invalidate everything, and check what readers get. Returns the site's address.

    Raises CannotDeploy when it is not the release; the one before is where it can go back to, if there is one.
    """
    print("CloudFront forgets the pages of the former release.")
    account, resources, address = stack.account, stack.resources(), stack.outputs()["Address"]
    cloudfront = account.client("cloudfront")
    begun = cloudfront.create_invalidation(
        DistributionId=resources["Site"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": uuid4().hex},
    )
    cloudfront.get_waiter("invalidation_completed").wait(
        DistributionId=resources["Site"],
        Id=begun["Invalidation"]["Id"],
        WaiterConfig={"Delay": stacks.LOOKS_EVERY, "MaxAttempts": _PATIENCE},
    )
    hints = _hints(stack, address, before)
    wrong = live(account, resources["SiteBucket"], release, address).wrong()
    if wrong:
        raise CannotDeploy(
            "\n".join([f"Release {release} is deployed, and not as it shall be:", *wrong, *hints])
        )
    print(f"The pages, their files and the API answer as release {release}.")
    return address


def _hints(stack: Stack, address: str, before: str) -> Iterator[str]:
    """What may be the matter, and what can be done."""
    given = Distribution.of(stack.account, stack.resources()["Site"]).address
    if address != given:
        names = [each.removeprefix("https://") for each in (address, given)]
        yield f"Does the name lead there? Its DNS needs: {' CNAME '.join(names)}"
    if before:
        yield f"`make rollback STAGE={stack.stage}` goes back to release {before}."


def live(account: Account, bucket: str, release: str, address: str) -> Live:
    """The site at an address, to be compared with a release in the bucket."""
    s3 = account.client("s3")

    def kept(key: str) -> bytes:
        content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def page(path: str) -> bytes:
        return kept(f"releases/{release}{path}{'index.html' if path.endswith('/') else ''}")

    pages = [
        each["key"] for each in json.loads(kept(list_key(release)))["data"] if each["key"] == each["value"]
    ]
    deepest = max(pages, key=lambda path: (path.endswith("/"), path.count("/"), path))
    return Live(address, page, deepest)
