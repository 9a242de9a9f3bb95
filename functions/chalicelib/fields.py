"""What a form is made of. A field is declared once: the site draws it, the API checks it, OpenAPI describes it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from chalicelib import brand
from chalicelib.problems import FieldError
from chalicelib.words import _

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
LONGEST_PASSWORD = 128  # NIST SP 800-63B-4 asks for at least 64.
# Letters that turn the reading direction of what stands around them (Unicode TR 9): of no use here but to deceive.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Digits, and what people write between them, before them, or before an extension.
PHONE = re.compile(r"[+(]?[0-9][0-9 ().,/x-]{2,38}")

# What is said of a wrong field, unless its Input says it better.
ERROR_WORDS: Mapping[str, str] = {
    "required": _("Fill in this field."),
    "too_short": _("Use at least {min_length} characters."),
    "too_long": _("Shorten this to at most {max_length} characters."),
    "wrong_type": _("This value is of the wrong kind. Reload the page and fill it in again."),
    "unknown_field": _("This field is not known here. Reload the page and try again."),
    "not_offered": _("Choose one of the offered values."),
    "invalid_email": _("Enter an address with an @ sign, for example name@company.com."),
    "control_characters": _("Write this in one line, without invisible control characters."),
    "not_a_name": _("Write the name with letters, without signs such as < and > or emoji."),
    "not_plain": _("Write this with letters and digits, without signs such as < and > or emoji."),
    "not_a_phone": _("Write the number with digits, for example +381 11 123 4567."),
    "too_common": _("Many people use this password, so it is easy to guess. Choose another one."),
    "provider_word": _("Choose a password that does not contain the name {word}."),
    "already_a_contact": _(
        "This address is already a contact of the account. Change that one, or enter another address."
    ),
    "repeated": _("Choose each value once."),
    "no_mails": _("Choose none: a domain contact gets no mails."),
    "not_the_same": _("The two passwords differ. Type the new one again."),
    "not_a_code": _("Enter the 6 digits that the app shows."),
    "wrong_code": _("Wait for the next code in the app and enter that one."),
    "already_a_user": _("This person is a user of the account already."),
    "already_invited": _(
        "This address is invited already. Resend or revoke that invitation, or enter another address."
    ),
    "unknown_article": _("Reload the page: this article is no longer there."),
    "reason_to_no": _("Leave the reason out, or answer No."),
    "wrong_password": _("This is not your current password. Type it again, or reset it by mail."),
}

InputKind = Literal[
    "text",
    "email",
    "tel",
    "password",
    "textarea",
    "select",
    "checkboxes",
    "hidden",
    "token",
    "code",
    "permissions",
]


@dataclass(frozen=True)
class Input:
    """How the site draws a field. All words are msgids of the catalogs."""

    label: str
    kind: InputKind = "text"
    hint: str = ""
    autocomplete: str = "off"  # a value of the HTML standard's autofill field names
    inputmode: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)  # value: label
    errors: Mapping[str, str] = field(default_factory=dict)  # code: words, where ERROR_WORDS are too general
    is_asked_for: bool = False  # by the page, though the API can do without
    confirmed_by: str = ""  # the label of a second field, in the page alone, that must repeat this one
    of_kind: str = ""  # drawn only where the form's hidden field `kind` says this

    @property
    def is_secret(self) -> bool:
        """Whether the page must never keep what was typed."""
        return self.kind in ("password", "token", "code")


@dataclass(frozen=True)
class Card:
    """How the site draws a form: what `/// form | name` stands for. All words are msgids of the catalogs."""

    name: str
    title: str
    submit: str
    busy: str
    lead: str = ""
    needs_session: bool = False
    alongside: tuple[
        str, ...
    ] = ()  # cards that the same place turns into, such as one that a mail's link opens
    # What it says where an article fills in the form's hidden field `kind` so.
    kinds: Mapping[str, "Card"] = field(default_factory=dict)


class Form(BaseModel):
    """A body that the API takes: strict about types, and about fields that it does not know."""

    # Its validator is built when it is first asked for: a cold start pays for the form that it fills in alone.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    card: ClassVar[Card | None] = None

    @classmethod
    def inputs(cls) -> dict[str, Input]:
        """The fields that a page draws, by name, in order."""
        found = {}
        for name, info in cls.model_fields.items():
            for mark in info.metadata:
                if isinstance(mark, Input):
                    found[name] = mark
        return found


class View(BaseModel):
    """A body that the API answers."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Accepted(View):
    """What was asked for is under way; whether it concerns anybody is not told."""

    accepted: bool = True


def one_line(text: str) -> str:
    """Text for one line, trimmed. Raises control_characters for CR, LF, NUL and the like (Unicode Cc, Zl, Zp, bidi)."""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") or letter in BIDI_CONTROLS for letter in text):
        raise PydanticCustomError("control_characters", "control characters")
    return text.strip()


