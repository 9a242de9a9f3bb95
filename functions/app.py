"""Composition only: the rooms, the middleware that renders problems, and what wakes the mail sender."""

from chalice.app import Chalice

from chalicelib import openapi
from chalicelib.accounts.routes import room as accounts
from chalicelib.mail.routes import room as mail
from chalicelib.passwords.routes import room as passwords
from chalicelib.people.routes import room as people
from chalicelib.routing import compose
from chalicelib.sessions.actions import authorise
from chalicelib.sessions.routes import room as sessions
from chalicelib.tickets.routes import room as tickets

ROOMS = (accounts, sessions, passwords, people, tickets, mail)

app = Chalice(app_name="kalauz")
app.api.cors = False
compose(app, (*ROOMS, openapi.describing(ROOMS)), authorise)
