"""Using one code many times at once (trust.md, 2 and 10): it opens one session, or none."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest

from chalicelib import brand, limits, table
from chalicelib.two_factor import actions
from tests.client import Client
from tests.conftest import Person, items
from tests.races.racing import at_once, without
from tests.two_factor.authenticator import (
    APP,
    RECOVERY_CODES,
    awaited,
    begun,
    credential,
    elevate,
    finish,
    switched_on,
)

pytestmark = pytest.mark.xdist_group("ministack")

REPOSITORY = "chalicelib.two_factor.repository"
TIMES = 20

# Each condition that guards a use, and what always holds in its place.
ANY_STEP = (
    f"{REPOSITORY}.IS_A_LATER_STEP",
    "sealed = :sealed AND (last_step < :step OR attribute_exists(pk))",
)
ANY_SIGN_IN = ("chalicelib.sign_in.repository.UNUSED", "attribute_exists(pk)")
ANY_RECOVERY_CODE = (f"{REPOSITORY}.IS_THERE", None)
ANY_SET = (f"{REPOSITORY}.HAS_THESE_CODES", "recovery_set = :set OR attribute_exists(pk)")


@pytest.fixture
def many_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so wide that they decide no race."""
    for what in ("second_factor_per_user", "password_per_user"):
        monkeypatch.setitem(brand.BRAND["limits"]["windows"], what, ["1000 in 300"])


def finishing(alice: Person, code: str, *, sign_ins: int) -> Counter[tuple[int, str]]:
    """Twenty times the same code, over so many sign-ins, each checked before the first is accepted."""
    waiting = [awaited(alice).cookies for _sign_in in range(sign_ins)]

    def run(place: int) -> tuple[int, str]:
        answer = finish(Client(cookies=dict(waiting[place % sign_ins])), code)
        return answer.status, answer.code

    return Counter(at_once(TIMES, run, once_all_did=f"{REPOSITORY}.credential"))


ONE_OF_THEM = {(201, ""): 1, (401, "second_factor_failed"): TIMES - 1}


@pytest.mark.parametrize("sign_ins", [1, TIMES])
def test_one_code_opens_one_session(alice: Person, many_tries: None, sign_ins: int) -> None:
    app = switched_on(alice)
    assert finishing(alice, app.code(), sign_ins=sign_ins) == ONE_OF_THEM
    assert len(items("Session")) == 1


def test_of_several_sign_ins_the_step_alone_decides(alice: Person, many_tries: None) -> None:
    app = switched_on(alice)
    with without(ANY_STEP):
        assert finishing(alice, app.code(), sign_ins=TIMES)[201, ""] > 1


def test_of_one_sign_in_its_end_decides_too(alice: Person, many_tries: None) -> None:
    app = switched_on(alice)
    with without(ANY_STEP):
        assert finishing(alice, app.code(), sign_ins=1) == ONE_OF_THEM


def test_without_either_it_opens_more(alice: Person, many_tries: None) -> None:
    app = switched_on(alice)
    with without(ANY_STEP, ANY_SIGN_IN):
        assert finishing(alice, app.code(), sign_ins=1)[201, ""] > 1


@pytest.mark.parametrize("sign_ins", [1, TIMES])
def test_one_recovery_code_opens_one_session(alice: Person, many_tries: None, sign_ins: int) -> None:
    switched_on(alice)
    assert finishing(alice, RECOVERY_CODES[0], sign_ins=sign_ins) == ONE_OF_THEM
    kept = credential(alice)
    assert kept and kept["recovery_codes_left"] == len(items("RecoveryCode")) == 9
    assert [mail["kind"] for mail in items("Email")] == ["recovery_code_used"]


def test_without_the_condition_it_opens_more(alice: Person, many_tries: None) -> None:
    switched_on(alice)
    with without(ANY_RECOVERY_CODE):
        assert finishing(alice, RECOVERY_CODES[0], sign_ins=TIMES)[201, ""] > 1


def elevating(alice: Person, code: str) -> Counter[tuple[int, str]]:
    sessions = [alice.signed_in().cookies for _session in range(TIMES)]

    def run(place: int) -> tuple[int, str]:
        answer = elevate(Client(cookies=sessions[place]), code)
        return answer.status, answer.code

    return Counter(at_once(TIMES, run, once_all_did=f"{REPOSITORY}.credential"))


