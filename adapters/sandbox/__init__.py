"""Trackers on loopback that remember: for tests, the demo and rehearsals.

    with Sandbox("github", projects=["acme/payments"], token="secret") as sandbox:
        ...  # sandbox.url, sandbox.state, sandbox.requests, sandbox.faults, sandbox.clock

Nothing here leaves the machine, and nothing but tests and the command line imports it.
"""

from adapters.sandbox.running import Sandbox, serve

__all__ = ["Sandbox", "serve"]
