"""A recording's way through the latents of a model of the kind harmonic."""

import numpy as np
import pytest
import soundfile
from harmonic_tones import harmonic_tone
from running import command
from small_harmonic_decoder import small_harmonic_decoder_file, small_harmonic_model
from tones import SAMPLERATE, tone

from manned.control.score import Score
from manned.encode.recording import encode
from manned.encode.trajectory import write_score
from manned.errors import AudioError
from manned.model.pitch import note_to_hz


@pytest.fixture(scope="module")
def model():
    decoder, encoder = small_harmonic_model("pitched")
    return encoder, decoder


def sound_file(tmp_path, signal):
    soundfile.write(tmp_path / "a.wav", signal, SAMPLERATE, "FLOAT")
    return tmp_path / "a.wav"


def vibrato(note, seconds, depth):
    """A tone whose pitch goes five times a second ``depth`` semitones to either side."""
    time_s = np.arange(round(seconds * SAMPLERATE)) / SAMPLERATE
    frequency = note_to_hz(note) * 2.0 ** (depth * np.sin(2.0 * np.pi * 5.0 * time_s) / 12.0)
    phase = 2.0 * np.pi * np.cumsum(frequency) / SAMPLERATE
    return sum(0.1 / number * np.sin(number * phase) for number in range(1, 9))


def told(path, address):
    return [
        (entry.seconds, *entry.message.arguments)
        for entry in Score.load(path).entries if entry.message.address == address
    ]  # fmt: skip


def test_pitch_level_and_latents_are_heard_and_kept(model, tmp_path):
    decay = np.exp(-np.arange(SAMPLERATE) / (0.2 * SAMPLERATE))
    sound = np.concatenate([decay * tone(45, 1.0), decay * tone(64, 1.0)])
    found = encode(sound_file(tmp_path, sound), *model)
    assert [int(np.median(found.notes[part])) for part in (slice(5, 80), slice(95, 170))] == [45, 64]
    assert found.latents.shape == (1 + len(sound) // 512, 2)
    assert found.latents.min() >= 0.0 and found.latents.max() <= 1.0
    assert found.unpitched < 0.05 and found.one_pitch > 0.8 and found.outside is None
    fall_db = 20.0 * np.diff(np.log10(found.levels[10:60]))
    assert fall_db == pytest.approx(-20.0 * np.log10(np.e) * 512 / (0.2 * SAMPLERATE), abs=0.2)
    preset = found.preset("mean", "pitched")
    assert (preset.values["chroma"], preset.values["octave"]) in ((9, 2), (4, 4))


def test_a_gesture_has_the_level_and_the_vibrato_of_the_recording(model, tmp_path):
    swell = np.linspace(0.1, 1.0, 2 * SAMPLERATE)
    write_score(encode(sound_file(tmp_path, swell * vibrato(57, 2.0, 0.6)), *model), tmp_path / "a.txt", "a")
    assert told(tmp_path / "a.txt", "/chroma") == [(0.0, 9)]
    bends = np.array([2.0 * bend for seconds, bend in told(tmp_path / "a.txt", "/bend") if 0.1 < seconds < 1.9])
    assert np.quantile(np.abs(bends), 0.95) == pytest.approx(0.6, abs=0.1)
    levels = [level for seconds, level in told(tmp_path / "a.txt", "/expression") if 0.1 < seconds < 1.9]
    assert levels[0] == pytest.approx(0.15, abs=0.03) and levels[-1] == pytest.approx(0.95, abs=0.04)


def test_a_note_that_is_given_is_taken_though_the_sound_is_out_of_tune(model, tmp_path):
    found = encode(sound_file(tmp_path, tone(60.6, 0.5)), *model, note=60)
    assert (found.notes == 60).all()
    assert np.median(found.f0_hz) == pytest.approx(note_to_hz(60.6), rel=1e-3)


def test_noise_without_a_pitch_wants_a_note(model, tmp_path):
    path = sound_file(tmp_path, 0.1 * np.random.default_rng(0).standard_normal(SAMPLERATE // 2))
    with pytest.raises(AudioError, match="no pitch is heard in it.*--note A4") as caught:
        encode(path, *model)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert (encode(path, *model, note=69).notes == 69).all()


def test_a_soft_note_is_heard_down_to_sixty_decibels_below_its_loudest_moment(model, tmp_path):
    """It begins at -40 dB of full scale, where -60 dB would be silence after a third of its way."""
    fall = 10.0 ** (-40.0 * np.arange(2 * SAMPLERATE) / SAMPLERATE / 20.0)
    found = encode(sound_file(tmp_path, 0.02 * fall * tone(60, 2.0)), *model)
    assert found.times_s[found.levels > 0.0][-1] > 1.4


def test_noise_beside_a_note_leaves_the_preset_to_the_note(model, tmp_path):
    noise = np.random.default_rng(0).standard_normal(SAMPLERATE)
    tones = harmonic_tone(220.0, [0.1, 0.05, 0.02])
    alone = encode(sound_file(tmp_path, tones), *model).preset("a", "pitched")
    found = encode(sound_file(tmp_path, np.concatenate([0.2 * noise, tones])), *model)
    assert found.unpitched > 0.4 and found.one_pitch < 0.5
    preset = found.preset("a", "pitched")
    assert (preset.values["chroma"], preset.values["octave"]) == (9, 3)
    assert preset.values["latent/1"] == pytest.approx(alone.values["latent/1"], abs=0.1)


def test_a_chord_is_not_told_by_one_pitch(model, tmp_path):
    """Its common period is that of C2, of which nothing sounds."""
    chord = sum(tone(note, 1.0, seed=note) for note in (60, 64, 67)) / 3
    found = encode(sound_file(tmp_path, chord), *model)
    assert found.unpitched < 0.1 and found.one_pitch < 0.1


@pytest.mark.parametrize(
    ("signal", "words"),
    [(np.zeros(SAMPLERATE), "silence"), (np.full(SAMPLERATE, 0.5), "silence"), (tone(60, 0.05), "one frame takes")],
    ids=["zeros", "DC", "short"],
)
def test_sound_that_says_nothing_is_refused(model, tmp_path, signal, words):
    with pytest.raises(AudioError, match=words):
        encode(sound_file(tmp_path, signal), *model)


def test_the_command_reports_and_keeps(tmp_path):
    small_harmonic_decoder_file(tmp_path, "pitched")
    rng = np.random.default_rng(0)
    sound = sound_file(tmp_path, np.concatenate([tone(57, 0.5), 0.3 * rng.standard_normal(SAMPLERATE)]))
    done = command(
        "encode", sound, "--model", tmp_path / "pitched.safetensors", "--preset", "found", "-o", tmp_path / "way.txt",
        "--set", f"state.folder={tmp_path}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for words in ("of the others without pitch", "one pitch at a time tells", ": A3,", "dB in bands of the ear"):
        assert words in done.stdout
    assert (tmp_path / "presets" / "found.json").is_file() and (tmp_path / "way.txt").is_file()
