"""``manned-train`` as a musician meets it: four commands from recordings to a decoder."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from train_command import run

from manned.model import analysis
from manned.model.decoder_file import load_decoder
from manned.model.encoder_file import load_encoder
from manned.model.forward import decode
from manned.model.topology import Topology
from training.network.fit import fit
from training.network.recipe import Recipe

ROOT = Path(__file__).parents[2]


def train(*arguments):
    """Run the command in a process of its own, as it will be run."""
    command = [sys.executable, "-m", "training.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240)


def test_help_names_every_command_without_waking_tensorflow():
    code = (
        "import sys\nfrom training.cli import main\nsys.argv = ['manned-train', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    assert not {'tensorflow', 'keras', 'librosa'} & set(sys.modules)\n"
        "else:\n    raise AssertionError('help returned')\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    for command in ("corpus", "fit", "evaluate", "export", "sounds", "reproduce", "import", "learn", "figures", "hear"):
        assert f"\n  {command} " in result.stdout


def test_from_recordings_to_a_decoder(patches, tmp_path):
    corpus, folder, decoder = tmp_path / "corpus", tmp_path / "fit", tmp_path / "mine.safetensors"
    built = run("corpus", patches, "-o", corpus, "--labels", "notes", "--frames-per-note", 4, "--test", 1)
    assert "144 frames" in built and "test: 1 clips, 24 frames" in built

    fitted = run(
        "fit", corpus, "-o", folder, "--latents", 3, "--octaves", "3-4", "--square-output", "--consistency", "1e-4",
        "--cosine", "--batch", 50, "--learning-rate", "2e-3", "--steps", 60, "--mixed-bfloat16",
    )  # fmt: skip
    assert "best at epoch" in fitted

    assert "test set: 24 frames" in run("evaluate", folder, "--mesh", 2) and (folder / "evaluation.json").exists()

    drawn = run("figures", folder, "-o", tmp_path / "pictures", "--format", "png", "--mesh", 2)
    names = [f"{name}.png" for name in ("losses", "embedding-fit", "confusion-fit", "reconstructions-fit")]
    assert drawn.split() == [str(tmp_path / "pictures" / name) for name in names]

    exported = train("export", folder, "-o", decoder, "--licence", "CC0", "--encoder")
    assert exported.returncode == 0, exported.stderr
    assert "5.6 MB, float16" in exported.stdout
    loaded = load_decoder(decoder)
    assert load_encoder(decoder, loaded).topology == loaded.topology
    assert (loaded.name, loaded.topology.octaves, loaded.info["licence"]) == ("mine", (3, 4), "CC0")
    assert loaded.info["test"]["test_frames"] == 24
    frame = decode(loaded, [0.5, 0.5, 0.5], 4, 4)
    assert np.isfinite(frame).all() and analysis.pitch_classes(frame[None]).tolist() == [4]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["corpus", "nowhere", "-o", "{tmp}/corpus"], "nowhere: no such file or folder"),
        (["fit", "nowhere", "-o", "{tmp}/fit"], "corpus nowhere: corpus.json is missing"),
        (["evaluate", "nowhere"], "fit nowhere: fit.json is missing"),
        (["export", "nowhere", "-o", "{tmp}/mine.safetensors"], "fit nowhere: fit.json is missing"),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(tmp_path, arguments, named):
    result = train(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.returncode == 1
    assert named in result.stderr and len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["fit", "learn", "figures", "export"])
def test_an_output_below_a_file_is_one_sentence(corpus, patches, tmp_path, command):
    (tmp_path / "file").write_text("no folder")
    fitted, output = tmp_path / "fitted", tmp_path / "file" / "below.safetensors"
    fit(corpus, fitted, Topology(widths=(8,)), Recipe(batch=50, steps=1))
    arguments = {
        "fit": [corpus.folder, "--steps", 1],
        "learn": [patches],
        "figures": [fitted],
        "export": [fitted],
    }
    result = train(command, *arguments[command], "-o", output)
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1, result.stderr
    assert "file" in result.stderr and "cannot be" in result.stderr


@pytest.mark.parametrize(
    ("name", "content"), [("fit.json", "{}"), ("fit.json", "["), ("evaluation.json", "{"), ("evaluation.json", "3")]
)
def test_a_damaged_fit_is_one_sentence(corpus, tmp_path, name, content):
    fit(corpus, tmp_path / "fit", Topology(widths=(8,)), Recipe(batch=50, steps=1))
    (tmp_path / "fit" / name).write_text(content)
    result = train("export", tmp_path / "fit", "-o", tmp_path / "mine.safetensors")
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1, result.stderr
    assert name in result.stderr and not (tmp_path / "mine.safetensors").exists()


@pytest.mark.parametrize("octaves", ["low", "6-2", "3,,4"])
def test_octaves_that_are_no_octaves_are_refused(tmp_path, octaves):
    result = train("fit", "nowhere", "-o", tmp_path / "fit", "--octaves", octaves)
    assert result.returncode == 2 and "range such as 2-6" in result.stderr
