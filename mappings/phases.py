"""Legal phase steps of documents, and the path between two phases.

The tables are Metis' own (v2.0.8): adjacent moves only, forward only, the single way back is out
of ``blocked``; what ends is final. Words here are Metis' words (``active``, not ``doing``). Metis
checks none of this when a file is edited from outside, so legality is our duty.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

from mappings.vocabulary import Phase

#: type -> phase -> phases one step away, the one Metis itself would choose first. Documents of
#: type strategy come from Metis v1 and still lie in workspaces.
LEGAL: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "task": {
        "backlog": ("todo",),
        "todo": ("active", "blocked"),
        "active": ("completed", "blocked"),
        "blocked": ("todo", "active"),
        "completed": (),
    },
    "initiative": {
        "discovery": ("design",),
        "design": ("ready",),
        "ready": ("decompose",),
        "decompose": ("active",),
        "active": ("completed",),
        "completed": (),
    },
    "vision": {"draft": ("review",), "review": ("published",), "published": ()},
    "adr": {
        "draft": ("discussion",),
        "discussion": ("decided",),
        "decided": ("superseded",),
        "superseded": (),
    },
    "specification": {
        "discovery": ("drafting",),
        "drafting": ("review",),
        "review": ("published",),
        "published": (),
    },
    "strategy": {
        "shaping": ("design",),
        "design": ("ready",),
        "ready": ("active",),
        "active": ("completed",),
        "completed": (),
    },
}

#: What each phase of a document that is an item means here. Where several mean the same,
#: the first on the way is the one written.
MEANS: Final[Mapping[str, Mapping[str, Phase]]] = {
    "task": {
        "backlog": Phase.BACKLOG,
        "todo": Phase.TODO,
        "active": Phase.DOING,
        "blocked": Phase.BLOCKED,
        "completed": Phase.COMPLETED,
    },
    "initiative": {
        "discovery": Phase.BACKLOG,
        "design": Phase.BACKLOG,
        "ready": Phase.TODO,
        "decompose": Phase.TODO,
        "active": Phase.DOING,
        "completed": Phase.COMPLETED,
    },
}


def first(level: str, phase: Phase) -> str | None:
    """The document phase in which something new starts that is in ``phase``; None if there is none.

    ``level`` is "task" or "initiative".
    """
    return next((word for word, means in MEANS[level].items() if means is phase), None)


def path(level: str, start: str, wanted: Phase) -> tuple[str, ...] | None:
    """The shortest legal walk from ``start`` to any document phase that means ``wanted``.

    The steps without the start, so () when it is there already; None when there is no way, or
    when the type or the start is unknown. ``level`` is a Metis document type.
    """
    steps = LEGAL.get(level, {})
    if start not in steps:
        return None
    meanings = MEANS.get(level, {})
    queue: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while queue:
        walked = queue.popleft()
        if meanings.get(walked[-1]) is wanted:
            return walked[1:]
        for step in steps[walked[-1]]:
            if step not in seen:
                seen.add(step)
                queue.append((*walked, step))
    return None
