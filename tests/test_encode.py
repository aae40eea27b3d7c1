"""A recording's way through the latents of a model: there and back, and what is no recording."""

import os
import shutil
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from running import command
from session import Session
from tones import tone

from manned.control.score import Score
from manned.encode.recording import encode
from manned.encode.trajectory import write_score
from manned.errors import AudioError, ModelError, ParameterError
from manned.library import Library
from manned.model.decoder_file import Decoder, load_decoder, save_decoder
from manned.model.encoder_file import Encoder, encoder_path, load_encoder, save_encoder
from manned.model.pitch import note_to_hz, parse_note
from manned.model.timbre_path import timbre_path
from manned.model.topology import Topology

SECONDS = 4.0


@pytest.fixture(scope="module")
def atlas():
    path = Library().find_decoder("atlas-spectrum")
    decoder = load_decoder(path)
    return load_encoder(path, decoder), decoder


@pytest.fixture(scope="module")
def small():
    """A model of random weights with two latents, and its encoder."""
    topology = Topology(widths=(8,), bottleneck=2)
    rng = np.random.default_rng(0)

    def weights(layers):
        return [(rng.normal(0, i**-0.5, (i, o)).astype(np.float32), np.zeros(o, np.float32)) for i, o, _ in layers]

    decoder = Decoder("small", topology, weights(topology.decoder_layers()))
    return Encoder(topology, weights(topology.encoder_layers()), decoder.digest()), decoder


@pytest.fixture(scope="module")
def known(atlas, tmp_path_factory):
    """A sound file of atlas that goes along a known path, and that path [seconds, latents…]."""
    folder = tmp_path_factory.mktemp("known")
    session = Session(atlas[1], folder)
    path = timbre_path(atlas[1], atlas[1].timbres.landmarks[[40, 500, 300]], 9, 4, inside=True)
    session.send("/chroma", "A")
    session.instrument.set_latents(path.at(0.0), glide_s=0.0)
    session.send("/gate", 1)
    sound, walked = [], []
    for step in range(round(SECONDS / 0.02)):
        session.instrument.set_latents(path.at(step * 0.02 / SECONDS), glide_s=0.02)
        sound.append(session.engine.render(882))
        walked.append((step * 0.02, *path.at(step * 0.02 / SECONDS)))
    soundfile.write(folder / "known.wav", np.concatenate(sound), 44100, "FLOAT")
    return folder / "known.wav", np.array(walked)


def test_a_known_path_comes_back(atlas, known):
    """Within 0.1 for most frames and 0.15 root mean square: some different points sound nearly the same."""
    path, walked = known
    found = encode(path, *atlas)
    wanted = np.stack([np.interp(found.times_s, walked[:, 0], column) for column in walked.T[1:]], axis=1)
    error = np.abs(found.latents - wanted)
    assert np.median(error) < 0.1
    assert np.sqrt(np.mean(error**2)) < 0.15
    assert (found.notes == 69).all() and found.silent == 0
    assert found.likeness.mse < atlas[1].info["test"]["test_mse"]
    assert found.likeness.convergence_db < -15.0
    assert found.outside < 0.05


def test_its_gesture_plays_the_same_way_again(atlas, known, tmp_path):
    found = encode(known[0], *atlas)
    write_score(found, tmp_path / "gesture.txt", "known")
    played = command(
        "render", tmp_path / "gesture.txt", "-o", tmp_path / "again.wav", "--tail", 0, "--model", "atlas-spectrum"
    )
    assert played.returncode == 0, played.stderr
    again = encode(tmp_path / "again.wav", *atlas)
    assert again.seconds == pytest.approx(found.seconds, abs=0.06)
    shared = min(len(found.latents), len(again.latents)) - 2
    # What is encoded twice is off twice.
    assert np.median(np.abs(found.latents[2:shared] - again.latents[2:shared])) < 0.03


