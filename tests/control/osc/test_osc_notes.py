"""Notes by OSC, and the expression of single ones."""

import pytest
from hostile_packets import bundle

from manned import events
from manned.control.osc.packet import write_message
from manned.instrument import HELD_NOTES
from manned.limits import MAX_LATENTS


def test_a_note_is_released_by_its_number(osc, client):
    assert client.answers(write_message("/mnote", 60.5, 64), write_message("/mnote/rel", 60.5)) == []
    (on,), (off,) = osc.engine.handed
    assert (on.kind, on.a, on.b) == (events.NOTE_ON, 60.5, pytest.approx(64 / 127))
    assert (off.kind, off.index) == (events.NOTE_OFF, on.index)


@pytest.mark.parametrize("release", [("/mnote/rel", 62, 0, 9), ("/mnote", 62, 0, 9), ("/fnote/rel", 100.0, 0, 9)])
def test_a_note_with_an_id_is_released_by_its_id(osc, client, release):
    client.answers(write_message("/mnote", 62, 64, 8), write_message("/mnote", 62, 64, 9), write_message(*release))
    assert osc.call(osc.instrument.notes) == [("osc", "id", 8)]


def test_a_note_started_from_one_port_is_released_from_another(osc, client):
    client.answers(write_message("/mnote", 60, 64))
    other = type(client)(osc.port)
    other.answers(write_message("/mnote/rel", 60))
    other.socket.close()
    assert osc.call(osc.instrument.notes) == []


def test_a_frequency_is_a_note(osc, client):
    client.answers(write_message("/fnote", 440.0, 127), write_message("/fnote/rel", 440))
    (on,), (off,) = osc.engine.handed
    assert (on.kind, on.a) == (events.NOTE_ON, 69.0)
    assert (off.kind, off.index) == (events.NOTE_OFF, on.index)


@pytest.mark.parametrize(
    ("address", "kind"), [("/allnotesoff", events.ALL_NOTES_OFF), ("/allsoundoff", events.ALL_SOUND_OFF)]
)
def test_all_notes_end_together(osc, client, address, kind):
    client.answers(write_message("/mnote", 60, 64), write_message("/gate", 1), write_message(address))
    assert kind in [event.kind for event in osc.engine.handed[-1]]
    assert osc.call(osc.instrument.notes) == []
    assert osc.get("gate") is False


def test_notes_that_nobody_releases_do_not_pile_up(osc, client):
    for first in range(0, 2 * HELD_NOTES, 16):
        notes = bundle(*[write_message("/mnote", 60, 100, first + i) for i in range(16)])
        while ("osc", "id", first) not in osc.call(osc.instrument.notes):  # the engine takes only so many at once
            client.answers(notes)
    held = osc.call(osc.instrument.notes)
    assert held == [("osc", "id", identity) for identity in range(HELD_NOTES, 2 * HELD_NOTES)]


@pytest.mark.parametrize(
    ("address", "value", "kind", "taken"),
    [
        ("/ne/pitch", -7.5, events.NOTE_PITCH, (-7.5, 0)),
        ("/ne/pitch", 99, events.NOTE_PITCH, (48, 0)),
        ("/ne/pressure", 0.25, events.NOTE_PRESSURE, (0.25, 0)),
        ("/ne/latent/3", -0.5, events.NOTE_LATENT, (-0.5, 2)),
        ("/ne/level", 0.5, events.NOTE_LATENT, (0.5, MAX_LATENTS)),
        ("/ne/pan", -1.0, events.NOTE_LATENT, (-1.0, MAX_LATENTS + 2)),
        ("/ne/noise", 3.0, events.NOTE_LATENT, (1.0, MAX_LATENTS + 3)),
        ("/ne/brightness", 0.25, events.NOTE_LATENT, (0.25, MAX_LATENTS + 4)),
    ],
)
def test_a_note_is_moved_by_its_id_and_no_other_is(osc, client, address, value, kind, taken):
    notes = bundle(write_message("/mnote", 60, 100, 1), write_message("/fnote", 330.0, 100, 2))
    assert client.answers(notes, write_message(address, 2, value)) == []
    ons, (moved,) = osc.engine.handed
    assert moved == events.Event(kind, None, ons[1].index, *taken)


def test_a_note_and_its_expression_may_begin_in_one_audio_block(osc, client):
    client.answers(bundle(write_message("/mnote", 60, 100, 7), write_message("/ne/latent/1", 7, 0.5)))
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.NOTE_ON, events.NOTE_LATENT]
    assert block[0].index == block[1].index


@pytest.mark.parametrize("address", ["/ne/pitch", "/ne/pressure", "/ne/latent/1"])
def test_an_id_that_is_not_held_is_told(osc, client, address):
    client.answers(write_message("/mnote", 60, 100, 5), write_message("/mnote/rel", 60, 0, 5))
    assert client.ask(address, 5, 0.5) == (
        "/error",
        (address, "found id 5, allowed are the ids of notes that are held"),
    )
