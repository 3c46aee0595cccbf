"""A bug: the traceback goes into a file, one line onto the screen."""

import tempfile
import traceback
from pathlib import Path

from mappings.problem import Problem
from sync.cli.session import World
from sync.logs import keep_traceback


def keep(world: World, folder: Path | None, error: Exception) -> Problem:
    """Keep the traceback of ``error`` in ``folder``, or where temporary files are kept.

    The problem names the file; a secret in the traceback is taken out of it.
    """
    text = "".join(traceback.format_exception(error))
    now = world.seams.clock.now()
    kind = type(error).__name__
    for place in (folder, Path(tempfile.gettempdir())):
        if place is None:
            continue
        try:
            kept = keep_traceback(world.redactor, place, text, now)
        except OSError:
            continue
        said = f"unexpected {kind}; a bug. Its traceback is in {kept}."
        return Problem("E900", said, remedy="Please report it with that file.")
    return Problem("E900", f"unexpected {kind}; a bug. Its traceback could not be kept.")
