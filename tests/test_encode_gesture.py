"""A recording made a gesture: its level in time, its pitch, its loop, and the commands that keep and list it."""

import numpy as np
import pytest
import soundfile
from running import command
from small_harmonic_decoder import small_harmonic_decoder_file, small_harmonic_model
from tones import SAMPLERATE, tone

from manned.encode.gesture import make_gesture, require_short
from manned.encode.loop import find_loop
from manned.encode.recording import encode
from manned.errors import GestureError
from manned.model.gesture import RATE_HZ
from manned.model.gesture_file import MAX_FRAMES, read_gesture
from manned.model.pitch import note_to_hz


@pytest.fixture(scope="module")
def model():
    decoder, encoder = small_harmonic_model("pitched")
    return encoder, decoder


def made(model, folder, signal, note=None, **points):
    path = folder / "a.wav"
    soundfile.write(path, signal, SAMPLERATE, "FLOAT")
    return make_gesture(path, encode(path, *model, note), "a", "pitched", **points)


def silence(seconds):
    return np.zeros(round(seconds * SAMPLERATE))


def struck(note, seconds, fall_db_s, gain=1.0, attack_s=0.004):
    """A tone with a short attack that falls evenly."""
    time_s = np.arange(round(seconds * SAMPLERATE)) / SAMPLERATE
    envelope = np.minimum(time_s / attack_s, 1.0) * 10.0 ** (-fall_db_s * time_s / 20.0)
    return gain * envelope * tone(note, seconds)


def vibrato(note, seconds, depth, rate=5.0, scoop=0.0):
    time_s = np.arange(round(seconds * SAMPLERATE)) / SAMPLERATE
    semitones = depth * np.sin(2.0 * np.pi * rate * time_s) - scoop * np.exp(-time_s / 0.1)
    phase = 2.0 * np.pi * np.cumsum(note_to_hz(note) * 2.0 ** (semitones / 12.0)) / SAMPLERATE
    fades = np.interp(time_s, (0.0, 0.05, seconds - 0.1, seconds), (0.0, 1.0, 1.0, 0.0))
    return fades * sum(0.1 / number * np.sin(number * phase) for number in range(1, 9))


@pytest.mark.parametrize("note", [36, 60, 84])
@pytest.mark.parametrize("gain", [1.0, 0.02], ids=["loud", "soft"])
def test_a_struck_note_falls_as_its_source_down_to_its_end(model, tmp_path, note, gain):
    found = made(model, tmp_path, np.concatenate([silence(0.3), struck(note, 3.0, 30.0, gain)]), note)
    gesture = found.gesture
    assert found.begins_s == pytest.approx(0.3, abs=0.012 if note > 40 else 0.025)
    assert gesture.level.max() == 1.0 and gesture.level[-1] == 0.0
    assert gesture.seconds == pytest.approx(70.0 / 30.0, abs=0.1)
    after_s = np.arange(0.05, 2.0, 0.01)
    level_db = 20.0 * np.log10(gesture.at(0.3 - found.begins_s + after_s).level)
    assert np.abs(np.diff(level_db) + 0.3).max() < 0.15
    assert level_db[0] - level_db[-1] == pytest.approx(30.0 * np.ptp(after_s), abs=0.5)
    assert not found.sustains


def test_an_attack_is_as_quick_or_as_slow_as_it_was(model, tmp_path):
    for attack_s in (0.002, 0.02, 0.1, 0.5):
        gesture = made(model, tmp_path, struck(60, 2.0, 3.0, attack_s=attack_s)).gesture
        times_s = np.arange(0.0, 1.0, 0.001)
        level = gesture.at(times_s).level
        found_s = times_s[np.argmax(level >= 0.9)] - times_s[np.argmax(level >= 0.1)]
        assert found_s == pytest.approx(0.8 * attack_s, rel=0.2, abs=0.01)


