"""Recordings that controllers begin and end: in one folder, one at a time, and never over another."""

import numpy as np
import pytest
import soundfile

from manned.audio import recordings as module
from manned.audio.recordings import Recordings
from manned.audio.shared_tap import SharedTap
from manned.errors import AudioError


class Tape:
    """A tap that has a hundred new frames each time."""

    samplerate, channels, tap_lost = 44100.0, 2, 0

    def tap_start(self):
        pass

    def tap_stop(self):
        pass

    def tap_read(self):
        return np.full((100, 2), 0.25, np.float32)


@pytest.fixture
def recordings(tmp_path):
    recordings = Recordings(SharedTap(Tape()), tmp_path / "recordings")
    yield recordings
    recordings.end()


def test_one_is_begun_and_ended_and_another_after_it(recordings, tmp_path):
    assert recordings.state == (False, "")
    assert recordings.begin("take") == "take.wav"
    assert recordings.state == (True, "take.wav")
    assert recordings.begin() == "take.wav"  # it goes on
    assert recordings.end() == "take.wav"
    assert recordings.state == (False, "")
    assert recordings.end() == ""
    assert recordings.begin("take") == "take-2.wav"
    assert recordings.end() == "take-2.wav"
    assert recordings.begin("take.FLAC") == "take.flac"
    recordings.end()
    for name in ("take.wav", "take-2.wav", "take.flac"):
        heard, samplerate = soundfile.read(tmp_path / "recordings" / name)
        assert samplerate == 44100 and len(heard) >= 100 and (heard == 0.25).all()


def test_without_a_name_it_is_called_by_date_and_time(recordings):
    assert len(recordings.begin()) == len("2026-11-26 14-03-22.wav")


def test_one_that_goes_on_is_not_given_up_for_another_name(recordings):
    recordings.begin("one")
    with pytest.raises(AudioError, match="it goes to one.wav already, /record 0 ends that"):
        recordings.begin("two")
    assert recordings.state == (True, "one.wav")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", ".x", "x.mp3", "..", "x" * 49, ".wav", "a\nb", "CON:1"])
def test_a_name_leads_nowhere_else(recordings, tmp_path, name):
    with pytest.raises(AudioError, match="no name, allowed are 1–48 letters, digits, spaces, - and _, then .wav"):
        recordings.begin(name)
    assert not (tmp_path / "recordings").exists()
    assert recordings.state == (False, "")


def test_there_are_only_so_many(recordings, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 2)
    for _ in range(2):
        recordings.begin("take")
        recordings.end()
    with pytest.raises(AudioError, match="there are 2 files already"):
        recordings.begin("take")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="cannot be made"):
        Recordings(SharedTap(Tape()), tmp_path / "file" / "recordings").begin()
