"""A team's first afternoon with followthrough, played on this machine by the real program."""

from sync.demo.scenario import Demo, run_demo

__all__ = ["Demo", "run_demo"]
