"""Settings and tokens that cannot be used: file, line and remedy are named, and nothing starts."""

import pytest

from adapters.sandbox.core.access import Access


def refused(ground, command="sync", code=2):
    """What a command says that was not even begun."""
    before = sorted(one.name for one in ground.folder.iterdir())
    asked = ground.sandbox.requests.total
    result = ground(command)
    assert result.exit_code == code
    assert result.stdout == ""
    assert sorted(one.name for one in ground.folder.iterdir()) == before
    assert ground.sandbox.requests.total == asked
    return result.stderr


TYPOS = {
    "a key of a connection": (
        'adapter = "github"',
        'adapter = "github"\nbase_ulr = "x"',
        'E201 {file}:7 unknown key "base_ulr". Did you mean "base_url"?',
    ),
    "a key of a pair": (
        'profile = "github-labels"',
        'profile = "github-labels"\nintervall = "30s"',
        'E201 {file}:14 unknown key "intervall". Did you mean "interval"?',
    ),
    "a table": (
        "[pairs.payments]",
        "[pair.payments]",
        'E201 {file}:10 unknown key "pair". Did you mean "pairs"?',
    ),
    "a value": (
        'path = "team"',
        'path = "team"\nreopen = "follow-up"',
        "E201 {file}:4 connections.docs.reopen: ",
    ),
    "a name": (
        'connection = "docs"',
        'connection = "doc"',
        'E201 {file}:11 there is no connection "doc". Did you mean "docs"?',
    ),
    "an adapter": (
        'adapter = "github"',
        'adapter = "githup"',
        'E201 {file}:6 no adapter "githup". ',
    ),
    "a profile": (
        '"github-labels"',
        '"github-label"',
        (
            'E201 {file}:13 no shipped profile "github-label", and no such file. '
            'Did you mean "github-labels"?'
        ),
    ),
    "a repository": (
        '"acme/payments"',
        '"payments"',
        "E201 {file}:12 ",
    ),
    "what is no TOML": (
        'path = "team"',
        "path = team",
        "E201 {file}:3:8 not valid TOML: ",
    ),
}


@pytest.mark.parametrize("command", ["plan", "sync", "check", "run", "status"])
@pytest.mark.parametrize("typo", sorted(TYPOS))
def test_a_typing_error_is_named_with_its_line_before_anything_starts(ground, typo, command):
    old, new, said = TYPOS[typo]
    ground.change(old, new)
    assert said.format(file=ground.folder / "followthrough.toml") in refused(ground, command)


ADDRESSES = {
    "http://git.example.com/api/v3": "must be https (plain http only for this machine).",
    "https://me:secret-word@git.example.com": "must not hold user:password; give the token by",
    "https://169.254.169.254": '"169.254.169.254" is refused as a host.',
    "https://[fd00:ec2::254]": '"fd00:ec2::254" is refused as a host.',
    "https://metadata.google.internal": '"metadata.google.internal" is refused as a host.',
    "not an address": "must be https",
}


@pytest.mark.parametrize("address", sorted(ADDRESSES))
def test_an_unsafe_address_is_named_with_its_line_and_gets_no_request(ground, address):
    ground.change(ground.sandbox.url, address)
    said = refused(ground)
    assert f"E202 {ground.folder / 'followthrough.toml'}:7 base_url " in said
    assert ADDRESSES[address] in said
    assert "secret-word" not in said


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1%eth0"])
def test_a_name_that_leads_to_a_metadata_service_gets_no_token(ground, address):
    ground.write(1)
    ground.change(ground.sandbox.url, "https://git.example.com")
    ground.resolve = lambda _host, _port: [address]
    for command in ("plan", "sync", "check"):
        result = ground(command)
        assert result.exit_code == 1
        assert "E202 base_url: git.example.com leads to an address that is refused" in result.output
        assert "Check base_url and who answers for this name." in result.output
    assert ground.issues == {}


SECRETS = {
    "a variable that is not set": (
        '{ env = "FT_NO_SUCH_TOKEN" }',
        "environment variable FT_NO_SUCH_TOKEN holds no secret. Set it",
    ),
    "a file that is not there": (
        '{ file = "no-token" }',
        "/no-token cannot be read: No such file or directory. Name the file that holds it",
    ),
    "an empty file": ('{ file = "empty" }', "/empty holds no secret. Set it"),
    "a file that is no text": ('{ file = "noise" }', "/noise cannot be read: it is not UTF-8."),
    "a token in the settings": (
        '"ghp_abcdefghijklmnopqrstuvwxyz0123456789"',
        'connections.acme.token: a secret does not belong in the settings. Write { env = "NAME" }',
    ),
}


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_a_token_that_is_missing_is_named_with_its_line_and_the_way_to_give_it(ground, kind):
    given, said = SECRETS[kind]
    (ground.folder / "empty").write_text("\n")
    (ground.folder / "noise").write_bytes(b"\xff\xfe\x00")
    ground.change('{ file = "token" }', given)
    told = refused(ground)
    assert f"E203 {ground.folder / 'followthrough.toml'}:8 " in told
    assert said in told
    assert "ghp_" not in told


def test_a_token_with_too_few_rights_is_told_which_and_nothing_is_lost(ground):
    ground.write(1, "A task")
    ground.token("ghp_reader", may_write=False)
    result = ground("sync")
    assert result.exit_code == 1
    assert 'GitHub said 403, needs "issues=write": ' in result.stderr
    assert "Give the token this permission." in result.stderr
    assert ground.titles == []
    ground.token("ghp_writer")
    ground.clock.sleep(120)
    assert ground("sync").exit_code == 0
    assert ground.titles == ["A task"]


def test_a_token_that_only_reads_is_found_by_check(ground):
    ground.token("ghp_reader", everywhere=Access.READ)
    result = ground("check")
    assert result.exit_code == 1
    (line,) = [one for one in result.stdout.splitlines() if one.startswith("FAIL")]
    assert "may write issues" in line
    assert 'Give the token "Issues: read and write" here.' in line


def test_a_token_that_is_over_is_told_with_its_remedy_by_every_command(ground):
    ground.write(1)
    ground.token("ghp_over", dies_after=0)
    for command in ("check", "plan", "sync"):
        result = ground(command)
        assert result.exit_code == 1
        assert "E205 token rejected by 127.0.0.1" in result.output
        assert "Renew it where it is kept; nothing is lost." in result.output
    assert ground.issues == {}


def test_an_organisation_that_wants_single_sign_on_is_told_with_the_way_there(ground):
    ground.write(1)
    ground.token("ghp_barred", barred="sso")
    for command in ("check", "plan", "sync"):
        result = ground(command)
        assert result.exit_code == 1
        assert "authorise the token for this organisation: it demands SSO." in result.output
        assert 'choose "Configure SSO".' in result.output
    assert ground.issues == {}


def test_a_token_that_dies_in_the_middle_leaves_the_rest_for_later_and_doubles_nothing(ground):
    for number in range(1, 6):
        ground.write(number, f"Task {number}")
    ground.token("ghp_dying", dies_after=8)
    result = ground("sync")
    assert result.exit_code == 1
    assert "E205 token rejected by 127.0.0.1" in result.stderr
    assert "left for the next run" in result.stdout
    assert 0 < len(ground.issues) < 5
    ground.token("ghp_fresh")
    assert ground("sync").exit_code == 0
    assert sorted(ground.titles) == [f"Task {number}" for number in range(1, 6)]
