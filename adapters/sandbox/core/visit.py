"""One page or form, whatever the tracker: who asks, what was sent, how it is shown."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.page import STYLE, Pages, see_other
from adapters.sandbox.core.tracker import Refused

#: Whom a browser acts as until somebody else is chosen.
FIRST_PERSON: Final = "maria"


class Visit:
    """What visits have in common. A subclass says whose they are by the attributes below.

    ``ways`` are the ways to close an issue: a value and its words; ``homes`` what projects are
    called, ``title_limit`` how many characters a title may have.
    """

    brand: ClassVar[str]
    homes: ClassVar[str]
    title_limit: ClassVar[int]
    ways: ClassVar[tuple[tuple[str, str], ...]]

    def __init__(self, pages: Pages, request: Request) -> None:
        self.pages = pages
        self.request = request
        self.form: Mapping[str, list[str]] = {}

    @property
    def name(self) -> str:
        """The project's name, "" outside of one."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Where its issues are, "" outside of one."""
        raise NotImplementedError

    @property
    def epoch(self) -> int:
        """Differs when the project's labels do."""
        raise NotImplementedError

    @property
    def person(self) -> Any:  # noqa: ANN401  each kind its own
        """Whoever sits at the browser, in this project."""
        raise NotImplementedError

    def people(self) -> list[str]:
        """Who may be chosen, and assigned."""
        raise NotImplementedError

    # Forms that every tracker has

    def choose_person(self) -> Answer:
        """Act as somebody else from now on. Raises Refused (422)."""
        login = self.one("person")
        if login not in self.people():
            raise Refused(422, "There is no such person.")
        answer = see_other(self.back("/"))
        answer.headers["Set-Cookie"] = f"person={login}; Path=/; HttpOnly; SameSite=Strict"
        return answer

    def edit(self, number: int) -> Answer:
        """Save title and text."""
        self.person.edit(number, self.one("title"), self.one("body"))
        return see_other(f"{self.url}/{number}")

    def comment(self, number: int) -> Answer:
        """Say something."""
        self.person.comment(number, self.one("body"))
        return see_other(f"{self.url}/{number}")

    def assign(self, number: int) -> Answer:
        """Let others be responsible."""
        self.person.assign(number, self.form.get("assignees", []))
        return see_other(f"{self.url}/{number}")

    # What they share

    def message(self, refused: Refused) -> Answer:
        """A refusal as a page."""
        text = " ".join(str(one.get("message", one)) for one in refused.details)
        return self.show(
            "message.html",
            refused.status,
            heading=refused.message or "That was refused.",
            text=text or "Nothing was changed.",
            back=self.url or "/",
        )

    def me(self) -> str:
        """Who sits at the browser."""
        chosen = self.request.cookies.get("person", FIRST_PERSON)
        return chosen if chosen in self.people() else FIRST_PERSON

    def one(self, name: str) -> str:
        """A field of the form."""
        return self.form.get(name, [""])[0]

    def back(self, otherwise: str) -> str:
        """Where the form came from, if that is a place of ours."""
        wanted = self.one("back")
        ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
        plain = ours and wanted.isprintable() and wanted.isascii()
        return wanted if plain else otherwise

    def page_number(self) -> int:
        """Which page of a list is asked for."""
        page = self.request.args.get("page", "1")
        return int(page) if page.isdecimal() and page.isascii() and page != "0" else 1

    def show(self, template: str, status: int = 200, **values: object) -> Answer:
        """A page."""
        shared: dict[str, object] = {
            "brand": self.brand,
            # The sheet's address carries the labels' state, so that a new colour is seen at once.
            "style": f"{STYLE}?for={self.name}&v={self.epoch}",
            "name": self.name,
            "url": self.url,
            "here": self.request.full_path.rstrip("?"),
            "people": self.people(),
            "me": self.me(),
            "ways": self.ways,
            "homes": self.homes,
            "title_limit": self.title_limit,
        }
        return self.pages.show(template, status, **(shared | values))
