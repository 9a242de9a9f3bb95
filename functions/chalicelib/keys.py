"""The keys of the one table, as design.md draws them, and the normal form of an e-mail address."""

import unicodedata

Key = dict[str, str]


def key(pk: str, sk: str) -> Key:
    """A primary key."""
    return {"pk": pk, "sk": sk}


def account(account_id: str) -> Key:
    """The account itself; what belongs to it shares its `pk`."""
    return key(f"ACCOUNT#{account_id}", "ACCOUNT")


def user(user_id: str) -> Key:
    """A person who signs in."""
    return key(f"USER#{user_id}", "USER")


def email_address(email: str) -> Key:
    """Who signs in with an address: unique, and read consistently. Takes the address as typed."""
    return key(f"EMAIL#{normalised_email(email)}", "EMAIL")


def membership(account_id: str, user_id: str) -> Key:
    """A user's place on an account."""
    return key(f"ACCOUNT#{account_id}", f"USER#{user_id}")


def under_hash(kind: str, digest: str) -> Key:
    """An item that only the bearer of a token finds: REGISTRATION, RESET, SESSION, SIGN_IN. Takes its SHA-256."""
    return key(f"{kind}#{digest}", f"{kind}#{digest}")


def totp_enrolment(user_id: str) -> Key:
    """A second-factor secret that awaits its first code."""
    return key(f"USER#{user_id}", "TOTP#PENDING")


def totp_credential(user_id: str) -> Key:
    """The second-factor secret that counts."""
    return key(f"USER#{user_id}", "TOTP")


def recovery_code(user_id: str, code_hash: str) -> Key:
    """A recovery code, known by its hash."""
    return key(f"USER#{user_id}", f"RECOVERY#{code_hash}")


def invitation(account_id: str, invitation_id: str) -> Key:
    """An invitation to an account."""
    return key(f"ACCOUNT#{account_id}", f"INVITATION#{invitation_id}")


def invited(account_id: str, email: str) -> Key:
    """The mark that keeps an address invited once at a time."""
    return key(f"ACCOUNT#{account_id}", f"INVITED#{normalised_email(email)}")


def invitations_of_day(account_id: str, day: str) -> Key:
    """How many invitations an account mailed on a day such as `2026-11-22` (UTC)."""
    return key(f"ACCOUNT#{account_id}", f"INVITATIONS_OF_DAY#{day}")


def contact(account_id: str, contact_id: str) -> Key:
    """A contact of an account."""
    return key(f"ACCOUNT#{account_id}", f"CONTACT#{contact_id}")


def contact_email(account_id: str, kind: str, email: str) -> Key:
    """The mark that keeps an address once per kind of contact on an account."""
    return key(f"ACCOUNT#{account_id}", f"CONTACT_EMAIL#{kind}#{normalised_email(email)}")


def ticket(ticket_id: str) -> Key:
    """A ticket; its messages share its `pk`."""
    return key(f"TICKET#{ticket_id}", "TICKET")


def ticket_message(ticket_id: str, message_id: str) -> Key:
    """One message of a ticket's thread."""
    return key(f"TICKET#{ticket_id}", f"MESSAGE#{message_id}")


def ticket_number(number: str) -> Key:
    """The mark that keeps a public ticket ID unique."""
    return key(f"TICKET_NUMBER#{number}", f"TICKET_NUMBER#{number}")


def email(owner_pk: str, email_id: str) -> Key:
    """A mail to send or sent, which belongs to an account or to a user (their `pk`)."""
    return key(owner_pk, f"EMAIL#{email_id}")


def vote(article: str, voter: str) -> Key:
    """What a visitor said of an article; takes the hash by which that article's votes know them."""
    return key(f"ARTICLE#{article}", f"VOTE#{voter}")


def votes(article: str) -> Key:
    """How an article's votes stand."""
    return key(f"ARTICLE#{article}", "VOTES")


def search_miss(day: str, language: str, query: str) -> Key:
    """How often a query found nothing on a day such as `2026-11-22` (UTC)."""
    return key(f"SEARCH_MISSES#{day}", f"{language}#{query}")


def attempts(what: str, subject: str) -> Key:
    """What was tried lately by or against a subject: an address, a user, an e-mail address."""
    return key(f"ATTEMPTS#{what}#{subject}", f"ATTEMPTS#{what}#{subject}")


def audit(owner_pk: str, event_id: str) -> Key:
    """An audit event of an account or a user."""
    return key(owner_pk, f"AUDIT#{event_id}")


def normalised_email(email: str) -> str:
    """The form in which two addresses are compared: NFC, case folded, the domain in IDNA (RFC 5891)."""
    from idna import IDNAError, encode

    local, _at, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    try:
        # Folded by UTS 46, not by casefold, which would take straße.de for strasse.de, another domain.
        domain = encode(domain, uts46=True).decode("ascii")
    except IDNAError:  # Not a domain: it belongs to nobody, and is compared as it stands.
        domain = domain.casefold()
    return f"{local.casefold()}@{domain}"
