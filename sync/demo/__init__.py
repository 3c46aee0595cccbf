"""A team's first afternoon with followthrough, played on this machine by the real program."""

from sync.demo.scenario import Demo, run_demo
from sync.demo.trackers import TRACKERS, Kind, Tracker

__all__ = ["TRACKERS", "Demo", "Kind", "Tracker", "run_demo"]
