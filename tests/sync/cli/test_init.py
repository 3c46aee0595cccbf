"""A first settings file, from what can be found, said or asked."""

import tomllib
from dataclasses import replace

import pytest

from adapters import registry
from adapters.sandbox import Sandbox
from adapters.seams import Seams
from mappings.vocabulary import Phase, Priority
from sync.cli.surroundings import (
    Remote,
    find_remote,
    find_workspace,
    parse_jira,
    parse_remote,
    tracker_at,
)
from sync.settings import load


@pytest.fixture
def project(cli, tmp_path):
    """A folder with a workspace and a clone of a repository; commands run with its settings."""
    folder = tmp_path / "payments"
    (folder / ".metis").mkdir(parents=True)
    (folder / ".metis" / "config.toml").write_text('[project]\nprefix = "PAY"\n')
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text(
        '[core]\n\tbare = false\n[remote "up"]\n\turl = https://github.com/up/stream\n'
        '[remote "origin"]\n\turl = git@github.com:acme/payments.git\n\tfetch = +refs/heads/*\n'
    )
    return folder


def init(cli, target, *arguments, **options):
    return cli.plain("init", "--config", str(target), *arguments, **options)


def test_what_is_found_becomes_settings_that_load(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    result = init(cli, target, "--workspace", str(project), "--yes")
    assert result.exit_code == 0
    assert "GITHUB_TOKEN" in result.stderr
    loaded = load(target, {}, secrets=False)
    pair = loaded.settings.pairs["payments"]
    assert pair.right.project == "acme/payments"
    assert loaded.tables["docs"].path.resolve() == project.resolve()
    assert loaded.tables["tracker"].token.env == "GITHUB_TOKEN"


def test_what_is_said_goes_before_what_is_found(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    init(
        cli, target, "--workspace", str(project), "--repository", "other/Shop.api",
        "--host", "ghe.example", "--token-env", "GHE", "--profile", "github-titles", "-y",
    )  # fmt: skip
    document = tomllib.loads(target.read_text())
    assert document["connections"]["tracker"]["base_url"] == "https://ghe.example/api/v3"
    assert document["connections"]["tracker"]["token"] == {"env": "GHE"}
    assert document["pairs"]["Shop-api"]["right"]["project"] == "other/Shop.api"
    assert document["pairs"]["Shop-api"]["profile"] == "github-titles"


def test_a_file_that_is_there_is_not_overwritten(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    target.write_text("precious")
    arguments = ("--workspace", str(project), "--yes")
    result = init(cli, target, *arguments)
    assert result.exit_code == 2
    assert target.read_text() == "precious"
    assert init(cli, target, *arguments, "--force").exit_code == 0
    assert target.read_text() != "precious"


def test_what_is_neither_found_nor_said_is_named_by_its_flag(cli, tmp_path):
    result = init(cli, tmp_path / "new.toml", "--workspace", str(tmp_path), "--yes")
    assert result.exit_code == 2
    assert "--project" in result.stderr


@pytest.mark.parametrize("name", ["payments", "acme/payments/x", "acme payments/x"])
def test_a_repository_of_another_form_is_wrong_usage(cli, project, tmp_path, name):
    arguments = ("--workspace", str(project), "--repository", name, "--yes")
    assert init(cli, tmp_path / "new.toml", *arguments).exit_code == 2


def test_an_unknown_profile_is_wrong_usage(cli, project, tmp_path):
    arguments = ("--workspace", str(project), "--profile", "gitlab-moon", "--yes")
    result = init(cli, tmp_path / "new.toml", *arguments)
    assert result.exit_code == 2
    assert "github-labels" in result.stderr


def test_the_workspace_is_found_from_below(project):
    below = project / "src" / "deep"
    below.mkdir(parents=True)
    assert find_workspace(below) == project.resolve()
    assert find_remote(below) == Remote("github.com", "acme", "payments")


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert find_workspace(tmp_path) is None
    assert find_remote(tmp_path) is None


def test_a_work_tree_knows_the_origin_of_its_clone(project, tmp_path):
    linked = project / ".git" / "worktrees" / "fix"
    linked.mkdir(parents=True)
    (linked / "commondir").write_text("../..\n")
    tree = tmp_path / "fix"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {linked}\n")
    assert find_remote(tree) == Remote("github.com", "acme", "payments")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("git@github.com:acme/payments.git", "github.com"),
        ("https://github.com/acme/payments", "github.com"),
        ("https://github.com/acme/payments.git/", "github.com"),
        ("https://user:tok@GHE.example:8443/acme/payments.git", "ghe.example"),
        ("ssh://git@ghe.example:22/acme/payments.git", "ghe.example"),
        ("acme/payments", "here"),
    ],
)
def test_every_form_of_a_remote_is_read(address, host):
    assert parse_remote(address, "here") == Remote(host, "acme", "payments")


@pytest.mark.parametrize("address", ["", "payments", "/srv/git/payments.git", "file:///srv/x/y"])
def test_what_is_no_hosted_repository_is_none(address):
    assert parse_remote(address, "here") is None


@pytest.mark.parametrize(
    "address",
    [
        "git@gitlab.example:acme/platform/payments.git",
        "https://gitlab.example/acme/platform/payments",
        "ssh://git@gitlab.example:2222/acme/platform/payments.git",
        "https://oauth2:tok@gitlab.example/acme/platform/payments.git",
        "https://gitlab.example/acme/platform/payments/-/issues?scope=all",
    ],
)
def test_a_project_in_groups_of_any_depth_is_read(address):
    remote = parse_remote(address, "")
    assert remote == Remote("gitlab.example", "acme/platform", "payments")
    assert remote.path == "acme/platform/payments"


@pytest.mark.parametrize(
    ("text", "site", "key"),
    [
        ("PAY", "", "PAY"),
        ("pay", "", "PAY"),
        ("https://acme.atlassian.net/browse/PAY-12", "https://acme.atlassian.net", "PAY"),
        (
            "https://acme.atlassian.net/jira/software/c/projects/PAY/boards/1?a=b",
            "https://acme.atlassian.net",
            "PAY",
        ),
        (
            "https://acme.atlassian.net/jira/servicedesk/projects/OPS/queues",
            "https://acme.atlassian.net",
            "OPS",
        ),
        ("https://example.com/jira/projects/PAY/issues", "https://example.com/jira", "PAY"),
        ("https://example.com/jira/browse/PAY-1", "https://example.com/jira", "PAY"),
    ],
)
def test_a_jira_project_is_read_from_its_key_and_from_its_pages(text, site, key):
    assert parse_jira(text) == (site, key)


@pytest.mark.parametrize("text", ["", "7", "acme/payments", "PAY-1", "https://example.com/x/PAY"])
def test_what_is_no_jira_project_is_none(text):
    assert parse_jira(text) is None


@pytest.mark.parametrize(
    ("host", "tracker"),
    [
        ("github.com", "github"),
        ("gitlab.com", "gitlab"),
        ("gitlab.example", "gitlab"),
        ("acme.atlassian.net", "jira"),
        ("jira.acme.example", "jira"),
        ("code.acme.example", None),
        ("notgithub.example", None),
    ],
)
def test_a_host_tells_its_tracker_only_where_its_name_is_plain(host, tracker):
    assert tracker_at(host) == tracker


def tables(target):
    return tomllib.loads(target.read_text())


def test_a_clone_from_gitlab_becomes_a_pair_with_gitlab(cli, project, tmp_path):
    (project / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = git@gitlab.com:acme/platform/payments.git\n'
    )
    target = tmp_path / "new.toml"
    result = init(cli, target, "--workspace", str(project), "--yes", "--token-env", "FT_NOWHERE")
    assert result.exit_code == 0
    assert "FT_NOWHERE is not set, so GitLab was not asked" in " ".join(result.stderr.split())
    loaded = load(target, {}, secrets=False)
    assert loaded.adapters["tracker"].name == "gitlab"
    assert loaded.settings.pairs["payments"].right.project == "acme/platform/payments"
    assert loaded.settings.pairs["payments"].profile == "gitlab-issues"
    assert "base_url" not in tables(target)["connections"]["tracker"]


def test_a_gitlab_of_ones_own_is_named_by_its_address(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    arguments = ("--workspace", str(project), "--url", "https://code.example/gitlab/", "--yes")
    result = init(cli, target, *arguments, "--tracker", "gitlab", "--project", "a/b", "--offline")
    assert result.exit_code == 0
    connection = tables(target)["connections"]["tracker"]
    assert connection["base_url"] == "https://code.example/gitlab"
    assert connection["token"] == {"env": "GITLAB_TOKEN"}
    assert load(target, {}, secrets=False).settings.pairs["b"].right.project == "a/b"


def test_a_host_that_does_not_say_what_it_is_is_taken_for_a_github_and_that_is_said(
    cli, project, tmp_path
):
    target = tmp_path / "new.toml"
    arguments = ("--workspace", str(project), "--project", "https://code.example/a/b", "--yes")
    result = init(cli, target, *arguments)
    assert "https://code.example is taken for a GitHub" in " ".join(result.stderr.split())
    assert tables(target)["connections"]["tracker"]["base_url"] == "https://code.example/api/v3"


def test_a_page_of_a_jira_cloud_project_says_all_but_the_account(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    page = "https://acme.atlassian.net/jira/software/c/projects/PAY/boards/1"
    arguments = ("--workspace", str(project), "--project", page, "--yes", "--offline")
    result = init(cli, target, *arguments)
    assert result.exit_code == 2
    assert "--email" in result.stderr
    assert not target.exists()
    assert init(cli, target, *arguments, "--email", "ann@acme.example").exit_code == 0
    assert tables(target)["connections"]["tracker"] == {
        "adapter": "jira",
        "base_url": "https://acme.atlassian.net",
        "email": "ann@acme.example",
        "token": {"env": "JIRA_TOKEN"},
    }
    loaded = load(target, {}, secrets=False)
    assert loaded.settings.pairs["PAY"].profile == "jira-software"


def test_a_jira_data_center_needs_no_account(cli, project, tmp_path):
    target = tmp_path / "new.toml"
    result = init(
        cli, target, "--workspace", str(project), "--url", "jira.acme.example", "--project", "PAY",
        "--profile", "jira-service-management", "--yes", "--offline",
    )  # fmt: skip
    assert result.exit_code == 0
    assert tables(target)["connections"]["tracker"]["base_url"] == "https://jira.acme.example"
    assert tables(target)["pairs"]["PAY"]["profile"] == "jira-service-management"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tracker", "jira", "--project", "PAY"), "--url"),
        (("--tracker", "jira", "--url", "jira.example"), "--project"),
        (("--tracker", "jira", "--url", "jira.example", "--project", "a/b"), "PAY"),
        (("--tracker", "gitlab", "--project", "payments"), "group/project"),
        (("--tracker", "gitlab"), "--project"),
        (("--project", "PAY"), "--tracker jira"),
        (("--project", "a/b/c"), "--tracker gitlab"),
        (("--tracker", "gitlab", "--project", "a/b", "--url", "http://far.example"), "https"),
        (
            ("--tracker", "gitlab", "--project", "a/b", "--profile", "github-labels"),
            "gitlab-issues",
        ),
        (("--tracker", "gitlab", "--project", "a/b", "--url", "https://u:pw@a.example"), "login"),
        (("--tracker", "gitlab", "--project", "a/b", "--url", "ftp://a.example"), "https"),
        (("--tracker", "bugzilla"), "gitlab"),
    ],
)
def test_what_is_wrong_is_told_with_the_way_out(cli, project, tmp_path, arguments, said):
    result = init(cli, tmp_path / "new.toml", "--workspace", str(project), "--yes", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "new.toml").exists()


@pytest.fixture
def asked(cli, project, tmp_path, monkeypatch):
    """``init`` against a sandbox; the settings it wrote, loaded."""
    cli.world = replace(cli.world, seams=Seams(), adapter=registry.adapter)

    def asking(sandbox, name, *arguments):
        monkeypatch.setenv("FT_TOKEN", sandbox.token)
        target = tmp_path / "new.toml"
        before = sandbox.tracker.dump()
        result = init(
            cli, target, "--workspace", str(project), "--tracker", sandbox.tracker.kind,
            "--url", sandbox.url, "--project", name, "--token-env", "FT_TOKEN", "--yes", *arguments,
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert sandbox.token not in result.output + target.read_text()
        assert sandbox.tracker.dump() == before
        return result, load(target, {})

    return asking


def test_gitlab_is_asked_for_its_labels_and_statuses(asked, cli, tmp_path):
    with Sandbox("gitlab", projects=["acme/platform/payments"]) as sandbox:
        sandbox.person("maria").add_label("prio::P1")
        result, loaded = asked(sandbox, "acme/platform/payments")
        assert "payments-words.toml" in result.stdout
        assert loaded.settings.pairs["payments"].profile == "payments-words.toml"
        words = loaded.profiles["payments"]
        assert words.priority.labels[Priority.P1] == "prio::P1"
        assert words.phase.statuses[Phase.DOING] == ["In progress"]
        assert cli.plain("check", "--config", str(tmp_path / "new.toml")).exit_code == 0


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_jira_is_asked_for_its_statuses_types_and_priorities(asked, cli, tmp_path, flavour):
    with Sandbox("jira", projects=["PAY:team"], flavour=flavour) as sandbox:
        email = ("--email", "followthrough-bot@example.com") if flavour == "cloud" else ()
        _, loaded = asked(sandbox, "PAY", *email)
        words = loaded.profiles["PAY"]
        assert words.phase.statuses[Phase.DOING] == ["In Progress"]
        assert words.phase.open is Phase.TODO
        assert "Selected for Development" not in words.phase.statuses[Phase.TODO]
        assert cli.plain("check", "--config", str(tmp_path / "new.toml")).exit_code == 0


def test_a_tracker_that_refuses_leaves_the_shipped_words(asked):
    with Sandbox("gitlab", projects=["acme/payments"]) as sandbox:
        result, loaded = asked(sandbox, "acme/other")
    assert "GitLab could not be asked for its own words: E2" in " ".join(result.stderr.split())
    assert loaded.settings.pairs["other"].profile == "gitlab-issues"


def test_a_file_of_words_that_is_there_is_not_overwritten(asked, tmp_path):
    (tmp_path / "PAY-words.toml").write_text("precious")
    with Sandbox("jira", projects=["PAY:team"], flavour="datacenter") as sandbox:
        with pytest.raises(AssertionError, match="--force overwrites it"):
            asked(sandbox, "PAY")
        assert (tmp_path / "PAY-words.toml").read_text() == "precious"
        assert not (tmp_path / "new.toml").exists()
        asked(sandbox, "PAY", "--force")
    assert (tmp_path / "PAY-words.toml").read_text() != "precious"
