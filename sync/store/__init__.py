"""What is remembered: pairs, links, baselines, observations, cursors, journal, conflicts, runs."""

from sync.store.store import Store

__all__ = ["Store"]
