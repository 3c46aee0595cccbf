"""Comments of ours: one for each key, edited in place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from adapters.base import Comment
from adapters.gitlab.account import Accounts
from adapters.gitlab.client import Client
from adapters.gitlab.reading import all_of
from mappings.inert import neutralise
from mappings.markers import note_marker
from mappings.text import fit

#: gitlab-org/gitlab, app/models/note.rb: a note takes 1,000,000 characters.
LIMIT: Final = 1_000_000
_MORE: Final = "*(cut)*"
#: Whose comment it is tells its author; the mark only tells our own comments apart.
_SECRET: Final = b"followthrough"
_QUERY: Final = {"sort": "asc", "order_by": "created_at", "activity_filter": "only_comments"}


def write_note(client: Client, accounts: Accounts, path: str, key: str, text: str) -> None:
    """Write the note for ``key`` below ``path``, or change the one that is there.

    ``key`` is the signed mark of a note, or any name, which is then made into one. Looked for in
    all comments, and only in our own: others may quote ours.
    """
    mark = key if key.startswith("<!--") else note_marker(key, _SECRET)
    room = LIMIT - len(mark) - len("\n\n")
    body = f"{fit(neutralise(text, 'gitlab'), room, _MORE)[0]}\n\n{mark}"
    us = accounts.me().username.lower()
    for comment in all_of(client, path, dict(_QUERY)):
        said, author = comment.get("body") or "", (comment.get("author") or {}).get("username")
        ours = not comment.get("system") and (author or "").lower() == us
        if ours and mark in said:
            if said.replace("\r\n", "\n").strip() != body.strip():
                client.write("PUT", f"{path}/{comment['id']}", {"body": body}, {200})
            return
    client.write("POST", path, {"body": body}, {201}, creates=True)


def read_comments(client: Client, path: str) -> Iterator[Comment]:
    """What people, and we, said below ``path``; what GitLab itself notes there is left out."""
    for one in all_of(client, path, dict(_QUERY)):
        if not one.get("system"):
            by, at = (one.get("author") or {}).get("username") or "", one.get("created_at")
            written = datetime.fromisoformat(at) if at else None
            yield Comment(by, one.get("body") or "", at=written)
