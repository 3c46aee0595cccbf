"""A real Redmine from Debian's packages, with a database of its own and a project per test."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path

SOURCE = Path("/usr/share/redmine")
DATABASE = Path("/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default")
KEY = "c0ffee00" * 5
MARIA_KEY = "0ddba11" * 5 + "00000"
NUMBERS = count(1)


def missing():
    """Why it cannot be run here; "" if it can."""
    for part in (SOURCE / "config.ru", DATABASE):
        if not part.exists():
            return "no Redmine: Debian's packages redmine, redmine-sqlite, puma are not installed"
    if shutil.which("puma") is None:
        return "no Redmine: Debian's package puma is not installed"
    return "" if os.access(DATABASE, os.R_OK) else "no Redmine: its database is root's to copy"


class Redmine:
    """The server. Use it as a context."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        database = self.folder / "redmine.sqlite3"
        shutil.copyfile(DATABASE, database)
        _prepare(database)
        port = _free()
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "RAILS_ENV": "production",
            "X_DEBIAN_SITEID": "default",
            "DATABASE_URL": f"sqlite3:{database}",
        }
        self._log = (self.folder / "puma.log").open("wb")
        self._process = subprocess.Popen(
            ["puma", "-e", "production", "-b", f"tcp://127.0.0.1:{port}", "-t", "2:4", "config.ru"],
            cwd=SOURCE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        for _ in range(300):
            try:
                self.call("GET", "/users/current.json")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise OSError((self.folder / "puma.log").read_text())

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def call(self, verb, path, body=None, key=KEY):
        """As a person would: what it answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Redmine-API-Key": key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=verb)
        with urllib.request.urlopen(request, timeout=20) as answer:
            said = answer.read().strip()
        return json.loads(said) if said else None

    def project(self):
        """A new private project with two members; its identifier."""
        name = f"p{next(NUMBERS)}"
        body = {"name": name, "identifier": name, "is_public": False}
        body |= {"tracker_ids": [1, 2, 3, 4], "enabled_module_names": ["issue_tracking"]}
        self.call("POST", "/projects.json", {"project": body})
        for user in (101, 102, 103):
            member = {"membership": {"user_id": user, "role_ids": [3]}}
            self.call("POST", f"/projects/{name}/memberships.json", member)
        return name


def _prepare(database: Path):
    """What an administrator does by hand: the API, one status and tracker more, people, keys."""
    with sqlite3.connect(database) as db:
        now = "2026-01-01 00:00:00"
        db.execute(
            "INSERT INTO settings (name, value, updated_on) VALUES ('rest_api_enabled', '1', ?)",
            (now,),
        )
        db.execute("UPDATE users SET must_change_passwd = 0")
        db.execute(
            "INSERT INTO issue_statuses (id, name, is_closed, position) VALUES (90, 'To Do', 0, 9)"
        )
        db.execute(
            "INSERT INTO trackers (id, name, position, default_status_id, is_in_roadmap, "
            "fields_bits) VALUES (4, 'Task', 4, 1, 0, 0)"
        )
        people = ((101, "maria", "Maria", "Lopez"), (102, "devon", "Devon", "Reed"))
        for number, login, first, last in (*people, (103, "zoe", "Zoe", "Stranger")):
            db.execute(
                "INSERT INTO users (id, login, firstname, lastname, admin, status, type, "
                "mail_notification, hashed_password, language, created_on, updated_on) "
                "VALUES (?, ?, ?, ?, 0, 1, 'User', 'none', '', 'en', ?, ?)",
                (number, login, first, last, now, now),
            )
        for user, key in ((1, KEY), (101, MARIA_KEY)):
            db.execute(
                "INSERT INTO tokens (user_id, action, value, created_on, updated_on) "
                "VALUES (?, 'api', ?, ?, ?)",
                (user, key, now, now),
            )
        statuses = (*range(1, 7), 90)
        steps = [(tracker, old, new) for tracker in range(1, 5) for old in statuses
                 for new in statuses if tracker == 4 or 90 in {old, new}]  # fmt: skip
        db.executemany(
            "INSERT INTO workflows (tracker_id, old_status_id, new_status_id, role_id, type) "
            "VALUES (?, ?, ?, 3, 'WorkflowTransition')",
            steps,
        )
    db.close()


def _free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
