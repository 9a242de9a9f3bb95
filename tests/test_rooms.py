"""The house's rules about imports: shared modules import no room, rooms meet only through actions and repositories."""

from functools import cache
from pathlib import Path

import grimp

import chalicelib

HOUSE = Path(chalicelib.__file__).parent
ROOMS = sorted(folder.name for folder in HOUSE.iterdir() if (folder / "routes.py").exists())
STANDARD = {"forms", "routes", "actions", "repository"}
OF_ITS_OWN = {"mail": {"feedback", "letters"}}  # reading what SES tells, rendering; beside the four

# Who may ask whom, and through what. A new pair is a decision about the house.
ALLOWED = {
    ("accounts.actions", "mail.actions"),
    ("accounts.actions", "sessions.actions"),
    ("accounts.routes", "sessions.actions"),
    ("accounts.actions", "users.repository"),
    ("invitations.actions", "accounts.repository"),
    ("invitations.actions", "mail.actions"),
    ("invitations.actions", "sessions.actions"),
    ("invitations.actions", "sessions.repository"),
    ("invitations.actions", "users.repository"),
    ("invitations.routes", "sessions.actions"),
    ("mail.actions", "accounts.repository"),
    ("passwords.actions", "accounts.repository"),
    ("passwords.actions", "mail.actions"),
    ("passwords.actions", "sessions.actions"),
    ("passwords.actions", "sign_in.actions"),
    ("passwords.routes", "sessions.actions"),
    ("sessions.actions", "accounts.repository"),
    ("sessions.actions", "users.repository"),
    ("sign_in.actions", "accounts.repository"),
    ("sign_in.actions", "sessions.actions"),
    ("sign_in.actions", "sessions.repository"),
    ("sign_in.actions", "two_factor.actions"),
    ("sign_in.repository", "accounts.repository"),
    ("sign_in.routes", "sessions.actions"),
    ("tickets.actions", "mail.actions"),
    ("two_factor.actions", "accounts.repository"),
    ("two_factor.actions", "mail.actions"),
    ("two_factor.actions", "sessions.actions"),
    ("two_factor.routes", "sessions.actions"),
    ("users.actions", "accounts.repository"),
}


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Every import of one module of the house by another, without the house's own name."""
    graph = grimp.build_graph("chalicelib", cache_dir=None)
    return frozenset(
        (importer.removeprefix("chalicelib."), imported.removeprefix("chalicelib."))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    )


def room_of(module: str) -> str:
    """The room that a module stands in; nothing for a shared one."""
    room = module.partition(".")[0]
    return room if room in ROOMS else ""


def test_shared_modules_import_no_room() -> None:
    assert [pair for pair in imports() if not room_of(pair[0]) and room_of(pair[1])] == []


def test_rooms_meet_only_where_it_was_decided() -> None:
    met = {pair for pair in imports() if room_of(pair[1]) and room_of(pair[0]) != room_of(pair[1])}
    assert met == ALLOWED


def test_no_room_is_entered_but_through_its_actions_and_repository() -> None:
    assert {asked.partition(".")[2] for _asking, asked in ALLOWED} <= {"actions", "repository"}


def test_every_room_has_the_standard_files_and_no_other() -> None:
    for room in ROOMS:
        files = {path.stem for path in (HOUSE / room).glob("*.py")} - {"__init__"}
        assert files - OF_ITS_OWN.get(room, set()) <= STANDARD, room
        assert {"routes", "actions", "repository"} <= files, room


def test_what_few_requests_need_waits_for_them() -> None:
    """A cold start pays for every import of app.py, and so does the build, which imports every form."""
    import subprocess
    import sys

    late = {"argon2", "boto3", "email_validator", "jinja2", "pyotp", "segno", "zxcvbn"}
    asked = f"import sys, app; print(*{late} & set(sys.modules))"
    imported = subprocess.check_output([sys.executable, "-c", asked], cwd=HOUSE.parent, text=True)
    assert imported.split() == []
