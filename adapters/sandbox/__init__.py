"""Trackers on loopback that remember: for tests, the demo and rehearsals.

    with Sandbox("github", projects=["acme/payments"], token="secret") as sandbox:
        ...  # sandbox.url, sandbox.state, sandbox.requests, sandbox.faults, sandbox.clock

Nothing here leaves the machine, and nothing but tests and the command line imports it.
"""

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.clock import SandboxClock, StillClock
from adapters.sandbox.core.limits import GITHUB_FIGURES, Limits
from adapters.sandbox.running import KINDS, Sandbox, serve

__all__ = [
    "GITHUB_FIGURES",
    "KINDS",
    "Access",
    "Limits",
    "Sandbox",
    "SandboxClock",
    "StillClock",
    "Token",
    "serve",
]
