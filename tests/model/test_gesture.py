"""How a gesture is replayed: once, in its loop, or waiting, as the reference has it."""

from dataclasses import replace

import numpy as np
import pytest
from some_gesture import some_gesture

GESTURE = some_gesture()
BEGIN, END = GESTURE.loop


def alike(one, other, tolerance=1e-12):
    for here, there in zip(one, other):
        np.testing.assert_allclose(here, there, atol=tolerance)


def test_frames_are_themselves_and_straight_lines_lie_between():
    places = np.arange(200) / GESTURE.rate_hz
    alike(GESTURE.at(places), (GESTURE.latents, GESTURE.level, GESTURE.pitch))
    between = GESTURE.at(3.25 / GESTURE.rate_hz)
    np.testing.assert_allclose(between.latents, 0.75 * GESTURE.latents[3] + 0.25 * GESTURE.latents[4])
    assert between.level == pytest.approx(0.75 * GESTURE.level[3] + 0.25 * GESTURE.level[4])


def test_once_it_stays_on_its_last_frame():
    assert GESTURE.seconds == pytest.approx(199 / GESTURE.rate_hz)
    alike(GESTURE.at(GESTURE.seconds + 5.0), (GESTURE.latents[-1], GESTURE.level[-1], GESTURE.pitch[-1]))
    alike(GESTURE.at(-1.0), (GESTURE.latents[0], GESTURE.level[0], GESTURE.pitch[0]))


def test_in_its_loop_it_repeats_and_nothing_jumps():
    before = np.linspace(0.0, END - GESTURE.crossfade_s, 50)
    alike(GESTURE.loop_at(before), GESTURE.at(before))
    round_ = np.linspace(BEGIN, END, 50, endpoint=False)
    alike(GESTURE.loop_at(round_), GESTURE.loop_at(round_ + 3 * (END - BEGIN)), 1e-9)
    alike(GESTURE.loop_at(END - 1e-9), GESTURE.at(BEGIN), 1e-6)
    played = np.arange(0.0, 4.0, 1e-4)
    fastest = np.abs(np.diff(GESTURE.latents, axis=0)).max() * GESTURE.rate_hz * 1e-4
    weight = 1e-4 / GESTURE.crossfade_s
    assert np.abs(np.diff(GESTURE.loop_at(played).latents, axis=0)).max() < fastest + weight


def test_half_way_through_the_crossfade_it_is_the_mean_of_both_ends():
    place = END - 0.5 * GESTURE.crossfade_s
    ends = GESTURE.at(place), GESTURE.at(place - (END - BEGIN))
    alike(GESTURE.loop_at(place), [0.5 * (one + other) for one, other in zip(*ends)], 1e-9)


def test_a_loop_without_a_crossfade_goes_straight_back():
    plain = replace(GESTURE, crossfade_s=0.0)
    alike(plain.loop_at(END - 1e-6), plain.at(END - 1e-6))
    alike(plain.loop_at(END), plain.at(BEGIN))


def test_held_it_waits_and_goes_on_when_it_is_released():
    alike(GESTURE.hold_at(0.3), GESTURE.at(0.3))
    alike(GESTURE.hold_at(7.0), GESTURE.at(GESTURE.hold))
    alike(GESTURE.hold_at([2.0, 2.25], released_s=2.0), GESTURE.at([GESTURE.hold, GESTURE.hold + 0.25]))
    alike(GESTURE.hold_at([0.2, 0.8], released_s=0.1), GESTURE.at([0.2, 0.8]))


def test_the_anchor_is_the_mean_of_its_loud_frames_by_their_level():
    still = replace(GESTURE, latents=np.full_like(GESTURE.latents, 0.25))
    np.testing.assert_allclose(still.anchor, 0.25)
    latents = np.zeros_like(GESTURE.latents)
    latents[GESTURE.level < 0.09] = 1.0
    np.testing.assert_allclose(replace(GESTURE, latents=latents).anchor, 0.0)
    loud = GESTURE.level >= 0.1
    np.testing.assert_allclose(
        GESTURE.anchor, np.average(GESTURE.latents[loud], axis=0, weights=GESTURE.level[loud]), rtol=1e-5
    )
