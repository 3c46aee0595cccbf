"""The sandbox's own interface under ``/_sandbox/``: look inside, play a person, set faults.

    GET  /_sandbox/state              everything, as JSON
    GET  /_sandbox/requests           counts and the last requests
    POST /_sandbox/reset              back to the beginning
    POST /_sandbox/act                {"person": "maria", "action": "close", ...}
    POST /_sandbox/faults             {"seed": 1, "fault": [...]}; an empty object clears
    POST /_sandbox/advance            {"seconds": 60}

A POST must be sent as ``application/json``, which a foreign web page cannot do unasked.
"""

import json
from collections.abc import Mapping
from typing import Final

from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.clock import SandboxClock
from adapters.sandbox.core.faults import Faults, read_script
from adapters.sandbox.core.log import RequestLog
from adapters.sandbox.core.tracker import Refused, Tracker
from mappings.problem import ProblemError

#: How many requests one look at the log shows.
SHOWN: Final = 200


class Control:
    """Answers the paths above. Called under the service's lock."""

    def __init__(
        self, tracker: Tracker, faults: Faults, log: RequestLog, clock: SandboxClock
    ) -> None:
        self._tracker = tracker
        self._faults = faults
        self._log = log
        self._clock = clock

    def answer(self, request: Request) -> Answer:
        """One control request; 400 with a sentence when it makes no sense."""
        name = request.path.removeprefix("/_sandbox/")
        try:
            if request.method == "GET":
                return self._look(name)
            return self._do(name, _values(request))
        except Refused as refused:
            return _wrong(refused.message, refused.status)
        except ProblemError as error:
            return _wrong(str(error.problem))
        except (ValueError, TypeError, KeyError) as error:
            return _wrong(f"{type(error).__name__}: {error}")

    def _look(self, name: str) -> Answer:
        if name == "state":
            return Answer.json(self._tracker.dump())
        if name == "requests":
            return Answer.json(self._requests())
        return _wrong("there is no such page", 404)

    def _requests(self) -> dict[str, object]:
        shown = list(self._log)[-SHOWN:]
        return {
            "total": self._log.total,
            "by_status": {str(code): count for code, count in self._log.by_status.items()},
            "by_method": dict(self._log.by_method),
            "last": [
                {
                    "at": entry.at.isoformat(),
                    "who": entry.who,
                    "method": entry.method,
                    "path": entry.path,
                    "query": entry.query,
                    "status": entry.status,
                    "fault": entry.fault,
                }
                for entry in shown
            ],
        }

    def _do(self, name: str, values: Mapping[str, object]) -> Answer:
        match name:
            case "reset":
                self._tracker.reset()
                self._log.clear()
                self._faults.clear()
                return Answer.json({"ok": True})
            case "act":
                rest = dict(values)
                person, action = str(rest.pop("person")), str(rest.pop("action"))
                return Answer.json(self._tracker.act(person, action, rest))
            case "faults":
                script = read_script(json.dumps(values), "/_sandbox/faults", as_json=True)
                self._faults.replace(script.fault, script.seed)
                return Answer.json({"ok": True, "rules": len(script.fault)})
            case "advance":
                self._clock.advance(float(str(values["seconds"])))
                return Answer.json({"ok": True, "now": self._clock.now().isoformat()})
            case _:
                return _wrong("there is no such action", 404)


def _values(request: Request) -> dict[str, object]:
    if request.method != "POST" or request.mimetype != "application/json":
        raise Refused(415, "send POST with Content-Type: application/json")
    return dict(json.loads(request.get_data() or b"{}"))


def _wrong(message: str, status: int = 400) -> Answer:
    return Answer.json({"message": message}, status)
