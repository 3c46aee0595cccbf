"""Channels in the settings: their addresses are secrets, and `check` proves them."""

from dataclasses import replace

import pytest

from sync.notify.sender import NotSentError

CHANNEL = '[notify.ops]\nurl = {{ file = "{}" }}\n'


@pytest.fixture
def channel(cli):
    (cli.folder / "ops").write_text("json://hooks.test/T0KENs3cret99")
    cli.add(CHANNEL.format("ops"))
    return cli


def told(cli, *arguments):
    return [one for one in cli.json("check", *arguments)["checks"] if one["about"] == "channel ops"]


def test_an_address_is_proved_without_sending_anything(channel):
    (one,) = told(channel)
    assert one["ok"]
    assert one["name"] == "address"


def test_on_request_a_message_is_sent(channel):
    sent = []

    def send(url, message):
        sent.append((url.get_secret_value(), message.title))

    channel.world = replace(channel.world, send=send)
    (one,) = told(channel, "--notify")
    assert (one["ok"], one["detail"]) == (True, "sent")
    assert sent == [("json://hooks.test/T0KENs3cret99", "followthrough")]


def test_a_channel_that_takes_none_is_told_without_its_address(channel):
    def send(url, message):
        raise NotSentError("its service did not take the message")

    channel.world = replace(channel.world, send=send)
    result = channel("check", "--notify")
    assert result.exit_code == 1
    assert "E504 its service did not take the message." in result.output
    assert "s3cret" not in result.output


def test_an_address_of_no_service_is_told_without_it(channel):
    (channel.folder / "ops").write_text("nonsense-s3cret")
    result = channel("check")
    assert result.exit_code == 1
    assert "no service has one like this" in result.output
    assert "s3cret" not in result.output


def test_an_address_in_the_open_is_refused(cli):
    cli.add('[notify.ops]\nurl = "json://hooks.test/T0KENs3cret99"\n')
    result = cli("check")
    assert result.exit_code == 2
    assert "E203" in result.output
    assert "s3cret" not in result.output


def test_a_channel_of_a_pair_there_is_not_is_refused(channel):
    channel.add('pairs = ["payment"]\n')
    result = channel("check")
    assert result.exit_code == 2
    assert 'Did you mean "payments"?' in result.output
