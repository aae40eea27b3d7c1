"""The pitch in motion follows its curve: bend, vibrato, portamento, master tuning, one note's own bend."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder
from sounds import cents, frequency_of, level_db, sharpest

from manned.engine import Engine
from manned.instrument import Instrument
from manned.model.pitch import note_to_hz

RATE = 44100
WINDOW = 256  # samples at either side over which the fundamental is isolated


def pitch_curve(signal, wanted, samplerate=RATE):
    """Pitch of the fundamental at every sample, as a note number.

    The signal is turned back by the phase that the ``wanted`` note numbers add up to, so that what is
    left of the fundamental lies near zero Hertz, is isolated there, and shows by its phase how far it strays.
    """
    turns = np.cumsum(note_to_hz_array(wanted)) / samplerate
    near_zero = signal * np.exp(-2j * np.pi * turns)
    kernel = np.blackman(8 * WINDOW + 1)
    near_zero = np.convolve(near_zero, kernel / kernel.sum(), mode="same")
    strays = np.diff(np.unwrap(np.angle(near_zero))) * samplerate / (2 * np.pi)
    hertz = note_to_hz_array(wanted)[1:] + strays
    return np.append(69 + 12 * np.log2(hertz / 440), np.nan)


def note_to_hz_array(notes):
    return 440.0 * 2.0 ** ((np.asarray(notes) - 69) / 12)


def strays_cents(signal, wanted, samplerate=RATE):
    """Largest distance in cents between what sounds and the wanted curve, ends left out."""
    found = pitch_curve(signal, wanted, samplerate)
    inner = slice(8 * WINDOW, -8 * WINDOW)
    return 100 * np.abs(found[inner] - wanted[inner]).max()


def rendered(instrument, seconds, blocksize=64):
    return instrument.engine.render(int(seconds * instrument.engine.samplerate), blocksize)[:, 0]


def seconds_since_event(instrument, signal):
    """Time of each sample since something undated took effect just before the signal was rendered."""
    engine = instrument.engine
    return np.maximum(np.arange(len(signal)) - engine.latency, 0) / engine.samplerate


def test_vibrato_follows_its_sine(instrument):
    instrument.set("vibrato/rate", 6.0)
    instrument.set("vibrato/depth", 0.5)
    instrument.engine.render(2000)
    instrument.note_on("a", 72, 127)
    signal = rendered(instrument, 1.5)
    t = seconds_since_event(instrument, signal)
    wanted = 72 + 0.5 * np.sin(2 * np.pi * 6.0 * t)
    assert strays_cents(signal, wanted) < 2
    assert strays_cents(signal, np.full(len(t), 72.0)) > 40


def test_vibrato_comes_in_over_its_delay(instrument):
    instrument.set("vibrato/rate", 5.0)
    instrument.set("vibrato/depth", 1.0)
    instrument.set("vibrato/delay", 1.0)
    instrument.engine.render(2000)
    instrument.note_on("a", 76, 127)
    signal = rendered(instrument, 1.6)
    t = seconds_since_event(instrument, signal)
    assert strays_cents(signal, 76 + np.minimum(t, 1.0) * np.sin(2 * np.pi * 5.0 * t)) < 2


def test_a_new_vibrato_rate_goes_on_from_where_the_vibrato_is(instrument):
    instrument.set("vibrato/rate", 4.0)
    instrument.set("vibrato/depth", 0.4)
    instrument.engine.render(2000)
    start = instrument.engine.clock
    instrument.note_on("a", 74, 127)
    instrument.set("vibrato/rate", 7.0, when=start + 30_000)
    signal = rendered(instrument, 1.5)
    n = np.arange(len(signal)) - instrument.engine.latency
    changed = 30_000 - instrument.engine.latency
    cycles = np.where(n < changed, 4.0 * n, 4.0 * changed + 7.0 * (n - changed)) / RATE
    assert strays_cents(signal, 74 + 0.4 * np.sin(2 * np.pi * cycles)) < 2


@pytest.mark.parametrize("samplerate", [44100, 48000])
def test_portamento_is_a_straight_line_in_semitones(samplerate):
    instrument = Instrument(Engine(samplerate, 1), harmonic_decoder())
    instrument.set("portamento", 0.5)
    instrument.note_on("a", 64, 127)
    instrument.engine.render(8192)
    instrument.all_sound_off()
    instrument.engine.render(2048)
    instrument.note_on("b", 76, 127)
    signal = rendered(instrument, 1.0)
    t = seconds_since_event(instrument, signal)
    assert strays_cents(signal, 64 + np.minimum(t / 0.5, 1) * 12, samplerate) < 2


def test_a_note_amid_a_glide_comes_from_where_the_pitch_is(instrument):
    instrument.set("portamento", 1.0)
    for note, seconds in ((60, 0.1), (72, 0.5)):
        instrument.note_on(note, note, 127)
        rendered(instrument, seconds)
    instrument.all_sound_off()
    instrument.note_on("c", 78, 127)
    halfway = 60 + 12 * 0.5
    signal = rendered(instrument, 1.2)[600:]
    t = seconds_since_event(instrument, signal) + 600 / RATE
    assert strays_cents(signal, halfway + np.minimum(t, 1) * (78 - halfway)) < 2


def test_the_notes_of_a_chord_glide_from_the_same_note(instrument):
    instrument.set("portamento", 0.4)
    instrument.note_on("a", 60, 127)
    rendered(instrument, 0.2)
    instrument.all_sound_off()
    rendered(instrument, 0.05)
    with instrument.together():
        for note in (67, 72, 76):
            instrument.note_on(note, note, 127)
    instrument.engine.render(64)
    starts = {voice.glide_from for voice in instrument.engine.voices() if voice.note_id > 1}
    assert starts == {60.0}


def test_bends_in_steps_are_followed_without_zipper(instrument):
    """A bend of two semitones, up and down at one turn per second, in MIDI's steps of a few milliseconds."""
    instrument.note_on("a", 72, 127)
    instrument.engine.render(8192)
    steps = np.arange(0, 66150, 220)
    for n in steps:
        instrument.set("bend", np.sin(2 * np.pi * n / RATE), when=8192 + int(n))
    signal = rendered(instrument, 1.5)
    lag = 220 / 2 + 0.5 * 220  # each step is on its way for 5 ms, half of it late
    wanted = 72 + 2 * np.sin(2 * np.pi * (np.arange(len(signal)) - lag) / RATE)
    assert strays_cents(signal, wanted) < 2
    assert sharpest(signal) < 1.3 * sharpest(rendered(instrument, 0.5))


