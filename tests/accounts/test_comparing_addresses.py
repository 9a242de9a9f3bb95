"""Comparing e-mail addresses: which are one address, and which are two (RFC 5891, UTS 46)."""

import pytest
from pydantic import TypeAdapter, ValidationError

from chalicelib.fields import EmailAddress
from chalicelib.keys import normalised_email

ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("dana@example.com", "dana@example.com"),
        ("Dana@Example.COM", "dana@example.com"),
        (" dana@example.com ", "dana@example.com"),
        ("dana+shop@example.com", "dana+shop@example.com"),
        ("d.a.n.a@example.com", "d.a.n.a@example.com"),
        ("dana@čaplja.rs", "dana@xn--aplja-gya.rs"),
        ("dana@ČAPLJA.RS", "dana@xn--aplja-gya.rs"),
        ("dana@XN--APLJA-GYA.RS", "dana@xn--aplja-gya.rs"),
        ("dana@c\u030caplja.rs", "dana@xn--aplja-gya.rs"),
        ("dana@\uff45xample.com", "dana@example.com"),
        ("dana@example\u3002com", "dana@example.com"),
        ("dana@straße.de", "dana@xn--strae-oqa.de"),
        ("dana@strasse.de", "dana@strasse.de"),
        ("dana@чапља.срб", "dana@xn--80aa8b4a0g.xn--90a3ac"),
        ("dana@münchen.example", "dana@xn--mnchen-3ya.example"),
        ("no domain", "@no domain"),
        ("dana@-.-", "dana@-.-"),
    ],
)
def test_there_is_one_form_of_each(typed: str, normal: str) -> None:
    assert normalised_email(typed) == normal
    assert normalised_email(normal) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dana@example.com", "dana@example.org"),
        ("dana@example.com", "dana+x@example.com"),
        ("dana@straße.de", "dana@strasse.de"),
        ("dana@pаypal.com", "dana@paypal.com"),  # The first has a Cyrillic а.
    ],
)
def test_two_mailboxes_are_two_addresses(one: str, other: str) -> None:
    assert normalised_email(one) != normalised_email(other)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Dana@Example.com", "Dana@example.com"),
        ("dana@čaplja.rs", "dana@čaplja.rs"),
        ("  dana@example.com ", "dana@example.com"),
        ("d!#$%&'*+-/=?^_`{|}~a@example.com", "d!#$%&'*+-/=?^_`{|}~a@example.com"),
    ],
)
def test_an_address_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    assert ADDRESS.validate_python(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "dana",
        "dana@",
        "@example.com",
        "dana@example",
        "dana@.com",
        "dana@example..com",
        ".dana@example.com",
        "dana.@example.com",
        "da..na@example.com",
        "dana@-example.com",
        "dana@exa_mple.com",
        "dana @example.com",
        "dana@ex ample.com",
        '"dana"@example.com',
        "dana@[192.0.2.1]",
        "dana@[IPv6:2001:db8::1]",
        "dana@192.0.2.1",
        "dana(comment)@example.com",
        "Dana <dana@example.com>",
        "dana@example.com, vera@example.com",
        "dana@example.com;vera@example.com",
        "đana@example.com",
        "a" * 65 + "@example.com",
        "dana@" + "x" * 64 + ".com",
        "dana@xn--a.com",
        "dana@a\u200bb.com",
    ],
)
def test_what_no_mail_can_reach_is_no_address(typed: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ADDRESS.validate_python(typed)
    assert [error["type"] for error in refusal.value.errors()] == ["invalid_email"]
