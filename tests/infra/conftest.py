"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.infra import cloud as clouds
from tests.infra.cloud import Cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """AWS as a whole stack needs it; who uses it stands in the xdist_group `cloud`, so that there is one."""
    with clouds.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running
