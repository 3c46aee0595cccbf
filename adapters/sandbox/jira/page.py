"""The pages: a board and a list of issues, one issue, and what a person can do there."""

from collections.abc import Callable, Mapping
from typing import Final, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.page import STYLE, Pages, see_other
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import views
from adapters.sandbox.jira.people import Person
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState

#: Whom a browser acts as until somebody else is chosen.
FIRST_PERSON: Final = "maria"

_RULES: Final = [
    Rule("/", endpoint="home", methods=["GET"]),
    Rule(STYLE, endpoint="style", methods=["GET"]),
    Rule("/_person", endpoint="choose_person", methods=["POST"]),
    Rule("/projects/<project>", endpoint="board", methods=["GET"]),
    Rule("/projects/<project>", endpoint="create", methods=["POST"]),
    Rule("/projects/<project>/new", endpoint="new", methods=["GET"]),
    Rule("/browse/<key>", endpoint="issue", methods=["GET"]),
    Rule("/browse/<key>/edit", endpoint="edit", methods=["POST"]),
    Rule("/browse/<key>/comment", endpoint="comment", methods=["POST"]),
    Rule("/browse/<key>/details", endpoint="details", methods=["POST"]),
    Rule("/browse/<key>/transition", endpoint="transition", methods=["POST"]),
]

_ROUTES: Final = Map(_RULES, strict_slashes=False)


class JiraPages:
    """Answers a browser over a state that ``state`` gives (a reset makes another)."""

    def __init__(self, state: Callable[[], JiraState]) -> None:
        self._state = state
        self._pages = Pages("adapters.sandbox.jira")

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
            if "key" in values:
                issue = visit.state.issues.get(values["key"])
                visit.project = visit.state.projects[issue.project]
                values["key"] = issue.key
            answer = getattr(visit, endpoint)(**values)
        except Refused as refused:
            return visit.message(refused)
        except HTTPException:
            return visit.message(Refused(404, "There is no such page."))
        return cast("Answer", answer)


class _Visit:
    def __init__(self, state: JiraState, pages: Pages, request: Request) -> None:
        self.state = state
        self.pages = pages
        self.request = request
        self.form: Mapping[str, list[str]] = {}
        self.project: Project | None = None

    # Pages

    def home(self) -> Answer:
        return self.show("home.html", projects=views.projects(self.state))

    def style(self) -> Answer:
        return self.pages.style()

    def board(self) -> Answer:
        page = self.request.args.get("page", "1")
        number = int(page) if page.isdigit() and page != "0" else 1
        issues, more = views.rows(self.state, self.here, number)
        return self.show(
            "board.html",
            view="list" if self.request.args.get("view") == "list" else "board",
            columns=views.board(self.state, self.here),
            issues=issues,
            more=more,
        )

    def new(self) -> Answer:
        kinds = [one.name for one in self.here.types if one.level >= 0]
        return self.show("new.html", kinds=kinds)

    def issue(self, key: str) -> Answer:
        issue = self.state.issues.get(key)
        return self.show(
            "issue.html",
            issue=views.card(self.state, issue),
            history=views.history(self.state, issue),
            steps=views.steps(self.state, issue),
            resolutions=[one.name for one in self.state.resolutions],
            priorities=views.priorities(self.state, self.here),
            **views.relations(self.state, issue),
        )

    def message(self, refused: Refused) -> Answer:
        told = [str(text) for detail in refused.details for text in detail.values()]
        return self.show(
            "message.html",
            refused.status,
            heading=refused.message or "That cannot be saved.",
            text=" ".join(told) or "Nothing was changed.",
            back=self.url or "/",
        )

    # Forms

    def choose_person(self) -> Answer:
        login = self.one("person")
        if login not in self.state.users:
            raise Refused(422, "There is no such person.")
        answer = see_other(self._back("/"))
        answer.headers["Set-Cookie"] = f"person={login}; Path=/; HttpOnly; SameSite=Strict"
        return answer

    def create(self) -> Answer:
        made = self.person.open(
            self.one("summary"),
            self.one("description"),
            self.one("labels").split(),
            self.one("assignee") or None,
            self.one("kind"),
        )
        return see_other(f"/browse/{made.key}")

    def edit(self, key: str) -> Answer:
        self.person.edit(key, self.one("summary"), self.one("description"))
        return see_other(f"/browse/{key}")

    def comment(self, key: str) -> Answer:
        self.person.comment(key, self.one("body"))
        return see_other(f"/browse/{key}")

    def details(self, key: str) -> Answer:
        self.person.assign(key, self.one("assignee") or None)
        self.person.prioritise(key, self.one("priority") or None)
        self.person.due(key, self.one("due") or None)
        self.person.choose(key, "labels", self.one("labels").split())
        return see_other(f"/browse/{key}")

    def transition(self, key: str) -> Answer:
        self.person.transition(key, self.one("step"), self.one("resolution") or "Done")
        return see_other(self._back(f"/browse/{key}"))

    # What they share

    @property
    def here(self) -> Project:
        assert self.project is not None, "only pages below a project ask"
        return self.project

    @property
    def url(self) -> str:
        return f"/projects/{self.project.key}" if self.project else ""

    @property
    def person(self) -> Person:
        return Person(self.state, self.here, self.me())

    def me(self) -> str:
        chosen = self.request.cookies.get("person", FIRST_PERSON)
        return chosen if chosen in self.state.users else FIRST_PERSON

    def one(self, name: str) -> str:
        return self.form.get(name, [""])[0]

    def _back(self, otherwise: str) -> str:
        """Where the form came from, if that is a place of ours."""
        wanted = self.one("back")
        ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
        plain = ours and wanted.isprintable() and wanted.isascii()
        return wanted if plain else otherwise

    def show(self, template: str, status: int = 200, **values: object) -> Answer:
        flavour = "Cloud" if self.state.flavour == "cloud" else "Data Center"
        shared: dict[str, object] = {
            "brand": f"Jira sandbox · {flavour}",
            "style": STYLE,
            "name": self.project.key if self.project else "",
            "url": self.url,
            "here": self.request.full_path.rstrip("?"),
            "people": list(self.state.users),
            "me": self.me(),
        }
        return self.pages.show(template, status, **(shared | values))
