"""Gestures in the engine: the reference's way, at every speed, looped, held and let go, without a click."""

import numpy as np
import pytest
from sounds import cents, frequency_of, level_db, sharpest
from telling_decoder import telling_decoder, told_over
from told_decoder import told_decoder

from manned.engine import Engine
from manned.engine.gesture import GESTURES
from manned.errors import EngineBusy
from manned.instrument import Instrument
from manned.model.gesture import Gesture
from manned.model.pitch import note_to_hz

RATE = 44100
FRAMES_HZ = RATE / 256


def gesture(seconds=1.0, loop=(0.4, 0.8), crossfade=0.1, latents=3, level=None, pitch=None, model="telling"):
    """One whose latents rise, fall and sway, and whose level falls unless it is given."""
    t = np.arange(int(seconds * FRAMES_HZ)) / FRAMES_HZ
    values = np.stack([t / seconds, 1 - t / seconds, 0.5 + 0.4 * np.sin(2 * np.pi * 2 * t)], axis=1)[:, :latents]
    flat = np.ones(len(t))
    return Gesture(
        "way", model, values.astype(np.float32), (flat if level is None else level(t)).astype(np.float32),
        (0 * flat if pitch is None else pitch(t)).astype(np.float32), FRAMES_HZ, 60.0, loop, crossfade, 0.5,
    )  # fmt: skip


def swaying(level=None, pitch=None, **more):
    """One of the told decoder."""
    return gesture(level=level, pitch=pitch, model="told", latents=2, **more)


def instrument(of=None, decoder=None, **values):
    made = Instrument(Engine(RATE, 1), decoder or telling_decoder())
    for name, value in {"env__attack": 0.0, "env__release": 2.0, **values}.items():
        made.set(name.replace("__", "/"), value)
    if of is not None:
        made.use_gesture(of)
        made.set_latents(of.anchor.tolist(), glide_s=0.0)
    return made


def heard(made, seconds):
    if made.engine.clock == 0:
        made.engine.render(32)  # for the note to begin
    times, values = told_over(made.engine, int(seconds * RATE))
    return times / RATE, values


def test_a_note_goes_the_way_of_the_recording():
    of = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(of)
    made.note_on("a", 60, 100)
    times, values = heard(made, 0.8)
    assert values == pytest.approx(of.at(times).latents, abs=0.03)


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_it_goes_at_the_speed_that_is_set(speed):
    of = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(of, gesture__speed=speed)
    made.note_on("a", 60, 100)
    times, values = heard(made, 0.4)
    assert values == pytest.approx(of.at(times * speed).latents, abs=0.05)


def test_high_notes_go_faster_when_they_are_to():
    of = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(of, gesture__key=1.0)
    made.note_on("a", 72, 100)
    times, values = heard(made, 0.4)
    assert values == pytest.approx(of.at(times * 2.0).latents, abs=0.05)


def test_depth_gives_a_part_of_the_way_around_where_the_latents_stand():
    of = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(of, gesture__depth=0.25)
    made.set_latents([0.5, 0.5, 0.5], glide_s=0.0)
    made.note_on("a", 60, 100)
    times, values = heard(made, 0.8)
    assert values == pytest.approx(0.5 + 0.25 * (of.at(times).latents - of.anchor), abs=0.02)
    still = instrument(of, gesture__depth=0.0)
    still.note_on("a", 60, 100)
    assert len(heard(still, 0.5)[0]) == 0


def test_it_goes_round_its_loop_as_the_reference_says():
    of = gesture()
    made = instrument(of)
    made.note_on("a", 60, 100)
    times, values = heard(made, 2.0)
    assert values == pytest.approx(of.loop_at(times).latents, abs=0.06)


def test_it_holds_until_it_is_let_go_and_then_goes_on():
    of = gesture()
    made = instrument(of, gesture__loop="hold")
    made.note_on("a", 60, 100)
    times, values = heard(made, 1.0)
    assert values == pytest.approx(of.at(np.minimum(times, 0.5)).latents, abs=0.03)
    made.note_off("a")
    times, values = heard(made, 0.4)
    assert values == pytest.approx(of.at(0.5 + times - 1.0).latents, abs=0.05)


def test_it_ends_on_its_last_frame():
    of = gesture(seconds=0.5, loop=(0.2, 0.4))
    made = instrument(of, gesture__loop="once")
    made.note_on("a", 60, 100)
    assert heard(made, 1.0)[1][-1] == pytest.approx(of.latents[-1], abs=0.01)


def test_it_begins_where_it_is_told_to():
    of = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(of, gesture__start=0.3)
    made.note_on("a", 60, 100)
    times, values = heard(made, 0.4)
    assert values == pytest.approx(of.at(times + 0.3).latents, abs=0.03)


