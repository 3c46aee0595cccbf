"""Pages for people: escaped templates, strict headers, forms that only our own pages can send."""

import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused

#: Nothing from elsewhere, nothing inline, no frames.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}

#: Where every page finds its style sheet.
STYLE: Final = "/_style"

#: Form fields larger than this together are refused, in bytes.
MOST_FORM: Final = 1024 * 1024

_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_TASK: Final = re.compile(r"<li>(?:\s*<p>)?\[([ xX])\] ")


def is_page(request: Request) -> bool:
    """Whether a browser asks: it wants HTML or its style sheet, or sends a form."""
    if request.path == STYLE:
        return True
    if request.method == "POST":
        return request.mimetype in _FORMS
    return "text/html" in request.headers.get("Accept", "")


class Pages:
    """The common templates, with those of ``package`` above them, and the forms' token."""

    def __init__(self, package: str = "") -> None:
        common = PackageLoader(__package__ or "")
        self._environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            loader=ChoiceLoader([PackageLoader(package), common]) if package else common,
        )
        self._token = secrets.token_urlsafe(24)
        self._markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
        self._markdown.enable(["table", "strikethrough"]).disable("image")
        self._environment.filters["markdown"] = self.markdown

    def show(self, template: str, status: int = 200, **values: object) -> Answer:
        """A page from a template."""
        text = self._environment.get_template(template).render(token=self._token, **values)
        answer = Answer.html(text, status)
        answer.headers.update(HEADERS)
        return answer

    def style(self, extra: str = "") -> Answer:
        """The style sheet, with ``extra`` rules behind it."""
        plain = self._environment.get_template("style.css").render()
        headers = HEADERS | {"Content-Type": "text/css; charset=utf-8"}
        return Answer(200, (plain + extra).encode(), headers)

    def form(self, request: Request) -> Mapping[str, list[str]]:
        """The fields of a form one of our pages sent. Raises Refused (403, 413)."""
        if (request.content_length or 0) > MOST_FORM:
            raise Refused(413, "That is more text than this page takes.")
        origin = urlsplit(request.headers.get("Origin", "")).netloc
        foreign = origin not in {"", request.host} or request.headers.get(
            "Sec-Fetch-Site", "same-origin"
        ) not in {"same-origin", "none"}
        given = request.form.get("token", "")
        if foreign or not hmac.compare_digest(given.encode(), self._token.encode()):
            raise Refused(403, "This form is not from here, or from before a restart. Reload.")
        return request.form.to_dict(flat=False)

    def markdown(self, text: str) -> Markup:
        """Text as HTML: no raw HTML, hidden comments left out, check boxes drawn."""
        plain = _COMMENT.sub("", text)
        drawn = _TASK.sub(
            lambda found: f'<li class="task">{"☐" if found[1] == " " else "☑"} ',
            str(self._markdown.render(plain)),
        )
        return Markup(drawn)  # noqa: S704  markdown-it escaped everything (html is off)


def see_other(place: str) -> Answer:
    """Send the browser on after a form."""
    return Answer(303, b"", {"Location": place} | HEADERS)
