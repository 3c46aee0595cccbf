"""A server that answers as it is told, on a port of its own."""

import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """What the server says next; a body of bytes is sent as it is, any other as JSON."""

    status: int = 200
    body: object = None
    headers: dict = field(default_factory=dict)
    lose: bool = False


@dataclass
class Asked:
    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def path(self):
        return urlsplit(self.target).path.removeprefix("/api/v4")

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self):
        return json.loads(self.body)


class Scripted:
    """Answers each request with the next reply, the last one again and again; or as ``answer``,
    which is given each request, says: by a reply, or by status, body and headers.
    """

    def __init__(self, clock, port=0):
        self.replies = deque()
        self.asked = []
        self.answer = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 2**16

            def log_message(self, *_):
                pass

            def _serve(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                headers = {k.lower(): v for k, v in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body))
                reply = outer.next(outer.asked[-1])
                if reply.lose:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                raw, kind = reply.body, "text/plain"
                if not isinstance(raw, bytes):
                    raw, kind = json.dumps(raw).encode(), "application/json"
                self.send_response_only(reply.status)
                date = clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                for name, value in ({"Date": date, "Content-Type": kind} | reply.headers).items():
                    if value:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  http.server's names

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def next(self, asked):
        if self.answer is not None:
            said = self.answer(asked)
            return said if isinstance(said, Reply) else Reply(*said)
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]

    def will(self, *replies):
        self.answer = None
        self.replies.clear()
        self.replies.extend(replies)
        self.asked.clear()
        return self

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
