"""Addresses behind a prefix, and those of another program: elgiano/manne, as its own clients send them."""

import pytest
from hostile_packets import bundle
from near import near
from pythonosc.udp_client import SimpleUDPClient

from manned.control.osc.address_space import AddressSpace
from manned.control.osc.packet import Bundle, Message, messages_of, with_prefix, write_bundles, write_message
from manned.errors import ConfigError
from manned.table.aliases import ALIASES, ELGIANO
from manned.table.commands import command_table
from manned.table.parameters import parameter_table


@pytest.fixture
def server_options():
    return {"space": AddressSpace("/stage/left", "elgiano")}


# -- a prefix ---------------------------------------------------------------------


def test_who_writes_the_prefix_is_answered_with_it_and_who_does_not_without(osc, client):
    client.send("/stage/left/latent/1", 0.25)
    assert client.ask("/stage/left/latent/1") == ("/stage/left/latent/1", (0.25,))
    assert client.ask("/stage/left/q/latent/1") == ("/stage/left/latent/1", (0.25,))
    assert client.ask("/latent/1") == ("/latent/1", (0.25,))


def test_what_an_answer_is_about_has_the_prefix_too(client):
    assert client.ask("/stage/left/preset/save", "mine") == ("/stage/left/done", ("/stage/left/preset/save", "mine"))
    address, (about, text) = client.ask("/stage/left/gian", 1)
    assert (address, about, text) == ("/stage/left/error", "/stage/left/gian", "no such address; the nearest is /gain")
    assert client.ask("/stage/right/gain")[1][0] == "/stage/right/gain"


def test_patterns_and_bundles_may_have_it(osc, client):
    client.send("/stage/left/env/{attack,decay}", 0.5)
    client.send_bytes(bundle(write_message("/stage/left/latent/1", 0.25), write_message("/latent/2", 0.75)))
    client.answers()
    values = osc.call(osc.instrument.values)
    assert [values[name] for name in ("env/attack", "env/decay", "latent/1", "latent/2")] == [0.5, 0.5, 0.25, 0.75]


def test_who_subscribed_with_it_is_told_with_it(new_client):
    with_it, without, setter = new_client(), new_client(), new_client()
    with_it.answers(write_message("/stage/left/notify", 1))
    without.answers(write_message("/notify", 1))
    setter.send("/env/attack", 0.25)
    assert with_it.hear() == ("/stage/left/env/attack", (0.25,))
    assert without.hear() == ("/env/attack", (0.25,))
    setter.send("/env/{attack,decay}", 0.5)
    told = with_it.hear()
    assert isinstance(told, Bundle)
    assert [one.address for one in messages_of(told)] == ["/stage/left/env/attack", "/stage/left/env/decay"]


def test_listeners_are_told_with_it(new_client):
    place, setter = new_client(), new_client()
    host, port = place.socket.getsockname()
    setter.answers(write_message("/listeners/add", f"{host}:{port}"))
    new_client().send("/env/attack", 0.25)
    assert place.hear() == ("/stage/left/env/attack", (0.25,))


@pytest.mark.parametrize("prefix", ["/a", "/ab", "/abc", "/abcd/e"])
def test_a_packet_with_a_prefix_is_the_packet_that_would_have_been_written_with_it(prefix):
    plain = [write_message("/gate", 1), write_message("/chroma", "C#"), write_message("/latents", 0.1, 0.2, 0.3)]
    longer = [
        write_message(f"{prefix}/gate", 1),
        write_message(f"{prefix}/chroma", "C#"),
        write_message(f"{prefix}/latents", 0.1, 0.2, 0.3),
    ]
    assert [with_prefix(packet, prefix) for packet in plain] == longer
    assert [with_prefix(packet, prefix) for packet in write_bundles(plain, 1400)] == write_bundles(longer, 1400)


