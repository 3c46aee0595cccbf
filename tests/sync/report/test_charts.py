"""Words beside and under the bars, which never run into each other."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from sync.report.charts import WIDTH, by_month, by_week
from sync.report.data import Measure, Month, Week


@pytest.mark.parametrize("count", [1, 2, 7, 13, 27, 53, 104])
def test_labels_under_the_bars_stand_apart_and_within_the_drawing(count):
    start = date(2025, 1, 6)
    weeks = [Week(start=start + timedelta(weeks=n), incidents=1, planned=n) for n in range(count)]
    at = [one.at for one in by_week(weeks).labels]
    assert at == sorted(at)
    assert all(right - left >= 44 for left, right in pairwise(at))
    assert at[-1] <= WIDTH - 22
    assert by_week(weeks).labels[-1].word == f"{weeks[-1].start:%m-%d}"


@pytest.mark.parametrize(
    ("longest", "words"),
    [
        (timedelta(hours=30), ["0", "12 h", "1 d", "36 h"]),
        (timedelta(minutes=50), ["0", "15 min", "30 min", "45 min", "1 h"]),
        (timedelta(days=7), ["0", "2 d", "4 d", "6 d", "8 d"]),
    ],
)
def test_lengths_of_time_beside_the_lines_are_short(longest, words):
    measure = Measure(count=1, median=longest, worst=longest)
    month = Month(start=date(2026, 3, 1), incidents=1, measures={"resolve": measure})
    assert [one.word for one in by_month([month], "resolve").lines] == words
