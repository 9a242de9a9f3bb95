"""The zip that Lambda gets, as `make package` makes it."""

from collections.abc import Iterator

from infra import package
from infra.bench.rows import Counted, Row, verdict
from infra.bench.setting import Setting


def rows(setting: Setting) -> Iterator[Row]:
    """Its size."""
    folder = setting.folder / "package"
    package.package(folder)
    size, most = (folder / package.ZIP).stat().st_size, package.LARGEST_ZIP
    yield Counted(
        "zip", f"{size / 1e6:.2f} MB", budget=f"≤ {most / 1e6:.2f} MB", verdict=verdict(size <= most)
    )
