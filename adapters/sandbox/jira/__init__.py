"""Jira on loopback, Cloud or Data Center: a pure state, its REST interface, and a page."""
