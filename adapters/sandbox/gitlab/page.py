"""The pages: a board and a list of issues, one issue, and what a person can do there."""

from collections.abc import Callable
from typing import Final, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.board import colours
from adapters.sandbox.core.page import STYLE, Pages, see_other
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.core.visit import Visit
from adapters.sandbox.gitlab import views
from adapters.sandbox.gitlab.model import TITLE_LIMIT
from adapters.sandbox.gitlab.people import Person
from adapters.sandbox.gitlab.project import Project
from adapters.sandbox.gitlab.state import GitLabState

_ISSUES: Final = "/<path:project>/-/issues"
_ISSUE: Final = f"{_ISSUES}/<int:number>"

_ROUTES: Final = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule(STYLE, endpoint="style", methods=["GET"]),
        Rule("/_person", endpoint="choose_person", methods=["POST"]),
        Rule("/<path:project>", endpoint="board", methods=["GET"]),
        Rule(_ISSUES, endpoint="board", methods=["GET"]),
        Rule(_ISSUES, endpoint="create", methods=["POST"]),
        Rule(f"{_ISSUES}/new", endpoint="new", methods=["GET"]),
        Rule(_ISSUE, endpoint="issue", methods=["GET"]),
        Rule(f"{_ISSUES}/incident/<int:number>", endpoint="issue", methods=["GET"]),
        Rule(f"{_ISSUE}/edit", endpoint="edit", methods=["POST"]),
        Rule(f"{_ISSUE}/comment", endpoint="comment", methods=["POST"]),
        Rule(f"{_ISSUE}/labels", endpoint="label", methods=["POST"]),
        Rule(f"{_ISSUE}/assignees", endpoint="assign", methods=["POST"]),
        Rule(f"{_ISSUE}/move", endpoint="move", methods=["POST"]),
        Rule(f"{_ISSUE}/choose", endpoint="choose", methods=["POST"]),
    ],
    strict_slashes=False,
)


class GitLabPages:
    """Answers a browser over a state that ``state`` gives (a reset makes another)."""

    def __init__(self, state: Callable[[], GitLabState]) -> None:
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
            if "project" in values:
                visit.project = visit.state.project(values.pop("project"))
            answer = getattr(visit, endpoint)(**values)
        except Refused as refused:
            return visit.message(refused)
        except HTTPException:
            return visit.message(Refused(404, "There is no such page."))
        return cast("Answer", answer)


class _Visit(Visit):
    brand = "GitLab sandbox"
    homes = "Projects"
    title_limit = TITLE_LIMIT
    ways = (("close", "Close"),)

    def __init__(self, state: GitLabState, pages: Pages, request: Request) -> None:
        super().__init__(pages, request)
        self.state = state
        self.project: Project | None = None

    # Pages

    def home(self) -> Answer:
        shown = [
            {
                "name": one.path,
                "url": f"/{one.path}/-/issues",
                "open": sum(issue.state == "opened" for issue in one.issues.values()),
                "closed": sum(issue.state == "closed" for issue in one.issues.values()),
                "private": one.visibility == "private",
                "archived": one.archived,
            }
            for one in self.state.projects.values()
        ]
        return self.show("home.html", shown=shown)

    def style(self) -> Answer:
        name = self.request.args.get("for", "")
        return self.pages.style(colours(self.state.project(name).labels.all() if name else []))

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
        if issue.moved_to is not None and (found := self.state.issue_by_id(issue.moved_to)):
            return see_other(f"/{found[0].path}/-/issues/{found[1].iid}")
        return self.show(
            "issue.html",
            issue=views.card(self.here, issue),
            history=views.history(self.here, issue),
            phases=views.phases(self.here),
            labels=self.here.labels.all(),
            choices=views.choices(self.here, issue),
            linked=views.linked(self.here, issue),
            parent=None,
            children=(),
        )

    # Forms

    def create(self) -> Answer:
        made = self.person.open(
            self.one("title"),
            self.one("body"),
            self.form.get("labels", []),
            self.form.get("assignees", []),
        )
        return see_other(f"{self.url}/{made.iid}")

    def label(self, number: int) -> Answer:
        self.person.relabel(number, self.form.get("labels", []))
        return see_other(f"{self.url}/{number}")

    def move(self, number: int) -> Answer:
        if phase := self.one("phase"):
            others = [one.name for one in views.phases(self.here) if one.name != phase]
            self.person.label(number, [phase], others)
        elif self.one("close") == "reopen":
            self.person.reopen(number)
        else:
            self.person.close(number)
        return see_other(self.back(f"{self.url}/{number}"))

    def choose(self, number: int) -> Answer:
        field = self.one("field")
        known = {str(one["name"]) for one in views.choices(self.here, self.here.get(number))}
        if field not in known:
            raise Refused(422, "There is no such choice.")
        try:
            getattr(self.person, field)(number, self.one("value"))
        except ValueError:
            raise Refused(422, "That is no date.") from None
        return see_other(f"{self.url}/{number}")

    # What they share

    @property
    def here(self) -> Project:
        assert self.project is not None, "only pages below a project ask"
        return self.project

    @property
    def url(self) -> str:
        return f"/{self.project.path}/-/issues" if self.project else ""

    @property
    def name(self) -> str:
        return self.project.path if self.project else ""

    @property
    def epoch(self) -> int:
        return self.project.revision if self.project else 0

    @property
    def person(self) -> Person:
        return Person(self.here, self.me())

    def people(self) -> list[str]:
        return [user.username for user in self.state.users.values() if not user.bot]