def test_noise_before_a_note_is_left_out(model, tmp_path):
    noise = 0.5 * 10.0 ** (-50.0 / 20.0) * np.random.default_rng(0).standard_normal(3 * SAMPLERATE)
    found = made(model, tmp_path, noise + np.concatenate([silence(1.0), tone(60, 1.0), silence(1.0)]))
    assert found.begins_s == pytest.approx(1.0, abs=0.04)


def test_an_offset_is_no_sound(model, tmp_path):
    found = made(model, tmp_path, 0.1 + np.concatenate([silence(0.5), struck(60, 2.0, 40.0)]))
    assert found.begins_s == pytest.approx(0.5, abs=0.015)


def test_a_sound_that_is_cut_off_ends_in_zero_all_the_same(model, tmp_path):
    gesture = made(model, tmp_path, tone(60, 1.0)).gesture
    assert gesture.level[-1] == 0.0
    assert np.all(gesture.level[2:-6] > 0.95) and gesture.seconds == pytest.approx(1.0, abs=0.015)


def test_vibrato_and_scoop_stay_and_the_note_is_the_middle(model, tmp_path):
    gesture = made(model, tmp_path, vibrato(60.3, 2.0, 0.5, scoop=2.0)).gesture
    assert gesture.note == pytest.approx(60.3, abs=0.08)
    pitch = gesture.at(np.arange(0.5, 1.8, 0.005)).pitch
    assert np.quantile(pitch, 0.98) == pytest.approx(0.5, abs=0.12)
    assert np.quantile(pitch, 0.02) == pytest.approx(-0.5, abs=0.12)
    assert gesture.at(0.08).pitch < -0.6


def test_a_moment_of_another_pitch_is_a_mistake_of_the_ear(model, tmp_path):
    wrong = np.concatenate([tone(60, 0.5), tone(72, 0.07), tone(60, 0.5)])
    assert np.abs(made(model, tmp_path, wrong).gesture.pitch).max() < 0.3
    right = np.concatenate([tone(60, 0.7), tone(67, 0.5)])
    assert made(model, tmp_path, right).gesture.pitch.max() == pytest.approx(7.0, abs=0.1)


def test_a_loop_holds_whole_periods_of_the_vibrato(model, tmp_path):
    for rate in (4.3, 5.7):
        found = made(model, tmp_path, vibrato(60, 3.0, 0.5, rate))
        begin, end = found.gesture.loop
        periods = (end - begin) * rate
        assert found.sustains and periods >= 2.0 and abs(periods - round(periods)) < 0.06
        ends = found.gesture.at(begin), found.gesture.at(end)
        assert ends[0].pitch == pytest.approx(ends[1].pitch, abs=0.05)
        assert 20.0 * np.log10(ends[0].level / ends[1].level) == pytest.approx(0.0, abs=0.5)
        assert found.gesture.crossfade_s == pytest.approx(0.25, abs=0.006)
        assert begin <= found.gesture.hold <= end and abs(found.gesture.at(found.gesture.hold).pitch) < 0.15


def test_a_note_that_fades_repeats_late_where_it_falls_least(model, tmp_path):
    """It falls by 40 dB a second, then by 2."""
    time_s = np.arange(3 * SAMPLERATE) / SAMPLERATE
    fall = np.interp(time_s, (0.0, 0.5, 1.5, 3.0), (0.0, -20.0, -22.0, -90.0))
    found = made(model, tmp_path, 10.0 ** (fall / 20.0) * tone(60, 3.0))
    begin, end = found.gesture.loop
    assert 0.45 < begin < end < 1.6 and end - begin >= 0.3
    assert begin <= found.gesture.hold <= end
    falling = made(model, tmp_path, struck(60, 3.0, 30.0))
    assert not falling.sustains and falling.gesture.loop[0] > 0.4


@pytest.mark.parametrize("frames", [4, 9, 40, 300, MAX_FRAMES])
def test_any_length_has_a_loop_that_can_be_played(frames):
    rng = np.random.default_rng(frames)
    for level in (np.ones(frames), np.linspace(1.0, 0.0, frames), np.linspace(0.0, 1.0, frames), rng.random(frames)):
        loop = find_loop(rng.random((frames, 4)), level, rng.random(frames), RATE_HZ)
        assert 0 <= loop.begin < loop.end < frames
        assert 0 <= loop.crossfade <= min(loop.begin, loop.end - loop.begin)


