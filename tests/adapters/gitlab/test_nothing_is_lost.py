"""Whatever is edited, whenever lists show it, and however readings are cut short: all is read."""

from datetime import datetime, timedelta
from random import Random

import pytest

from adapters.gitlab.place import written

NAMES = ("acme/one", "acme/sub/two", "acme/sub/three")
#: GitLab dates a change of labels at most so much too early; replicas lag at most so much.
EARLY = 60
LAG = 200


class World:
    """Projects that people edit, and lists that show it later. One seed, one history."""

    def __init__(self, seed, clock, listing, issue, home_json):
        self.random, self.clock, self.listing = Random(seed), clock, listing
        self.issue = issue
        self.truth = {}
        self.shown = []
        self.count = 0
        listing.homes = [home_json(number, name) for number, name in enumerate(NAMES, 100)]

    def edit(self):
        """Somebody opens or changes an issue; its date may stay that of the last touch."""
        self.count += 1
        project = self.random.randrange(100, 100 + len(NAMES))
        iid = self.random.randrange(1, 40)
        before = self.truth.get((project, iid))
        row = before or self.issue(iid, project=project, path=NAMES[project - 100])
        at = self.clock.now()
        if before is not None and self.random.random() < 0.5:
            touched = datetime.fromisoformat(before["updated_at"])
            at = touched if at - touched < timedelta(seconds=EARLY) else at
        row = row | {"title": f"Edit {self.count}", "updated_at": written(at)}
        self.truth[project, iid] = row
        late = timedelta(seconds=self.random.choice((0, 0, self.random.uniform(0, LAG))))
        self.shown.append((self.clock.now() + late, (project, iid), row))

    def show(self):
        """What lists show by now: of each issue the latest version that has arrived."""
        now = self.clock.now()
        rows = {key: row for at, key, row in self.shown if at <= now}
        self.listing.rows[:] = rows.values()

    def pass_time(self):
        self.clock.sleep(self.random.choice((0.001, 1, 20, 70, 400)))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_known_at_the_end_is_what_is_there(
    seed, clock, listing, issue, home_json, server, connect, profile
):
    world = World(seed, clock, listing, issue, home_json)
    random = world.random
    known = {}
    listing.most = random.choice((2, 5, 100))
    connection = connect(server.url)
    projects = [connection.open(name, profile) for name in NAMES]
    cursors = dict.fromkeys(projects)

    def read(*, whole, calm=False):
        """One reading of them all, which may be given up midway while people go on editing."""
        world.show()
        told = {}
        for project, page in connection.poll(dict(cursors)):
            told.setdefault(project, {}).update({item.ref.id: item for item in page.items})
            if page.last:
                cursors[project] = page.cursor
                known.update({(project.home.id, key): one for key, one in told[project].items()})
            if not whole and random.random() < 0.2:
                return
            if not calm and random.random() < 0.3:
                world.edit()
                world.pass_time()
                world.show()

    for _ in range(20):
        for _ in range(random.randrange(6)):
            world.edit()
            world.pass_time()
        read(whole=random.random() < 0.7)
    clock.sleep(LAG)
    for _ in range(2):
        read(whole=True, calm=True)
    titles = {(project, int(iid)): item.title for (project, iid), item in known.items()}
    assert titles == {key: row["title"] for key, row in world.truth.items()}
