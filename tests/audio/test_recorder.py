import os
import resource
import time

import numpy as np
import pytest
import soundfile
from small_decoder import small_decoder

from manned.audio import recorder
from manned.audio.recorder import Recorder
from manned.audio.silent import SilentClock
from manned.engine import Engine
from manned.errors import AudioError
from manned.instrument import Instrument


@pytest.fixture
def drone():
    """An instrument whose drone sounds."""
    instrument = Instrument(Engine(44100, 2), small_decoder())
    instrument.set("gate", True)
    return instrument


def record(instrument, path, frames=22_050):
    """Render while a recorder runs; the recorder and what was rendered."""
    taken = Recorder(instrument.engine, path)
    taken.start()
    played = instrument.engine.render(frames)
    taken.stop()
    return taken, played


def test_a_wav_holds_exactly_what_was_played(drone, tmp_path):
    taken, played = record(drone, tmp_path / "take.wav")
    heard, samplerate = soundfile.read(tmp_path / "take.wav", dtype="float32")
    assert samplerate == 44100
    assert np.abs(played).max() > 0.01
    np.testing.assert_array_equal(heard, played)
    assert (taken.frames, taken.lost) == (22_050, 0)


@pytest.mark.parametrize(("suffix", "form"), [(".flac", "FLAC"), (".ogg", "OGG"), (".w64", "W64"), (".WAV", "WAV")])
def test_the_suffix_chooses_the_format(drone, tmp_path, suffix, form):
    path = tmp_path / f"take{suffix}"
    _, played = record(drone, path)
    assert soundfile.info(path).format == form
    heard, _ = soundfile.read(path, dtype="float32")
    assert np.sqrt(np.mean((heard - played) ** 2)) < 0.1 * np.sqrt(np.mean(played**2))


def test_a_file_that_exists_is_never_overwritten(drone, tmp_path):
    (tmp_path / "take.wav").write_text("dear to somebody")
    taken, _ = record(drone, tmp_path / "take.wav")
    assert taken.path == tmp_path / "take-2.wav"
    assert soundfile.info(taken.path).frames == 22_050
    assert (tmp_path / "take.wav").read_text() == "dear to somebody"


def test_what_was_played_is_in_the_file_before_it_is_closed(drone, tmp_path):
    taken = Recorder(drone.engine, tmp_path / "take.wav")
    taken.start()
    drone.engine.render(4_410)
    for _ in range(100):
        if soundfile.info(taken.path).frames == 4_410:
            break
        time.sleep(0.05)
    assert soundfile.info(taken.path).frames == 4_410
    taken.stop()


def test_frames_that_are_fetched_too_late_are_counted_and_said(drone, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(recorder, "PERIOD_S", 600.0)
    taken, played = record(drone, tmp_path / "take.wav", frames=12 * 44_100)
    assert taken.lost > 0
    assert taken.frames + taken.lost == len(played)
    assert f"{taken.lost} frames lost" in caplog.text


def test_a_recording_that_cannot_go_on_is_closed_and_told(drone, tmp_path, caplog):
    path = tmp_path / "take.wav"
    taken = Recorder(drone.engine, path)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, unlimited[1]))
    try:
        taken.start()
        drone.engine.render(4 * 44_100)
        taken.stop()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert taken.failed
    assert "stopped after" in caplog.text
    opened = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert str(path.resolve()) not in opened


@pytest.mark.parametrize("name", ["take.aiff", "take"])
def test_an_unknown_suffix_is_refused(drone, tmp_path, name):
    with pytest.raises(AudioError, match=r"allowed are \.wav, \.w64, \.flac, \.ogg"):
        Recorder(drone.engine, tmp_path / name)


def test_a_folder_that_is_not_there_is_refused(drone, tmp_path):
    with pytest.raises(AudioError, match=f"cannot be written .no such folder as {tmp_path / 'nowhere'}"):
        Recorder(drone.engine, tmp_path / "nowhere" / "take.wav")


@pytest.mark.parametrize("samplerate", [88_200, 96_000])
def test_a_fast_clock_is_played_to_and_recorded_in_stereo(tmp_path, samplerate):
    instrument = Instrument(Engine(samplerate, 2), small_decoder())
    instrument.set("spread", 1.0)
    for note in (50, 57, 62):
        instrument.note_on(note, note, 100)
    engine = instrument.engine
    engine.start()
    clock = SilentClock(engine.callback_address, engine.userdata_address, samplerate, engine.channels)
    taken = Recorder(engine, tmp_path / "take.wav")
    taken.start()
    clock.start()
    time.sleep(0.5)
    clock.stop()
    engine.stop()
    taken.stop()
    heard, rate = soundfile.read(taken.path, dtype="float32")
    assert rate == samplerate and taken.lost == 0
    assert heard.shape == (engine.clock, 2)
    assert np.abs(heard[:, 0]).max() > 0.01 and np.abs(heard[:, 0] - heard[:, 1]).max() > 0.01
