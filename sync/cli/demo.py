"""``followthrough demo``."""

import typer


def demo(ctx: typer.Context) -> None:
    """Placeholder."""
