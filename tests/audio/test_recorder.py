import os
import resource
import subprocess
import sys
import time
import wave
from pathlib import Path

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
from manned.stream_callback import Callback

ROOT = Path(__file__).parents[2]


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


def in_whole_numbers(played):
    """What a 32-bit file holds of a sound."""
    return np.rint(played.astype(np.float64) * 2.0**31)


def read_with_wave(path):
    """Frames of a file as Python's own module reads it: int32 [shape=(frames, channels)]."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (44100, 4)
        return np.frombuffer(file.readframes(file.getnframes()), "<i4").reshape(-1, file.getnchannels())


def frames_by_sox(path):
    return int(subprocess.run(["soxi", "-s", path], capture_output=True, text=True, check=True).stdout)


def test_a_float_file_holds_exactly_what_was_played(drone, tmp_path):
    taken, played = record(drone, tmp_path / "take.w64")
    heard, samplerate = soundfile.read(tmp_path / "take.w64", dtype="float32")
    assert samplerate == 44100
    assert np.abs(played).max() > 0.01
    np.testing.assert_array_equal(heard, played)
    assert (taken.frames, taken.lost) == (22_050, 0)


def test_a_wav_holds_what_was_played_in_whole_numbers_of_32_bits(drone, tmp_path):
    taken, played = record(drone, tmp_path / "take.wav")
    np.testing.assert_array_equal(read_with_wave(taken.path), in_whole_numbers(played))
    heard, samplerate = soundfile.read(taken.path, dtype="float32")
    assert samplerate == 44100
    loud = np.abs(played) >= 2.0**-8
    assert loud.any()
    np.testing.assert_array_equal(heard[loud], played[loud])
    np.testing.assert_allclose(heard, played, rtol=0, atol=2.0**-32)
    assert frames_by_sox(taken.path) == taken.frames == 22_050


@pytest.mark.parametrize(("suffix", "form"), [(".flac", "FLAC"), (".ogg", "OGG"), (".w64", "W64"), (".WAV", "WAV")])
def test_the_suffix_chooses_the_format(drone, tmp_path, suffix, form):
    path = tmp_path / f"take{suffix}"
    _, played = record(drone, path)
    assert soundfile.info(path).format == form
    heard, _ = soundfile.read(path, dtype="float32")
    assert np.sqrt(np.mean((heard - played) ** 2)) < 0.1 * np.sqrt(np.mean(played**2))


@pytest.mark.parametrize("suffix", [b".wav", b".flac"])
def test_a_name_that_is_no_utf8_is_taken(drone, tmp_path, suffix):
    name = os.path.join(os.fsencode(tmp_path), b"\xfb" + suffix)
    record(drone, Path(os.fsdecode(name)))
    assert soundfile.info(name).frames == 22_050


def test_a_file_that_exists_is_never_overwritten(drone, tmp_path):
    (tmp_path / "take.wav").write_text("dear to somebody")
    taken, _ = record(drone, tmp_path / "take.wav")
    assert taken.path == tmp_path / "take-2.wav"
    assert soundfile.info(taken.path).frames == 22_050
    assert (tmp_path / "take.wav").read_text() == "dear to somebody"


def wait_for(condition, timeout_s=20.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited for in vain"
        time.sleep(0.02)


def test_a_wav_can_be_read_up_to_its_last_block_while_it_is_written(drone, tmp_path):
    taken = Recorder(drone.engine, tmp_path / "take.wav")
    assert len(read_with_wave(taken.path)) == 0
    taken.start()
    played = [drone.engine.render(4_410)]
    wait_for(lambda: taken.frames == 4_410)
    np.testing.assert_array_equal(read_with_wave(taken.path), in_whole_numbers(played[0]))
    played.append(drone.engine.render(441))
    wait_for(lambda: taken.frames == 4_851)
    np.testing.assert_array_equal(read_with_wave(taken.path), in_whole_numbers(np.concatenate(played)))
    assert frames_by_sox(taken.path) == soundfile.info(taken.path).frames == 4_851
    taken.stop()


KILLED = """
import sys, time
import numpy as np
from manned.audio.recorder import Recorder
class Tape:
    samplerate, channels, tap_lost, read = 44100.0, 2, 0, 0
    def tap_start(self): self.began = time.monotonic()
    def tap_stop(self): pass
    def tap_read(self):
        due = int((time.monotonic() - self.began) * 44100)
        block = np.arange(self.read, due, dtype=np.float32)[:, None].repeat(2, 1) / 2**24
        self.read = due
        return block
