"""``manned-train`` with a corpus of the kind harmonic: from rendered notes to a sound that is heard."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib import image
from tones import SAMPLERATE, tone, write_patches
from train_command import run

from manned.errors import AudioError, CorpusError, MannedError, ModelError, TrainingError
from manned.model.harmonic.decoder_file import load_decoder, load_encoder
from training.corpus.harmonic.corpus import build
from training.measure.timbre import space
from training.measure.timbre.figures import draw
from training.network.fit import fit
from training.network.harmonic.fit_folder import load
from training.network.recipe import Recipe

NOTES = (52, 60, 67)
SMALL = ("--latents", 4, "--steps", 40, "--batch", 50)


def apart(folder: Path) -> list[str]:
    """Names of a corpus's patches that no fit hears."""
    clips = json.loads((folder / "corpus.json").read_text())["clips"]
    return [clip["name"] for clip in clips if clip["set"] in ("validation", "test")]


def on_corpus_of_all(folder: Path, elsewhere: Path) -> Path:
    """The fit as if it had been trained on all patches."""
    run("corpus", "--kind", "harmonic", folder / "sounds", "-o", elsewhere / "all", "--validation", 0, "--test", 0)
    settings = json.loads((folder / "fit" / "fit.json").read_text())
    digest = json.loads((elsewhere / "all" / "corpus.json").read_text())["digest"]
    shutil.copytree(folder / "fit", elsewhere / "fit")
    (elsewhere / "fit" / "fit.json").write_text(
        json.dumps({**settings, "corpus": str(elsewhere / "all"), "corpus_digest": digest})
    )
    return elsewhere / "fit"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with ``sounds`` of eight patches, their ``corpus`` and a ``fit`` to it."""
    folder = tmp_path_factory.mktemp("harmonic-commands")
    write_patches(folder / "sounds", 8, NOTES)
    told = run(
        "corpus", "--kind", "harmonic", folder / "sounds", "-o", folder / "corpus", "--validation", 0.2, "--test", 0.2,
        "--frames-per-note", 4,
    )  # fmt: skip
    assert "frames of 8 patches, 0 more sound no note" in told
    assert "40 steps in" in run("fit", folder / "corpus", "-o", folder / "fit", *SMALL)
    return folder


def test_evaluate_then_export_then_hear(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(space, "POINTS", 50)
    table = run("evaluate", folder / "fit").splitlines()
    rows = {line.split()[0]: [float(value) for value in line.split()[1:]] for line in table[3:6]}
    assert list(rows) == ["analysis", "harmonic", "lookup"] and rows["analysis"][0] < rows["harmonic"][0]
    assert any(line.startswith("effective dimensions") for line in table)

    model = tmp_path / "mine.safetensors"
    told = run("export", folder / "fit", "-o", model, "--licence", "CC0", "--name", "Mine")
    assert "4 faders, the first: brightness" in told and "no test figures" not in told
    decoder = load_decoder(model)
    assert load_encoder(model, decoder).topology == decoder.topology
    assert (decoder.name, decoder.info["licence"], decoder.info["measured"]["steps"]) == ("Mine", "CC0", [40, 40])
    assert decoder.chart is not None

    sound, answer = tmp_path / "in.flac", tmp_path / "out.wav"
    soundfile.write(sound, 0.5 * tone(57, 0.5), SAMPLERATE)
    assert "0.50 s; heard as A3" in run("hear", sound, "--model", model, "-o", answer)
    heard, rate = soundfile.read(answer)
    assert (len(heard), rate) == (SAMPLERATE // 2, SAMPLERATE) and np.abs(heard).max() > 0.01
    assert "heard as A3" in run("hear", sound, "--model", model, "-o", answer, "--note", "A3")

    noise = tmp_path / "noise.wav"
    soundfile.write(noise, 0.1 * np.random.default_rng(0).standard_normal(SAMPLERATE // 2), SAMPLERATE)
    with pytest.raises(AudioError, match="no pitch is heard"):
        run("hear", noise, "--model", model, "-o", tmp_path / "none.wav")
    soundfile.write(noise, np.zeros(SAMPLERATE // 2), SAMPLERATE)
    with pytest.raises(AudioError, match="silence"):
        run("hear", noise, "--model", model, "-o", tmp_path / "none.wav")
    with pytest.raises(AudioError, match=r"must end in \.wav"):
        run("hear", sound, "--model", model, "-o", tmp_path / "none.mp3")
    with pytest.raises(ModelError, match="no such file"):
        run("hear", sound, "--model", tmp_path / "nobody.safetensors", "-o", tmp_path / "none.wav")
    assert not (tmp_path / "none.wav").exists()


def test_figures_draw_what_fits_learned(folder, tmp_path):
    """Of the second fit no patch is kept apart."""
    fits = (folder / "fit", on_corpus_of_all(folder, tmp_path))
    told = run("figures", *fits, "-o", tmp_path / "pictures").splitlines()
    kinds = ("chart", "evenness", "faders", "reconstructions")
    names = [fitted.parent.name for fitted in fits]
    drawn = [f"{kind}-{name}-fit.svg" for name in names for kind in kinds]
    assert [Path(line).name for line in told] == ["losses.svg", *drawn[:-1]]
    texts = {path.stem.split("-")[0]: path.read_text("utf-8") for path in map(Path, reversed(told))}
    assert f"<!-- {names[0]}-fit, validation -->" in texts["losses"]
    assert f"<!-- {names[1]}-fit, first training frames -->" in texts["losses"]
    assert all(text in texts["faders"] for text in ("<!-- 1 brightness -->", "<!-- 4 -->", "<!-- frequency in Hz -->"))
    assert "<!-- patch " in texts["chart"] and "<!-- near patch " in texts["evenness"]
    errors = re.findall(r"<!-- harm [\d.]+ dB, ERB ([\d.]+) dB -->", texts["reconstructions"])
    assert len(errors) == len(apart(folder / "corpus")) and errors == sorted(errors, key=float)
    assert all(f"<!-- {name}, " in texts["reconstructions"] for name in apart(folder / "corpus"))


def test_figures_are_drawn_as_png_too(folder, tmp_path):
    path = next(draw([load(folder / "fit")], tmp_path, "png"))
    assert path.name == "losses.png" and image.imread(path)[..., :3].std() > 0.02


def test_figures_of_fits_of_two_kinds_are_refused(folder, corpus, topology, tmp_path):
    fit(corpus, tmp_path / "paper", topology, Recipe(batch=50, epochs=1))
    with pytest.raises(TrainingError, match="two kinds: .*fit is of the kind harmonic, .*paper is not"):
        run("figures", tmp_path / "paper", folder / "fit", "-o", tmp_path / "pictures")
    with pytest.raises(TrainingError, match=r"nobody: fit\.json is missing"):
        run("figures", tmp_path / "nobody", folder / "fit", "-o", tmp_path / "pictures")
    assert not (tmp_path / "pictures").exists()


def test_a_finished_fit_is_left_as_it_is_and_other_settings_are_refused(folder):
    before = (folder / "fit" / "checkpoint.safetensors").read_bytes()
    assert "40 steps in" in run("fit", folder / "corpus", "-o", folder / "fit", *SMALL)
    assert (folder / "fit" / "checkpoint.safetensors").read_bytes() == before
    with pytest.raises(TrainingError, match="was begun with"):
        run("fit", folder / "corpus", "-o", folder / "fit", *SMALL, "--seed", 7)


def test_what_was_measured_of_other_weights_is_not_exported(folder, tmp_path):
    shutil.copytree(folder / "fit", tmp_path / "fit")
    evaluation = tmp_path / "fit" / "evaluation.json"
    evaluation.write_text(json.dumps({"steps": [20, 40]}))
    assert "no test figures" in run("export", tmp_path / "fit", "-o", tmp_path / "mine.safetensors")
    assert load_decoder(tmp_path / "mine.safetensors").info["measured"] == {}
    evaluation.write_text("[")
    with pytest.raises(TrainingError, match="run manned-train evaluate again"):
        run("export", tmp_path / "fit", "-o", tmp_path / "other.safetensors")
    assert not (tmp_path / "other.safetensors").exists()


def test_on_another_backend_it_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("training.network.backend.BACKEND", "jax")
    with pytest.raises(TrainingError, match="KERAS_BACKEND is 'jax', the kind harmonic is trained on tensorflow only"):
        run("fit", folder / "corpus", "-o", tmp_path / "fit")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["corpus", "--kind", "harmonic", "{}/sounds", "-o", "{}/other", "--strict"], "--strict"),
        (["fit", "{}/corpus", "-o", "{}/other", "--beta", "0.1"], "--beta"),
        (["evaluate", "{}/fit", "--mesh", "3"], "--mesh"),
        (["figures", "{}/fit", "-o", "{}/other", "--mesh", "9"], "--mesh"),
        (["export", "{}/fit", "-o", "{}/other.safetensors", "--reach", "trained"], "--reach"),
    ],
)
def test_an_option_of_the_other_kind_is_refused(folder, arguments, option):
    told = run(*(argument.format(folder) for argument in arguments), code=2)
    assert f"{option} is no option of the kind harmonic, allowed are: " in told
    assert not list(folder.glob("other*"))


def test_what_exists_and_what_does_not_belong_is_refused(folder, tmp_path):
    harmonic = ("corpus", "--kind", "harmonic")
    with pytest.raises(CorpusError, match="exists already"):
        run(*harmonic, folder / "sounds", "-o", folder / "corpus")
    with pytest.raises(CorpusError, match="2 recordings: .* one folder"):
        run(*harmonic, folder / "sounds", folder / "sounds", "-o", tmp_path / "corpus")
    with pytest.raises(CorpusError, match="shares of less than 1"):
        run(*harmonic, folder / "sounds", "-o", tmp_path / "corpus", "--test", 2)
    with pytest.raises(CorpusError, match=r"notes\.csv: cannot be read"):
        run(*harmonic, tmp_path, "-o", tmp_path / "corpus")
    assert not list(tmp_path.iterdir())


def test_a_corpus_that_keeps_no_patch_apart_cannot_be_evaluated(folder, tmp_path):
    with pytest.raises(CorpusError, match="no patch is kept apart"):
        run("evaluate", on_corpus_of_all(folder, tmp_path))


NOTES_CSV = {
    "a set that is none": ("a.wav,one,0,0.3,60,heard", "set is 'heard', allowed are"),
    "a note that is none": ("a.wav,one,0,0.3,high,", r"notes\.csv, line 2: found a\.wav,one,0,0\.3,high"),
    "a note that ends before it begins": ("a.wav,one,0.3,0.1,60,", r"notes\.csv, line 2: found"),
    "a note without end": ("a.wav,one,0,inf,60,", r"notes\.csv, line 2: found"),
    "a note of two clips": ("a.wav,one,0,0.3,60,train\na.wav,two,0,0.3,60,test", "share the sound of a.wav"),
    "a note behind the end": ("a.wav,one,5,6,60,", "a note lies at"),
    "a file that is missing": ("b.wav,one,0,0.3,60,", r"b\.wav"),
}


@pytest.mark.parametrize("case", NOTES_CSV)
def test_notes_that_cannot_be_used_are_one_sentence(tmp_path, case):
    row, says = NOTES_CSV[case]
    soundfile.write(tmp_path / "a.wav", 0.5 * tone(60, 0.5), SAMPLERATE)
    (tmp_path / "notes.csv").write_text(f"file,clip,start_s,end_s,note,set\n{row}\n")
    with pytest.raises(MannedError, match=says) as error:
        build(tmp_path, tmp_path / "corpus")
    assert "\n" not in str(error.value)


def test_a_patch_goes_into_the_set_that_its_notes_name(tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.5 * np.stack([tone(60, 1.5)] * 2, axis=1), SAMPLERATE)
    rows = [f"a.wav,{name},{i / 2},{i / 2 + 0.4},60,{name}" for i, name in enumerate(("train", "validation", "test"))]
    # A spreadsheet sets a byte order mark before its first line.
    (tmp_path / "notes.csv").write_text("\ufeff" + "\n".join(["file,clip,start_s,end_s,note,set", *rows, ""]), "utf-8")
    corpus = build(tmp_path, tmp_path / "corpus")
    assert [(clip["name"], clip["set"]) for clip in corpus.info["clips"]] == [
        (name, name) for name in ("train", "validation", "test")
    ]