def test_the_level_follows_the_recording():
    falls = gesture(level=lambda t: 10 ** (-30 * t / 20), loop=(0.9, 0.95), crossfade=0.0)
    signals = {}
    for share in (0.0, 0.5, 1.0):
        made = instrument(falls, gesture__level=share, gesture__depth=0.0)
        made.note_on("a", 60, 100)
        signals[share] = made.engine.render(RATE)[:, 0]
    for share, signal in signals.items():
        late, early = level_db(signal[30000:32000]), level_db(signal[8000:10000])
        assert late - early == pytest.approx(-30 * share * 22000 / RATE, abs=0.3)
    whole, half = signals[0.0], signals[1.0]
    factors = np.interp(np.arange(4096, 30000) / RATE, np.arange(len(falls.level)) / FRAMES_HZ, falls.level)
    assert half[4096:30000] == pytest.approx(factors * whole[4096:30000], abs=2e-3)


def test_the_pitch_follows_the_recording():
    up = swaying(None, lambda t: 2.0 * np.minimum(t / 0.2, 1.0), loop=(0.4, 0.9), crossfade=0.05)
    for share in (0.0, 0.5, 1.0):
        made = instrument(up, told_decoder(), gesture__pitch=share)
        made.note_on("a", 60, 100)
        signal = made.engine.render(RATE)[RATE // 2 :, 0]
        assert abs(cents(frequency_of(signal, note_to_hz(60 + 2 * share)), note_to_hz(60 + 2 * share))) < 1


def test_a_gesture_of_another_model_moves_no_latent_but_level_and_pitch():
    of = gesture(level=lambda t: 10 ** (-30 * t / 20), model="another")
    made = instrument(of)
    made.note_on("a", 60, 100)
    signal = made.engine.render(RATE // 2)[:, 0]
    assert len(heard(made, 0.3)[0]) == 0
    assert level_db(signal[18000:20000]) < level_db(signal[6000:8000]) - 6


def test_notes_that_sound_go_on_in_theirs_while_others_begin_in_another():
    rises = gesture(loop=(0.9, 0.95), crossfade=0.0)
    made = instrument(rises)
    made.note_on("a", 60, 100)
    made.engine.render(RATE // 5)
    made.use_gesture(None)
    made.note_on("b", 64, 100)
    first_times, first = told_over(made.engine, RATE // 5, voice=1)
    assert first == pytest.approx(rises.at(first_times / RATE).latents, abs=0.03)
    assert len(told_over(made.engine, RATE // 5, voice=2)[0]) == 0


def test_the_drone_goes_over_to_another_gesture_without_a_click():
    made = instrument(gesture(model="told", latents=2), told_decoder())
    made.set("gate", True)
    before = made.engine.render(RATE)[RATE // 2 :, 0]
    made.use_gesture(gesture(level=lambda t: 0.2 + 0 * t, model="told", latents=2))
    after = made.engine.render(RATE)[:, 0]
    assert level_db(after[RATE // 2 :]) == pytest.approx(level_db(before) - 13.98, abs=0.3)
    assert sharpest(after) < 1.2 * sharpest(before)


@pytest.mark.parametrize(
    ("name", "value"),
    [("gesture/speed", 3.0), ("gesture/depth", 0.2), ("gesture/loop", "hold"), ("gesture/pitch", 0.0)],
)
def test_what_is_changed_while_a_note_sounds_does_not_click(name, value):
    sways = swaying(lambda t: 0.7 + 0.3 * np.sin(9 * t), lambda t: 0.3 * np.sin(30 * t))
    made = instrument(sways, told_decoder())
    made.note_on("a", 60, 100)
    before = made.engine.render(RATE)[RATE // 4 :, 0]
    made.set(name, value)
    assert sharpest(made.engine.render(RATE)[:, 0]) < 1.3 * sharpest(before)


def test_a_loop_does_not_click():
    level = lambda t: 0.3 + 0.7 * t  # noqa: E731  (a jump at the loop's end, without the crossfade)
    made = instrument(gesture(level=level, model="told", latents=2), told_decoder())
    made.note_on("a", 60, 100)
    signal = made.engine.render(3 * RATE)[RATE // 4 :, 0]
    flat = instrument(None, told_decoder())
    flat.note_on("a", 60, 100)
    assert sharpest(signal) < 1.1 * sharpest(flat.engine.render(RATE)[RATE // 4 :, 0])


def test_more_gestures_than_there_is_room_for_are_refused_while_their_notes_sound():
    made = instrument()
    for key in range(GESTURES):
        made.use_gesture(gesture())
        made.note_on(key, 60 + key, 100)
        made.engine.render(4096)
    with pytest.raises(EngineBusy, match="no room for gesture 'way'"):
        made.use_gesture(gesture())
    made.note_off(0)
    made.set("env/release", 0.01)
    made.engine.render(3 * RATE)
    made.use_gesture(gesture())


def test_the_sound_is_the_same_in_blocks_of_any_length():
    sways = swaying(lambda t: 0.7 + 0.3 * np.sin(9 * t), lambda t: 0.3 * np.sin(30 * t))

    def one(blocksize):
        made = instrument(sways, told_decoder(), env__release=0.1)
        made.note_on("a", 60, 80, 100)
        made.note_on("b", 67, 80, 3333)
        made.set("gesture/speed", 2.5, 6000)
        made.note_off("a", 9000)
        made.set("gate", True, 10000)
        return made.engine.render(30000, blocksize)

    reference = one(1)
    assert reference.any()
    assert all(np.array_equal(one(blocksize), reference) for blocksize in (7, 16))
