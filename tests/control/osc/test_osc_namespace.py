"""What each address takes and answers, asked by UDP: values, questions, patterns, buttons and switches."""

import struct

import pytest
from hostile_packets import bundle
from near import near

from manned import events
from manned.control.osc import rate_limit
from manned.control.osc.packet import write_message
from manned.state.tree import Source
from manned.table.commands import COMMANDS
from manned.table.parameters import PARAMETERS


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_every_parameter_answers_an_empty_message_with_its_value(client, row):
    address, (value,) = client.ask(row.address)
    assert address == row.address
    assert value == (row.default if isinstance(row.default, str) else pytest.approx(float(row.default), rel=1e-6))


@pytest.mark.parametrize("address", ["/gain", "/latent/2", "/chroma", "/phase", "/latents", "/xy", "/model"])
def test_a_question_can_also_be_asked_under_q(client, address):
    assert client.ask("/q" + address) == client.ask(address)


@pytest.mark.parametrize("value", [1, 1.0, True, 2**40, "C#"])
def test_a_value_may_have_any_type_that_makes_sense(client, value):
    client.send("/chroma", value)
    assert client.ask("/chroma")[1] == (11 if value == 2**40 else 1,)


@pytest.mark.parametrize("tags", ["f", "d", "i", "h", "T"])
def test_every_numeric_type_sets_a_float(client, tags):
    layout = {"f": ">f", "d": ">d", "i": ">i", "h": ">q", "T": ">0s"}[tags]
    one = b"" if tags == "T" else 1
    client.send_bytes(b"/latent/1\0\0\0," + tags.encode() + b"\0\0" + struct.pack(layout, one))
    assert client.ask("/latent/1")[1] == (1.0,)


def test_values_are_clamped_and_reported_as_taken(client):
    client.send("/latent/1", 7)
    client.send("/glide", -3.0)
    assert client.ask("/latent/1")[1] == (1.0,)
    assert client.ask("/glide")[1] == (0.0,)


def test_truth_is_reported_as_a_number(client):
    client.send("/gate", True)
    assert client.ask("/gate")[1] == (1,)


def test_gain_in_decibels_is_the_same_gain(client):
    client.send("/gain/db", -6.0)
    assert client.ask("/gain")[1] == pytest.approx((10 ** (-6 / 20),))


def test_a_pattern_sets_all_that_it_matches_in_one_audio_block(osc, client):
    client.send("/env/{attack,release}", 2)
    assert client.ask("/env/attack")[1] == client.ask("/env/release")[1] == (2.0,)
    assert client.ask("/env/decay")[1] == near(0.2)
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.CONTROL, events.CONTROL]


def test_a_pattern_asks_all_that_it_matches(client):
    answers = client.answers(write_message("/latent/[!2]"))
    assert answers == [("/latent/1", (0.5,)), ("/latent/3", (0.5,))]
    assert client.answers(write_message("/q/latent/[!2]")) == answers


def test_a_pattern_never_runs_a_command(osc, client):
    client.send("/gate", 1)
    client.answers(write_message("/*"), write_message("/all*"))
    assert client.ask("/gate")[1] == (1,)


def test_a_change_by_osc_bears_the_address_of_its_client(osc, client):
    told = []
    osc.call(lambda: osc.instrument.tree.listen(told.extend))
    client.answers(write_message("/latent/1", 0.25), bundle(write_message("/gate", 1)), write_message("/model", "two"))
    source = Source("osc", client.socket.getsockname())
    assert {(change.name, change.source) for change in told} >= {
        ("latent/1", source),
        ("gate", source),
        ("model", source),
    }


def test_every_command_of_the_table_is_there(client, monkeypatch):
    monkeypatch.setattr(rate_limit, "BURST", len(COMMANDS))
    for row in COMMANDS:
        answers = client.answers(write_message(row.address.replace("{m}", "1")))
        if row.least == 0:
            assert all(address != "/error" for address, _ in answers), row.name
        else:
            assert [address for address, _ in answers] == ["/error"], row.name


PRESSED = {"a bang": b"", "1.0": b",f\0\0" + struct.pack(">f", 1), "-1": b",i\0\0" + struct.pack(">i", -1)}
PRESSED |= {"T": b",T\0\0", "I": b",I\0\0", "N": b",N\0\0"}
LET_GO = {"0": b",i\0\0" + struct.pack(">i", 0), "0.0": b",f\0\0" + struct.pack(">f", 0), "F": b",F\0\0"}


def padded(address):
    return address.encode() + b"\0" * (4 - len(address) % 4)


@pytest.mark.parametrize("address", ["/allnotesoff", "/allsoundoff"])
@pytest.mark.parametrize("tags", PRESSED.values(), ids=PRESSED)
def test_a_button_that_is_pressed_does_its_command(osc, client, address, tags):
    answers = client.answers(write_message("/mnote", 60, 64), padded(address) + tags)
    assert answers == [] and osc.call(osc.instrument.notes) == []


@pytest.mark.parametrize("address", ["/allnotesoff", "/allsoundoff", "/preset/next", "/status", "/dump", "/model/list"])
@pytest.mark.parametrize("tags", LET_GO.values(), ids=LET_GO)
def test_a_button_that_is_let_go_does_nothing_and_is_not_answered(osc, client, address, tags):
    answers = client.answers(write_message("/mnote", 60, 64), padded(address) + tags)
    assert answers == [] and osc.call(osc.instrument.notes) == [("osc", 60.0)]


@pytest.mark.parametrize("address", [row.address for row in COMMANDS if row.asks and not row.arguments])
def test_a_button_asks_too(client, address):
    assert [answer for answer, _ in client.answers(padded(address) + PRESSED["1.0"])] == [
        answer for answer, _ in client.answers(write_message(address))
    ]


@pytest.mark.parametrize("address", ["/gate", "/morph/inside"])
def test_a_switch_takes_words(osc, client, address):
    for word, value in (("on", 1), ("off", 0), ("TRUE", 1), ("False", 0), (1.0, 1), (0, 0)):
        client.send(address, word)
        assert client.ask(address) == (address, (value,))
