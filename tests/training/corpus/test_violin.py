"""The TU-Note Violin Sample Library, in its own layout, becomes the paper's third corpus."""

import numpy as np
import pytest
import soundfile
from tones import tone

from manned.errors import CorpusError
from training.corpus.build import build_corpus
from training.corpus.sources import violin

SAMPLERATE = 96000
SINGLES = {"01": 55, "02": 62, "100": 76}
HEADING = "File\tString\tPosition\tMIDI\tISO\tDynamic\tHz\n"


@pytest.fixture
def library(tmp_path):
    """A library of three single sounds and two solos, for both microphones."""
    root = tmp_path / "TU-Note_Violin"
    for folder in ("File_Lists", "Segments/SingleSounds"):
        (root / folder).mkdir(parents=True)
    listing = [f"SampLib_DPA_{number}\tG\t1\t\t{note}\tX4\tpp\t197.33\n" for number, note in SINGLES.items()]
    (root / "File_Lists" / "list_Single.txt").write_text(HEADING + "".join(listing))
    silence = np.zeros(SAMPLERATE // 2)
    for microphone in violin.MICROPHONES:
        singles, solos = (root / "WAV" / part / microphone for part in ("SingleSounds", "Solo"))
        singles.mkdir(parents=True), solos.mkdir(parents=True)
        for number, note in SINGLES.items():
            sound = np.concatenate(
                [0.1 * tone(45, 0.5, samplerate=SAMPLERATE), tone(note, 1.0, samplerate=SAMPLERATE), silence]
            )
            soundfile.write(singles / f"SampLib_{microphone}_{number}.wav", sound, SAMPLERATE, subtype="PCM_24")
        for name in ("Solo_1", "Solo_2"):
            halves = [tone(note, 1.0, samplerate=SAMPLERATE) for note in (69, 71)]
            soundfile.write(
                solos / f"{name}_{microphone}.wav", np.concatenate([*halves, silence[: len(name)]]), SAMPLERATE
            )
    for number in SINGLES:
        segments = root / "Segments" / "SingleSounds" / f"SampLib_DPA_{number}.txt"
        segments.write_text("0.500000\tA\n0.600000\tB\n1.300000\tC\n1.500000\tD\n")
    (root / "WAV" / "TwoNote").mkdir()
    soundfile.write(root / "WAV" / "TwoNote" / "TwoNote_DPA_01.wav", tone(50, 1.0), 44100)
    return root


@pytest.mark.parametrize("microphone", violin.MICROPHONES)
def test_single_notes_train_and_halves_of_solos_validate_and_test(library, tmp_path, microphone):
    corpus = build_corpus([library], tmp_path / "corpus", find=lambda paths: violin.find_recordings(paths, microphone))
    classes = {name: set(corpus.classes[corpus.rows(name)].tolist()) for name in ("train", "validation", "test")}
    # The A2 before each single sound lies outside its segments, the two-note sequences are not used.
    assert classes == {"train": {7, 2, 4}, "validation": {9}, "test": {11}}
    assert all(microphone in clip["name"] for clip in corpus.info["clips"])
    assert len(corpus.rows("train")) == pytest.approx(3 * 40, abs=3)


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="is not the folder of the TU-Note Violin Sample Library, WAV/SingleSounds"):
        violin.find_recordings([tmp_path])


@pytest.mark.parametrize("missing", ["File_Lists/list_Single.txt", "Segments/SingleSounds/SampLib_DPA_02.txt"])
def test_a_library_that_lacks_a_list_is_refused(library, missing):
    (library / missing).unlink()
    with pytest.raises(CorpusError, match=f"{missing} is missing"):
        violin.find_recordings([library])


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (
            "File_Lists/list_Single.txt",
            HEADING + "SampLib_DPA_01 G I sharp\n",
            "line 2: found 'SampLib_DPA_01 G I sharp'",
        ),
        ("File_Lists/list_Single.txt", HEADING, "does not name SampLib_DPA_01.wav"),
        ("Segments/SingleSounds/SampLib_DPA_01.txt", "1.5\tA\n", "found no two times"),
        ("Segments/SingleSounds/SampLib_DPA_01.txt", "1.5\tA\n0.5\tD\n", "found no two times"),
        ("Segments/SingleSounds/SampLib_DPA_01.txt", "attack\n", "found no two times"),
    ],
)
def test_a_damaged_list_is_refused_with_its_place(library, path, content, message):
    (library / path).write_text(content)
    with pytest.raises(CorpusError, match=message):
        violin.find_recordings([library])


def test_a_damaged_solo_is_named_and_skipped(library, tmp_path):
    (library / "WAV/Solo/DPA/Solo_1_DPA.wav").write_text("not a sound")
    corpus = build_corpus([library], tmp_path / "corpus", find=violin.find_recordings)
    assert len(corpus.info["skipped"]) == 1 and "Solo_1_DPA.wav" in corpus.info["skipped"][0]
    assert len(corpus.info["clips"]) == 5
