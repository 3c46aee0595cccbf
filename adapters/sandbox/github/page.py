"""The pages: a board and a list of issues, one issue, and what a person can do there."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.page import STYLE, Pages, see_other
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import views
from adapters.sandbox.github.people import Person
from adapters.sandbox.github.repository import Elsewhere, Repository
from adapters.sandbox.github.state import GitHubState

#: Whom a browser acts as until somebody else is chosen.
FIRST_PERSON: Final = "maria"

_ISSUES: Final = "/<owner>/<repo>/issues"
_ISSUE: Final = f"{_ISSUES}/<int:number>"

_RULES: Final = [
    Rule("/", endpoint="home", methods=["GET"]),
    Rule(STYLE, endpoint="style", methods=["GET"]),
    Rule("/_person", endpoint="choose_person", methods=["POST"]),
    Rule("/<owner>/<repo>", endpoint="board", methods=["GET"]),
    Rule(_ISSUES, endpoint="board", methods=["GET"]),
    Rule(_ISSUES, endpoint="create", methods=["POST"]),
    Rule(f"{_ISSUES}/new", endpoint="new", methods=["GET"]),
    Rule(_ISSUE, endpoint="issue", methods=["GET"]),
    Rule(f"{_ISSUE}/edit", endpoint="edit", methods=["POST"]),
    Rule(f"{_ISSUE}/comment", endpoint="comment", methods=["POST"]),
    Rule(f"{_ISSUE}/labels", endpoint="label", methods=["POST"]),
    Rule(f"{_ISSUE}/assignees", endpoint="assign", methods=["POST"]),
    Rule(f"{_ISSUE}/move", endpoint="move", methods=["POST"]),
]

_ROUTES: Final = Map(_RULES, strict_slashes=False)


class GitHubPages:
    """Answers a browser over a state that ``state`` gives (a reset makes another)."""

    def __init__(self, state: Callable[[], GitHubState]) -> None:
        self._state = state
        self._pages = Pages("adapters.sandbox.github")

    def answer(self, request: Request) -> Answer:
        """One page or form; a refusal is a page as well."""
        visit = _Visit(self._state(), self._pages, request)
        try:
            method = "GET" if request.method == "HEAD" else request.method
            adapter = _ROUTES.bind("sandbox", path_info=request.path, default_method=method)
            endpoint, found = adapter.match()
            values = dict(found)
            if request.method == "POST":
                visit.form = self._pages.form(request)
            if "owner" in values:
                full_name = f"{values.pop('owner')}/{values.pop('repo')}"
                visit.repository = visit.state.repository(full_name)
            answer = getattr(visit, endpoint)(**values)
        except Refused as refused:
            return visit.message(refused)
        except Elsewhere as elsewhere:
            home = visit.state.repositories[elsewhere.repository]
            return see_other(f"/{home.full_name}/issues/{elsewhere.number}")
        except HTTPException:
            return visit.message(Refused(404, "There is no such page."))
        return cast("Answer", answer)


class _Visit:
    def __init__(self, state: GitHubState, pages: Pages, request: Request) -> None:
        self.state = state
        self.pages = pages
        self.request = request
        self.form: Mapping[str, list[str]] = {}
        self.repository: Repository | None = None

    # Pages

    def home(self) -> Answer:
        shown = [
            {
                "name": one.full_name,
                "url": f"/{one.full_name}/issues",
                "open": sum(issue.state == "open" for issue in one.issues.values()),
                "closed": sum(issue.state == "closed" for issue in one.issues.values()),
                "private": one.private,
                "archived": one.archived,
            }
            for one in self.state.repositories.values()
        ]
        return self.show("home.html", repositories=shown)

    def style(self) -> Answer:
        name = self.request.args.get("for", "")
        return self.pages.style(views.colours(self.state.repository(name)) if name else "")

    def board(self) -> Answer:
        page = self.request.args.get("page", "1")
        issues, more = views.rows(self.here, int(page) if page.isdigit() and page != "0" else 1)
        return self.show(
            "board.html",
            view="list" if self.request.args.get("view") == "list" else "board",
            columns=views.board(self.here),
            issues=issues,
            more=more,
            phases=views.phases(self.here),
        )

    def new(self) -> Answer:
        return self.show("new.html", labels=self.here.labels.all())

    def issue(self, number: int) -> Answer:
        issue = self.here.get(number)
        return self.show(
            "issue.html",
            issue=views.card(self.here, issue),
            history=views.history(self.here, issue),
            phases=views.phases(self.here),
            labels=self.here.labels.all(),
            **views.relations(self.here, issue),
        )

    def message(self, refused: Refused) -> Answer:
        text = " ".join(str(one.get("message", one)) for one in refused.details)
        return self.show(
            "message.html",
            refused.status,
            heading=refused.message,
            text=text or "Nothing was changed.",
            back=self.url or "/",
        )

    # Forms

    def choose_person(self) -> Answer:
        login = self.one("person")
        if login not in self.people():
            raise Refused(422, "There is no such person.")
        answer = see_other(self._back("/"))
        answer.headers["Set-Cookie"] = f"person={login}; Path=/; HttpOnly; SameSite=Strict"
        return answer

    def create(self) -> Answer:
        made = self.person.open(
            self.one("title"),
            self.one("body"),
            self.form.get("labels", []),
            self.form.get("assignees", []),
        )
        return see_other(f"{self.url}/{made.number}")

    def edit(self, number: int) -> Answer:
        self.person.edit(number, self.one("title"), self.one("body"))
        return see_other(f"{self.url}/{number}")

    def comment(self, number: int) -> Answer:
        self.person.comment(number, self.one("body"))
        return see_other(f"{self.url}/{number}")

    def label(self, number: int) -> Answer:
        everything = [label.name for label in self.here.labels.all()]
        self.person.label(number, self.form.get("labels", []), everything)
        return see_other(f"{self.url}/{number}")

    def assign(self, number: int) -> Answer:
        self.person.assign(number, self.form.get("assignees", []))
        return see_other(f"{self.url}/{number}")

    def move(self, number: int) -> Answer:
        if phase := self.one("phase"):
            others = [one.name for one in views.phases(self.here)]
            self.person.label(number, [phase], others)
        elif (reason := self.one("close")) == "reopen":
            self.person.reopen(number)
        else:
            self.person.close(number, cast("Any", reason))
        return see_other(self._back(f"{self.url}/{number}"))

    # What they share

    @property
    def here(self) -> Repository:
        assert self.repository is not None, "only pages below a repository ask"
        return self.repository

    @property
    def url(self) -> str:
        return f"/{self.repository.full_name}/issues" if self.repository else ""

    @property
    def person(self) -> Person:
        return Person(self.here, self.me())

    def me(self) -> str:
        chosen = self.request.cookies.get("person", FIRST_PERSON)
        return chosen if chosen in self.people() else FIRST_PERSON

    def people(self) -> list[str]:
        return [user.login for user in self.state.users.values() if user.kind == "User"]

    def one(self, name: str) -> str:
        return self.form.get(name, [""])[0]

    def _back(self, otherwise: str) -> str:
        """Where the form came from, if that is a place of ours."""
        wanted = self.one("back")
        ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
        plain = ours and wanted.isprintable() and wanted.isascii()
        return wanted if plain else otherwise

    def show(self, template: str, status: int = 200, **values: object) -> Answer:
        name = self.repository.full_name if self.repository else ""
        # The sheet's address carries the labels' state, so that a new colour is seen at once.
        epoch = self.repository.epoch if self.repository else 0
        shared: dict[str, object] = {
            "brand": "GitHub sandbox",
            "style": f"{STYLE}?for={name}&v={epoch}",
            "name": name,
            "url": self.url,
            "here": self.request.full_path.rstrip("?"),
            "people": self.people(),
            "me": self.me(),
        }
        return self.pages.show(template, status, **(shared | values))
