"""What the tests need of a home besides its adapter: other people's hands, and accidents."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import count
from typing import ClassVar

import pytest

from adapters.base import Connection, Project
from adapters.seams import Clock, SystemClock
from mappings.item import Ref
from mappings.markers import Marker, write_marker
from mappings.profile import Profile
from mappings.vocabulary import Phase

#: Signs the markers of the tests; the engine alone verifies markers, so any key does.
KEY = b"k" * 32


class Workbench(ABC):
    """One fresh, empty home with a connection to it. One bench serves one test.

    ``clock`` is the one the connection was given; sleeping on it lets time pass for the home, too
    (a still clock costs nothing, the system's real seconds). ``profile`` maps two people at least
    where owners can be written. ``page_size`` is how many items fill one page of a reading, None
    where one page shows everything. ``secret`` is the credential's text, "" where there is none.
    ``never`` names an item that never was. ``cannot`` names the abilities below that this home has
    not, each with the reason; a test that needs one is skipped with it. An ability that is neither
    given nor excused fails.
    """

    connection: Connection
    project: Project
    profile: Profile
    clock: Clock = SystemClock()
    page_size: int | None = None
    secret: str = ""
    never: Ref = Ref("999999999")
    cannot: ClassVar[Mapping[str, str]] = {}

    # --- what every home has ---------------------------------------------------------------

    @abstractmethod
    def reopen(self) -> Project:
        """The same project as another process would open it: nothing is remembered."""

    @abstractmethod
    def make_outside(self, title: str, text: str = "") -> Ref:
        """Somebody makes an open item by hand."""

    @abstractmethod
    def edit_outside(
        self, ref: Ref, *, title: str = "", text: str = "", phase: Phase | None = None
    ) -> None:
        """Somebody changes what is given: the whole title, the phase, or puts ``text`` before what
        the item says already.
        """

    @abstractmethod
    def delete_outside(self, ref: Ref) -> None:
        """Somebody deletes the item for good."""

    @abstractmethod
    def text_of(self, ref: Ref) -> str:
        """All text of the item as the home stores it, our own section and marker included."""

    @abstractmethod
    def everything(self) -> object:
        """All that the home stores, as a value that compares: equal means nothing was written."""

    # --- what some have not ----------------------------------------------------------------

    def make_parent(self) -> Ref:
        """An item that others may be put under; any item, unless the home is choosy."""
        return self.make_outside("Checkout was down on Monday")

    def settle(self) -> None:
        """Wait until lists show what was done; homes of tests mostly show it at once."""

    def slow_lists(self, seconds: float) -> None:
        """From now on lists show a change only so many seconds after it; 0 ends that."""
        self._lacks("slow_lists")

    def label_outside(self, ref: Ref, name: str) -> None:
        """Somebody puts a label on that the profile knows nothing of."""
        self._lacks("label_outside")

    def assign_stranger(self, ref: Ref) -> None:
        """Somebody whom the profile does not map is made responsible."""
        self._lacks("assign_stranger")

    def assigned(self, ref: Ref) -> frozenset[str]:
        """Everybody responsible, by the home's own names."""
        self._lacks("assigned")
        return frozenset()

    def comment_outside(self, ref: Ref, text: str) -> None:
        """Somebody comments."""
        self._lacks("comment_outside")

    def comments_of(self, ref: Ref) -> list[str]:
        """All comments as stored, ours and others'."""
        self._lacks("comments_of")
        return []

    def hide_outside(self, ref: Ref) -> None:
        """The item is there and cannot be seen, until :meth:`mend`."""
        self._lacks("hide_outside")

    def move_outside(self, ref: Ref) -> None:
        """Somebody moves the item to another project."""
        self._lacks("move_outside")

    def spoil_outside(self, ref: Ref) -> None:
        """Somebody breaks the item so that it cannot be understood."""
        self._lacks("spoil_outside")

    # --- accidents -------------------------------------------------------------------------

    def lose_next_reply(self) -> None:
        """The next write happens, and its answer is lost."""
        self._lacks("lose_next_reply")

    def refuse_next_write(self) -> None:
        """The next write is refused and nothing of it happens."""
        self._lacks("refuse_next_write")

    def break_reads(self, after: int = 0) -> None:
        """Reading fails until :meth:`mend`, as when the home is down, once ``after`` pages came."""
        self._lacks("break_reads")

    def reach_limit(self) -> None:
        """The home asks for silence, until :meth:`mend`."""
        self._lacks("reach_limit")

    def refuse_credential(self) -> None:
        """The credential is refused from now on."""
        self._lacks("refuse_credential")

    def mend(self) -> None:
        """All accidents are over."""

    # --- for the tests ---------------------------------------------------------------------

    @property
    def many(self) -> int:
        """Enough items for more than two pages."""
        return 5 if self.page_size is None else 2 * self.page_size + 1

    @property
    def people(self) -> tuple[str, ...]:
        """The profile's names, sorted."""
        return tuple(sorted(self.profile.people))

    def marker(self) -> str:
        """A marker that no other item carries."""
        numbers = self.__dict__.setdefault("_numbers", count(1))
        return write_marker(Marker(f"{next(numbers):032x}", "0" * 8, "PAY-T-0001"), KEY)

    def _lacks(self, ability: str) -> None:
        reason = self.cannot.get(ability)
        if reason is None:
            pytest.fail(f"the bench neither has {ability}() nor says in `cannot` why")
        pytest.skip(f"{ability}: {reason}")