def test_master_tuning_moves_held_and_new_notes_and_the_drone(instrument):
    instrument.note_on("a", 69, 127)
    rendered(instrument, 0.3)
    instrument.set("tuning/a4", 432)
    rendered(instrument, 0.1)
    assert abs(cents(frequency_of(rendered(instrument, 1), 432.0), 432.0)) < 0.5
    instrument.all_sound_off()
    rendered(instrument, 0.1)
    instrument.note_on("b", 72, 127)
    wanted = note_to_hz(72) * 432 / 440
    assert abs(cents(frequency_of(rendered(instrument, 1), wanted), wanted)) < 0.5
    instrument.all_sound_off()
    instrument.set("chroma", "E")
    instrument.set("gate", True)
    wanted = note_to_hz(64) * 432 / 440
    assert abs(cents(frequency_of(rendered(instrument, 1), wanted), wanted)) < 0.5


def test_one_note_of_a_chord_bends_alone(instrument):
    instrument.note_on("a", 60, 127)
    instrument.note_on("b", 67, 127)
    rendered(instrument, 0.2)
    instrument.note_pitch("b", 1.5)
    rendered(instrument, 0.2)
    signal = rendered(instrument, 1)
    for note in (60, 68.5):
        assert abs(cents(frequency_of(signal, note_to_hz(note)), note_to_hz(note))) < 1


@pytest.mark.parametrize("mode", ["poly", "mono"])
def test_the_tail_of_a_note_bends_alone(instrument, mode):
    instrument.set("mode", mode)
    instrument.set("env/release", 20.0)
    instrument.note_on("a", 72, 127)
    instrument.engine.render(4096)
    tail = instrument.tail("a")
    instrument.note_off("a")
    instrument.set("mode", "poly")
    instrument.note_on("b", 48, 127)
    instrument.engine.render(4096)
    instrument.note_pitch(tail, 2.0)
    signal = rendered(instrument, 1.0)
    assert abs(cents(frequency_of(signal[4096:], note_to_hz(74)), note_to_hz(74))) < 2
    assert abs(cents(frequency_of(signal[4096:], note_to_hz(48)), note_to_hz(48))) < 2


