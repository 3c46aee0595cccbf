"""HTTP on loopback: threads, kept connections, and answers that never arrive."""

import contextlib
import http
import io
import socket
import struct
import threading
from typing import Any, Final, cast

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Delivery
from adapters.sandbox.core.service import LOOPBACK_NAMES, Service

#: The largest request body that is read, in bytes; far above any tracker's own limit.
MOST: Final = 4 * 1024 * 1024

#: SO_LINGER on, zero seconds: closing sends a reset instead of a farewell.
_RESET: Final = struct.pack("ii", 1, 0)


class _Handler(WSGIRequestHandler):
    """One connection. Writes each answer in one piece and keeps the connection open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Serve one request; werkzeug calls this once its head is parsed."""
        environ = self.make_environ()
        source = environ["wsgi.input"]
        chunked = environ.get("wsgi.input_terminated", False)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > MOST or length < 0:
            self._refuse_size()
            return
        body = source.read(MOST) if chunked else source.read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        server = cast("SandboxServer", self.server)
        self._deliver(server.service.handle(Request(environ)))

    def _refuse_size(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")

    def _deliver(self, delivery: Delivery) -> None:
        if delivery.way != "whole":
            self._cut(reset=delivery.way == "reset")
            return
        answer = delivery.answer
        body = answer.body
        kept = body if delivery.keep is None else body[: delivery.keep]
        bare = self.command == "HEAD" or answer.status in {204, 304}
        phrase = http.HTTPStatus(answer.status).phrase if answer.status in _KNOWN else ""
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status not in {204, 304}:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.wfile.write(head.encode("latin-1", "replace") + (b"" if bare else kept))
        self.wfile.flush()
        if len(kept) < len(body) and not bare:
            self._cut(reset=False)

    def _cut(self, *, reset: bool) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401  as inherited
        """Nothing on the console: the sandbox keeps its own log."""


_KNOWN: Final = frozenset(status.value for status in http.HTTPStatus)


class SandboxServer(ThreadedWSGIServer):
    """A service on a loopback port, each connection in a thread of its own."""

    def __init__(self, host: str, port: int, service: Service) -> None:
        """Bind at once. Raises ValueError for a host that is not this machine, OSError if taken."""
        if host not in LOOPBACK_NAMES:
            raise ValueError(f"a sandbox listens on this machine only, not on {host}")
        self.service = service
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family, backlog=128) as bound:
            super().__init__(host, port, _no_app, handler=_Handler, fd=bound.fileno())

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.port}"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as inherited
        """Note the connection, so that stopping can end it."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  as inherited
        """Forget a connection that has ended."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as inherited
        """A client that went away is nothing to report."""

    def close(self) -> None:
        """Give back the port and end every connection."""
        self.server_close()
        with self._guard:
            left = tuple(self._open)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _no_app(_environ: Any, _start_response: Any) -> list[bytes]:  # noqa: ANN401  as inherited
    raise AssertionError("the handler answers by itself")