@pytest.mark.parametrize(
    ("samplerate", "channels", "suffix"), [(48000, 2, "flac"), (22050, 1, "wav"), (96000, 3, "wav")]
)
def test_any_rate_and_number_of_channels_says_the_same(atlas, tmp_path, samplerate, channels, suffix):
    files = []
    for rate, count, name in ((44100, 1, "plain.wav"), (samplerate, channels, f"other.{suffix}")):
        signal = tone(57, 1.0, decay=2.0, samplerate=rate)
        soundfile.write(tmp_path / name, np.stack([signal] * count, axis=1), rate)
        files.append(encode(tmp_path / name, *atlas))
    plain, other = files
    assert len(other.latents) == len(plain.latents)
    assert (other.notes == 57).all()
    assert np.median(np.abs(other.latents - plain.latents)) < 0.02


def test_a_note_that_is_given_is_taken(atlas, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(57, 0.5), 44100)
    found = encode(tmp_path / "a.wav", *atlas, note=60)
    assert (found.notes == 60).all()


@pytest.mark.parametrize(("text", "note"), [("A4", 69), ("eb3", 51), ("F#-1", 6), ("60", 60), ("0", 0)])
def test_notes_are_named_or_counted(text, note):
    assert parse_note(text) == note


@pytest.mark.parametrize("text", ["H2", "A", "128", "C10", "-1", "", "4A"])
def test_what_is_no_note_is_refused(text):
    with pytest.raises(ParameterError, match="allowed are 0–127"):
        parse_note(text)


def test_silence_in_between_is_held(small, tmp_path):
    sound = np.concatenate([tone(60, 0.5), np.zeros(22050, np.float32), tone(67, 0.5)])
    soundfile.write(tmp_path / "a.wav", sound, 44100)
    found = encode(tmp_path / "a.wav", *small)
    silent = np.flatnonzero(found.levels == 0.0)
    assert len(silent) >= 15
    assert (found.latents[silent] == found.latents[silent[0] - 1]).all()
    assert (found.notes[silent] == found.notes[silent[0] - 1]).all()
    assert found.silent == len(silent)


def test_the_pitch_is_one_track_and_no_chroma_of_each_frame(small, tmp_path):
    """The third harmonic is the loudest; a glide of a quarter of a semitone is a bend."""
    seconds = np.arange(44100) / 44100
    phase = 2.0 * np.pi * np.cumsum(note_to_hz(50) * 2.0 ** (seconds / 48.0)) / 44100
    sound = 0.1 * np.sin(phase) + 0.05 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    soundfile.write(tmp_path / "a.wav", sound, 44100)
    found = encode(tmp_path / "a.wav", *small)
    assert (found.notes == 50).all() and found.voiced.all() and found.unpitched == 0.0 and found.one_pitch == 1.0
    write_score(found, tmp_path / "a.txt", "a")
    entries = Score.load(tmp_path / "a.txt").entries
    bends = [entry.message.arguments[0] for entry in entries if entry.message.address == "/bend"][:-1]
    assert bends[0] == pytest.approx(0.0, abs=0.02) and bends[-1] == pytest.approx(0.125, abs=0.02)


def test_where_nothing_has_a_pitch_the_chroma_tells_the_note(small, tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.2 * np.random.default_rng(0).standard_normal(44100), 44100)
    found = encode(tmp_path / "a.wav", *small)
    assert found.unpitched == 1.0 and found.one_pitch == 0.0 and len(set(found.notes)) > 1
    assert note_to_hz(found.notes) == pytest.approx(found.f0_hz)


def test_a_piano_decays_when_its_gesture_is_played(atlas, tmp_path):
    decay = np.exp(-np.arange(2 * 44100) / (0.5 * 44100))
    soundfile.write(tmp_path / "a.wav", decay * tone(57, 2.0, decay=2.0), 44100)
    write_score(encode(tmp_path / "a.wav", *atlas), tmp_path / "a.txt", "a")
    played = command("render", tmp_path / "a.txt", "-o", tmp_path / "again.wav", "--tail", 0)
    assert played.returncode == 0, played.stderr
    sound, _ = soundfile.read(tmp_path / "again.wav", always_2d=True)
    parts = sound[: 18 * 4410].mean(axis=1).reshape(18, 4410)[1:]
    levels_db = 10.0 * np.log10(np.mean(parts**2, axis=1))
    assert np.diff(levels_db) == pytest.approx(-20.0 * np.log10(np.e) * 0.2, abs=1.0)