def test_a_note_whose_bend_comes_with_it_begins_there(instrument):
    with instrument.together():
        instrument.note_on("a", 72, 127)
        instrument.note_pitch("a", 3.0)
    signal = rendered(instrument, 0.5)
    assert strays_cents(signal, np.full(len(signal), 75.0)) < 1


def test_pressure_scales_one_note_without_a_step(instrument):
    instrument.note_on("a", 60, 127)
    before = rendered(instrument, 0.5)
    instrument.note_pressure("a", 0.25)
    after = rendered(instrument, 0.5)
    assert abs(level_db(before[11025:]) - level_db(after[4410:]) - 12.04) < 0.3
    assert sharpest(after) < 1.1 * sharpest(before[8000:])


def expressive_phrase(blocksize):
    """Everything that moves the pitch, at once and dated, with the envelope kept."""
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder(octaves=(3, 4)))
    instrument.set("portamento", 0.15)
    instrument.set("vibrato/depth", 0.7)
    instrument.set("vibrato/delay", 0.2)
    instrument.set("formant", 0.8)
    instrument.set("latent/1", 0.9)
    for k in range(8):
        when = 3000 + 3001 * k
        instrument.note_on(k, (50, 71, 62, 83)[k % 4] + k / 3, 100, when=when)
        instrument.set("bend", (k % 3 - 1) / 2, when=when + 500)
        instrument.set("vibrato/rate", 3 + k, when=when + 701)
        instrument.set("tuning/a4", 430 + 3 * k, when=when + 901)
        instrument.note_pitch(k, 0.3 * k, when=when + 1111)
        instrument.note_pressure(k, 1 - 0.1 * k, when=when + 1313)
        instrument.note_off(k, when=when + 7000)
    return instrument.engine.render(33_000, blocksize)


def test_moving_pitch_does_not_depend_on_the_block_size():
    reference = expressive_phrase(64)
    assert np.abs(reference).max() > 0.05
    for blocksize in (32, 100, 1024):
        assert np.array_equal(expressive_phrase(blocksize), reference)


@pytest.mark.parametrize("note", [72, 48])
def test_formant_keeps_the_spectral_envelope_of_a_transposed_note(note):
    """The model has one octave only, the note lies an octave off: its harmonics move, its envelope need not."""

    def centroid(signal):
        power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
        return (np.arange(len(power)) * power).sum() / power.sum() * RATE / len(signal)

    def played(note, formant):
        instrument = Instrument(Engine(RATE, 1), humped_decoder())
        instrument.set("formant", formant)
        instrument.note_on("a", note, 127)
        return rendered(instrument, 0.6)[4000:]

    own, moved, half, kept = played(60, 1.0), played(note, 0.0), played(note, 0.5), played(note, 1.0)
    octaves = np.log2([centroid(s) / centroid(own) for s in (moved, half, kept)])
    assert np.allclose(octaves, (note - 60) / 12 * np.array([1, 0.5, 0]), atol=0.12)
    assert abs(level_db(kept) - level_db(moved)) < 1
    eighth = 8 * note_to_hz(note)
    assert abs(cents(frequency_of(kept, eighth), eighth)) < 0.5


def humped_decoder():
    """A decoder of octave 4 alone whose harmonics have a hump around 2 kHz for an envelope."""
    decoder = harmonic_decoder(octaves=(4,))
    out, _ = decoder.weights[1]
    out[12:] = 0
    n = np.arange(4096)
    for pitch_class in range(12):
        harmonics = note_to_hz(60 + pitch_class) * np.arange(1, 40)
        levels = np.exp(-0.5 * (np.log2(harmonics / 2000) / 0.4) ** 2)
        turns = np.outer(n, harmonics) / RATE + np.arange(1, 40) ** 2 / 7
        out[pitch_class] = np.abs(np.fft.rfft((np.cos(2 * np.pi * turns) @ levels) * np.hanning(4096))) / 1024
    return decoder
