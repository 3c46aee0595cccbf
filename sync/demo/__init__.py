"""A team's first afternoon with followthrough, played on this machine by the real program."""

from sync.demo.scenario import PROJECT, Demo, run_demo

__all__ = ["PROJECT", "Demo", "run_demo"]
