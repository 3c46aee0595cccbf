"""What a site does in the background for who asked for many changes at once."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Task:
    """Issues (by key or id) and the step each is to take. ``lost`` counts those nobody may see;
    ``failed`` says by id why one was not moved.
    """

    id: str
    who: str
    begun: datetime
    wanted: tuple[tuple[str, str], ...]
    over: bool = False
    moved: list[int] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    lost: int = 0
