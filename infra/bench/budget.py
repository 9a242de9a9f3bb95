"""What each action may cost (design.md, Budgets): every call that a route makes of AWS, and what it writes.

A test counts the calls, `make bench` all of it; what Kalauz costs (`make price`) is computed from here.
"""

from typing import NamedTuple

AUTHORISE = ["GetItem", "BatchGetItem"]  # the session; then user, membership and account
CHARGE = ["UpdateItem"]
ACT = ["TransactWriteItems"]
READ = ["GetItem"]
LIST = ["Query"]
SEAL = ["Encrypt"]
UNSEAL = ["Decrypt"]

CALLS = {
    "GET /api/openapi.json": [],
    "POST /api/registrations": [*CHARGE, *CHARGE, *READ, *SEAL, *ACT],
    "POST /api/registrations/confirm": [*CHARGE, *READ, *ACT],
    "GET /api/me": [*AUTHORISE, *LIST, "BatchGetItem"],
    "PATCH /api/me": [*AUTHORISE, *ACT],
    "POST /api/session": [*CHARGE, *CHARGE, *READ, *ACT],
    "POST /api/session/second-factor": [*CHARGE, *READ, *CHARGE, *READ, *UNSEAL, *ACT],
    "PUT /api/session/account": [*AUTHORISE, *ACT],
    "POST /api/session/elevation": [*AUTHORISE, *CHARGE, *READ, *ACT],
    "DELETE /api/session": [*AUTHORISE, *ACT],
    "DELETE /api/sessions": [*AUTHORISE, *ACT],
    "PUT /api/me/password": [*AUTHORISE, *CHARGE, *READ, *ACT],
    "POST /api/password-resets": [*CHARGE, *CHARGE, *READ, *SEAL, *ACT],
    "POST /api/password-resets/complete": [*CHARGE, *READ, *READ, *ACT],
    "GET /api/two-factor": [*AUTHORISE, *READ],
    "POST /api/two-factor": [*AUTHORISE, *SEAL, *ACT],
    "POST /api/two-factor/confirm": [*AUTHORISE, *CHARGE, *CHARGE, *READ, *UNSEAL, *ACT],
    "POST /api/two-factor/recovery-codes": [*AUTHORISE, *READ, *LIST, *ACT],
    "DELETE /api/two-factor": [*AUTHORISE, *READ, *LIST, *ACT],
    "GET /api/invitations": [*AUTHORISE, *LIST],
    "POST /api/invitations": [*AUTHORISE, *CHARGE, *CHARGE, *READ, *SEAL, *ACT],
    "POST /api/invitations/{id}/resend": [*AUTHORISE, *CHARGE, *READ, *CHARGE, *READ, *SEAL, *ACT],
    "DELETE /api/invitations/{id}": [*AUTHORISE, *READ, *ACT],
    "POST /api/invitations/preview": [*CHARGE, *READ, *READ, *READ],
    "POST /api/invitations/accept": [*CHARGE, *READ, *READ, *READ, *ACT],
    "GET /api/users": [*AUTHORISE, *LIST, "BatchGetItem"],
    "PATCH /api/users/{id}": [*AUTHORISE, *ACT],
    "DELETE /api/users/{id}": [*AUTHORISE, *ACT],
    "GET /api/contacts": [*AUTHORISE, *LIST],
    "POST /api/contacts": [*AUTHORISE, *ACT],
    "GET /api/contacts/{id}": [*AUTHORISE, *READ],
    "PATCH /api/contacts/{id}": [*AUTHORISE, *READ, *ACT],
    "DELETE /api/contacts/{id}": [*AUTHORISE, *READ, *ACT],
    "POST /api/contacts/{id}/restore": [*AUTHORISE, *READ, *ACT],
    "GET /api/tickets": [*AUTHORISE, *LIST],
    "POST /api/tickets": [*AUTHORISE, *ACT],
    "GET /api/tickets/{id}": [*AUTHORISE, *LIST],
    "POST /api/tickets/{id}/messages": [*AUTHORISE, *READ, *ACT],
    "GET /api/votes": ["BatchGetItem"],
    "POST /api/votes": [*CHARGE, *ACT, "BatchGetItem"],
    "POST /api/search-misses": [*CHARGE, "UpdateItem"],
}

# In a transaction an item takes 2 units a KB, looked at or written, and 1 for its place in the index; a charge takes 1.
WRITE_UNITS = {
    "POST /api/registrations": 9,
    "POST /api/registrations/confirm": 17,
    "PATCH /api/me": 4,
    "POST /api/session": 9,
    "POST /api/session/second-factor": 13,
    "PUT /api/session/account": 8,
    "POST /api/session/elevation": 11,
    "DELETE /api/session": 5,
    "DELETE /api/sessions": 12,
    "PUT /api/me/password": 16,
    "POST /api/password-resets": 9,
    "POST /api/password-resets/complete": 12,
    "POST /api/two-factor": 4,
    "POST /api/two-factor/confirm": 41,
    "POST /api/two-factor/recovery-codes": 49,
    "DELETE /api/two-factor": 31,
    "POST /api/invitations": 17,
    "POST /api/invitations/{id}/resend": 17,
    "DELETE /api/invitations/{id}": 6,
    "POST /api/invitations/preview": 1,
    "POST /api/invitations/accept": 22,
    "PATCH /api/users/{id}": 5,
    "DELETE /api/users/{id}": 5,
    "POST /api/contacts": 8,
    "PATCH /api/contacts/{id}": 4,
    "DELETE /api/contacts/{id}": 8,
    "POST /api/contacts/{id}/restore": 8,
    "POST /api/tickets": 12,
    "POST /api/tickets/{id}/messages": 8,
    "POST /api/votes": 5,
    "POST /api/search-misses": 2,
}


