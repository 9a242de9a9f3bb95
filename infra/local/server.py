"""The origin on a port, with the mail sender at work. The table, and the environment that names it, stand already.

A test starts it within `stack.of_its_own`, and stops it before that ends; `address` says where it is.
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Server

from chalicelib.problems import Problem
from infra.local import gateway, mail_page
from infra.local.gateway import Gateway
from infra.local.mail_page import MailPage
from infra.local.mail_sender import MailSender
from infra.local.mailbox import Mailbox
from infra.local.origin import Origin, site_headers
from infra.local.pages import Pages
from infra.local.port import HOST

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 24
LARGEST_HEADER = 32 * 1024

# What cheroot refuses by itself, in our words; whatever is not here is the client's mistake.
_CODES = {
    "405": "method_not_allowed",
    "408": "unavailable",
    "413": "body_too_large",
    "500": "internal_error",
    "503": "unavailable",
}


class RunningServer:
    """An origin that answers at `address`, until `stop`."""

    def __init__(self, server: Server, origin: Origin, sender: MailSender) -> None:
        self._server = server
        self._sender = sender
        self.origin = origin
        self.address = f"http://localhost:{server.bind_addr[1]}"
        self._thread = threading.Thread(target=server.serve, name="server", daemon=True)
        sender.start()
        self._thread.start()

    def stop(self) -> None:
        """Answer what is being asked, and close."""
        self._server.stop()
        self._thread.join()
        self._sender.stop()


def serve(
    site: Path,
    *,
    mails: Path,
    port: int = 0,
    headers: Mapping[str, str] | None = None,
    tools: "Mapping[str, WSGIApplication] | None" = None,
) -> RunningServer:
    """Serve a built site with the API and /_local/mail; on a free port, unless one is named.

    Sets KALAUZ_ORIGINS, because only now the port is known. `headers` are those of the last build, unless they
    are given; `tools` are more applications under paths of their own. Raises OSError when the port is in use.
    """
    from app import app

    mailbox = Mailbox(mails)
    under: dict[str, WSGIApplication] = {
        "/api": Gateway(app),
        mail_page.PATH: MailPage(mailbox),
        **(tools or {}),
    }
    origin = Origin(Pages(site), under, site_headers() if headers is None else headers)
    server = Server((HOST, port), origin, numthreads=THREADS, server_name="kalauz", request_queue_size=128)
    server.ConnectionClass = _Connection
    server.max_request_header_size = LARGEST_HEADER
    server.max_request_body_size = gateway.LARGEST_READ
    server.keep_alive_conn_limit = 200
    server.shutdown_timeout = 2
    server.prepare()
    port = server.bind_addr[1]
    os.environ["KALAUZ_ORIGINS"] = f"http://localhost:{port} http://127.0.0.1:{port}"
    return RunningServer(server, origin, MailSender(mailbox))


class _Request(HTTPRequest):
    """A request whose refusals by the server itself have the shape of all others."""

    def respond(self) -> None:
        """Answer; after chunks, which nobody may have read to their end, another request cannot follow."""
        self.close_connection = self.close_connection or self.chunked_read
        super().respond()

    def simple_response(self, status: Any, msg: Any = "") -> None:
        """Refuse a request that cannot be passed on: not even its path may be known, so it is a problem anywhere."""
        self.close_connection = True
        code = _CODES.get(str(status)[:3], "malformed_body")
        problem = Problem(code, retry_after=2 if code == "unavailable" else None)
        language = self.inheaders.get(b"Accept-Language", b"").decode("latin-1")
        line, headers, body = gateway.as_http(gateway.refusal(problem, language, str(uuid4())))
        lines = "".join(f"{name}: {value}\r\n" for name, value in [*headers, ("Connection", "close")])
        self.conn.wfile.write(f"HTTP/1.1 {line.value} {line.phrase}\r\n{lines}\r\n".encode("latin-1") + body)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
