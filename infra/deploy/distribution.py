"""What CloudFront alone knows of a stack: the address that it gave, and the secret that it sends to the API."""

from dataclasses import dataclass

from infra.deploy.account import Account

_HEADER = "x-kalauz-edge"


@dataclass(frozen=True)
class Distribution:
    """A distribution by what is asked of it; both are empty where there is none yet."""

    address: str = ""
    edge_secret: str = ""

    @classmethod
    def of(cls, account: Account, distribution_id: str) -> "Distribution":
        """The distribution with an id; none without one."""
        if not distribution_id:
            return cls()
        found = account.client("cloudfront").get_distribution(Id=distribution_id)["Distribution"]
        secrets = [
            header["HeaderValue"]
            for origin in found["DistributionConfig"]["Origins"]["Items"]
            for header in origin.get("CustomHeaders", {}).get("Items", [])
            if header["HeaderName"].lower() == _HEADER
        ]
        return cls(f"https://{found['DomainName']}", secrets[0] if secrets else "")
