"""Bundles by OSC: one moment, now or at its date."""

import time

from hostile_packets import bundle, ntp

from manned import events
from manned.control.osc.packet import write_message
from manned.control.osc.receiver import MAX_WAITING


class Nobody:
    """A sender that hears nothing."""

    key = "nobody"

    def send(self, address, *arguments):
        pass


def test_a_bundle_takes_effect_in_one_audio_block(osc, client):
    client.answers(bundle(write_message("/latent/1", 0.9), write_message("/gate", 1), write_message("/mnote", 60, 100)))
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.LATENT, events.GATE, events.NOTE_ON]
    assert {event.when for event in block} == {None}


def test_an_error_in_a_bundle_does_not_stop_the_rest(osc, client):
    packet = bundle(write_message("/latent/1", 0.9), write_message("/gian", 1), write_message("/gate", 1))
    ((address, (about, _)),) = client.answers(packet)
    assert (address, about) == ("/error", "/gian")
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.LATENT, events.GATE]


def test_a_bundle_of_the_past_is_played_now(osc, client):
    client.answers(bundle(write_message("/gate", 1), timetag=ntp(time.time() - 5)))
    assert osc.engine.handed[0][0].when is None


def test_a_dated_bundle_is_played_at_its_sample_and_holds_nobody_up(osc, client):
    dated = bundle(write_message("/gate", 1), write_message("/latent/1", 0.9), timetag=ntp(time.time() + 0.8))
    client.answers(dated)
    assert osc.get("gate") is False
    osc.wait_until(lambda: osc.instrument.get("gate"))
    (block,) = osc.engine.handed
    assert [event.when for event in block] == osc.engine.dates * 2


def test_a_bundle_for_the_next_moment_keeps_its_sample(osc):
    osc.call(
        lambda: osc.server.receiver.receive(
            bundle(write_message("/gate", 1), timetag=ntp(time.time() + 0.09)), Nobody()
        )
    )
    ((event,),) = osc.engine.handed
    assert [event.when] == osc.engine.dates


def test_nested_bundles_have_their_own_times(osc, client):
    inner = bundle(write_message("/latent/1", 0.9), timetag=ntp(time.time() + 0.8))
    client.answers(bundle(write_message("/gate", 1), bundle(write_message("/latent/2", 0.1)), inner))
    osc.wait_until(lambda: osc.instrument.get("latent/1") != 0.5)
    first, second = osc.engine.handed
    assert [(event.kind, event.when) for event in first] == [(events.GATE, None), (events.LATENT, None)]
    assert [event.when for event in second] == osc.engine.dates


def test_a_bundle_of_the_far_future_is_refused(osc, client):
    ((address, (about, text)),) = client.answers(bundle(write_message("/gate", 1), timetag=ntp(time.time() + 7200)))
    assert (address, about) == ("/error", "#bundle")
    assert "allowed are 3600 s" in text
    assert len(osc.schedule) == 0


def test_no_more_dated_bundles_wait_than_there_is_room_for(osc, client):
    large = bundle(*[write_message("/chroma", "C" * 60)] * 250, timetag=ntp(time.time() + 60))
    for _ in range(MAX_WAITING // len(large)):
        assert client.answers(large) == []
    answers = client.answers(large)
    assert [address for address, _ in answers] == ["/error"]
    assert "dated bundles are waiting" in answers[0].arguments[1]


def test_a_full_schedule_is_an_error(osc, client):
    osc.schedule.capacity = 2
    answers = client.answers(*[bundle(write_message("/gate", 1), timetag=ntp(time.time() + 60))] * 3)
    assert [address for address, _ in answers] == ["/error"]
