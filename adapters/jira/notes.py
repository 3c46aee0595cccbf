"""Comments of ours: one for each key, edited in place.

Wiki markup has no hidden text, so a note ends with a small grey line that says whose it is. The
line also tells what was written: Cloud gives text back in a form of its own.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from adapters.jira.client import Client
from adapters.jira.reading import Raw
from mappings.inert import neutralise
from mappings.jira_text import DESCRIPTION_LIMIT
from mappings.jira_wiki import to_wiki
from mappings.text import fit

_MORE: Final = "*(cut)*"
_PAGE: Final = 100
_TAIL: Final = re.compile(r"followthrough note ([0-9a-f]{16})/([0-9a-f]{8})")


def write_note(client: Client, us: str, issue: str, key: str, text: str) -> None:
    """Write the note for ``key``, or change the one that is there. ``us`` is our account.

    Looked for in all comments, and only in our own: others may quote ours.
    """
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    wiki = _fitted(neutralise(text, "jira"))
    what = hashlib.sha256(wiki.encode()).hexdigest()[:8]
    body = {"body": f"{wiki}\n\n{{color:#97a0af}}followthrough note {name}/{what}{{color}}"}
    path = f"/api/2/issue/{issue}/comment"
    for comment in all_comments(client, issue):
        author = comment.get("author") or {}
        tails = _TAIL.findall(comment.get("body") or "")
        ours = us in {author.get("accountId"), author.get("name")}
        if ours and tails and tails[-1][0] == name:
            if tails[-1][1] != what:
                client.write("PUT", f"{path}/{comment['id']}", body, {200})
            return
    client.write("POST", path, body, {201})


def _fitted(text: str) -> str:
    limit = DESCRIPTION_LIMIT - 200
    while len(wiki := to_wiki(fit(text, limit, _MORE)[0])) > DESCRIPTION_LIMIT - 200:
        limit -= max(1000, len(wiki) - DESCRIPTION_LIMIT)
    return wiki


def all_comments(client: Client, issue: str) -> Iterator[Raw]:
    """Every comment of an issue, oldest first."""
    start = 0
    while True:
        asked = {"startAt": start, "maxResults": _PAGE, "orderBy": "created"}
        data = client.get(f"/api/2/issue/{issue}/comment", asked).data
        said = data if isinstance(data, dict) else {}
        rows = said.get("comments") or []
        yield from rows
        start += len(rows)
        if not rows or start >= int(said.get("total") or 0):
            return
