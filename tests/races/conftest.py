"""Races run before ministack, whose transactions are atomic between threads as DynamoDB's are; moto's are not.

Each race is run twice: as it is, where the invariant holds, and with the condition that guards it taken out,
where the same race must break it (trust.md, 44). A condition is taken out by one that always holds.
"""

import pytest

from tests.conftest import Person, settle


@pytest.fixture
def alice(emulated: None) -> Person:
    """Alice Petrović, before ministack."""
    return settle("alice", "Alice Petrović", "sr", owns=True)
