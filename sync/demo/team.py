"""What people do in the tracker: through its API, with a login of their own."""

from typing import Any, Final

import requests

from mappings.problem import Problem, ProblemError

#: Seconds; the tracker is on this machine.
_TIMEOUT: Final = 5


class Person:
    """One member of the team at one repository."""

    def __init__(self, url: str, project: str, token: str) -> None:
        self._issues = f"{url}/repos/{project}/issues"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Give back the socket."""
        self._session.close()

    def issues(self) -> list[dict[str, Any]]:
        """Every issue, oldest first."""
        answer = self._ask("GET", self._issues, params={"state": "all", "per_page": "100"})
        return sorted(answer, key=lambda issue: int(issue["number"]))

    def open(self, title: str, body: str) -> int:
        """Write an issue by hand; its number."""
        return int(self._ask("POST", self._issues, json={"title": title, "body": body})["number"])

    def move(self, number: int, label: str) -> None:
        """Give an issue another phase label."""
        now = self._ask("GET", f"{self._issues}/{number}")["labels"]
        kept = [one["name"] for one in now if not one["name"].startswith("phase:")]
        self._ask("PATCH", f"{self._issues}/{number}", json={"labels": [*kept, label]})

    def finish(self, number: int, reason: str) -> None:
        """Close an issue: "completed" or "not_planned"."""
        change = {"state": "closed", "state_reason": reason}
        self._ask("PATCH", f"{self._issues}/{number}", json=change)

    def rename(self, number: int, title: str) -> None:
        """Give an issue another title."""
        self._ask("PATCH", f"{self._issues}/{number}", json={"title": title})

    def _ask(self, method: str, url: str, **parts: Any) -> Any:  # noqa: ANN401  JSON is what it is
        answer = self._session.request(method, url, timeout=_TIMEOUT, **parts)
        if not answer.ok:
            text = f"the sandbox said {answer.status_code} to {method}."
            raise ProblemError(Problem("E503", text))
        return answer.json()
