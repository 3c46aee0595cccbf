"""A first settings file, from what can be found, said or asked."""

import tomllib

import pytest

from sync.cli.surroundings import Remote, find_remote, find_workspace, parse_remote
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
    assert "--repository" in result.stderr


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
