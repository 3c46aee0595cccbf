"""A simulated GitHub: what is stored, what lists show, and everything that goes wrong between.

Only the issue calls the adapter makes. The adapter itself runs unchanged above :class:`SimClient`,
which takes the place of the HTTP client.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from pydantic import SecretStr

from adapters.errors import Missing, Moved, RateLimited, Rejected, UnknownOutcome
from adapters.github.client import Options
from adapters.transport import Answer, Limits
from mappings.item import Ref
from mappings.markers import find_marker
from mappings.problem import Problem
from tests.simulation.canaries import TOKEN, bad_credentials, failed, not_taken, page_of_a_proxy
from tests.simulation.gone import Gone
from tests.simulation.world import World

BOT = "octo-bot"
API = "https://api.github.com"
BASE = "/repositories/1"


@dataclass
class Stored:
    """One issue: its JSON now, and what lists still show of it (oldest first)."""

    now: dict
    shown: list = field(default_factory=list)
    fate: str = ""  # "deleted" or "moved"


class SimGitHub:
    """The tracker. ``created`` counts creations by marker; ``writes`` are the machine's effects."""

    def __init__(self, world: World):
        self.world = world
        self.issues: dict[int, Stored] = {}
        self.number = 0
        self.created: dict[str, int] = {}
        self.writes: list = []
        self.labels = list(LABELS)
        self.comments = {}
        self.noted = 0
        self.watchers: list = []
        self.silent_until = None
        self.dark_until = None
        self.flaps = {}
        self.errors = []
        #: Whether it knows sub-issues, and takes the parent in the call that creates one.
        self.nests = self.nests_at_once = False

    # --- time and lists ------------------------------------------------------------------

    def clock(self):
        return (self.world.at + timedelta(seconds=self.world.rates.skew)).replace(microsecond=0)

    def stamp(self):
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def store(self, raw, *, touch=True):
        number = raw["number"]
        old = self.issues.get(number)
        if touch or old is None:
            raw = {**raw, "updated_at": self.stamp()}
        lag = self.world.rates.list_lag
        seen_from = self.world.at + timedelta(
            seconds=self.world.random.uniform(0, lag) if lag else 0
        )
        stored = old or Stored(raw)
        stored.now = raw
        stored.shown.append((seen_from, raw))
        self.issues[number] = stored
        return raw

    def listed(self):
        rows = []
        for stored in self.issues.values():
            if stored.fate:
                continue
            seen = [raw for when, raw in stored.shown if when <= self.world.at]
            if seen:
                # Replicas go forward only: the newest version that arrived.
                rows.append(max(seen, key=lambda raw: raw["version"]))
                if seen[-1] is stored.now:
                    stored.shown = [stored.shown[-1]]
        return rows

    # --- what anybody can do ---------------------------------------------------------------

    def open(self, title, body="", labels=(), login="maria", more=None):
        self.number += 1
        raw = {
            "id": 1000 + self.number,
            "number": self.number,
            "title": title,
            "body": body,
            "state": "open",
            "state_reason": None,
            "labels": [{"name": one} for one in labels],
            "assignees": [],
            "user": {"login": login},
            "html_url": f"https://github.com/acme/payments/issues/{self.number}",
            "created_at": self.stamp(),
            "closed_at": None,
            "version": 0,
        }
        if self.nests:
            raw |= {"repository_url": f"{API}{BASE}", "parent_issue_url": None}
        return self.store(raw | (more or {}))

    def edit(self, number, *, by, **changes):
        stored = self.issues[number]
        raw = {**stored.now, **changes, "version": stored.now["version"] + 1}
        if raw["state"] == "closed" and stored.now["state"] == "open":
            raw["closed_at"] = self.stamp()
        if raw["state"] == "open":
            raw["closed_at"] = raw["state_reason"] = None
        # As GitLab does: a label is put on or off without touching what was touched just now.
        newborn = stored.now["created_at"] == stored.now["updated_at"]
        touch = newborn or set(changes) != {"labels"} or not self.world.chance("throttled")
        before, after = stored.now, self.store(raw, touch=touch)
        for watcher in self.watchers:
            watcher(number, before, after, by)
        return after

    # --- the API ---------------------------------------------------------------------------

    def get(self, path, query):
        if path == f"{BASE}/issues":
            return 200, self._page(query)
        if path.endswith("/comments"):
            number = int(path.split("/")[-2])
            status, raw = self._one(number)
            rows = list(self.comments.get(number, {}).values())
            return (200, (rows, False)) if status == 200 else (status, raw)
        if path.startswith(f"{BASE}/issues/"):
            return self._one(int(path.rsplit("/", 1)[1]))
        if path.endswith("/labels"):
            return 200, [{"name": name} for name in self.labels]
        if path == "/user":
            return 200, {"login": BOT}
        return 200, {
            "id": 1,
            "full_name": "acme/payments",
            "html_url": "https://github.com/acme/payments",
            "private": True,
            "has_issues": True,
        }

    def _page(self, query):
        rows = self.listed()
        if query.get("since"):
            rows = [raw for raw in rows if raw["updated_at"] >= query["since"]]
        if query.get("creator"):
            rows = [raw for raw in rows if raw["user"]["login"] == query["creator"]]
        key = "created_at" if query.get("sort") == "created" else "updated_at"
        rows.sort(key=lambda raw: (raw[key], raw["number"]))
        if query.get("direction") == "desc":
            rows.reverse()
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        return rows[(page - 1) * size : page * size], len(rows) > page * size

    def _one(self, number):
        stored = self.issues.get(number)
        if stored is None:
            return 404, {"message": "Not Found"}
        if stored.fate == "deleted":
            return 410, {"message": "This issue was deleted"}
        if stored.fate == "moved":
            return 301, {"message": "Moved Permanently"}
        return 200, stored.now

    def create(self, body):
        labels = [] if self.world.chance("dropped") else body.get("labels", [])
        more = self._people(body)
        if self.nests_at_once and "parent_issue_id" in body:
            more["parent_issue_url"] = self._address(body["parent_issue_id"] - 1000)
        raw = self.open(body["title"], body["body"], labels, BOT, more)
        marker = find_marker(body["body"])
        self.created[marker] = self.created.get(marker, 0) + 1
        self.writes.append(("create", raw["number"]))
        for watcher in self.watchers:
            watcher(raw["number"], None, raw, BOT)
        self.world.say(f"the tracker stores #{raw['number']} {raw['title']!r}")
        return 201, raw

    def nest(self, number, body):
        """One issue becomes another's sub-issue."""
        status, now = self._one(body["sub_issue_id"] - 1000)
        if status != 200 or self._one(number)[0] != 200:
            return 404, now
        self.writes.append(("nest", now["number"]))
        self.world.say(f"the tracker puts #{now['number']} under #{number}")
        return 201, self.edit(now["number"], by=BOT, parent_issue_url=self._address(number))

    @staticmethod
    def _address(number):
        return f"{API}{BASE}/issues/{number}"

    @staticmethod
    def _people(body):
        """Assignees as they are shown."""
        told = body.get("assignees")
        return {} if told is None else {"assignees": [{"login": one} for one in told]}

    def label(self, body):
        if body["name"] not in self.labels:
            self.labels.append(body["name"])
        return 201, body

    def comment(self, number, body):
        """A comment of ours; it moves the issue's time, as any comment does."""
        status, now = self._one(number)
        if status != 200:
            return status, now
        self.noted += 1
        made = {"id": self.noted, "body": body["body"], "user": {"login": BOT}}
        self.comments.setdefault(number, {})[self.noted] = made
        self._commented(number)
        return 201, made

    def reword(self, comment, body):
        for number, told in self.comments.items():
            if comment in told:
                told[comment] = {**told[comment], "body": body["body"]}
                self._commented(number)
                return 200, told[comment]
        return 404, {"message": "Not Found"}

    def _commented(self, number):
        self.writes.append(("note", number))
        self.world.say(f"the tracker keeps a comment on #{number}")
        self.edit(number, by=BOT)

    def patch(self, number, body):
        status, now = self._one(number)
        if status != 200:
            return status, now
        changes = dict(body) | self._people(body)
        if "labels" in changes:
            names = changes.pop("labels")
            if not self.world.chance("dropped"):
                changes["labels"] = [{"name": name} for name in names]
        self.writes.append(("update", number))
        self.world.say(f"the tracker changes #{number}: {sorted(body)}")
        return 200, self.edit(number, by=BOT, **changes)