class Units(NamedTuple):
    """What a request uses beside its calls and write units. Bytes are rounded up to 50."""

    read_units: float  # 4 KB read consistently; half a unit where an index is read
    records: int  # of the table's stream: an item written each
    hashes: int  # by argon2
    mails: int
    kept: int  # bytes that the table and its index hold from now on, with those of the mails
    passing: int  # bytes that they hold until they expire
    answered: int  # bytes of the answer with its headers


UNITS = {
    "GET /api/openapi.json": Units(0, 0, 0, 0, 0, 0, 86_750),
    "POST /api/registrations": Units(1, 5, 0, 1, 700, 900, 150),
    "POST /api/registrations/confirm": Units(1, 8, 1, 0, 1_650, 1_350, 600),
    "GET /api/me": Units(5.5, 0, 0, 0, 0, 0, 650),
    "PATCH /api/me": Units(4, 2, 0, 0, 250, 0, 200),
    "POST /api/session": Units(1, 4, 1, 0, 300, 1_600, 500),
    "POST /api/session/second-factor": Units(2, 6, 0, 0, 300, 1_600, 550),
    "PUT /api/session/account": Units(4, 3, 0, 0, 300, 0, 100),
    "POST /api/session/elevation": Units(5, 4, 1, 0, 300, 250, 450),
    "DELETE /api/session": Units(4, 2, 0, 0, 300, -1_050, 250),
    "DELETE /api/sessions": Units(4, 5, 0, 0, 300, 0, 300),
    "PUT /api/me/password": Units(5, 7, 2, 1, 650, 250, 450),
    "POST /api/password-resets": Units(1, 5, 0, 1, 650, 950, 150),
    "POST /api/password-resets/complete": Units(2, 6, 1, 1, 650, 300, 100),
    "GET /api/two-factor": Units(5, 0, 0, 0, 0, 0, 200),
    "POST /api/two-factor": Units(4, 2, 0, 0, 300, 400, 4_000),
    "POST /api/two-factor/confirm": Units(5, 20, 0, 1, 3_250, 150, 750),
    "POST /api/two-factor/recovery-codes": Units(6, 23, 0, 1, 650, 0, 400),
    "DELETE /api/two-factor": Units(6, 15, 0, 1, -1_950, 0, 100),
    "GET /api/invitations": Units(5, 0, 0, 0, 0, 0, 400),
    "POST /api/invitations": Units(5, 8, 0, 1, 700, 1_850, 400),
    "POST /api/invitations/{id}/resend": Units(6, 8, 0, 1, 700, 1_100, 400),
    "DELETE /api/invitations/{id}": Units(5, 3, 0, 0, 300, -150, 100),
    "POST /api/invitations/preview": Units(3, 1, 0, 0, 0, 250, 350),
    "POST /api/invitations/accept": Units(3, 9, 1, 1, 2_000, 1_250, 550),
    "GET /api/users": Units(7, 0, 0, 0, 0, 0, 600),
    "PATCH /api/users/{id}": Units(4, 2, 0, 0, 550, 0, 350),
    "DELETE /api/users/{id}": Units(4, 2, 0, 0, -250, 0, 100),
    "GET /api/contacts": Units(5, 0, 0, 0, 0, 0, 450),
    "POST /api/contacts": Units(4, 4, 0, 0, 900, 0, 400),
    "GET /api/contacts/{id}": Units(5, 0, 0, 0, 0, 0, 400),
    "PATCH /api/contacts/{id}": Units(5, 2, 0, 0, 300, 0, 400),
    "DELETE /api/contacts/{id}": Units(5, 4, 0, 0, -300, 400, 100),
    "POST /api/contacts/{id}/restore": Units(5, 4, 0, 0, 900, -350, 400),
    "GET /api/tickets": Units(4.5, 0, 0, 0, 0, 0, 400),
    "POST /api/tickets": Units(4, 5, 0, 1, 2_450, 0, 400),
    "GET /api/tickets/{id}": Units(5, 0, 0, 0, 0, 0, 600),
    "POST /api/tickets/{id}/messages": Units(5, 3, 0, 0, 650, 0, 300),
    "GET /api/votes": Units(1, 0, 0, 0, 0, 0, 200),
    "POST /api/votes": Units(1, 3, 0, 0, 200, 550, 300),
    "POST /api/search-misses": Units(0, 2, 0, 0, 0, 500, 150),
}


class MailUnits(NamedTuple):
    """What sending one mail uses, of whatever kind, beside opening its token where it has one."""

    calls: int
    write_units: float
    read_units: float
    bytes: int


MAIL = MailUnits(calls=5, write_units=4, read_units=1, bytes=3_100)

# A sweep of an empty queue.
SWEEP_READ_UNITS = 8

# Bytes of what a run writes into the log by itself.
LOGGED = 650

# Bytes of an article that comes with all its files, and of one more of the same visit, which comes by itself. The
# heaviest page may have more (chromium.MOST_BYTES).
PAGE = 40_000
PAGE_AGAIN = 12_000
