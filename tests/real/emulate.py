"""npm's `emulate` as the tracker: a stateful GitHub that nobody here wrote.

Between it and the program stands a small translator, for what it does not know: the addresses by
number that GitHub answers too (`/repositories/1/…`).
"""

import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Where `.ci/parts` puts what comes from npm; emulate 0.12 needs node 22.15.
NPM = ROOT / ".cache" / "npm" / "node_modules"
TOKEN = "emulate-token"
SEED = f"""\
tokens:
  {TOKEN}: {{login: octo-bot, scopes: [repo, user]}}
github:
  users: [{{login: octo-bot}}, {{login: maria}}]
  repos: [{{owner: octo-bot, name: payments, private: true}}]
"""
REPOSITORY = "octo-bot/payments"


def missing():
    """Why it cannot be run here; "" if it can."""
    for part in ("node/bin/node", "emulate/dist/index.js"):
        if not (NPM / part).exists():
            return f"npm's emulate is not installed ({part}): .ci/parts brings it where npm is"
    return ""


class Emulated:
    """The server and its translator, on loopback. Use it as a context."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        port = _free()
        self._upstream = f"http://127.0.0.1:{port}"
        translator = type("Bound", (_Translator,), {"upstream": self._upstream})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), translator)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        seed = self.folder / "seed.yaml"
        seed.write_text(SEED)
        command = [NPM / "node/bin/node", NPM / "emulate/dist/index.js", "start", "-s", "github"]
        command += ["-p", str(port), "--seed", seed, "--base-url", self.url]
        self._log = (self.folder / "emulate.log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        for _ in range(100):
            try:
                self.call("GET", "/user")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise OSError((self.folder / "emulate.log").read_text())

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._process.terminate()
        self._process.wait(10)
        self._log.close()

    def call(self, verb, path, body=None):
        """As a person would, with a browser: what it answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._upstream + path, data, headers, method=verb)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def issues(self):
        """All of them, by number."""
        path = f"/repos/{REPOSITORY}/issues?state=all&per_page=100"
        return {one["number"]: one for one in self.call("GET", path)}


class _Translator(BaseHTTPRequestHandler):
    """Passes everything on, addresses by number translated."""

    upstream = ""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _pass_on(self):
        path = re.sub(r"^/repositories/1(?=[/?]|$)", f"/repos/{REPOSITORY}", self.path)
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length) if length else None
        kept = {name: self.headers[name] for name in self.headers if name.lower() != "host"}
        request = urllib.request.Request(self.upstream + path, data, kept, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self._answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                self._answer(error.code, error.headers, error.read())

    def __getattr__(self, name):
        """Every method is passed on in the same way."""
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a test's output is its own."""


def _free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
