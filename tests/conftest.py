"""What holds for the whole run: its last lines say which tests were skipped, and why."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

# `make fuzz` asks for the second one; a slow machine is no reason to fail.
settings.register_profile("suite", deadline=None, max_examples=150)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """After pytest's own last line, so that nobody overlooks it. With xdist: once, at the end."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    skipped = terminal.stats.get("skipped", []) if terminal else []
    reasons = defaultdict(list)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")].append(report.nodeid)
    if reasons:
        terminal.write_line(f"{len(skipped)} skipped:")
    for reason, tests in sorted(reasons.items()):
        terminal.write_line(f"  {reason}")
        for test in sorted(tests):
            terminal.write_line(f"    {test}")
