"""Manners: looking writes nothing, descriptions are true, preparations last, secrets stay."""

from typing import Any

from adapters.conformance.acts import create, draft_of, is_utc, prepare, tells_no_secret
from adapters.conformance.bench import Workbench
from mappings.item import Draft
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity


class MannersTests:
    """``describe()``, ``check()``, ``lacks()``, ``prepare()``, and the bench itself."""

    def test_looking_writes_nothing(self, bench: Workbench) -> None:
        ref = bench.make_outside("By hand")
        store = bench.everything()
        bench.connection.describe()
        bench.project.describe()
        list(bench.connection.check())
        list(bench.project.check())
        list(bench.project.changed(None))
        bench.project.fetch(ref)
        bench.project.find(bench.marker(), bench.clock.now(), bench.project.hint())
        bench.project.lacks([_everything()])
        assert bench.everything() == store

    def test_a_description_says_who_and_what(self, bench: Workbench) -> None:
        me, info = bench.connection.describe(), bench.project.describe()
        assert me.adapter
        assert info.id
        assert info.key
        assert me.server_time is None or is_utc(me.server_time)
        assert me.expires_at is None or is_utc(me.expires_at)
        if me.user:
            assert create(bench).author == me.user, "describe() names the author of our writes"

    def test_a_description_outlives_a_restart(self, bench: Workbench) -> None:
        assert bench.reopen().describe().id == bench.project.describe().id

    def test_a_healthy_project_passes_its_own_check(self, bench: Workbench) -> None:
        checks = [*bench.connection.check(), *bench.project.check()]
        assert checks
        assert [check for check in checks if not check.ok] == []

    def test_a_failed_check_is_a_line_and_not_an_error(self, bench: Workbench) -> None:
        bench.refuse_credential()
        checks = list(bench.connection.check())
        bench.mend()
        assert any(not check.ok for check in checks)
        tells_no_secret(bench, *checks)

    def test_what_is_lacking_is_prepared_once_and_for_all(self, bench: Workbench) -> None:
        draft = _held(bench, _everything())
        names = bench.project.lacks([draft])
        for name in [*names, *names]:
            bench.project.prepare(name)
        bench.settle()
        for project in (bench.project, bench.reopen()):
            assert list(project.lacks([draft])) == []

    def test_both_ends_claim_the_same(self, bench: Workbench) -> None:
        assert bench.connection.capabilities == bench.project.capabilities
        assert bench.reopen().capabilities == bench.project.capabilities
        said = getattr(self, "capabilities")  # noqa: B009  the kit has it, not this part of it
        assert said.writes == bench.project.capabilities.writes
        assert said.notes == bench.project.capabilities.notes

    def test_nothing_that_is_shown_tells_the_secret(self, bench: Workbench) -> None:
        draft = draft_of(bench)
        prepare(bench.project, draft)
        shown = [
            bench.connection,
            bench.project,
            bench.connection.describe(),
            bench.project.describe(),
            bench.connection.budget(),
            bench.project.create(draft),
            *bench.connection.check(),
            *bench.project.check(),
        ]
        tells_no_secret(bench, *shown)

    def test_what_the_bench_cannot_do_is_an_ability_with_a_reason(self, bench: Workbench) -> None:
        for ability, reason in bench.cannot.items():
            given = getattr(type(bench), ability)
            assert given is getattr(Workbench, ability), f"{ability}() is there and excused"
            assert reason


def _everything() -> Draft:
    """A draft that needs every word of a vocabulary."""
    return Draft(
        title="Everything",
        kind=Kind.INCIDENT,
        phase=Phase.DOING,
        resolution=Resolution.DONE,
        priority=Priority.P1,
        severity=Severity.SEV2,
        category=Category.FEATURE,
    )


def _held(bench: Workbench, draft: Draft) -> Draft:
    """The draft without what the home does not claim."""
    values: dict[str, Any] = {
        name.value: value
        for name, value in draft.values().items()
        if name in bench.project.capabilities.writes
    }
    return Draft(kind=draft.kind, **values)
