"""``followthrough rules``: every rule with what it is held to."""

from sync.rules.catalogue import RULES


def test_every_rule_is_listed_with_its_thresholds(cli):
    result = cli("rules")
    assert result.exit_code == 0
    for rule in RULES.values():
        assert rule.says in result.stdout
        assert rule.remedy in result.stdout
    assert "due         at once for P0, P1, SEV1 and SEV2" in result.stdout


def test_as_json_every_rule_has_its_terms_by_pair(cli):
    found = {one["rule"]: one for one in cli.json("rules")["rules"]}
    assert list(found) == list(RULES)
    terms = found["postmortem-missing"]["terms"]["payments"]
    assert terms["due"] == dict.fromkeys(("P0", "P1", "SEV1", "SEV2"), "at once")
    assert (terms["overdue"], terms["level"]) == ("48h", "due")
    assert terms["flags"] == ["label", "note", "notify"]
    assert found["interrupt-load"]["terms"]["payments"]["share"] == 0.2


def test_what_settings_say_is_shown(cli):
    cli.add(
        "[rules.postmortem-missing]\noverdue = '24h'\noverdue_flags = ['reopen']\n"
        "[pairs.payments.rules.update-stale]\nenabled = false\n"
        "[pairs.payments.rules.unrecorded]\nwaive = 'until 2026-12-31 because we move'\n"
    )
    shown = cli("rules").stdout
    assert "overdue     24h\n  asks for    label, note, notify; overdue: reopen" in shown
    assert "for too long.\n  off\n" in shown
    assert "waived      until 2026-12-31 because we move" in shown


def test_a_rule_that_there_is_not_is_named_with_a_suggestion(cli):
    cli.add("[rules.postmortem-mising]\nenabled = false\n")
    result = cli("rules")
    assert result.exit_code == 2
    assert 'Did you mean "postmortem-missing"?' in result.stderr


def test_a_wrong_time_is_named_with_its_line(cli):
    cli.add("[rules.postmortem-missing]\ndue = { P0 = 'soon' }\n")
    result = cli("rules")
    assert result.exit_code == 2
    assert "rules.postmortem-missing.due" in result.stderr
    assert "followthrough.toml:" in result.stderr


def test_a_key_of_another_rule_is_refused(cli):
    cli.add("[rules.unrecorded]\nshare = 0.3\n")
    result = cli("rules")
    assert result.exit_code == 2
    assert '"share" is a key of interrupt-load' in result.stderr


def test_without_settings_the_defaults_are_shown(cli, tmp_path, monkeypatch):
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    result = cli.plain("rules")
    assert result.exit_code == 0
    assert "These are the defaults" in result.stderr
