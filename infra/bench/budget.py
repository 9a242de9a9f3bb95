"""What each action may cost (design.md, Budgets): every call that a route makes of AWS, and what it writes.

A test counts the calls, `make bench` the write units too.
"""

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