def test_points_that_are_given_are_taken_in_seconds_of_the_recording(model, tmp_path):
    sound = np.concatenate([silence(0.5), tone(60, 2.0)])
    found = made(model, tmp_path, sound, loop=(1.0, 1.7), hold=2.1)
    assert found.gesture.loop == pytest.approx((1.0 - found.begins_s, 1.7 - found.begins_s), abs=0.003)
    assert found.gesture.hold == pytest.approx(2.1 - found.begins_s, abs=0.003)
    for points, words in (
        ({"loop": (0.2, 1.0)}, r"loop 0.2 s: outside of what sounds in a.wav, allowed are 0\.4\d\d–2\.\d\d\d s"),
        ({"loop": (1.7, 1.0)}, "loop 1.7 to 1 s: the begin lies before the end"),
        ({"hold": 9.0}, "hold 9 s: outside"),
        ({"hold": float("nan")}, "hold nan s: outside"),
    ):
        with pytest.raises(GestureError, match=words):
            made(model, tmp_path, sound, **points)


def test_a_recording_that_is_too_long_is_told_before_it_is_heard(tmp_path):
    soundfile.write(tmp_path / "long.wav", np.zeros(8000 * 61), 8000)
    with pytest.raises(GestureError, match="61.0 s long, a gesture lasts at most 47.5 s"):
        require_short(tmp_path / "long.wav")


def test_the_commands_keep_and_list_gestures(tmp_path):
    small_harmonic_decoder_file(tmp_path, "pitched")
    soundfile.write(tmp_path / "a.wav", vibrato(57, 1.5, 0.3), SAMPLERATE, "FLOAT")
    folder = f"state.folder={tmp_path}"
    told = ("encode", tmp_path / "a.wav", "--model", tmp_path / "pitched.safetensors", "--set", folder)
    done = command(
        *told, "--gesture", "sway", "-o", tmp_path / "b.gesture", "--hold", 0.7, "--author", "Ada", "--licence", "MIT"
    )
    assert done.returncode == 0, done.stderr
    for words in ("gesture 'sway': 1.", "sounds A3", "loop ", "hold 0.7", "sway.gesture", "b.gesture: written"):
        assert words in done.stdout
    kept, written = read_gesture(tmp_path / "gestures" / "sway.gesture"), read_gesture(tmp_path / "b.gesture")
    assert (kept.name, written.name, kept.model) == ("sway", "b", "pitched")
    assert kept.info["source"] == "a.wav" and (kept.info["author"], kept.info["licence"]) == ("Ada", "MIT")
    (tmp_path / "gestures" / "hurt.gesture").write_bytes(b"no gesture")
    listed = command("gestures", "--set", folder)
    assert listed.returncode == 0
    assert "sway                 model pitched, 2 latents, 1." in listed.stdout
    assert (
        "author Ada, licence MIT" in listed.stdout and "hurt                 cannot be used: gesture" in listed.stdout
    )


def test_a_fading_sound_is_said_to_and_points_want_a_gesture(tmp_path):
    small_harmonic_decoder_file(tmp_path, "pitched")
    soundfile.write(tmp_path / "a.wav", struck(57, 1.5, 40.0), SAMPLERATE, "FLOAT")
    told = ("encode", tmp_path / "a.wav", "--model", tmp_path / "pitched.safetensors")
    done = command(*told, "-o", tmp_path / "A.GESTURE")
    assert done.returncode == 0 and "nothing in it sustains" in done.stdout
    assert read_gesture(tmp_path / "A.GESTURE").name == "A"
    done = command(*told, "-o", tmp_path / "a.txt", "--loop", 0.5, 1.0)
    assert done.returncode == 2 and "--loop is for a gesture" in done.stderr
    done = command(*told, "--gesture", "../a")
    assert done.returncode == 1 and "no name" in done.stderr
