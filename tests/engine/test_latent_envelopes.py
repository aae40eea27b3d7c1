"""Envelopes of latents, LFOs that begin with the note, and what each note has by chance."""

import numpy as np
import pytest
from telling_decoder import telling_decoder, telling_engine, told, told_over

from manned import events as ev
from manned.engine import Engine
from manned.instrument import Instrument
from manned.limits import ENVELOPES, LFOS, STARTS
from manned.table.parameters import CONTROLS

RATE = 44100


def envelope(attack=0.2, decay=0.3, sustain=0.5, release=0.4, depth=0.8, velocity=0.0, target=0, number=0):
    fields = {
        ev.ENVELOPE_ATTACK: attack,
        ev.ENVELOPE_DECAY: decay,
        ev.ENVELOPE_SUSTAIN: sustain,
        ev.ENVELOPE_RELEASE: release,
        ev.ENVELOPE_VELOCITY: velocity,
        ev.ENVELOPE_TARGET: target,
        ev.ENVELOPE_DEPTH: depth,
    }
    return [ev.Event(kind, None, number, value) for kind, value in fields.items()]


def note(number=1, pitch=60.0, velocity=1.0, when=None):
    return ev.Event(ev.NOTE_ON, when, number, pitch, velocity)


def control(name, value):
    return ev.Event(ev.CONTROL, None, [row.name for row in CONTROLS].index(name), value)


def wanted(seconds, released=None):
    """Of the default `envelope`, so long after the note began."""
    held = seconds if released is None else np.minimum(seconds, released)
    passed = np.clip((held - 0.2) / 0.3, 0, 1)
    level = np.where(held < 0.2, held / 0.2, 0.5 + 0.5 * (1 - passed) ** 3)
    if released is not None:
        level = np.where(seconds > released, level * np.clip(1 - (seconds - released) / 0.4, 0, 1) ** 3, level)
    return 0.8 * level


def test_an_envelope_goes_with_the_note():
    engine = telling_engine()
    engine.push([*envelope(), control("env/release", 2.0), note()])
    engine.render(32)
    times, values = told_over(engine, RATE)
    assert values[:, 0] == pytest.approx(wanted(times / RATE), abs=0.03)
    engine.push([ev.Event(ev.NOTE_OFF, None, 1)])
    let_go = engine.clock / RATE
    times, values = told_over(engine, RATE // 2)
    assert values[:, 0] == pytest.approx(wanted(times / RATE, let_go), abs=0.04)
    assert values[-1, 0] < 0.01 and not values[:, 1:].any()


def test_each_note_has_its_own():
    engine = telling_engine()
    engine.push([*envelope(attack=0.5, decay=20.0), note()])
    engine.render(RATE // 4)
    engine.push([note(2, 67.0)])
    engine.render(RATE // 8)
    first, second = told(engine, 1)[0], told(engine, 2)[0]
    assert first == pytest.approx(0.8 * 0.73, abs=0.05) and second == pytest.approx(0.8 * 0.23, abs=0.05)


def test_velocity_gives_a_share_of_the_depth():
    engine = telling_engine()
    engine.push([*envelope(attack=0.0, sustain=1.0, velocity=0.5), note(1, 60.0, 0.5), note(2, 64.0, 1.0)])
    engine.render(4096)
    assert told(engine, 1)[0] == pytest.approx(0.8 * 0.75, abs=1e-4)
    assert told(engine, 2)[0] == pytest.approx(0.8, abs=1e-4)


def test_a_note_begins_where_its_envelope_does():
    engine = telling_engine()
    engine.push([*envelope(attack=0.0, decay=1.0, sustain=0.0), note()])
    engine.render(64)
    assert told(engine)[0] == pytest.approx(0.8, abs=1e-3)


def test_two_envelopes_may_move_one_latent_and_a_missing_one_is_left():
    engine = telling_engine()
    steady = {"attack": 0.0, "sustain": 1.0}
    engine.push([*envelope(**steady, depth=0.3), *envelope(**steady, depth=0.2, number=1), note()])
    engine.render(4096)
    assert told(engine)[0] == pytest.approx(0.5, abs=1e-4)
    engine = telling_engine()
    engine.push([*envelope(**steady, target=40), note()])
    engine.render(4096)
    assert not told(engine).any()


def test_a_held_note_goes_on_in_its_envelope_when_the_model_changes():
    engine = telling_engine()
    engine.push([*envelope(attack=0.0, decay=0.1, sustain=0.25), control("note/random", 0.05), note()])
    engine.render(RATE)
    before = told(engine)
    engine.load(telling_decoder())
    for _ in range(200):
        engine.render(64)
        for voice in engine.voices():
            assert told(engine, voice.index) == pytest.approx(before, abs=1e-5)


def test_an_lfo_may_begin_with_the_note():
    def play(start):
        engine = telling_engine()
        engine.push(
            [
                ev.Event(ev.LATENT, None, 0, 0.5),
                ev.Event(ev.LFO_RATE, None, LFOS - 1, 1.0),
                ev.Event(ev.LFO_DEPTH, None, LFOS - 1, 0.4),
                ev.Event(ev.LFO_START, None, LFOS - 1, STARTS.index(start)),
            ]
        )
        engine.render(RATE // 4)
        engine.push([note()])
        engine.render(RATE // 4)
        return told(engine)[0]

    assert play("note") == pytest.approx(0.9, abs=0.01)
    assert play("free") == pytest.approx(0.5, abs=0.06)


def test_every_note_lies_elsewhere_by_chance_and_stays_there():
    engine = telling_engine()
    engine.push([*(ev.Event(ev.LATENT, None, i, 0.5) for i in range(3)), control("note/random", 0.3)])
    engine.push([note(number, 50.0 + number) for number in range(1, 7)])
    engine.render(2048)
    first = np.array([told(engine, number) for number in range(1, 7)])
    assert (np.ptp(first, axis=0) > 0.1).all() and np.abs(first - 0.5).max() <= 0.3
    engine.render(RATE)
    assert np.array_equal(first, [told(engine, number) for number in range(1, 7)])


def test_the_table_offers_them():
    instrument = Instrument(Engine(RATE, 1), telling_decoder())
    for k in range(1, LFOS + 1):
        instrument.set(f"lfo/{k}/start", "note")
    for e in range(1, ENVELOPES + 1):
        instrument.set(f"env/{e}/depth", -0.5)
        instrument.set(f"env/{e}/target", 3)
        assert instrument.get(f"env/{e}/target") == 3


@pytest.mark.parametrize("blocksize", [16, 5])
def test_the_bits_do_not_depend_on_the_block(blocksize):
    def take(blocksize):
        engine = telling_engine()
        engine.push([*envelope(), control("note/random", 0.2), ev.Event(ev.LFO_START, None, 0, 1.0)])
        engine.push([*(note(k, 50.0 + 3 * k, 0.1 * k) for k in range(1, 6)), ev.Event(ev.NOTE_OFF, 20000, 3)])
        return engine.render(RATE, blocksize)

    assert take(64).tobytes() == take(blocksize).tobytes()
