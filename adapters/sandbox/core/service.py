"""One request from arrival to answer: host check, control, faults, the tracker, the log."""

import threading
import traceback
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Final, Literal

from werkzeug.wrappers import Request

from adapters.sandbox.core.answer import Answer, Delivery
from adapters.sandbox.core.clock import SandboxClock
from adapters.sandbox.core.control import Control
from adapters.sandbox.core.faults import Fault, Faults
from adapters.sandbox.core.log import Entry, RequestLog
from adapters.sandbox.core.page import is_page
from adapters.sandbox.core.tracker import Tracker

#: Host names a browser on this machine may have typed; any other is a page elsewhere
#: that points its own name at us (DNS rebinding).
LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Service:
    """A tracker with faults and a log around it. Thread-safe: the tracker sees one at a time.

    ``wait`` lets real seconds pass for the ``delay`` effect. ``failures`` are tracebacks of
    bugs in the sandbox itself; a test that leaves any has found one.
    """

    def __init__(
        self, tracker: Tracker, faults: Faults, clock: SandboxClock, wait: Callable[[float], object]
    ) -> None:
        self.tracker = tracker
        self.faults = faults
        self.log = RequestLog()
        self.lock = threading.RLock()
        self.failures: list[str] = []
        self._clock = clock
        self._wait = wait
        self._control = Control(tracker, faults, self.log, clock)

    def handle(self, request: Request) -> Delivery:
        """Serve one request, faults included."""
        if not loopback(request.host):
            return Delivery(self.tracker.refusal(request, 421, "This is not the host you want"))
        if request.path.startswith("/_sandbox/"):
            with self.lock:
                return Delivery(self._control.answer(request))
        if is_page(request):
            with self.lock:
                return Delivery(self._answer(request))
        with self.lock:
            fault = self.faults.pick(request.method, request.path)
        if fault is not None and fault.effect == "delay" and not fault.after:
            self._wait(fault.seconds)
        with self.lock:
            delivery = self._serve(request, fault)
            self._record(request, delivery, fault)
        if fault is not None and fault.effect == "delay" and fault.after:
            self._wait(fault.seconds)
        return delivery

    def _serve(self, request: Request, fault: Fault | None) -> Delivery:
        if fault is None:
            delivery = Delivery(self._answer(request))
        elif fault.after or fault.effect in {"lose-reply", "truncate", "delay", "skew"}:
            delivery = self._spoil(request, fault, self._answer(request))
        else:
            delivery = self._spoil(request, fault, Answer())
        ahead = timedelta(seconds=fault.seconds if fault and fault.effect == "skew" else 0)
        date = (self._clock.now() + ahead).replace(microsecond=0)
        delivery.answer.headers.setdefault("Date", format_datetime(date, usegmt=True))
        return delivery

    def _answer(self, request: Request) -> Answer:
        """The tracker's answer; a bug in the sandbox itself is kept for whoever looks."""
        try:
            return self.tracker.page(request) if is_page(request) else self.tracker.answer(request)
        except Exception:  # noqa: BLE001  the client sees a 500, the test the reason
            self.failures.append(traceback.format_exc())
            return self.tracker.refusal(request, 500, "Server Error")

    def _spoil(self, request: Request, fault: Fault, answer: Answer) -> Delivery:
        way: Literal["whole", "lost", "reset"] = "whole"
        keep = None
        match fault.effect:
            case "lose-reply":
                way = "lost"
            case "reset":
                way = "reset"
            case "error":
                answer = Answer.html(fault.html(), fault.status)
                answer.headers.update(fault.headers)
            case "status":
                answer = self.tracker.refusal(request, fault.status, fault.message)
                answer.headers.update(fault.headers)
            case "rate-limit":
                answer = self.tracker.limited(request, fault.limit, headers=fault.tell)
            case "truncate" if fault.framed:
                answer.body = answer.body[: fault.bytes]
            case "truncate":
                keep = fault.bytes
            case "delay" | "skew":
                pass
        return Delivery(answer, way, keep)

    def _record(self, request: Request, delivery: Delivery, fault: Fault | None) -> None:
        headers = {
            name.lower(): value
            for name, value in request.headers.items()
            if name.lower() not in {"authorization", "cookie", "private-token"}
        }
        entry = Entry(
            at=self._clock.now(),
            who=self.tracker.caller(request),
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            status=delivery.answer.status if delivery.way == "whole" else 0,
            fault=fault.effect if fault else "",
            body=request.get_data(),
            headers=headers,
        )
        self.log.add(entry)


def loopback(host: str) -> bool:
    """Whether a Host header (with or without port) names this machine."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() in LOOPBACK_NAMES
