"""Postmortems: Markdown documents in a folder as a home of action items."""

from pathlib import Path

from pydantic import Field as Key

from adapters.base import Connection
from adapters.files import LocalFiles
from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder
from adapters.postmortems.project import CAPABILITIES
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.profile import Table


class PostmortemsSettings(Table):
    """``[connections.NAME]`` of a folder of postmortems."""

    path: Path = Key(description="the folder that holds the documents")
    glob: str = Key(
        default="**/*.md",
        description="which files are postmortems: `*` within a name, `**/` through folders",
    )
    skip: tuple[str, ...] = Key(
        default=("README.md", "template*.md", "*-template.md"),
        description="files that are none, by the same kind of pattern",
    )
    incidents: dict[str, str] = Key(
        default={},
        description="path of a document = its incident, for documents that do not name it",
    )
    public: bool | None = Key(
        default=None, description="whether everybody may read these documents (for the leak guard)"
    )


class PostmortemsAdapter(Adapter):
    """Reads postmortems of any shape; writes their check boxes, status cells and links."""

    name = "postmortems"
    title = "Postmortems in a folder"
    side = "left"
    Settings = PostmortemsSettings
    capabilities = CAPABILITIES

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """No file is touched yet."""
        if not isinstance(settings, PostmortemsSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        folder = Folder(settings.path, LocalFiles(), pattern=settings.glob, skip=settings.skip)
        return PostmortemsConnection(
            folder, seams.clock, incidents=settings.incidents, public=settings.public
        )


ADAPTER = PostmortemsAdapter()
