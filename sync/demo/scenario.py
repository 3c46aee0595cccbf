"""The story: an incident, a backlog, a tracker, a team that works in both, and what follows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from adapters.sandbox import Sandbox
from adapters.seams import Seams
from mappings.vocabulary import Phase, Resolution
from sync import wiring
from sync.demo import workspace
from sync.demo.aftermath import FOLDER, Aftermath
from sync.demo.agreement import disagreements
from sync.demo.team import Person
from sync.demo.trackers import TRACKERS, Tracker
from sync.effect.cycle import Report, plan_pair, sync_pair
from sync.effect.pair import Pair
from sync.settings import Loaded, load
from sync.store import Store

_OPENED: Final = "[P0] Webhooks of the second acquirer are dropped"
_OUR_TOKEN: Final = "demo-token-of-followthrough"  # noqa: S105  opens the sandbox alone

_SETTINGS: Final = """\
# The demo's settings. `followthrough status -c` this file works while the demo is up.
[state]
url = "sqlite:///followthrough.db"

[connections.docs]
adapter = "metis"
path = "payments"

[connections.reviews]
adapter = "postmortems"
path = "postmortems"

[connections.sandbox]
adapter = "{kind}"
base_url = "{url}"
token = {{ file = "token" }}
{more}
[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "sandbox", project = "{project}" }}
postmortems = "reviews"
profile = "{profile}"
interval = "1s"
urgent_interval = "1s"
idle_interval = "1s"

[daemon]
listen = ""
"""


class Stage(Protocol):
    """Where the story is told."""

    def chapter(self, title: str) -> None:
        """What comes now."""
        ...

    def says(self, text: str) -> None:
        """One line."""
        ...

    def report(self, report: Report) -> None:
        """A plan, or what was done of it."""
        ...


@dataclass(kw_only=True)
class Demo:
    """Everything of one showing, open until the story ends."""

    folder: Path
    tracker: Tracker
    sandbox: Sandbox
    loaded: Loaded
    key: bytes
    pair: Pair
    actions: Pair
    store: Store
    seams: Seams
    maria: Person
    stage: Stage
    root: Path
    wrong: list[str] = field(default_factory=list)


def run_demo(
    folder: Path,
    stage: Stage,
    seams: Seams,
    port: int = 0,
    stay: Callable[[Demo], None] | None = None,
    tracker: Tracker = TRACKERS["github"],
) -> bool:
    """Play the whole story in ``folder``; True if both sides agree at its end.

    ``stay`` is called at the end, with everything still open.
    """
    with _opened(folder, stage, seams, port, tracker) as demo:
        _first_sync(demo)
        _the_team_works(demo)
        _second_sync(demo)
        _verify(demo)
        _aftermath(demo)
        if stay is not None and not demo.wrong:
            stay(demo)
    return not demo.wrong


@contextmanager
def _opened(
    folder: Path, stage: Stage, seams: Seams, port: int, tracker: Tracker
) -> Iterator[Demo]:
    stage.chapter("A workspace, a tracker, and settings")
    (folder / FOLDER).mkdir()
    root = workspace.write_workspace(folder / "payments", seams.clock.now())
    # One clock for all: what was closed was not closed in the future.
    with Sandbox(
        tracker.kind, projects=[tracker.project], token=_OUR_TOKEN, port=port, clock=seams.clock
    ) as sandbox:
        loaded = _settings(folder, tracker, sandbox.url)
        key = wiring.marker_key(loaded, create=True)
        stage.says(f"documents  {root}")
        stage.says(f"tracker    {sandbox.url}  ({tracker.kind}, {tracker.project})")
        stage.says(f"settings   {loaded.file}")
        maria = tracker.person(sandbox, tracker.project, loaded.profiles["payments"])
        with (
            Store.open(loaded.settings.state.url, seams.clock, lock=True) as store,
            wiring.build(loaded, seams, key) as house,
        ):
            yield Demo(
                folder=folder, tracker=tracker, sandbox=sandbox, loaded=loaded, key=key,
                pair=house.pairs[0], actions=house.pairs[1], store=store, seams=seams,
                maria=maria, stage=stage, root=root,
            )  # fmt: skip


def _settings(folder: Path, tracker: Tracker, url: str) -> Loaded:
    """The settings and the token's file, written and read."""
    file = folder / "followthrough.toml"
    text = _SETTINGS.format(
        kind=tracker.kind, url=url, more=tracker.settings,
        project=tracker.project, profile=tracker.profile,
    )  # fmt: skip
    file.write_text(text, "utf-8")
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(_OUR_TOKEN, "utf-8")
    return load(file, {})


