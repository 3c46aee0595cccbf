"""A GitLab small enough to read in one go: what the adapter asks of one, and no more."""

import re
from datetime import timedelta
from urllib.parse import unquote

from adapters.gitlab.place import written

FORBIDDEN = (403, {"message": "403 Forbidden"})
MISSING = (404, {"message": "404 Not found"})
#: A line that GitLab would run.
COMMAND = re.compile(r"(?m)^[ \t]*/[A-Za-z][\w-]*(?!\S).*\n?")


class FakeGitLab:
    """Answers requests; acts for people by its own methods. ``premium``: scopes are exclusive."""

    def __init__(self, clock, token, me=(5, "project_77_bot"), premium=True):
        self.clock, self.token, self.me, self.premium = clock, token, me, premium
        self.users = {"maria": 11, "devon": 12, "zoe": 13, me[1]: me[0]}
        self.projects = {}
        self.ran = []
        self.asked = []
        self.hidden = set()
        self.lag = 0
        self.shown_late = {}
        self.accident = None
        self.add_project(77, "acme/payments")

    def add_project(self, number, path, **changes):
        access = {"project_access": {"access_level": 30}, "group_access": None}
        home = {"id": number, "path_with_namespace": path, "visibility": "private"}
        home |= {"web_url": f"https://gitlab.com/{path}", "permissions": access, "archived": False}
        kept = {"home": home | changes, "issues": {}, "labels": [], "last": 0}
        self.projects[number] = kept
        return kept

    # --- people ------------------------------------------------------------------------------

    def open(self, title, text="", project=77, author=(11, "maria"), **fields):
        kept = self.projects[project]
        kept["last"] += 1
        iid = kept["last"]
        path = kept["home"]["path_with_namespace"]
        issue = {
            "id": project * 1000 + iid,
            "iid": iid,
            "project_id": project,
            "title": title,
            "description": text or None,
            "state": "opened",
            "labels": [],
            "assignees": [],
            "author": {"id": author[0], "username": author[1]},
            "issue_type": "issue",
            "severity": "UNKNOWN",
            "due_date": None,
            "moved_to_id": None,
            "web_url": f"https://gitlab.com/{path}/-/issues/{iid}",
            "references": {"full": f"{path}#{iid}"},
            "created_at": written(self.clock.now()),
            "closed_at": None,
            "notes": [],
            "links": {},
        }
        kept["issues"][iid] = issue | fields
        return self.touch(kept["issues"][iid])

    def touch(self, issue):
        issue["updated_at"] = written(self.clock.now())
        if self.lag:
            self.shown_late[issue["id"]] = self.clock.now() + timedelta(seconds=self.lag)
        return issue

    def issue(self, iid, project=77):
        return self.projects[project]["issues"][int(iid)]

    def edit(self, iid, **fields):
        self.issue(iid).update(fields)
        self.touch(self.issue(iid))

    def close(self, iid):
        self.edit(iid, state="closed", closed_at=written(self.clock.now()))

    def move(self, iid, project):
        left = self.issue(iid)
        new = self.open(left["title"], left["description"] or "", project)
        self.edit(iid, state="closed", moved_to_id=new["id"])

    # --- the API -----------------------------------------------------------------------------

    def __call__(self, asked):  # noqa: PLR0911  one line for each address
        self.asked.append(asked)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"message": "401 Unauthorized"}
        if self.accident and (said := self.accident(asked)):
            return said
        parts = [unquote(one) for one in asked.path.strip("/").split("/")]
        if asked.path == "/api/graphql":
            return 200, {"data": self.graphql(**asked.json())}
        match parts:
            case ["user"]:
                return 200, {"id": self.me[0], "username": self.me[1]}
            case ["personal_access_tokens", "self"]:
                return 200, {"scopes": ["api"], "expires_at": None}
            case ["version"]:
                return 200, {"version": "18.5.0"}
            case ["users"]:
                name = asked.query["username"].lower()
                return 200, [{"id": n, "username": u} for u, n in self.users.items() if u == name]
            case ["groups", path, "issues"]:
                below = [
                    issue
                    for kept in self.projects.values()
                    if kept["home"]["path_with_namespace"].startswith(f"{path}/")
                    for issue in kept["issues"].values()
                ]
                return self.list(below, asked)
            case ["projects", key, *rest]:
                return self.project(key, rest, asked)
        return MISSING

    def project(self, key, rest, asked):  # noqa: C901, PLR0911  likewise
        for number, kept in self.projects.items():
            if key in {str(number), kept["home"]["path_with_namespace"]}:
                break
        else:
            return MISSING
        if asked.method != "GET" and kept["home"]["archived"]:
            return FORBIDDEN
        if not rest:
            return 200, kept["home"]
        if rest == ["labels"]:
            return self.labels(kept, asked)
        if rest == ["issues"]:
            return (
                self.create(kept, asked)
                if asked.method == "POST"
                else self.list(kept["issues"].values(), asked)
            )
        issue = kept["issues"].get(int(rest[1]))
        if issue is None or issue["id"] in self.hidden:
            return MISSING
        if rest[2:3] == ["notes"]:
            return self.notes(issue, rest[3:], asked)
        if rest[2:3] == ["links"]:
            return self.links(kept, issue, rest[3:], asked)
        if asked.method == "PUT":
            self.change(kept, issue, asked.json())
        return 200, shown(issue)

    def labels(self, kept, asked):
        if asked.method == "GET":
            return 200, [{"name": name} for name in kept["labels"]]
        if asked.json()["name"] in kept["labels"]:
            return 409, {"message": "Label already exists"}
        kept["labels"].append(asked.json()["name"])
        return 201, asked.json()

    def list(self, issues, asked):
        query, now = asked.query, self.clock.now()
        rows = [one for one in issues if one["id"] not in self.hidden]
        rows = [one for one in rows if self.shown_late.get(one["id"], now) <= now]
        if "author_id" in query:
            rows = [one for one in rows if str(one["author"]["id"]) == query["author_id"]]
        for name in ("updated", "created"):
            if f"{name}_after" in query:
                rows = [one for one in rows if one[f"{name}_at"] >= query[f"{name}_after"]]
        order, down = query["order_by"], query["sort"] == "desc"
        rows.sort(key=lambda one: (one[order], one["id"]), reverse=down)
        size, page = int(query["per_page"]), int(query.get("page", 1))
        part = [shown(one) for one in rows[size * (page - 1) : size * page]]
        return 200, part, {"Link": '<x>; rel="next"'} if len(rows) > size * page else {}

    def create(self, kept, asked):
        said = asked.json()
        if not said.get("title"):
            return 400, {"error": "title is missing"}
        number = kept["home"]["id"]
        issue = self.open(said["title"], project=number, author=self.me)
        issue["issue_type"] = said.pop("issue_type", "issue")
        said["add_labels"] = said.pop("labels", "")
        self.change(kept, issue, said)
        return 201, shown(issue)

    def change(self, kept, issue, said):
        assert "labels" not in said
        for name in filter(None, said.get("add_labels", "").split(",")):
            scope = name.rpartition("::")[0]
            if self.premium and scope:
                issue["labels"] = [
                    one for one in issue["labels"] if one.rpartition("::")[0] != scope
                ]
            issue["labels"] = sorted({*issue["labels"], name})
            if name not in kept["labels"]:
                kept["labels"].append(name)
        gone = said.get("remove_labels", "").split(",")
        issue["labels"] = [one for one in issue["labels"] if one not in gone]
        if "assignee_ids" in said:
            names = {number: name for name, number in self.users.items()}
            known = [one for one in said["assignee_ids"] if one in names]
            known = known if self.premium else known[:1]
            issue["assignees"] = [{"id": one, "username": names[one]} for one in known]
        if "due_date" in said:
            issue["due_date"] = said["due_date"] or None
        if "title" in said:
            issue["title"] = said["title"]
        if "description" in said:
            self.ran += COMMAND.findall(said["description"])
            issue["description"] = COMMAND.sub("", said["description"])
        if said.get("state_event"):
            closes = said["state_event"] == "close"
            issue["state"] = "closed" if closes else "opened"
            issue["closed_at"] = written(self.clock.now()) if closes else None
        self.touch(issue)

    def notes(self, issue, rest, asked):
        if asked.method == "GET":
            return 200, issue["notes"]
        self.ran += COMMAND.findall(asked.json()["body"])
        if asked.method == "PUT":
            note = next(one for one in issue["notes"] if str(one["id"]) == rest[0])
            note["body"] = asked.json()["body"]
            return 200, note
        return 201, self.comment(issue["iid"], asked.json()["body"], self.me, issue["project_id"])

    def comment(self, iid, text, author=(11, "maria"), project=77):
        issue = self.issue(iid, project)
        note = {"id": 100 * issue["id"] + len(issue["notes"]), "body": text, "system": False}
        note["author"] = {"id": author[0], "username": author[1]}
        issue["notes"].append(note)
        self.touch(issue)
        return note

    def links(self, kept, issue, rest, asked):
        if asked.method == "GET":
            found = [(kept["issues"][iid], kind) for iid, kind in issue["links"].items()]
            return 200, [
                {"iid": o["iid"], "project_id": o["project_id"], "issue_link_id": o["iid"],
                 "link_type": kind}
                for o, kind in found
            ]  # fmt: skip
        if asked.method == "DELETE":
            del issue["links"][int(rest[0])]
            return 200, {}
        target = int(asked.json()["target_issue_iid"])
        if target not in kept["issues"]:
            return MISSING
        if target in issue["links"]:
            return 409, {"message": "Issue(s) already assigned"}
        issue["links"][target] = asked.json()["link_type"]
        self.touch(issue)
        return 201, {"source_issue": {}, "target_issue": {}}

    # --- GraphQL -----------------------------------------------------------------------------

    def graphql(self, query, variables):
        if "issueSetSeverity" in query:
            found = self.by_path(variables["project"])["issues"][int(variables["iid"])]
            found["severity"] = variables["severity"]
            self.touch(found)
            return {"issueSetSeverity": {"issue": {"severity": found["severity"]}, "errors": []}}
        if "workItemUpdate" in query:
            return {"workItemUpdate": self.set_status(variables)}
        if "workItemTypes" in query:
            widgets = [{}, {"allowedStatuses": self.statuses()}]
            kinds = ("Issue", "Incident", "Task")
            nodes = [{"name": kind, "widgetDefinitions": widgets} for kind in kinds]
            return {"namespace": {"workItemTypes": {"nodes": nodes}}}
        if "workItems" in query:
            found = self.by_path(variables["project"])["issues"]
            nodes = [
                {
                    "iid": iid,
                    "widgets": [{}, {"status": {"id": "x", "name": status_of(found[int(iid)])}}],
                }
                for iid in variables["iids"]
            ]
            return {"project": {"workItems": {"nodes": nodes}}}
        number = int(variables["id"].rpartition("/")[2])
        issue = self.issue(number % 1000, number // 1000)
        where = {"iid": str(issue["iid"]), "reference": issue["references"]["full"]}
        return {"issue": where | {"webUrl": issue["web_url"]}}

    def statuses(self):
        kinds = {"To do": "TO_DO", "In progress": "IN_PROGRESS", "Blocked": "IN_PROGRESS"}
        kinds |= {"Done": "DONE", "Won't do": "CANCELED", "Duplicate": "CANCELED"}
        return [{"id": f"gid://{name}", "name": name, "category": kinds[name]} for name in kinds]

    def set_status(self, variables):
        number = int(variables["id"].rpartition("/")[2])
        issue = self.issue(number % 1000, number // 1000)
        name = variables["status"].removeprefix("gid://")
        issue["status"] = name
        closed = name in {"Done", "Won't do", "Duplicate"}
        issue["state"] = "closed" if closed else "opened"
        issue["closed_at"] = written(self.clock.now()) if closed else None
        self.touch(issue)
        return {"workItem": {"id": variables["id"]}, "errors": []}

    def by_path(self, path):
        homes = self.projects.values()
        return next(one for one in homes if one["home"]["path_with_namespace"] == path)


def shown(issue):
    """An issue as the REST API gives it: without its status, notes and links."""
    return {
        name: value for name, value in issue.items() if name not in {"status", "notes", "links"}
    }


def status_of(issue):
    closed = issue["state"] == "closed"
    return issue.get("status") or ("Done" if closed else "To do")
