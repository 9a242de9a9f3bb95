"""infra/template.yaml changes under a `make run` that has kept data."""

from pathlib import Path

import pytest

from chalicelib import keys, table
from infra.local import stack
from infra.local.ministack import Ministack

pytestmark = pytest.mark.xdist_group("ministack")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("a-comment", "Parameters:", "# What may differ.\nParameters:"),
        ("a-word", "The one table of Kalauz", "Still the one table of Kalauz"),
        ("an-output", "Outputs:", "Outputs:\n  TableName: {Value: !Ref Table}"),
    ],
)
def test_what_was_kept_is_still_there(
    ministack: Ministack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    template = stack.TEMPLATE.read_text("utf-8")
    assert old in template
    changed = tmp_path / "template.yaml"
    changed.write_text(template.replace(old, new), "utf-8")
    with stack.of_its_own(ministack, name):
        item = {**keys.account("1"), "entity": "Account", "version": 1}
        table.write(table.put(item))
        monkeypatch.setattr(stack, "TEMPLATE", changed)
        stack.create(name)
        assert stack.is_whole(name)
        assert table.get(keys.account("1")) == item
