"""Latents of each voice: velocity, key, the note's own offset and the LFOs."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder
from telling_decoder import telling_engine, told, told_over

from manned.engine import Engine
from manned.events import (
    ALL_SOUND_OFF,
    CHROMA,
    GATE,
    GLIDE,
    KEY_LATENT,
    LATENT,
    LFO_DEPTH,
    LFO_RATE,
    LFO_SHAPE,
    LFO_TARGET,
    NOTE_LATENT,
    NOTE_ON,
    OCTAVE,
    VELOCITY_LATENT,
    Event,
)
from manned.instrument import Instrument
from manned.limits import SHAPES

RATE = 44100


def latents(*values):
    return [Event(LATENT, None, i, value) for i, value in enumerate(values)]


def lfo(number=0, rate_hz=1.0, depth=0.5, shape="sine", target=0, when=None):
    return [
        Event(LFO_RATE, when, number, rate_hz),
        Event(LFO_SHAPE, when, number, SHAPES.index(shape)),
        Event(LFO_TARGET, when, number, target),
        Event(LFO_DEPTH, when, number, depth),
    ]


def test_velocity_and_key_move_latents():
    engine = telling_engine()
    engine.push(
        [
            *latents(0.5, 0.5, 0.5),
            Event(VELOCITY_LATENT, None, 0, 0.4),
            Event(KEY_LATENT, None, 1, -0.6),
            Event(VELOCITY_LATENT, None, 2, 1.0),
            Event(NOTE_ON, None, 1, 80.0, 0.25),
        ]
    )
    engine.render(64)
    wanted = [0.5 + 0.4 * 0.25, 0.5 - 0.6 * 20 / 60, 0.75]
    assert np.allclose(told(engine), wanted, atol=1e-5)
    engine.push([Event(NOTE_ON, None, 2, 60.0, 1.0), Event(NOTE_ON, None, 3, 0.0, 0.5)])
    engine.render(4096)
    assert np.allclose(told(engine), wanted, atol=1e-5)
    assert np.allclose(told(engine, 2), [0.9, 0.5, 1.0], atol=1e-5)  # kept within 1
    assert np.allclose(told(engine, 3), [0.7, 1.0, 1.0], atol=1e-5)


def test_the_drone_has_full_velocity_and_its_own_pitch():
    engine = telling_engine()
    engine.push(
        [
            *latents(0.2, 0.2, 0.0),
            Event(VELOCITY_LATENT, None, 0, 0.5),
            Event(KEY_LATENT, None, 1, 0.6),
            Event(OCTAVE, None, 0, 3),
            Event(CHROMA, None, 0, 9),
            Event(GATE, None, 0, 1.0),
        ]
    )
    for _ in range(2):
        engine.render(2048)
        assert np.allclose(told(engine, 0), [0.7, 0.2 + 0.6 * -3 / 60, 0.0], atol=1e-5)
    engine.push([Event(OCTAVE, None, 0, 5)])
    engine.render(8192)
    assert np.allclose(told(engine, 0), [0.7, 0.2 + 0.6 * 21 / 60, 0.0], atol=1e-5)


@pytest.mark.parametrize("when", [None, 3000])
def test_an_offset_given_with_a_note_is_in_its_first_frame_and_in_no_other_note(when):
    engine = telling_engine()
    engine.push(latents(0.5, 0.5, 0.5))
    engine.render(64)
    engine.push(
        [
            Event(NOTE_ON, when, 1, 60.0, 1.0),
            Event(NOTE_ON, when, 2, 64.0, 1.0),
            Event(NOTE_LATENT, when, 2, -0.3, 1),
            Event(NOTE_LATENT, when, 1, 0.2, 0),
        ]
    )
    engine.render(64 if when is None else when)
    for _ in range(2):  # in the first frame and in those to come
        assert np.allclose(told(engine), [0.7, 0.5, 0.5], atol=1e-5)
        assert np.allclose(told(engine, 2), [0.5, 0.2, 0.5], atol=1e-5)
        engine.render(4096)


def test_offsets_are_in_the_first_frames_of_a_flood_of_notes_too():
    engine = telling_engine()
    engine.push(
        [
            event
            for k in range(1, 31)
            for event in (Event(NOTE_ON, None, k, 60.0, 1.0), Event(NOTE_LATENT, None, k, k / 31, 0))
        ]
    )
    engine.render(128)
    found = sorted(float(told(engine, voice)[0]) for voice in range(1, 31))
    assert np.allclose(found, np.arange(1, 31) / 31, atol=1e-5)


def test_an_offset_glides_and_ends_with_its_note():
    engine = telling_engine()
    engine.push([Event(GLIDE, None, 0, 0.2), Event(NOTE_ON, None, 1, 60.0, 1.0)])
    engine.render(4410)
    begin = engine.clock
    engine.push([Event(NOTE_LATENT, None, 1, 0.8, 0)])
    times, values = told_over(engine, 13230)
    wanted = np.clip((times - begin) / (0.2 * RATE), 0, 1) * 0.8
    assert len(times) > 10 and np.abs(values[:, 0] - wanted).max() < 0.002
    engine.push([Event(GLIDE, None, 0, 0.0), Event(NOTE_LATENT, None, 1, 0.1, 0)])
    engine.render(2048)  # 20 ms at least, and two hops
    assert np.allclose(told(engine), [0.1, 0, 0], atol=1e-5)
    engine.push([Event(ALL_SOUND_OFF, None)])
    engine.render(512)
    engine.push([Event(NOTE_ON, None, 2, 60.0, 1.0)])
    engine.render(64)
    assert np.allclose(told(engine), 0, atol=1e-5)


def triangle(turns):
    return 2 / np.pi * np.arcsin(np.sin(2 * np.pi * turns))


@pytest.mark.parametrize("rate_hz", [0.7, 5.0, 20.0])
@pytest.mark.parametrize(
    ("shape", "ideal"), [("sine", lambda turns: np.sin(2 * np.pi * turns)), ("triangle", triangle)]
)
def test_an_lfo_has_its_shape_rate_and_depth(shape, ideal, rate_hz):
    engine = telling_engine()
    engine.push([*latents(0.5), *lfo(rate_hz=rate_hz, depth=0.4, shape=shape), Event(NOTE_ON, None, 1, 60.0, 1.0)])
    engine.render(64)
    times, values = told_over(engine, RATE)
    assert len(times) > 80  # a new frame at every hop
    slope = 0.4 * 2 * np.pi * rate_hz * 20 / RATE  # within what is not known of the moment
    assert np.abs(values[:, 0] - 0.5 - 0.4 * ideal(times * rate_hz / RATE)).max() < slope + 1e-4
    assert not values[:, 1:].any()


def test_a_wander_is_smooth_never_repeats_and_is_the_same_every_time():
    tours = []
    for number in (0, 0, 1):
        engine = telling_engine()
        engine.push([*latents(0.5), *lfo(number, rate_hz=4.0, shape="wander"), Event(NOTE_ON, None, 1, 60.0, 1.0)])
        engine.render(64)
        tours.append(told_over(engine, 6 * RATE)[1][:480, 0] - 0.5)
    assert np.array_equal(tours[0], tours[1])
    assert abs(np.corrcoef(tours[0], tours[2])[0, 1]) < 0.5  # each LFO goes its own way
    tour = tours[0]
    assert 0.1 < tour.std() and np.abs(tour).max() <= 0.5 and np.abs(np.diff(tour)).max() < 0.15
    for lag in range(60, 300):
        assert np.corrcoef(tour[lag:], tour[:-lag])[0, 1] < 0.8


def test_another_rate_keeps_the_phase():
    engine = telling_engine()
    engine.push([*latents(0.5), *lfo(rate_hz=1.0), Event(NOTE_ON, None, 1, 60.0, 1.0)])
    engine.push([Event(LFO_RATE, 30_000, 0, 3.0)])
    engine.render(64)
    times, values = told_over(engine, 60_000)
    turns = np.where(times < 30_000, times, 30_000 + 3 * (times - 30_000)) / RATE
    assert np.abs(values[:, 0] - 0.5 - 0.5 * np.sin(2 * np.pi * turns)).max() < 0.01


def test_two_lfos_add_up_on_one_latent():
    engine = telling_engine()
    engine.push([*latents(0.5), *lfo(0, 1.0, 0.2), *lfo(1, 3.0, 0.1, "triangle"), Event(NOTE_ON, None, 1, 60.0, 1.0)])
    engine.render(64)
    times, values = told_over(engine, RATE)
    wanted = 0.5 + 0.2 * np.sin(2 * np.pi * times / RATE) + 0.1 * triangle(3 * times / RATE)
    assert np.abs(values[:, 0] - wanted).max() < 0.003


def test_dated_notes_begin_with_the_latents_of_their_own_moment():
    engine = telling_engine()
    engine.push([*latents(0.5), *lfo(rate_hz=3.0, when=1000)])
    engine.push([Event(LFO_RATE, 5000, 0, 7.0), Event(VELOCITY_LATENT, 5100, 1, 1.0)])
    moments = (4900, 5050, 5150, 5300)
    engine.push([Event(NOTE_ON, when, k, 60.0, 0.5) for k, when in enumerate(moments, 1)])
    engine.render(5320)
    for voice, when in enumerate(moments, 1):
        turns = (3 * (min(when, 5000) - 1000) + 7 * max(when - 5000, 0)) / RATE
        wanted = [0.5 + 0.5 * np.sin(2 * np.pi * turns), 0.5 * (when > 5100), 0.0]
        assert np.allclose(told(engine, voice), wanted, atol=1e-4)


def test_a_steady_voice_asks_the_decoder_for_nothing():
    engine = telling_engine()
    engine.push(
        [*latents(0.5), *lfo(rate_hz=3.0, depth=0.0), *lfo(1, 3.0, 1.0, target=40), Event(NOTE_ON, None, 1, 60.0, 1.0)]
    )
    engine.render(10_000)
    assert engine.spectra_asked == 0


def phrase(blocksize):
    """Everything that moves latents, dated, on a decoder that takes pitch."""
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
    push = instrument.engine.push
    instrument.set("velocity/latent/1", 0.5)
    instrument.set("key/latent/1", -0.3)
    push(lfo(0, 6.0, 0.4, "sine", 0, 3000) + lfo(1, 11.0, 0.3, "wander", 0, 9000))
    for k in range(6):
        when = 2000 + 2003 * k
        instrument.note_on(k, 50 + 3 * k, 40 + 10 * k, when=when)
        push([Event(NOTE_LATENT, when + 700 * (k % 2), k + 1, 0.3 - 0.1 * k, 0)])
        push([Event(LFO_RATE, when + 500, 0, 4.0 + k)])
    sound = instrument.engine.render(24000, blocksize)
    assert instrument.status()["late_spectra"] == 0
    return sound


def test_motion_sounds_the_same_at_every_block_size():
    reference = phrase(64)
    assert np.abs(reference).max() > 0.05
    for blocksize in (32, 100, 1024):
        assert np.array_equal(phrase(blocksize), reference)


def test_an_lfo_is_heard_at_its_rate(instrument):
    instrument.set("latent/1", 0.5)
    instrument.set("lfo/1/rate", 2.0)
    instrument.set("lfo/1/depth", 0.5)
    instrument.note_on("a", 60, 127)
    instrument.engine.render(4096)
    frames = instrument.engine.render(8 * RATE)[: 8 * 43 * 1024, 0].reshape(-1, 1024) * np.hanning(1024)
    power = np.abs(np.fft.rfft(frames)) ** 2
    bright = power[:, 24:].sum(axis=1) / power.sum(axis=1)  # above 1 kHz
    spectrum = np.abs(np.fft.rfft(bright - bright.mean()))
    assert abs(spectrum.argmax() / (len(bright) * 1024 / RATE) - 2.0) < 0.1
