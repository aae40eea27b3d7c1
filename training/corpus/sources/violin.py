"""The TU-Note Violin Sample Library (H. von Coler, DAFx 2018) as the paper's third corpus (section IV-B).

The library's folder, as it is downloaded from https://depositonce.tu-berlin.de/handle/11303/7527 (licence
CC BY-ND 4.0), holds

- ``WAV/SingleSounds/DPA/SampLib_DPA_01.wav`` and on: 336 single sounds, 96 kHz, once for each of the
  two microphones ``DPA`` and ``BuK``; likewise ``WAV/Solo/`` and ``WAV/TwoNote/``;
- ``File_Lists/list_Single.txt``: a heading, then for each single sound its name, string, position, MIDI
  note, pitch, dynamic and frequency, between tabs;
- ``Segments/SingleSounds/SampLib_DPA_01.txt`` and on: a time in seconds and a letter on each line, the
  first where the sound begins, the last where it is over; they hold for both microphones.

Single sounds are for training.  Each solo is cut in its middle: its first half is for validation, its
second half for test, and no window of analysis reaches over the cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from manned import files
from manned.errors import AudioError, CorpusError
from manned.sound_file import open_sound
from training.corpus.notes_file import Note
from training.corpus.recordings import Recording

MICROPHONES = ("DPA", "BuK")


def find_recordings(paths: Iterable[Path], microphone: str = MICROPHONES[0]) -> list[Recording]:
    """Single sounds and solos of the library, each with its set.

    Parameters
    ----------
    paths : iterable of path
        The library's folder, just one.
    microphone : {'DPA', 'BuK'}

    Raises
    ------
    CorpusError
        When the folder is not the library, or one of its lists is damaged.
    """
    paths = [Path(path) for path in paths]
    if len(paths) != 1:
        raise CorpusError(f"{len(paths)} folders were given; the TU-Note Violin Sample Library is one folder")
    root = paths[0]
    singles = _sounds(root, root / "WAV" / "SingleSounds" / microphone)
    solos = _sounds(root, root / "WAV" / "Solo" / microphone)
    notes = _listed_notes(root, root / "File_Lists" / "list_Single.txt")
    return [_single(root, path, notes) for path in singles] + [_solo(path) for path in solos]


def _sounds(root: Path, folder: Path) -> list[Path]:
    found = [path for path in files.entries(folder) if files.has_suffix(path, ".wav")]
    if not found:
        raise _not_the_library(root, f"{folder.relative_to(root)}/*.wav")
    return found


def _not_the_library(root: Path, missing: str | Path) -> CorpusError:
    return CorpusError(
        f"{root}: is not the folder of the TU-Note Violin Sample Library, {missing} is missing; "
        "give the folder that holds WAV, Segments and File_Lists"
    )


def _common_name(name: str) -> str:
    """A sound's name without its microphone: lists name only one of them."""
    name = Path(name).stem if name.lower().endswith(".wav") else name
    for microphone in MICROPHONES:
        name = name.replace(f"_{microphone}_", "_")
    return name


def _listed_notes(root: Path, path: Path) -> dict[str, int]:
    notes = {}
    try:
        lines = files.read_bytes(path).decode("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        raise _not_the_library(root, path.relative_to(root)) from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from None
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            name, _, _, note = line.split()[:4]
            notes[_common_name(name)] = int(note)
        except ValueError:
            raise CorpusError(
                f"{path}, line {number}: found {line.strip()!r}, expected name, string, position and MIDI note"
            ) from None
    return notes


def _single(root: Path, path: Path, notes: dict[str, int]) -> Recording:
    name = _common_name(path.name)
    if name not in notes:
        raise CorpusError(f"{root}: File_Lists/list_Single.txt does not name {path.name}")
    start_s, end_s = _bounds(root, root / "Segments" / "SingleSounds" / f"{name.replace('_', '_DPA_', 1)}.txt")
    return Recording(path, path.name, (Note(f"SingleSounds/{path.stem}", start_s, end_s, notes[name], "train"),))


def _bounds(root: Path, path: Path) -> tuple[float, float]:
    """Where a single sound begins and ends, in seconds."""
    try:
        times = [float(line.split()[0]) for line in files.read_text(path).splitlines() if line.strip()]
        if len(times) >= 2 and 0.0 <= times[0] < times[-1]:
            return times[0], times[-1]
    except FileNotFoundError:
        raise _not_the_library(root, path.relative_to(root)) from None
    except (OSError, ValueError):
        pass
    raise CorpusError(f"{path}: found no two times in seconds, the second after the first")


def _solo(path: Path) -> Recording:
    try:
        with open_sound(path) as sound:
            length_s = sound.seconds
    except AudioError:
        return Recording(path, path.name)  # named and skipped when its turn comes
    clip = f"Solo/{path.stem}"
    halves = (
        Note(f"{clip}, first half", 0.0, length_s / 2, into="validation"),
        Note(f"{clip}, second half", length_s / 2, length_s, into="test"),
    )
    return Recording(path, path.name, halves)
