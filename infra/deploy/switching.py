"""What follows on a change of release: CloudFront forgets the former one, and the site is looked at."""

import json
from uuid import uuid4

from infra.deploy import stack
from infra.deploy.account import Account
from infra.deploy.checks import Live
from infra.deploy.publishing import list_key
from infra.deploy.trouble import CannotDeploy

_PATIENCE = 600  # looks at an invalidation; a minute is usual


def switch(account: Account, resources: dict[str, str], release: str, address: str, stage: str) -> None:
    """Invalidate everything, and check what readers get. Raises CannotDeploy when it is not the release."""
    print("CloudFront forgets the pages of the former release.")
    cloudfront = account.client("cloudfront")
    begun = cloudfront.create_invalidation(
        DistributionId=resources["Site"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": uuid4().hex},
    )
    cloudfront.get_waiter("invalidation_completed").wait(
        DistributionId=resources["Site"],
        Id=begun["Invalidation"]["Id"],
        WaiterConfig={"Delay": stack.LOOKS_EVERY, "MaxAttempts": _PATIENCE},
    )
    wrong = live(account, resources["SiteBucket"], release, address).wrong()
    if wrong:
        raise CannotDeploy(
            "\n".join(
                [
                    f"Release {release} is deployed, and not as it shall be:",
                    *(f"  {each}" for each in wrong),
                    f"`make rollback STAGE={stage}` goes back to the release before it.",
                ]
            )
        )
    print(f"The pages, their files and the API answer as release {release}.")


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
