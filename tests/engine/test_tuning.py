"""Scales as they sound."""

import math

import mido
import pytest
from sounds import cents, frequency_of

from manned.control.midi.player import Player
from manned.model.pitch import note_to_hz
from manned.settings import MidiSettings


def ratio_cents(signal, key_hz, ratio):
    """How far the partial near ``ratio`` times a frequency is from there."""
    return cents(frequency_of(signal, key_hz * ratio), key_hz * ratio)


def test_a_chord_of_a_just_scale_sounds_in_its_ratios(instrument):
    instrument.tune("just")
    middle_c = note_to_hz(60)
    for key, ratio in ((60, 1), (64, 5 / 4), (67, 3 / 2), (53, 2 / 3)):
        instrument.note_on("key", key, 127)
        instrument.engine.render(8820)
        signal = instrument.engine.render(44100)[:, 0]
        assert abs(ratio_cents(signal, middle_c, ratio)) < 0.5
        instrument.all_sound_off()
        instrument.engine.render(2205)


@pytest.mark.parametrize(
    ("scale", "wanted"), [("19-edo", 60 + 9 * 12 / 19), ("bohlen-pierce", 60 + 12 * math.log2(15 / 7))]
)
def test_the_drone_sounds_where_the_scale_has_it_and_moves_with_the_scale(instrument, scale, wanted):
    instrument.set("chroma", "A")
    instrument.set("gate", True)
    instrument.engine.render(8820)
    instrument.tune(scale)
    instrument.engine.render(8820)
    signal = instrument.engine.render(44100)[:, 0]
    assert abs(cents(frequency_of(signal, note_to_hz(wanted)), note_to_hz(wanted))) < 0.5
    instrument.tune("")
    instrument.engine.render(8820)
    signal = instrument.engine.render(44100)[:, 0]
    assert abs(cents(frequency_of(signal, 440), 440)) < 0.5


def test_a_note_that_sounds_keeps_its_pitch_when_the_scale_changes(instrument):
    instrument.note_on("key", 61, 127)
    instrument.engine.render(8820)
    instrument.tune("bohlen-pierce")
    signal = instrument.engine.render(44100)[:, 0]
    assert abs(cents(frequency_of(signal, note_to_hz(61)), note_to_hz(61))) < 0.5


def test_a_frequency_sounds_as_it_is_and_keys_move_with_a4(instrument):
    instrument.set("tuning/a4", 431.0)
    instrument.frequency_on("hertz", 300.0, 127)
    instrument.engine.render(8820)
    signal = instrument.engine.render(44100)[:, 0]
    assert abs(cents(frequency_of(signal, 300.0), 300.0)) < 0.5
    instrument.note_on("key", 81, 127)
    instrument.engine.render(8820)
    signal = instrument.engine.render(44100)[:, 0]
    assert abs(cents(frequency_of(signal, 862.0), 862.0)) < 0.5


def test_two_notes_of_an_mpe_surface_are_bent_apart(instrument):
    player = Player(instrument, MidiSettings(mpe="lower"))
    for channel, pitch in ((1, 4096), (2, -2048)):
        player.play("surface", mido.Message("pitchwheel", channel=channel, pitch=pitch))
        player.play("surface", mido.Message("note_on", channel=channel, note=60, velocity=100))
    instrument.engine.render(8820)
    signal = instrument.engine.render(44100)[:, 0]
    for note in (60 + 48 * 4096 / 8191, 60 - 48 * 2048 / 8192):
        assert abs(cents(frequency_of(signal, note_to_hz(note)), note_to_hz(note))) < 1