LABELS = (
    *(f"P{number}" for number in range(4)),
    *(f"SEV{number}" for number in range(1, 5)),
    *(f"phase: {name}" for name in ("backlog", "todo", "doing", "blocked")),
    *("bug", "feature", "tech-debt", "incident", "initiative", "action-item"),
)


class SimClient:
    """Takes the HTTP client's place: same calls, same errors, every way to fail."""

    def __init__(self, server: SimGitHub):
        self.server = server
        self.world = self.clock = server.world
        overlap = self.world.overlap
        self.options = Options(base_url=API, overlap=overlap, page=self.world.page)
        self.overlap = timedelta(seconds=overlap)
        self.limits = Limits(self.world)
        self.token = SecretStr(TOKEN)
        self.token_print = sha256(TOKEN.encode()).hexdigest()[:12]

    def turn(self):
        """Writes are not spaced here."""

    def get(self, path, parameters=None, etag=""):
        self.world.point(f"GET {path}")
        self._mishap(write=False)
        status, data = self.server.get(path, parameters or {})
        headers = {"date": self.server.clock().strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if isinstance(data, tuple):
            data, more = data
            headers["link"] = '<x>; rel="next"' if more else ""
            headers["etag"] = str(hash(json.dumps(data, sort_keys=True)))
            if etag and headers["etag"] == etag:
                return Answer(304, headers, None, json=False)
        one = path.startswith(f"{BASE}/issues/")
        if one and status == 200 and self._hidden(path):
            status = 404
            self.world.say(f"{path} is answered 404 although it is there")
        if self._dark():
            status = 404
        self._raise(status, path)
        return Answer(status, headers, data)

    def write(self, verb, path, body, good, *, creates=False):
        self.world.point(f"before {verb} {path}")
        self._mishap(write=True)
        if self.world.chance("lost_request"):
            self.world.say(f"{verb} {path} is lost on its way")
            raise UnknownOutcome(Problem("E213", "no answer"))
        if self._dark():
            self._raise(404, path)
        if verb == "POST" and path == f"{BASE}/issues":
            status, data = self.server.create(body)
        elif verb == "POST" and path.endswith("/comments"):
            status, data = self.server.comment(int(path.split("/")[-2]), body)
        elif verb == "POST" and path.endswith("/sub_issues"):
            status, data = self.server.nest(int(path.split("/")[-2]), body)
        elif verb == "POST" and path == f"{BASE}/labels":
            status, data = self.server.label(body)
        elif verb == "PATCH" and "/comments/" in path:
            status, data = self.server.reword(int(path.rsplit("/", 1)[1]), body)
        elif verb == "PATCH":
            status, data = self.server.patch(int(path.rsplit("/", 1)[1]), body)
        else:
            raise Rejected(Problem("E120", f"{verb} {path} is not simulated"))
        self._raise(status, path)
        if self.world.chance("lost_reply") or self.world.chance("truncated"):
            self.world.say(f"the answer to {verb} {path} is lost")
            raise UnknownOutcome(Problem("E213", "no answer"))
        self.world.point(f"after {verb} {path}")
        return Answer(status, {}, data)

    def _mishap(self, *, write):
        world, server = self.world, self.server
        self.limits.require()
        if server.silent_until and world.at < server.silent_until:
            server.writes.append(("too early", str(world.at)))
            world.say("a request is sent too early")
        if server.silent_until and world.at >= server.silent_until:
            server.silent_until = None
        if world.chance("limited"):
            seconds = world.random.choice([30, 90, 600])
            until = world.at + timedelta(seconds=seconds)
            server.silent_until = until
            self.limits.block(seconds)
            world.say(f"the tracker asks for {seconds} s of silence")
            raise RateLimited(Problem("E207", "limit"), until)
        if world.chance("unauthorised"):
            world.say("the token is refused")
            raise failed(self, bad_credentials(), write=write)
        if world.chance("server_error"):
            world.say("the tracker answers 502 with HTML")
            raise failed(self, page_of_a_proxy(), write=write)
        if write and world.chance("refused"):
            raise not_taken(self)

    def _hidden(self, path):
        """A replica that has not heard of an item yet: for seconds, then not for minutes."""
        world, flaps = self.world, self.server.flaps
        if world.calm:
            return False
        since = flaps.get(path)
        if since is not None and world.at < since + timedelta(minutes=5):
            return world.at < since + timedelta(seconds=10)
        if world.chance("hidden"):
            flaps[path] = world.at
            return True
        return False

    def _dark(self):
        server, world = self.server, self.world
        if world.calm:
            server.dark_until = None
        elif server.dark_until is None and world.chance("outage"):
            server.dark_until = world.at + timedelta(minutes=world.random.randint(1, 40))
            world.say("the token loses sight of the whole repository")
        if server.dark_until and world.at >= server.dark_until:
            server.dark_until = None
        return server.dark_until is not None

    @staticmethod
    def _raise(status, path):
        if status == 404:
            raise Missing(Problem("E210", f"{path} not found"))
        if status == 410:
            raise Gone(Problem("E211", f"{path} gone"))
        if status == 301:
            raise Moved(Problem("E212", f"{path} moved"), Ref("9", "other/repo#9"))
