"""Bundles by OSC: one moment, now or at its date."""

import time

from hostile_packets import bundle, ntp

from manned import events
from manned.control.osc.dated import MAX_COUNT_OF_ONE, MAX_OF_ONE
from manned.control.osc.packet import write_message


class Nobody:
    """A sender that hears nothing."""

    key = "nobody"
    outlet = None

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
    for _ in range(MAX_OF_ONE // len(large)):
        assert client.answers(large) == []
    answers = client.answers(large)
    assert [address for address, _ in answers] == ["/error"]
    assert "dated bundles of this sender are waiting" in answers[0].arguments[1]


def test_a_full_schedule_is_an_error(osc, client):
    osc.schedule.capacity = 2
    answers = client.answers(*[bundle(write_message("/gate", 1), timetag=ntp(time.time() + 60))] * 3)
    assert [address for address, _ in answers] == ["/error"]


def dated(*messages, seconds=60):
    return bundle(*messages, timetag=ntp(time.time() + seconds))


def test_panic_and_clearing_forget_what_waits(osc, client):
    for forget in ("/allsoundoff", "/schedule/clear"):
        client.answers(dated(write_message("/gate", 1)), dated(write_message("/mnote", 60, 100)))
        assert len(osc.schedule) == 2
        client.answers(write_message(forget))
        assert len(osc.schedule) == 0
    # There is room again.
    assert client.answers(*[dated(write_message("/gate", 1))] * MAX_COUNT_OF_ONE) == []


def test_panic_from_anywhere_forgets_what_waits(osc, client):
    client.answers(dated(write_message("/gate", 1)))
    osc.call(osc.instrument.all_sound_off)
    assert len(osc.schedule) == 0


def test_a_dated_silence_is_part_of_what_is_played_and_forgets_nothing(osc, client):
    client.answers(dated(write_message("/allsoundoff"), seconds=0.3), dated(write_message("/gate", 1), seconds=0.6))
    osc.wait_until(lambda: osc.instrument.get("gate"))


def test_a_sender_who_fills_the_schedule_leaves_room_for_others(osc, client, new_client):
    for _ in range(MAX_COUNT_OF_ONE // 128):
        client.answers(*[dated(write_message("/gate", 1), seconds=3500)] * 128)
    ((address, (_, text)),) = client.answers(dated(write_message("/gate", 1)))
    assert address == "/error" and f"allowed are {MAX_COUNT_OF_ONE}" in text
    assert new_client().answers(dated(write_message("/gate", 1))) == []


def test_a_schedule_that_senders_have_filled_has_room_for_the_programs_own(osc, client):
    osc.schedule.capacity = 2
    client.answers(*[dated(write_message("/gate", 1))] * 2)
    osc.call(lambda: osc.schedule.add(0, lambda when: None))
