"""Benchmarks: never part of the tests, always runnable with one command."""