taken = Recorder(Tape(), sys.argv[1])
taken.start()
while True:
    print(taken.frames, flush=True)
    time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """By suffix, recordings of processes that were killed after three seconds, and the frames that these had told."""
    running = {}
    for suffix in (".wav", ".w64", ".flac", ".ogg"):
        path = tmp_path_factory.mktemp("killed") / f"take{suffix}"
        command = [sys.executable, "-c", KILLED, path]
        running[suffix] = path, subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    told = {}
    for suffix, (path, process) in running.items():
        with process:
            written = next(frames for frames in map(int, process.stdout) if frames > 3 * 44_100)
            process.kill()
            written = max([written, *map(int, process.stdout.read().splitlines()[:-1])])  # the last may be cut
        told[suffix] = path, written
    return told


@pytest.mark.parametrize("suffix", [".wav", ".w64", ".flac", ".ogg"])
def test_a_recording_of_a_process_that_was_killed_can_be_read_to_its_last_second(killed, suffix):
    path, written = killed[suffix]
    heard, samplerate = soundfile.read(path)
    assert samplerate == 44_100 and len(heard) > written - 1.5 * 44_100
    assert suffix == ".w64" or frames_by_sox(path) == len(heard)
    if suffix == ".wav":
        assert len(heard) >= written
        assert len(read_with_wave(path)) == len(heard)
        np.testing.assert_array_equal(heard[:, 0] * 2**24, np.arange(len(heard)))


@pytest.mark.parametrize("channels", [1, 2, 64])
def test_a_wav_that_is_full_goes_on_in_a_next_file(tmp_path, caplog, channels):
    instrument = Instrument(Engine(44100, channels), small_decoder())
    instrument.set("gate", True)
    (tmp_path / "take-2.wav").write_text("dear to somebody")
    taken = Recorder(instrument.engine, tmp_path / "take.wav", most_bytes=44 + 4 * channels * 10_000 + 3)
    taken.start()
    played = instrument.engine.render(25_000)
    taken.stop()
    files = [tmp_path / name for name in ("take.wav", "take-3.wav", "take-4.wav")]
    heard = [read_with_wave(path) for path in files]
    assert [len(part) for part in heard] == [10_000, 10_000, 5_000]
    np.testing.assert_array_equal(np.concatenate(heard), in_whole_numbers(played))
    assert (taken.path, taken.frames, taken.problem) == (files[-1], 25_000, "")
    assert taken.status() == {
        "recording": str(files[-1]),
        "recording_files": 3,
        "recording_failed": False,
        "recording_lost_frames": 0,
    }
    going_on = [record.getMessage() for record in caplog.records if "going on in" in record.getMessage()]
    assert going_on == [
        f"recording {files[i]}: it is as large as its format allows, going on in {files[i + 1]}" for i in range(2)
    ]


def test_a_wav_ends_at_the_size_that_its_header_can_count():
    most_frames = (recorder.MOST_BYTES - 44) // 8
    assert 36 + 8 * most_frames < 2**32 <= 44 + 8 * (most_frames + 1)


def test_frames_that_are_fetched_too_late_are_counted_and_said(drone, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(recorder, "PERIOD_S", 600.0)
    taken, played = record(drone, tmp_path / "take.wav", frames=12 * 44_100)
    assert taken.lost > 0
    assert taken.frames + taken.lost == len(played)
    assert f"{taken.lost} frames lost" in caplog.text


@pytest.mark.parametrize("suffix", [".wav", ".w64", ".flac", ".ogg"])
def test_a_recording_that_cannot_go_on_is_closed_told_and_whole(drone, tmp_path, caplog, suffix):
    taken = Recorder(drone.engine, tmp_path / f"take{suffix}")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, unlimited[1]))
    try:
        taken.start()
        for _ in range(100 if suffix == ".ogg" else 10):
            drone.engine.render(44_100)
            time.sleep(0.1)
            if taken.problem:
                break
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    taken.stop()
    assert taken.problem.startswith("stopped after ")
    assert taken.status()["recording_failed"] is True
    assert taken.status()["recording_problem"] == taken.problem
    assert f"recording {taken.path}: {taken.problem}" in caplog.text
    opened = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert str(taken.path.resolve()) not in opened
    if suffix == ".wav":
        assert len(read_with_wave(taken.path)) == (2**18 - 44) // 8
        assert os.path.getsize(taken.path) <= 2**18


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
    clock = SilentClock(Callback(engine.callback_address, engine.userdata_address), samplerate, engine.channels)
    taken = Recorder(engine, tmp_path / "take.wav")
    taken.start()
    clock.start()
    time.sleep(0.5)
    clock.close()
    engine.stop()
    taken.stop()
    heard, rate = soundfile.read(taken.path, dtype="float32")
    assert rate == samplerate and taken.lost == 0
    assert heard.shape == (engine.clock, 2)
    assert np.abs(heard[:, 0]).max() > 0.01 and np.abs(heard[:, 0] - heard[:, 1]).max() > 0.01