def several_lines(text: str) -> str:
    """Text of several lines, with LF between them. Raises control_characters for anything else invisible."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in text.replace("\t", " ").split("\n"):
        one_line(line)
    return text.strip()


def filled(text: str) -> str:
    """Text that is not empty. Raises required."""
    if not text:
        raise PydanticCustomError("required", "required")
    return text


def person_name(name: str) -> str:
    """A name in any script. Raises not_a_name for markup, emoji and unassigned or private letters."""
    if not _is_plain(name):
        raise PydanticCustomError("not_a_name", "not a name")
    return unicodedata.normalize("NFC", name)


def plain_line(text: str) -> str:
    """A line such as an address, in any script. Raises not_plain for what person_name refuses."""
    if not _is_plain(text):
        raise PydanticCustomError("not_plain", "not plain text")
    return text


def phone_number(number: str) -> str:
    """A number as people write it, or nothing. Raises not_a_phone for anything but digits and what sets them apart."""
    if number and not PHONE.fullmatch(number):
        raise PydanticCustomError("not_a_phone", "not a phone number")
    return number


def email_address(address: str) -> str:
    """An address that mail can reach, its domain in any script. Raises invalid_email.

    The part before the @ is ASCII, since SES has no SMTPUTF8 (RFC 6531).
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(
            address, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise PydanticCustomError("invalid_email", "invalid e-mail address") from error
    return checked.normalized


def new_password(password: str) -> str:
    """A password worth having (NIST SP 800-63B-4, 3.1.1.2). Raises too_short, too_common, provider_word."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    password = unicodedata.normalize("NFC", password)
    if len(password) < brand.SHORTEST_PASSWORD:
        raise PydanticCustomError("too_short", "too short", {"min_length": brand.SHORTEST_PASSWORD})
    folded = password.casefold()
    if folded in FREQUENCY_LISTS["passwords"] or len(set(folded)) == 1:
        raise PydanticCustomError("too_common", "too common")
    for word in brand.REFUSED_PASSWORD_WORDS:
        if word in folded:
            raise PydanticCustomError("provider_word", "holds the provider's name", {"word": word})
    return password


def _is_plain(text: str) -> bool:
    """Whether text has no markup, emoji, invisible, unassigned or private letters."""
    odd = ("So", "Sk", "Cf", "Cn", "Co")
    return not any(letter in "<>" or unicodedata.category(letter) in odd for letter in text)


def distinct(values: list[str]) -> list[str]:
    """A list without repetition. Raises repeated."""
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "a value stands twice")
    return values


Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(one_line)]
FilledLine = Annotated[Line, AfterValidator(filled)]
FilledText = Annotated[
    str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(several_lines), AfterValidator(filled)
]
PlainLine = Annotated[Line, AfterValidator(plain_line)]
PhoneNumber = Annotated[Line, AfterValidator(phone_number)]
PersonName = Annotated[FilledLine, AfterValidator(person_name)]
EmailAddress = Annotated[
    str,
    StringConstraints(max_length=LONGEST_EMAIL),
    AfterValidator(one_line),
    AfterValidator(filled),
    AfterValidator(email_address),
]
# A password that was chosen earlier: anything that one can be, since rules may have changed meanwhile.
Password = Annotated[str, StringConstraints(max_length=LONGEST_PASSWORD), AfterValidator(filled)]
NewPassword = Annotated[Password, AfterValidator(new_password)]
Token = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(filled)]
Language = Literal["sr", "hu", "es"]
# Only ASCII digits: Python's own notion of a digit has ten more scripts, and superscripts.
TotpCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
# The same, or a recovery code: four groups of four letters and digits, with or without the hyphens.
SecondFactorCode = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{6}|[0-9A-Za-z]{4}(-?[0-9A-Za-z]{4}){3})$")
]

LANGUAGE_NAMES: Mapping[str, str] = {"sr": _("Serbian"), "hu": _("Hungarian"), "es": _("Spanish")}

# Inputs that more than one room asks for.
USERNAME = Input(
    _("E-mail address"),
    kind="email",
    autocomplete="username",
    errors={"required": _("Enter your e-mail address.")},
)
ONE_TIME_CODE = Input(
    _("Code from the app"),
    kind="code",
    autocomplete="one-time-code",
    inputmode="numeric",
    hint=_("6 digits; a new one every 30 seconds"),
    errors={"required": _("Enter the 6 digits that the app shows.")},
)
NEW_PASSWORD = Input(
    _("New password"),
    kind="password",
    hint=_("At least 8 characters; a few words with spaces are easy to remember and hard to guess."),
    autocomplete="new-password",
    confirmed_by=_("New password once more"),
    errors={"required": _("Enter the new password.")},
)

_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "string_pattern_mismatch": "not_a_code",  # Codes alone have one.
    "literal_error": "not_offered",
}


def field_error(pointer: str, code: str) -> FieldError:
    """An error of ERROR_WORDS that only an action can find, at a pointer such as `#/email`."""
    return FieldError(pointer, code, ERROR_WORDS[code])


def field_errors(form: type[Form], failure: ValidationError) -> tuple[FieldError, ...]:
    """Every wrong field of a body, as problem documents point at them."""
    inputs = form.inputs()
    return tuple(_field_error(inputs, error) for error in failure.errors(include_url=False))


def _field_error(inputs: Mapping[str, Input], error: ErrorDetails) -> FieldError:
    code = _CODES.get(error["type"], error["type"])
    if code not in ERROR_WORDS:
        code = "wrong_type"
    place = error["loc"]
    own = inputs[str(place[0])].errors if place and str(place[0]) in inputs else {}
    pointer = "#" + "".join(f"/{_escaped(part)}" for part in place)
    values: dict[str, Any] = error.get("ctx", {})
    return FieldError(pointer, code, own.get(code, ERROR_WORDS[code]), values)


def _escaped(part: int | str) -> str:
    """One step of a JSON pointer (RFC 6901, 3); a name from the reader's body is cut and made encodable."""
    text = str(part)[:LONGEST_LINE].encode("utf-8", "replace").decode("utf-8")
    return text.replace("~", "~0").replace("/", "~1")
