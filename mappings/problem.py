"""One way to say what is wrong: a code, the exact place, a sentence and its remedy.

The codes are the rows of docs/errors.md. A problem is a value; the exception that
carries one upward is :class:`ProblemError`.
"""

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one input, said so that a person can mend it.

    ``code`` is stable ("E101"); ``place`` names the file, line or key
    ("postmortems/INC-7.md:4:9"); ``message`` is a sentence without secrets;
    ``remedy`` says what to do next, where that is not already in the message.
    """

    code: str
    message: str
    place: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = [self.code, self.place, self.message, self.remedy]
        return " ".join(part for part in parts if part)

    def about(self, item: str) -> "Problem":
        """The same, naming ``item`` (its key or code) unless it does so already."""
        if not item or re.search(rf"(?<!\w){re.escape(item)}(?!\w)", str(self)):
            return self
        return replace(self, place=f"{item} {self.place}".rstrip())


class ProblemError(Exception):
    """A :class:`Problem` on its way to somebody who can show it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