def _first_sync(demo: Demo) -> None:
    stage = demo.stage
    for code, phase, title in workspace.heads(demo.root):
        stage.says(f"  {code}  {phase:<10} {title}")
    stage.chapter("The plan: nothing has been written yet")
    stage.report(plan_pair(demo.pair, demo.store, demo.seams))
    stage.chapter("The first sync: exactly that, and no more")
    done = _sync(demo).counts["done"]
    stage.says(f"{done} writes done; the tracker now has")
    _show_issues(demo)


def _the_team_works(demo: Demo) -> None:
    stage, maria = demo.stage, demo.maria
    stage.chapter("The team works, in the tracker and in the documents")
    numbers = _numbers(demo)
    maria.move(numbers[workspace.BACKLOG_FEATURE.code], Phase.TODO)
    stage.says("maria moves the alert to todo")
    maria.finish(numbers[workspace.RUNNING_P1.code], Resolution.DONE)
    stage.says("maria closes the late refunds as completed")
    maria.finish(numbers[workspace.BACKLOG_DEBT.code], Resolution.NOT_PLANNED)
    stage.says("maria closes the retry loop as not planned")
    made = maria.open(
        _OPENED,
        "Since 10:12 UTC no webhook of the second acquirer arrives. Payments stay pending.",
    )
    stage.says(f"maria opens {made.name} by hand: {made.title}")
    maria.move(numbers[workspace.BACKLOG_BUG.code], Phase.DOING)
    maria.rename(numbers[workspace.BACKLOG_BUG.code], "Receipt prints the wrong currency")
    stage.says("maria starts on the receipt and gives it a shorter title")
    workspace.start_work(demo.root, workspace.OPEN_P0, demo.seams.clock.now())
    stage.says(f"devon sets {workspace.OPEN_P0.code} to active and adds a status update")


def _second_sync(demo: Demo) -> None:
    demo.stage.chapter("The second sync: each side takes over what people did on the other")
    demo.stage.report(_sync(demo))
    _show_issues(demo)
    for code, phase, title in workspace.heads(demo.root):
        demo.stage.says(f"  {code}  {phase:<18} {title}")


def _verify(demo: Demo) -> None:
    demo.stage.chapter("Both sides, read once more")
    demo.wrong += disagreements(demo.pair, demo.store, demo.tracker.filled)
    again = plan_pair(demo.pair, demo.store, demo.seams)
    demo.wrong += [f"would still {one.kind} {one.item}" for one in again.plan.operations]
    demo.wrong += [str(problem) for problem in again.problems]
    for text in demo.wrong:
        demo.stage.says(f"NOT IN STEP: {text}")
    if not demo.wrong:
        demo.stage.says("In step: every item has its counterpart, every field agrees,")
        demo.stage.says("and another sync would do nothing.")


def _aftermath(demo: Demo) -> None:
    """An incident closed, its postmortem written, one of its actions done; then nothing to do."""

    def sync(pair: Pair) -> Report:
        return _sync(demo, pair)

    folder, pairs = demo.folder / FOLDER, (demo.pair, demo.actions)
    story = Aftermath(folder, pairs, demo.store, demo.stage, sync)
    story.play(demo.maria, _OPENED, demo.seams.clock.now().date())
    for pair in pairs:
        again = plan_pair(pair, demo.store, demo.seams).plan.operations
        story.wrong += [f"would still {one.kind} {one.item}" for one in again]
    for text in story.wrong:
        demo.stage.says(f"NOT IN STEP: {text}")
    demo.wrong += story.wrong


def _sync(demo: Demo, pair: Pair | None = None) -> Report:
    report = sync_pair(pair or demo.pair, demo.store, demo.seams)
    if not report.complete:
        problems = [*report.problems, *report.doubts, *report.plan.refusals]
        problems += [one.problem for one in report.outcomes if one.problem]
        demo.wrong += [str(problem) for problem in problems] or ["the sync did not finish"]
    return report


def _numbers(demo: Demo) -> dict[str, int]:
    """The issue of each document, as maria finds it: by the title."""
    titles = {issue.title: issue.number for issue in demo.maria.issues()}
    return {
        one.code: number
        for one in workspace.DOCUMENTS
        for title, number in titles.items()
        if one.title.removeprefix("[P0] ").removeprefix("[P1] ") in title
    }


def _show_issues(demo: Demo) -> None:
    issues = demo.maria.issues()
    width = max(len(one.state) for one in issues)
    for one in issues:
        words = ", ".join(one.words)
        demo.stage.says(f"  {one.name:<5}  {one.state:<{width}}  {one.title}  [{words}]")