def test_one_code_elevates_one_session(alice: Person, many_tries: None) -> None:
    app = switched_on(alice)
    assert elevating(alice, app.code()) == ONE_OF_THEM
    assert elevating(alice, RECOVERY_CODES[0]) == ONE_OF_THEM
    assert sum(session["elevated_with_code"] for session in items("Session")) == 2


def test_without_the_conditions_it_elevates_more(alice: Person, many_tries: None) -> None:
    app = switched_on(alice)
    with without(ANY_STEP):
        assert elevating(alice, app.code())[201, ""] > 1
    with without(ANY_RECOVERY_CODE):
        assert elevating(alice, RECOVERY_CODES[0])[201, ""] > 1


# --- Guessing ---

SIGN_INS = 100
GUESSES = 10  # on each of them
THREADS = 40


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The codes that were compared with what the app shows."""
    compared: list[str] = []
    matching_step = actions._matching_step

    def counted(user_id: str, sealed: bytes, code: str, now: datetime) -> int | None:
        compared.append(code)
        return matching_step(user_id, sealed, code, now)

    monkeypatch.setattr(actions, "_matching_step", counted)
    yield compared


def guessing(alice: Person, guesses: int) -> Counter[str]:
    """So many guesses on each sign-in, each of them from an address of its own."""
    code = APP.wrong_code()
    waiting = [awaited(alice) for _sign_in in range(SIGN_INS)]
    for place, client in enumerate(waiting):
        client.peer = f"203.0.113.{place}"

    def run(thread: int) -> Counter[str]:
        places = range(thread, SIGN_INS * guesses, THREADS)
        return Counter(finish(waiting[place % SIGN_INS], code).code for place in places)

    return sum(at_once(THREADS, run), Counter[str]())


def test_of_a_thousand_guesses_over_a_hundred_sign_ins_five_are_checked(
    alice: Person, checked: list[str]
) -> None:
    switched_on(alice)
    refused = SIGN_INS * GUESSES - 5
    assert guessing(alice, GUESSES) == {"second_factor_failed": 5, "too_many_attempts": refused}
    assert len(checked) == 5
    (times,) = [item["times"] for item in items("Attempts") if "second_factor_per_user" in item["pk"]]
    assert len(times) == 5


def test_without_the_condition_more_are(
    alice: Person, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on(alice)
    change = table.change

    def unguarded(key: table.Key, expression: str, *, when: str | None, **named: object) -> table.Write:
        always = f"{when} OR attribute_exists(pk) OR attribute_not_exists(pk)" if when else None
        return change(key, expression, when=always, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(limits.table, "change", unguarded)
    assert guessing(alice, 1)["second_factor_failed"] > 5
    assert len(checked) > 5


def test_the_right_code_among_many_opens_one_session_at_most(alice: Person, checked: list[str]) -> None:
    code = switched_on(alice).code()
    waiting = [awaited(alice).cookies for _sign_in in range(THREADS)]

    def run(place: int) -> int:
        return finish(Client(cookies=waiting[place]), code).status

    outcome = Counter(at_once(THREADS, run))
    assert outcome == {201: 1, 401: 4, 429: THREADS - 5}
    assert len(checked) == 5 and len(items("Session")) == 1


# --- Enrolling ---


def confirming(alice: Person) -> Counter[tuple[int, str]]:
    client = alice.signed_in()
    app, cookies = begun(alice, client), dict(client.cookies)

    def run(_place: int) -> tuple[int, str]:
        answer = Client(cookies=dict(cookies)).post("/api/two-factor/confirm", {"code": app.code()})
        return answer.status, answer.code

    return Counter(at_once(10, run, once_all_did=f"{REPOSITORY}.enrolment"))


def test_ten_confirmations_are_one(alice: Person, many_tries: None) -> None:
    assert confirming(alice) == {(201, ""): 1, (409, "already_enrolled"): 9}
    kept = credential(alice)
    assert kept and kept["recovery_codes_left"] == len(items("RecoveryCode")) == 10
    assert [mail["kind"] for mail in items("Email")] == ["two_factor_enabled"]
    assert len(items("Session")) == 1 and not items("TotpEnrolment")


def test_without_the_conditions_they_are_more(alice: Person, many_tries: None) -> None:
    """Four of them: the secret is new, the enrolment the newest, the session there, two-factor off before."""
    with without(
        (f"{REPOSITORY}.IS_NEW", None),
        (f"{REPOSITORY}.IS_THE_NEWEST", "sealed = :sealed OR attribute_not_exists(pk)"),
        ("chalicelib.sessions.repository.IS_THERE", None),
        (
            "chalicelib.accounts.repository.IS_AS_LOOKED_UP",
            "generation = :generation AND (two_factor_since = :two_factor_since OR attribute_exists(pk))",
        ),
    ):
        assert confirming(alice)[201, ""] > 1
    assert len(items("RecoveryCode")) > 10


def test_of_several_beginnings_one_secret_waits(alice: Person, many_tries: None) -> None:
    client = alice.signed_in()
    cookies = dict(client.cookies)

    def run(_place: int) -> str:
        return str(Client(cookies=dict(cookies)).post("/api/two-factor").body["secret"])

    secrets = at_once(10, run)
    assert len(set(secrets)) == 10 and len(items("TotpEnrolment")) == 1
    app_codes = [type(APP)(secret).code() for secret in secrets]
    answers = [client.post("/api/two-factor/confirm", {"code": code}).status for code in app_codes]
    assert answers.count(201) == 1


# --- Recovery codes ---


def renewing(alice: Person) -> list[list[str]]:
    """The codes of those who got some."""
    switched_on(alice)
    cookies = alice.signed_in(with_code=True).cookies

    def run(_place: int) -> list[str]:
        answer = Client(cookies=dict(cookies)).post("/api/two-factor/recovery-codes")
        assert answer.status in (201, 503)
        return list(answer.body["recovery_codes"]) if answer.status == 201 else []

    return [codes for codes in at_once(10, run, once_all_did=f"{REPOSITORY}.recovery_codes") if codes]


def test_of_ten_renewals_one_set_is_left(alice: Person) -> None:
    (codes,) = renewing(alice)
    kept = credential(alice)
    assert kept and kept["recovery_codes_left"] == len(items("RecoveryCode")) == 10
    assert {item["sk"] for item in items("RecoveryCode")} == {
        f"RECOVERY#{actions._hash(code)}" for code in codes
    }
    assert [mail["kind"] for mail in items("Email")] == ["recovery_codes_renewed"]


def test_without_the_condition_several_are(alice: Person) -> None:
    with without(ANY_SET):
        assert len(renewing(alice)) > 1
    assert len(items("RecoveryCode")) > 10


def agrees(alice: Person) -> bool:
    """The secret, its codes, their counter and the user all tell the same."""
    kept, left = credential(alice), len(items("RecoveryCode"))
    is_on = alice.signed_in().get("/api/me").body["two_factor"]
    return is_on is (kept is not None) and left == (kept["recovery_codes_left"] if kept else 0)


def switched_on_anew(alice: Person) -> None:
    for item in items("RecoveryCode") + items("TotpCredential"):
        table.write(table.delete({"pk": item["pk"], "sk": item["sk"]}))
    switched_on(alice)


def renewing_and_switching_off(alice: Person) -> set[int]:
    """The statuses of one who renews the codes and one who switches two-factor off, both of whom saw the old codes."""
    switched_on_anew(alice)
    renewing, switching = (alice.signed_in(with_code=True) for _session in range(2))

    def run(place: int) -> int:
        if place == 0:
            return renewing.post("/api/two-factor/recovery-codes").status
        return switching.delete("/api/two-factor").status

    return set(at_once(2, run, once_all_did=f"{REPOSITORY}.recovery_codes"))


def test_renewing_and_switching_off_at_once_are_one_or_the_other(alice: Person) -> None:
    for _round in range(5):
        assert renewing_and_switching_off(alice) in ({201, 503}, {503, 204}, {401, 204})
        assert agrees(alice)


def test_without_the_condition_codes_outlive_their_secret(alice: Person) -> None:
    """Where the renewal comes first, which is half of the time."""
    with without(ANY_SET):
        outcomes = []
        for _round in range(12):
            renewing_and_switching_off(alice)
            outcomes.append(agrees(alice))
    assert not all(outcomes)


def test_using_renewing_and_switching_off_at_once_leave_what_agrees(alice: Person, many_tries: None) -> None:
    switched_on(alice)
    waiting = [awaited(alice).cookies for _sign_in in range(8)]
    renewing, switching = (alice.signed_in(with_code=True) for _session in range(2))

    def run(place: int) -> int:
        if place < 8:
            return finish(Client(cookies=waiting[place]), RECOVERY_CODES[place]).status
        if place == 8:
            return renewing.post("/api/two-factor/recovery-codes").status
        return switching.delete("/api/two-factor").status

    assert set(at_once(10, run, once_all_did=f"{REPOSITORY}.credential")) <= {201, 204, 401, 503}
    assert agrees(alice)
