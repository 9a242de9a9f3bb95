"""Composition only: the rooms, the middleware that renders problems, and what wakes the mail sender."""

from chalicelib import logs, openapi
from chalicelib.accounts.routes import room as accounts
from chalicelib.application import Application, compose
from chalicelib.articles.routes import room as articles
from chalicelib.invitations.routes import room as invitations
from chalicelib.mail.routes import room as mail
from chalicelib.passwords.routes import room as passwords
from chalicelib.people.routes import room as people
from chalicelib.sessions.actions import authorise
from chalicelib.sessions.routes import room as sessions
from chalicelib.sign_in.routes import room as sign_in
from chalicelib.tickets.routes import room as tickets
from chalicelib.two_factor.routes import room as two_factor
from chalicelib.users.routes import room as users

ROOMS = (
    accounts,
    sign_in,
    sessions,
    two_factor,
    passwords,
    people,
    users,
    invitations,
    tickets,
    articles,
)

logs.set_up()
app = Application(app_name="kalauz", configure_logs=False)
app.api.cors = False
compose(app, (*ROOMS, openapi.describing(ROOMS), mail), authorise)