def test_no_packet_is_longer_with_it_than_it_may_be():
    class Wire:
        key, most, lapses = "wire", 1400, True

        def send_packets(self, packets):
            self.sizes = [len(packet) for packet in packets]
            return True

    wire = Wire()
    outlet = AddressSpace("/a/long/prefix/of/somebody").outlet(wire)
    outlet.send_packets(write_bundles([write_message("/gate", 1)] * 200, outlet.most))
    assert max(wire.sizes) <= wire.most


@pytest.mark.parametrize("prefix", ["manned", "/", "/a/", "/a b", "/a*", "/latent", "/env/x", "/q", "/gain"])
def test_what_is_no_prefix_is_refused(prefix):
    with pytest.raises(ConfigError, match=r"osc\.prefix is '.*', allowed is "):
        AddressSpace(prefix)


# -- elgiano/manne ----------------------------------------------------------------


def test_its_messages_play(osc):
    theirs = SimpleUDPClient("127.0.0.1", osc.port)
    theirs.send_message("/latents", [0, 0.25, 0.5, 0.75])
    theirs.send_message("/latent", [0, 2, 0.125])
    theirs.send_message("/noteOn", [0, 60.0, 0.5])
    theirs.send_message("/noteOn", [1, 64.0, 1.0])
    osc.wait_until(lambda: len(osc.instrument.notes()) == 2)
    assert osc.call(osc.instrument.latent_values) == near(0.25, 0.5, 0.125)
    osc.wait_until(lambda: sorted(voice.pitch for voice in osc.engine.voices()) == [60.0, 64.0])
    theirs.send_message("/amp", [1, 0.5])
    theirs.send_message("/noteOff", [0])
    osc.wait_until(lambda: osc.instrument.notes() == [("osc", "id", 1)])
    theirs.send_message("/noteOn", [1, 64.0, 0])
    osc.wait_until(lambda: osc.instrument.notes() == [])


def test_its_models_are_asked_and_chosen(client):
    assert client.ask("/get_model_names")[0] == "/get_model_names"
    assert "two" in client.ask("/get_model_names")[1]
    assert client.ask("/get_active_models") == ("/get_active_models", ("three",))
    assert client.ask("/model", 0, "two") == ("/done", ("/model", "two"))


def test_ours_at_the_same_address_mean_what_they_did(osc, client):
    client.send("/latents", 0.75, 0.25)
    assert client.ask("/latents")[1] == near(0.75, 0.25, 0.5)
    assert client.ask("/model")[1] == ("three",)
    assert client.ask("/model", "two") == ("/done", ("/model", "two"))


def test_it_may_have_the_prefix_too(osc, client):
    client.send("/stage/left/noteOn", 3, 60.0, 1.0)
    client.answers()
    assert osc.call(osc.instrument.notes) == [("osc", "id", 3)]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (("/noteOn", 0), "found 1 arguments, allowed are: channel, note, amplitude"),
        (("/noteOn", 0, 60.0, "loud"), "amplitude: found 'loud', allowed is a number"),
        (("/latent", 0, 0.5, 0.5), "number: found 0.5, allowed is a whole number"),
        (("/amp", 7, 0.5), "found id 7, allowed are the ids of notes that are held"),
        (("/latent", 0, 9, 0.5), "no such address, this model has latents 1–3; the nearest is /latent/1"),
    ],
)
def test_what_is_wrong_is_told(client, message, text):
    address, (_, found) = client.ask(*message)
    assert (address, found) == ("/error", text)


def test_every_alias_means_an_address_that_there_is():
    known = {*parameter_table(2), *command_table()}
    for row in ELGIANO:
        address, _ = row.translate((0, 1, 0.5))
        assert address.removeprefix("/") in known, row.text


def test_without_the_setting_none_of_them_is_known():
    assert ALIASES[""] == ()
    message = Message("/noteOn", (0, 60.0, 1.0))
    assert AddressSpace().translate(message, None) == (message, None)
