"""What every sandbox has in common: sockets, faults, limits, clock, log, control, pages.

A tracker's own sandbox is a folder beside this one. It gives a pure state (no HTTP, no
clock of its own) and a :class:`~adapters.sandbox.core.tracker.Tracker` that speaks for it.
"""
