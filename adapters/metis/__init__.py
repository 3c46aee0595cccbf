"""Metis workspaces: documents under ``.metis`` as a home for tasks, incidents and initiatives."""

from pathlib import Path
from typing import Literal

from pydantic import Field as Key

from adapters.base import Connection
from adapters.files import LocalFiles
from adapters.metis.connection import MetisConnection
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.profile import Table


class MetisSettings(Table):
    """``[connections.NAME]`` of a Metis workspace."""

    path: Path = Key(description="the folder that holds .metis, or .metis itself")
    reopen: Literal["edit", "report"] = Key(
        default="edit",
        description="what a reopened issue does to a completed document: edit its phase, "
        "or only report it (Metis has no step back)",
    )
    not_planned: Literal["archive", "complete"] = Key(
        default="archive",
        description="what an issue closed as not planned or duplicate does to its document",
    )
    public: bool | None = Key(
        default=None, description="whether everybody may read these documents (for the leak guard)"
    )


class MetisAdapter(Adapter):
    """Reads and writes Metis v2 workspaces."""

    name = "metis"
    title = "Metis documents"
    side = "left"
    Settings = MetisSettings

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """No file is touched yet."""
        if not isinstance(settings, MetisSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        return MetisConnection(
            settings.path,
            seams.clock,
            LocalFiles(),
            reopen=settings.reopen,
            not_planned=settings.not_planned,
            public=settings.public,
        )


ADAPTER = MetisAdapter()