def test_a_preset_is_the_mean_of_what_is_loud(small, tmp_path):
    quiet = 0.02 * tone(66, 2.0, decay=0.5)
    soundfile.write(tmp_path / "a.wav", np.concatenate([tone(60, 1.0), quiet]), 44100)
    found = encode(tmp_path / "a.wav", *small)
    preset = found.preset("loud", "small")
    loud = found.latents[found.levels > 0.1 * found.levels.max()].mean(axis=0)
    assert [preset.values["latent/1"], preset.values["latent/2"]] == pytest.approx(loud.tolist(), abs=1e-5)
    assert (preset.values["chroma"], preset.values["octave"]) == (0, 4)


def test_a_gesture_is_a_score_without_notes_of_one_frame(small, tmp_path):
    found = encode_notes(small, tmp_path, [60] * 10 + [66] + [60] * 9 + [62] * 10)
    write_score(found, tmp_path / "a.txt", "a")
    score = Score.load(tmp_path / "a.txt")
    chroma = [entry.message.arguments for entry in score.entries if entry.message.address == "/chroma"]
    assert chroma == [(0,), (2,)]
    bends = [entry.message.arguments[0] for entry in score.entries if entry.message.address == "/bend"]
    assert max(map(abs, bends)) <= 0.5
    assert [entry.message for entry in score.entries[-3:]] == [
        ("/gate", (0,)), ("/expression", (1,)), ("/bend", (0,))
    ]  # fmt: skip


def test_a_gesture_rests_where_the_recording_does(small, tmp_path):
    pause = np.zeros(22050, np.float32)
    soundfile.write(tmp_path / "a.wav", np.concatenate([pause, tone(60, 0.5), pause, tone(67, 0.5), pause]), 44100)
    write_score(encode(tmp_path / "a.wav", *small), tmp_path / "a.txt", "a")
    gates = [
        (entry.seconds, *entry.message.arguments)
        for entry in Score.load(tmp_path / "a.txt").entries if entry.message.address == "/gate"
    ]  # fmt: skip
    assert [gate for _, gate in gates] == [1, 0, 1, 0]
    assert [seconds for seconds, _ in gates] == pytest.approx([0.5, 1.0, 1.5, 2.0], abs=0.08)


def encode_notes(model, tmp_path, notes):
    """A trajectory whose frames are of some notes, in tune."""
    soundfile.write(tmp_path / "a.wav", np.concatenate([tone(note, 1024 / 44100) for note in notes]), 44100)
    found = encode(tmp_path / "a.wav", *model, note=60)
    frames = np.array(notes[: len(found.notes)])
    return replace(found, notes=frames, f0_hz=note_to_hz(frames))


BAD = {
    "missing": (None, "no such file"),
    "text": (b"hello, this is text\n" * 50, "cannot be read"),
    "empty": (b"", "cannot be read"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_what_is_no_sound_is_refused(small, tmp_path, content, words):
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=words) as caught:
        encode(path, *small)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_is_no_sound(small, tmp_path):
    with pytest.raises(AudioError, match="it is a folder"):
        encode(tmp_path, *small)


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (np.zeros(44100), "silence"),
        (np.full(44100, 0.5), "silence"),
        (tone(60, 0.05), "0.050 s long, one frame takes 0.093 s"),
        (np.zeros(0), "holds no sound"),
        (np.full(44100, np.nan), "NaN"),
    ],
    ids=["zeros", "DC", "short", "nothing", "NaN"],
)
def test_sound_that_says_nothing_is_refused(small, tmp_path, signal, words):
    soundfile.write(tmp_path / "a.wav", signal, 44100, "FLOAT")
    with pytest.raises(AudioError, match=words):
        encode(tmp_path / "a.wav", *small)


