"""Several readers of what is played."""

import numpy as np

from manned.audio import shared_tap
from manned.audio.shared_tap import SharedTap


class Player:
    """What an engine's tap does, with numbers for samples."""

    samplerate = 44100.0
    channels = 2

    def __init__(self):
        self.on = False
        self.tap_lost = 0
        self._played = 0
        self._kept = 0

    def play(self, frames):
        self._played += frames
        self._kept += frames if self.on else 0

    def tap_start(self):
        self.on, self._kept = True, 0

    def tap_read(self):
        frames = np.arange(self._played - self._kept, self._played, dtype=np.float32)
        self._kept = 0
        return np.stack([frames, frames], axis=1)

    def tap_stop(self):
        self.on = False


def test_each_reader_reads_everything_from_its_start_on():
    player = Player()
    tap = SharedTap(player)
    first, second = tap.reader(), tap.reader()
    first.tap_start()
    player.play(10)
    second.tap_start()
    player.play(10)
    assert first.tap_read()[:, 0].tolist() == list(range(20))
    player.play(5)
    assert second.tap_read()[:, 0].tolist() == list(range(10, 25))
    assert first.tap_read()[:, 0].tolist() == list(range(20, 25))
    assert len(first.tap_read()) == 0


def test_the_tap_runs_while_anybody_reads_it():
    player = Player()
    tap = SharedTap(player)
    first, second = tap.reader(), tap.reader()
    first.tap_start()
    second.tap_start()
    first.tap_stop()
    assert player.on
    second.tap_stop()
    assert not player.on


def test_a_reader_that_is_too_slow_loses_frames_and_the_others_do_not(monkeypatch):
    monkeypatch.setattr(shared_tap, "MOST", 100)
    player = Player()
    player.tap_lost = 7  # before
    tap = SharedTap(player)
    quick, slow = tap.reader(), tap.reader()
    quick.tap_start()
    slow.tap_start()
    for _ in range(3):
        player.play(40)
        assert len(quick.tap_read()) == 40
    assert (quick.tap_lost, slow.tap_lost) == (0, 40)
    assert slow.tap_read()[:, 0].tolist() == list(range(80))
