"""HTTP on 127.0.0.1 for one review: who may ask at all, and how much may be sent."""

from __future__ import annotations

import hmac
import re
import secrets
import socketserver
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from recommender.rollout.serve.session import Answer

if TYPE_CHECKING:
    from recommender.rollout.serve.session import Session

LOOPBACK: Final = "127.0.0.1"
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of a body: decisions on 10,000 edges take about 3 MB."""
MOST_SECONDS: Final = 20.0
"""For which a connection may be silent."""
CONTENT_TYPE: Final = "application/yaml"
"""Not one that a form or a simple request of another site can send (Fetch Standard, CORS-safelisted request-header)."""
FILE: Final = "decisions.yaml"
"""The name in the address, whatever the file is called."""
_COMMON: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_ETAG: Final = re.compile(r'"([0-9a-f]{0,64})"')


class ReviewServer(ThreadingHTTPServer):
    """Serves one session on a port that the system picks, under a path that nobody can guess."""

    daemon_threads = True

    def __init__(self, session: Session) -> None:
        self.session = session
        self.token = secrets.token_urlsafe(32)
        super().__init__((LOOPBACK, 0), RequestHandler)

    def server_bind(self) -> None:
        """Bind without asking a resolver for our own name, as HTTPServer would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    @property
    def host(self) -> str:
        """The only Host that is answered."""
        return f"{LOOPBACK}:{self.server_port}"

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{self.host}/{self.token}/"

    def finish(self) -> None:
        """Close the socket; what is being saved is saved first."""
        with self.session.saving:
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is nobody's concern; the page says what was not saved."""


class RequestHandler(BaseHTTPRequestHandler):
    """One request: the right Host, the right token, a method that the address knows, a body within bounds."""

    server: ReviewServer
    timeout = MOST_SECONDS
    server_version = "netpol-recommend"
    sys_version = ""

    def do_GET(self) -> None:
        """Hand out the page."""
        self._send(self._refusal("", "GET") or self.server.session.page())

    def do_PUT(self) -> None:
        """Save the decisions."""
        self._send(self._refusal(FILE, "PUT, POST") or self._saved())

    def do_POST(self) -> None:
        """As PUT."""
        self.do_PUT()

    def _refusal(self, name: str, allowed: str) -> Answer | None:
        """Why the request is not answered, or None. What is wrong with a token or a path is not told."""
        if self.headers.get_all("Host") != [self.server.host]:
            return Answer(status=HTTPStatus.MISDIRECTED_REQUEST, body="not served under this name\n")
        if not self._asks_for(name):
            known = self._asks_for("") or self._asks_for(FILE)
            if not known:
                return Answer(status=HTTPStatus.NOT_FOUND, body="nothing here\n")
            other = "GET" if allowed != "GET" else "PUT, POST"
            return Answer(status=HTTPStatus.METHOD_NOT_ALLOWED, body="not by this method\n", headers={"Allow": other})
        if self.headers.get_all("Origin", [f"http://{self.server.host}"]) != [f"http://{self.server.host}"]:
            return Answer(status=HTTPStatus.FORBIDDEN, body="not from another site\n")
        return None

    def _asks_for(self, name: str) -> bool:
        """Whether the target is this name below the token, letter by letter: no path is ever resolved."""
        wanted = f"/{self.server.token}/{name}".encode("latin-1")
        return hmac.compare_digest(self.path.encode("latin-1", "replace"), wanted)

    def _saved(self) -> Answer:
        seen = _ETAG.fullmatch(self.headers.get("If-Match", ""))
        if self.headers.get_content_type() != CONTENT_TYPE:
            return Answer(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, body=f"send {CONTENT_TYPE}\n")
        if seen is None:
            return Answer(
                status=HTTPStatus.PRECONDITION_REQUIRED, body="If-Match must name the file that was decided upon\n"
            )
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" in self.headers or len(lengths) != 1 or not re.fullmatch(r"[0-9]{1,19}", lengths[0]):
            return Answer(status=HTTPStatus.LENGTH_REQUIRED, body="one Content-Length is needed\n")
        length = int(lengths[0])
        if length > MOST_BYTES:
            return Answer(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, body=f"more than {MOST_BYTES} bytes\n")
        content = self.rfile.read(length)
        if len(content) != length:
            return Answer(status=HTTPStatus.BAD_REQUEST, body="the body broke off\n")
        return self.server.session.save(content, seen[1])

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode("utf-8", "replace")
        headers = {**_COMMON, "Content-Type": "text/plain; charset=utf-8", **answer.headers}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses (no HTTP, endless lines, other methods), in our form: nothing is quoted back."""
        del message, explain
        self.close_connection = True
        self.request_version = getattr(self, "request_version", "") or "HTTP/1.0"
        self._send(Answer(status=HTTPStatus(code), body="refused\n"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing: addresses hold the token."""
