"""The link between an action and its incident, for people to see. Its truth is in the body."""

from contextlib import suppress
from typing import Final

from adapters.errors import Missing, Moved, Rejected
from adapters.gitlab.client import Client
from adapters.gitlab.reading import all_of
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field

#: An option of a profile: how an action is linked. The other two need a paid tier.
LINK: Final = "link"
KINDS: Final = frozenset({"relates_to", "blocks", "is_blocked_by"})


class Links:
    """Links between issues of one project. ``issues`` is the address of its issues."""

    def __init__(self, client: Client, profile: Profile) -> None:
        self._client = client
        self._kind = profile.options.get(LINK, "relates_to")

    def put(self, issues: str, project: int, iid: str, parent: str) -> None:
        """Link an issue with its parent; one that is linked already is as good."""
        if self._kind not in KINDS:
            text = f'"{self._kind}" is no kind of link.'
            raise Rejected(Problem("E201", text, remedy=f"One of {', '.join(sorted(KINDS))}."))
        body = {
            "target_project_id": project,
            "target_issue_iid": parent,
            "link_type": self._kind,
        }
        try:
            self._client.write("POST", f"{issues}/{iid}/links", body, {201})
        except (Missing, Moved) as error:
            # The parent cannot be seen; the item itself is not lost from sight.
            raise Rejected(error.problem, Field.PARENT) from None
        except Rejected as error:
            if "already" not in error.problem.message:
                raise Rejected(error.problem, Field.PARENT) from None

    def drop(self, issues: str, project: int, iid: str, parent: str) -> None:
        """Take the link away; one that is not there any more is as good."""
        for linked in all_of(self._client, f"{issues}/{iid}/links"):
            if (int(linked["project_id"]), str(linked["iid"])) == (project, parent):
                with suppress(Missing):
                    path = f"{issues}/{iid}/links/{linked['issue_link_id']}"
                    self._client.write("DELETE", path, None, {200, 204})
