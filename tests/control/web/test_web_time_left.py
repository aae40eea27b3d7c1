"""How long learning will still take."""

import pytest

from manned.control.web.workshop.time_left import LISTENING, LOADING, MEASURING, TRAINING, TimeLeft


def run(slowness, steps=1000):
    """Part and time left, told and true, all through a run on a machine that is so many times slower than at ease."""
    now = [0.0]
    left = TimeLeft(steps, lambda: now[0])
    stages = [("starting", 3.0), (LISTENING, 2.0), (LOADING, 6.0), (TRAINING, steps * 0.012), (MEASURING, 2.0)]
    whole = sum(seconds for _, seconds in stages) * slowness
    told = []
    for stage, seconds in stages:
        for tenth in range(10):
            left.at(stage, tenth / 10 if stage in (LISTENING, TRAINING) else 0.0)
            found = left.progress()
            told.append((now[0], found.part, found.left_s, whole - now[0]))
            now[0] += seconds * slowness / 10
    return told


@pytest.mark.parametrize("slowness", [0.5, 1.0, 6.0])
def test_it_is_near_once_the_machine_is_known(slowness):
    told = run(slowness)
    assert all(0.0 <= part <= 1.0 and left >= 0.0 for _, part, left, _ in told)
    for at, _, left, true in told[31:]:  # from the first training steps on
        assert left == pytest.approx(true, abs=0.3 * (at + true))
    assert told[-1][1] > 0.9


def test_before_anything_is_known_it_says_what_it_takes_at_ease():
    assert run(4.0)[0][2] == pytest.approx(25.0)
