"""One request at a time through python-redmine, and what its refusals mean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from redminelib import Redmine, exceptions

from adapters.errors import AdapterError, AuthFailed, Missing, Rejected, Transient, UnknownOutcome
from adapters.seams import Seams
from adapters.transport import broken_connection, parse_http_date, retrying
from adapters.wire import Redirected, clean, guard
from mappings.problem import Problem
from mappings.vocabulary import Field

#: Redmine names the attribute at the beginning of each complaint.
_FIELDS = {
    "Subject": Field.TITLE,
    "Due date": Field.DUE,
    "Assignee": Field.OWNERS,
    "Parent task": Field.PARENT,
    "Status": Field.PHASE,
    "Tracker": Field.CATEGORY,
    "Priority": Field.PRIORITY,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What Redmine said, and its clock (UTC) where it told."""

    data: Any
    time: datetime | None


class Client:
    """python-redmine with our rules for the wire: one host, no redirect, a bounded time."""

    def __init__(
        self, url: str, token: Callable[[], SecretStr], timeout: float, seams: Seams
    ) -> None:
        self.clock = seams.clock
        self._random = seams.random
        self.url = url.rstrip("/")
        self._host = urlsplit(url).netloc
        self._token = token
        self._redmine = Redmine(self.url, return_raw_response=True)
        guard(self._redmine.engine.session, url, seams.clock, timeout)

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Read; retried on passing faults."""
        return retrying(
            self.clock, self._random, lambda: self._send("get", path, parameters or {}, None)
        )

    def write(self, verb: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Send once: a write whose answer is lost is never repeated here."""
        return self._send(verb, path, {}, body)

    def close(self) -> None:
        """Give back the sockets."""
        self._redmine.engine.session.close()

    def _send(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None,
    ) -> Answer:
        writes = verb != "get"
        secret = self._token().get_secret_value()
        try:
            response = self._redmine.engine.request(
                verb,
                self.url + path,
                headers={"X-Redmine-API-Key": secret},
                params=dict(parameters),
                data=body,
            )
        except Redirected:
            problem = Problem("E202", f"{self._host} sends us elsewhere.", remedy="Mind base_url.")
            raise Rejected(problem) from None
        except requests.RequestException as error:
            raise broken_connection(error, self._host, write=writes) from None
        except exceptions.BaseRedmineError as error:
            raise self._meaning(error, secret, writes=writes) from None
        return self._judged(response, writes=writes)

    def _judged(self, response: requests.Response, *, writes: bool) -> Answer:
        time = parse_http_date(response.headers.get("Date", ""))
        if not response.content.strip():
            return Answer(None, time)
        try:
            return Answer(response.json(), time)
        except ValueError:
            text = f"{self._host} answered something else than JSON."
            kind = UnknownOutcome if writes else Transient
            raise kind(Problem("E213" if writes else "E206", text)) from None

    def _meaning(
        self, error: exceptions.BaseRedmineError, secret: str, *, writes: bool
    ) -> AdapterError:
        """python-redmine's error, named by what happens next."""
        if isinstance(error, exceptions.AuthError):
            remedy = "Give a new API access key."
            return AuthFailed(Problem("E205", f"{self._host} refuses the key.", remedy=remedy))
        if isinstance(error, exceptions.ResourceNotFoundError | exceptions.ForbiddenError):
            return Missing(Problem("E210", f"not to be seen on {self._host} (deleted or private)."))
        if isinstance(error, exceptions.ValidationError):
            said = clean(str(error), secret)
            named = next((f for word, f in _FIELDS.items() if re.match(word, said)), None)
            return Rejected(Problem("E120", f"Redmine refuses it: {said}."), named)
        text = f"{self._host} failed ({clean(str(error), secret)})."
        if writes:
            return UnknownOutcome(Problem("E213", text))
        return Transient(Problem("E206", text))
