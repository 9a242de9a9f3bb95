"""`make rollback`: from one release to the one before it, and to the one before that."""

import pytest

from tests.infra.deployer import BESIDE_ANOTHER, Deployer

pytestmark = pytest.mark.xdist_group("cloud")
STAGE = "back"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def releases(deployer: Deployer) -> list[str]:
    """Three releases of a stage, the latest of them for a domain that does not lead there."""
    deployer.succeeds("deploy", STAGE, **BESIDE_ANOTHER)
    found = [deployer.parameter(STAGE, "Release")]
    deployer.succeeds("deploy", STAGE, API_RATE="700")
    found.append(deployer.parameter(STAGE, "Release"))
    done = deployer.run("deploy", STAGE, DOMAIN="help.example.org", CERTIFICATE=CERTIFICATE, API_RATE="900")
    found.append(deployer.parameter(STAGE, "Release"))
    assert done.status == 1
    name = deployer.cloud.client("cloudfront").get_distribution(Id=deployer.output(STAGE, "DistributionId"))
    assert done.text.splitlines()[-2:] == [
        f"Does the name lead there? Its DNS needs: help.example.org CNAME {name['Distribution']['DomainName']}",
        f"`make rollback STAGE={STAGE}` goes back to release {found[1]}.",
    ]
    return found


def test_each_time_goes_one_release_back_with_its_settings(deployer: Deployer, releases: list[str]) -> None:
    first, second, third = releases
    said = deployer.succeeds("rollback", STAGE)
    assert f"From release {third} back to {second}." in said
    assert (deployer.parameter(STAGE, "ApiRate"), deployer.parameter(STAGE, "Domain")) == ("700", "")
    deployer.succeeds("rollback", STAGE)
    assert (deployer.parameter(STAGE, "Release"), deployer.parameter(STAGE, "ApiRate")) == (first, "500")
    assert deployer.refusal("rollback", STAGE) == (
        f"{first} is the first release of kalauz-{STAGE}: there is none to go back to."
    )

    deployer.succeeds("deploy", STAGE)
    bucket = deployer.output(STAGE, "SiteBucketName")
    deployer.cloud.client("s3").delete_object(Bucket=bucket, Key=f"deployments/{first}/code.zip")
    latest = deployer.parameter(STAGE, "Release")
    assert deployer.refusal("rollback", STAGE) == (
        f"There is no going back: deployments/{first}/code.zip is gone from the bucket {bucket}. Deploy forward."
    )
    assert deployer.parameter(STAGE, "Release") == latest


def test_a_stage_that_is_not_there_has_nowhere_to_go_back(deployer: Deployer) -> None:
    assert (
        deployer.refusal("rollback", "nowhere")
        == "There is no stack kalauz-nowhere in eu-central-1 to go back in."
    )
