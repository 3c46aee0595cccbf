"""``followthrough postmortem``: reading and linting one document, with no settings at all."""

import json

import pytest

GOOD = """\
---
waive: action-untracked until 2026-12-31 because we have no tracker yet
---
# Shop down (incident #12)

**Severity:** SEV1
**Date:** 2026-03-02
**Duration:** 1h 50m
**Services:** shop

## Summary
Nobody could pay.
## Impact
Orders were lost.
## Timeline
- 09:00 the disk is full
## Root cause
Logs were never rotated.
## Contributing factors
No alert watched the disk.
## Action items
- [ ] [P1] Rotate the logs — ana, due 2026-04-01
- More disks, perhaps?
## Prevention
Disks are watched from now on.
"""


@pytest.fixture
def page(cli):
    """Writes a document and gives its path."""

    def write(text, name="shop.md"):
        path = cli.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_one_document_as_json_has_the_keys_that_scripts_count_on_and_no_others(cli, page):
    told = json.loads(cli.plain("postmortem", "read", page(GOOD), "--json").stdout)
    assert list(told) == ["severity", "date", "duration", "incident", "sections", "action_items"]
    assert [list(one) for one in told["action_items"]] == [
        [
            *("title", "owner", "due", "priority", "category"),
            *("done", "references", "line", "confidence"),
        ]
    ]


def test_one_document_as_json_in_full(cli, page):
    told = json.loads(cli.plain("postmortem", "read", page(GOOD), "--json", "--full").stdout)
    assert (told["severity"], told["date"], told["duration"]) == ("SEV1", "2026-03-02", "1h50m")
    assert (told["incident"], told["services"]) == ("#12", ["shop"])
    assert told["sections"] == [
        "summary",
        "impact",
        "timeline",
        "root cause",
        "contributing factors",
        "action items",
        "prevention",
    ]
    item = told["action_items"][0]
    assert {
        key: item[key] for key in ("title", "owner", "due", "priority", "category", "done")
    } == {
        "title": "Rotate the logs",
        "owner": "ana",
        "due": "2026-04-01",
        "priority": "P1",
        "category": None,
        "done": False,
    }
    assert (item["references"], item["line"], item["confidence"] > 0.9) == ([], 22, True)
    assert [one["title"] for one in told["uncertain_items"]] == ["More disks, perhaps?"]


def test_several_documents_as_json_are_a_list(cli, page):
    paths = page(GOOD, "a.md"), page("# Title\n## Summary\n", "b.md")
    told = json.loads(cli.plain("postmortem", "read", *paths, "--json").stdout)
    assert [(one["file"], len(one["action_items"])) for one in told] == [
        (paths[0], 1),
        (paths[1], 0),
    ]
    told = json.loads(cli.plain("postmortem", "read", *paths, "--json", "--full").stdout)
    assert [one["template"] for one in told] == [False, True]


def test_one_document_for_a_person(cli, page):
    result = cli.plain("postmortem", "read", page(GOOD))
    assert result.exit_code == 0
    for words in ("SEV1", "1h50m", "Rotate the logs", "ana", "not sure", "More disks, perhaps?"):
        assert words in result.stdout


def test_a_template_is_said_to_be_one(cli, page):
    result = cli.plain("postmortem", "read", page("# Title\n## Summary\n"))
    assert "nobody has filled in" in result.stdout
    assert "E132" in result.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"# \xff\xfe", "E106"),
        (b"a" * 5_000_000, "E107"),
        (b"a" * 1_100_000, "E107"),
        (None, "E119"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(cli, page, content, code):
    bad = page(content, "bad.md") if content is not None else str(cli.folder / "gone.md")
    result = cli.plain("postmortem", "read", bad, page(GOOD))
    assert result.exit_code == 1
    assert code in result.stderr
    assert "Rotate the logs" in result.stdout
    assert cli.plain("postmortem", "lint", bad).exit_code == 1


def test_lint_says_what_is_lacking_with_lines(cli, page):
    path = page(GOOD.replace("**Severity:** SEV1\n", "").replace(" — ana", ""))
    result = cli.plain("postmortem", "lint", path)
    assert result.exit_code == 4
    assert f"{path}: error: severity-missing: no severity is given." in result.stdout
    assert f'{path}:21: warning: action-unowned: "Rotate the logs" has no owner.' in result.stdout


def test_what_the_document_waives_is_left_out(cli, page):
    assert "action-untracked" not in cli.plain("postmortem", "lint", page(GOOD)).stdout
    unwaived = GOOD.replace("until 2026-12-31", "until 2025-12-31")
    assert "action-untracked" in cli.plain("postmortem", "lint", page(unwaived)).stdout


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 4), ("never", 0)])
def test_from_which_weight_on_lint_fails(cli, page, fail_on, code):
    path = page(GOOD.replace(" — ana", ""))
    assert cli.plain("postmortem", "lint", path, "--fail-on", fail_on).exit_code == code


def test_lint_as_json(cli, page):
    path = page(GOOD.replace(" — ana", ""))
    told = json.loads(cli.plain("postmortem", "lint", path, "--json").stdout)["remarks"]
    assert [(one["line"], one["rule"], one["weight"]) for one in told] == [
        (22, "action-unowned", "warning"),
        (23, "action-uncertain", "warning"),
    ]


def test_nothing_lacking_is_said(cli, page):
    result = cli.plain("postmortem", "lint", page(GOOD.replace("- More disks, perhaps?\n", "")))
    assert (result.exit_code, result.stdout.strip()) == (0, "nothing is lacking")


def test_nothing_is_written(cli, page):
    path = page(GOOD)
    before = sorted((one.name, one.read_bytes()) for one in cli.folder.iterdir())
    cli.plain("postmortem", "read", path)
    cli.plain("postmortem", "lint", path)
    assert sorted((one.name, one.read_bytes()) for one in cli.folder.iterdir()) == before


def test_every_command_of_the_group_has_an_example(cli):
    for name in ("read", "lint"):
        assert "Example:" in cli.plain("postmortem", name, "--help").stdout
