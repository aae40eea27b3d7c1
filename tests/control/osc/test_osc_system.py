"""The version, the status, the dump, and a number that comes back."""

import manned
from manned.control.osc.packet import write_message


def test_the_version(client):
    assert client.ask("/version") == ("/version.reply", ("manned", manned.__version__))


def test_sync_is_answered_with_its_number(client):
    assert client.ask("/sync", 17) == ("/synced", (17,))


def test_the_status_is_pairs_of_name_and_value(client):
    client.send("/gian", 1)
    client.hear()
    address, words = client.ask("/status")
    pairs = dict(zip(words[::2], words[1::2]))
    assert address == "/status.reply"
    assert pairs["model"] == "three"
    assert pairs["osc_messages"] == 2
    assert pairs["osc_errors"] == 1


def test_the_dump_is_every_value_once(osc, client):
    answers = client.answers(write_message("/dump"))
    assert [address for address, _ in answers] == ["/" + name for name in osc.call(osc.instrument.values)]
