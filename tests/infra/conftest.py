"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from infra.package import package
from tests.infra import cloud as clouds
from tests.infra.cloud import Cloud
from tests.infra.deployer import Deployer
from tests.infra.packaged import Package


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """AWS as a whole stack needs it; who uses it stands in the xdist_group `cloud`, so that there is one."""
    with clouds.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="session")
def deployer(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployer:
    """Who deploys to it, with the real package."""
    folder = tmp_path_factory.mktemp("deployer")
    package(folder / "package")
    return Deployer(cloud, Package(folder / "package"), folder)
