"""The pages: a board and a list of issues, one issue, and what a person can do there."""

from collections.abc import Callable
from typing import Any, Final, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.board import colours
from adapters.sandbox.core.page import STYLE, Pages, see_other
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.core.visit import Visit
from adapters.sandbox.github import views
from adapters.sandbox.github.model import TITLE_LIMIT
from adapters.sandbox.github.people import Person
from adapters.sandbox.github.repository import Elsewhere, Repository
from adapters.sandbox.github.state import GitHubState

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
        self._pages = Pages()

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


class _Visit(Visit):
    brand = "GitHub sandbox"
    homes = "Repositories"
    title_limit = TITLE_LIMIT
    ways = (
        ("completed", "Close as completed"),
        ("not_planned", "Close as not planned"),
        ("duplicate", "Close as duplicate"),
    )

    def __init__(self, state: GitHubState, pages: Pages, request: Request) -> None:
        super().__init__(pages, request)
        self.state = state
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
        return self.show("home.html", shown=shown)

    def style(self) -> Answer:
        name = self.request.args.get("for", "")
        labels = self.state.repository(name).labels.all() if name else []
        return self.pages.style(colours(labels))

    def board(self) -> Answer:
        issues, more = views.rows(self.here, self.page_number())
        return self.show(
            "board.html",
            view="list" if self.request.args.get("view") == "list" else "board",
            columns=views.columns(self.here),
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
            choices=(),
            linked=(),
            **views.relations(self.here, issue),
        )

    # Forms

    def create(self) -> Answer:
        made = self.person.open(
            self.one("title"),
            self.one("body"),
            self.form.get("labels", []),
            self.form.get("assignees", []),
        )
        return see_other(f"{self.url}/{made.number}")

    def label(self, number: int) -> Answer:
        everything = [label.name for label in self.here.labels.all()]
        self.person.label(number, self.form.get("labels", []), everything)
        return see_other(f"{self.url}/{number}")

    def move(self, number: int) -> Answer:
        if phase := self.one("phase"):
            others = [one.name for one in views.phases(self.here)]
            self.person.label(number, [phase], others)
        elif (reason := self.one("close")) == "reopen":
            self.person.reopen(number)
        else:
            self.person.close(number, cast("Any", reason))
        return see_other(self.back(f"{self.url}/{number}"))

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

    def people(self) -> list[str]:
        return [user.login for user in self.state.users.values() if user.kind == "User"]

    @property
    def name(self) -> str:
        return self.repository.full_name if self.repository else ""

    @property
    def epoch(self) -> int:
        return self.repository.epoch if self.repository else 0
