"""Health and measures over HTTP: three pages, read only, without any content of items."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from mappings.problem import Problem, ProblemError
from sync.daemon.health import Health
from sync.daemon.metrics import Metrics

#: Seconds a caller may take over its request.
_PATIENCE: Final = 10
_log: Final = structlog.stdlib.get_logger("followthrough.health")


def _pages(health: Health, metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    """A handler that answers with these."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version = "followthrough"
        sys_version = ""

        def do_GET(self) -> None:
            """One of the three pages."""
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics.text())
            elif self.path == "/healthz":
                self._judged(*health.healthy())
            elif self.path == "/readyz":
                self._judged(*health.ready())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/healthz /readyz /metrics\n")

        do_HEAD = do_GET  # noqa: N815  as inherited

        def _judged(self, good: bool, body: dict[str, Any]) -> None:  # noqa: FBT001  the verdict
            status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
            text = json.dumps({"ok": good} | body).encode()
            self._answer(status, "application/json", text)

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
            _log.debug("request", line=format % args)

    return Handler


@contextmanager
def serving(address: tuple[str, int], health: Health, metrics: Metrics) -> Iterator[str]:
    """Answer on ``address`` in a thread; yields the URL. Raises ProblemError (E502)."""
    try:
        server = ThreadingHTTPServer(address, _pages(health, metrics))
    except OSError as error:
        host, port = address
        text = f"cannot listen on {host}:{port}: {error.strerror}."
        remedy = "Choose another with [daemon] listen."
        raise ProblemError(Problem("E502", text, remedy=remedy)) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="health", daemon=True)
    thread.start()
    try:
        yield f"http://{server.server_address[0]!s}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