def test_a_long_file_takes_no_more_memory_than_a_short_one(small, tmp_path):
    part = tone(60, 30.0)
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 44100, 1) as file:
        for _ in range(6):
            file.write(part)
    soundfile.write(tmp_path / "short.flac", part, 44100)
    peaks = []
    for name in ("short.flac", "long.flac"):
        tracemalloc.start()
        encode(tmp_path / name, *small, note=60)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Two and a half more minutes of sound alone are 26 MB.
    assert peaks[1] < peaks[0] + 5e6


# -- the encoder file -------------------------------------------------------------


@pytest.fixture
def files(small, tmp_path):
    """The small model as files: its decoder's path."""
    encoder, decoder = small
    path = save_decoder(decoder, tmp_path / "small.safetensors", np.float32)
    save_encoder(encoder, encoder_path(path), np.float32)
    return path


def test_an_encoder_lies_beside_its_decoder_and_is_no_model(files, small):
    assert Library((files.parent,)).decoders() == ["small", "atlas", "atlas-0.1", "atlas-spectrum"]
    loaded = load_encoder(files, load_decoder(files))
    for stored, given in zip(loaded.weights, small[0].weights):
        assert np.array_equal(stored[0], given[0]) and np.array_equal(stored[1], given[1])


def test_an_encoder_of_another_decoder_is_refused(files, small):
    other = load_decoder(files)
    other.weights[0][0][0, 0] += 1.0
    save_decoder(other, files, np.float32)
    with pytest.raises(ModelError, match="belongs to another decoder"):
        load_encoder(files, load_decoder(files))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_damaged_encoder_is_refused(files, share):
    path = encoder_path(files)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match="cannot be read"):
        load_encoder(files, load_decoder(files))


def test_a_decoder_is_no_encoder(files):
    encoder_path(files).write_bytes(files.read_bytes())
    with pytest.raises(ModelError, match="not a manned encoder"):
        load_encoder(files, load_decoder(files))


def test_an_encoder_is_no_decoder(files):
    with pytest.raises(ModelError, match="not a manned decoder"):
        load_decoder(encoder_path(files))


# -- the command ------------------------------------------------------------------


def test_the_command_reports_and_keeps(known, tmp_path):
    done = command(
        "encode", known[0], "--preset", "found", "-o", tmp_path / "way.txt", "--set", f"state.folder={tmp_path}",
        "--model", "atlas-spectrum",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for words in ("0 of them silent", "mean squared error", "1.18e-04", "dB", "unlike", "--model atlas-spectrum"):
        assert words in done.stdout
    assert (tmp_path / "presets" / "found.json").is_file()
    assert Score.load(tmp_path / "way.txt").seconds == pytest.approx(SECONDS, abs=0.06)


def test_the_command_takes_a_name_that_is_no_utf8(known, tmp_path):
    strange = os.path.join(os.fsencode(tmp_path), b"\xfb.wav")
    shutil.copy(known[0], strange)
    done = command("encode", os.fsdecode(strange), "-o", tmp_path / "way.txt", "--set", f"state.folder={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path}/\\xfb.wav: ")
    assert (tmp_path / "way.txt").read_text().startswith("# \\xfb.wav, said by")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "small"], "has no encoder"),
        (["--preset", "../found"], "letters, digits, spaces"),
        (["--note", "H"], "no note"),
        (["-o", "/nowhere/way.txt"], "cannot be written"),
    ],
)
def test_the_command_says_what_is_wrong(files, known, arguments, words):
    encoder_path(files).unlink()
    done = command("encode", known[0], "--set", f"model.folders={files.parent}", *arguments)
    assert done.returncode == 1
    assert words in done.stderr and "Traceback" not in done.stderr


def test_it_needs_neither_training_nor_the_engine():
    heavy = "('training', 'tensorflow', 'numba', 'librosa')"
    code = f"import sys, manned.encode.recording; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
