"""The corpus of harmonic frames: levels of harmonics and bands, pitch and level, split by patch.

A corpus is a folder of ``frames.npz`` (all numbers of all frames), ``spectra.npy`` (magnitudes of the same
moments, float16, for comparing with decoders that draw spectra) and ``corpus.json`` (what it is).  While it
is built, ``parts/`` holds a file for each clip, by which a stopped run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from manned import files
from manned.errors import CorpusError
from manned.model.analysis import magnitudes, normalise
from manned.model.harmonic.analysis import WINDOW, Frames
from manned.model.harmonic.scale import SAMPLERATE
from manned.model.harmonic.topology import KIND
from manned.model.pitch import note_to_hz
from manned.sound_file import open_sound
from training.corpus.corpus import INFO
from training.corpus.notes_file import NOTES_FILE, read_rows
from training.corpus.parallel import in_parallel
from training.corpus.split import SETS as _DEALT
from training.files import read_json

from .notes import moments, note_frames

FORMAT = 1
SETS = (*_DEALT, "apart")

SHARES = (0.025, 0.025)
"""Of the patches, for validation and for test."""

_MELODIC = 0.5  # of a patch's notes that sound their note, at least


class HarmonicCorpus:
    """A corpus opened for reading.

    Attributes
    ----------
    folder : Path
    info : dict
        What ``corpus.json`` says.
    frames : Frames
    notes, clips : np.ndarray [shape=(n,)], int
        MIDI note that was played, and index into ``info['clips']``, of each frame.
    seconds : np.ndarray [shape=(n,)], float32
        From the onset of its note.
    spectra : np.memmap [shape=(n, 2049)], float16
        Normalised magnitudes.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        try:
            self.info = read_json(self.folder / INFO)
            if self.info.get("kind") != KIND or self.info["format"] != FORMAT:
                raise CorpusError(f"corpus {files.shown(folder)}: is not of the kind {KIND}, format {FORMAT}")
            with np.load(self.folder / "frames.npz") as arrays:
                self.frames = Frames(*(arrays[name] for name in Frames.__dataclass_fields__))
                self.notes, self.clips, self.seconds = arrays["notes"], arrays["clips"], arrays["seconds"]
            self.spectra = np.load(self.folder / "spectra.npy", mmap_mode="r")
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
            raise CorpusError(f"corpus {files.shown(folder)}: cannot be read ({error})") from None

    def rows(self, name: str) -> np.ndarray:
        """Indices of the frames of one of `SETS`."""
        return np.flatnonzero(np.array([clip["set"] == name for clip in self.info["clips"]])[self.clips])

    def patches(self, name: str) -> int:
        """How many clips are in one of `SETS`."""
        return sum(clip["set"] == name for clip in self.info["clips"])

    def summary(self) -> str:
        """What the corpus holds, for people."""
        info = self.info
        lines = [
            f"{len(self.frames)} frames of {len(info['clips'])} patches, {info['left_out']} more sound no note",
            *(f"{name}: {self.patches(name)} patches, {len(self.rows(name))} frames" for name in SETS),
        ]
        return "\n".join(lines)


def set_of(clip: str, seed: int, apart: tuple[str, ...] = (), shares: tuple[float, float] = SHARES) -> str:
    """The set of a clip, drawn by its name alone: it stays when other clips come or go.

    Clips whose name matches a pattern of ``apart`` are neither trained on nor tested with frame by frame: what a
    benchmark plays from beginning to end.
    """
    if any(fnmatchcase(clip, pattern) for pattern in apart):
        return "apart"
    place = zlib.crc32(f"{seed} {clip}".encode()) / 2**32
    return "validation" if place < shares[0] else "test" if place < sum(shares) else "train"


def build(
    sounds: Path,
    folder: Path,
    frames_per_note: int = 8,
    seed: int = 1,
    jobs: int = 1,
    apart: tuple[str, ...] = (),
    shares: tuple[float, float] = SHARES,
) -> HarmonicCorpus:
    """Make a corpus of a folder of rendered sounds, or go on with it.

    Parameters
    ----------
    sounds : Path
        Holds ``notes.csv``, as ``manned-train sounds render`` writes it.
    folder : Path
        Of the corpus.
    frames_per_note : int
    seed : int
        Of the moments and of the split.
    jobs : int
        Processes at the same time.
    apart : tuple of str
        Patterns of clips that no fit may see, see `set_of`.
    shares : (float, float)
        Of the other clips, for validation and for test; a clip whose notes name a set goes there.

    Raises
    ------
    CorpusError
        When the sounds cannot be read, no patch is melodic, or there is no room to write.
    """
    clips = _clips(sounds)
    try:
        _build(sounds, folder, clips, frames_per_note, seed, jobs, apart, shares)
    except OSError as error:
        raise CorpusError(f"corpus {files.shown(folder)}: cannot be written ({error.strerror or error})") from None
    return HarmonicCorpus(folder)


def _build(
    sounds: Path,
    folder: Path,
    clips: dict[str, list[dict[str, str]]],
    frames_per_note: int,
    seed: int,
    jobs: int,
    apart: tuple[str, ...],
    shares: tuple[float, float],
) -> None:
    parts = folder / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    begun = [str(sounds.resolve()), frames_per_note, seed]
    names = {clip: parts / f"{_digest([*begun, rows])}.npz" for clip, rows in clips.items()}
    missing = [(clip, rows, names[clip]) for clip, rows in clips.items() if not names[clip].is_file()]
    task = partial(_write_part, sounds=sounds, count=frames_per_note, seed=seed)
    for _ in in_parallel(task, missing, jobs, "analysing", "clip"):
        pass
    sets = {
        clip: "apart" if drawn == "apart" else rows[0].get("set") or drawn
        for clip, rows in clips.items()
        for drawn in [set_of(clip, seed, apart, shares)]
    }
    _join(folder, names, sets, sounds, frames_per_note, seed)


def _digest(values: list) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:20]


def _clips(sounds: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of ``notes.csv`` by clip."""
    clips = defaultdict(list)
    for row, note in read_rows(sounds / NOTES_FILE):
        clips[note.clip].append(row)
    return dict(clips)


def _write_part(missing: tuple[str, list[dict[str, str]], Path], sounds: Path, count: int, seed: int) -> None:
    """Analyse the notes of one clip, given as its name and rows, and write its part to a path."""
    clip, rows, path = missing
    rng = np.random.default_rng([seed, zlib.crc32(clip.encode())])
    kept = []
    for row in rows:
        start, end = float(row["start_s"]), float(row["end_s"])
        signal, rate = _note(sounds / row["file"], start, end)
        signal = signal - signal.mean()
        centres = moments(len(signal), count, rate, rng)
        note = int(row["note"])
        # Without padding a window would have to lie within the note, which leaves its attack out.
        padded = np.concatenate([np.zeros(WINDOW // 2, np.float32), signal, np.zeros(WINDOW // 2, np.float32)])
        found = note_frames(signal, centres, note_to_hz(note), rate)
        if found is None:
            continue
        frames, loud = found
        spectra = normalise(magnitudes(padded, WINDOW, starts=centres[loud]))
        kept.append((frames, note, centres[loud] / rate, spectra.astype(np.float16)))
    arrays: dict[str, Any] = {"count": len(rows), "pitched": len(kept)}
    if kept:
        frames = Frames.joined([each[0] for each in kept])
        arrays |= {name: values.astype(np.float32) for name, values in vars(frames).items()}
        arrays["notes"] = np.concatenate([np.full(len(each[0]), each[1], np.uint8) for each in kept])
        arrays["seconds"] = np.concatenate([each[2] for each in kept]).astype(np.float32)
        arrays["spectra"] = np.concatenate([each[3] for each in kept])
    with files.replacing(path) as part, open(part, "wb") as file:
        np.savez(file, **arrays)


def _note(path: Path, start_s: float, end_s: float) -> tuple[np.ndarray, int]:
    """A piece [shape=(n,)] of a file and its sample rate; a `CorpusError` when there is none."""
    with open_sound(path) as sound:
        rate = sound.samplerate
        if rate != SAMPLERATE:
            raise CorpusError(f"{files.shown(path)}: its sample rate is {rate} Hz, allowed is {SAMPLERATE}")
        start, end = round(start_s * rate), min(round(end_s * rate), sound.frames)
        if not 0 <= start < end:
            raise CorpusError(f"{files.shown(path)}: a note lies at {start_s}–{end_s} s, it has {sound.seconds:.3f} s")
        sound.seek(start)
        return sound.read(end - start), rate


def _join(
    folder: Path, names: dict[str, Path], sets: dict[str, str], sounds: Path, frames_per_note: int, seed: int
) -> None:
    """Put the parts of all melodic clips together."""
    clips: list[dict[str, str]] = []
    arrays: defaultdict[str, list[np.ndarray]] = defaultdict(list)
    digest = hashlib.sha256()
    for clip, path in names.items():
        with np.load(path) as part:
            if part["pitched"] < _MELODIC * part["count"] or part["pitched"] == 0:
                continue
            for name in part.files:
                if name not in ("count", "pitched", "spectra"):
                    arrays[name].append(part[name])
                    digest.update(part[name].tobytes())
            arrays["clips"].append(np.full(len(part["notes"]), len(clips), np.int32))
            clips.append({"name": clip, "set": sets[clip]})
            digest.update(clips[-1]["set"].encode())
    if not clips:
        raise CorpusError(f"{files.shown(sounds)}: no patch sounds its notes")
    spectra = (_part_spectra(names[clip["name"]]) for clip in clips)
    info = {
        "sounds": str(sounds),
        "frames_per_note": frames_per_note,
        "seed": seed,
        "digest": digest.hexdigest(),
        "clips": clips,
        "left_out": len(names) - len(clips),
    }
    write_corpus(folder, {name: np.concatenate(values) for name, values in arrays.items()}, spectra, info)


def _part_spectra(path: Path) -> np.ndarray:
    with np.load(path) as part:
        return part["spectra"]


def write_corpus(
    folder: Path, arrays: dict[str, np.ndarray], spectra: Iterable[np.ndarray], info: dict[str, Any]
) -> None:
    """Write the files of a corpus.

    Parameters
    ----------
    folder : Path
        Must exist.
    arrays : dict of np.ndarray [shape=(n, …)]
        The fields of `Frames`, ``notes``, ``clips`` and ``seconds``, see `HarmonicCorpus`.
    spectra : iterable of np.ndarray [shape=(m, 2049)], float16
        One after another those of all frames.
    info : dict
        Plain values for ``corpus.json``; ``clips``, ``digest``, ``sounds`` and ``left_out`` among them.

    Raises
    ------
    OSError
        When there is no room.
    """
    count = len(arrays["notes"])
    with files.replacing(folder / "spectra.npy") as path, open(path, "wb") as file:
        # Not a memory map: writing one on a full disk ends the process.
        header = {"descr": "<f2", "fortran_order": False, "shape": (count, WINDOW // 2 + 1)}
        np.lib.format.write_array_header_1_0(file, header)
        for some in spectra:
            file.write(np.ascontiguousarray(some, dtype="<f2").tobytes())
    with files.replacing(folder / "frames.npz") as path, open(path, "wb") as file:
        whole: dict[str, Any] = dict(arrays)
        np.savez(file, **whole)
    info = {"kind": KIND, "format": FORMAT, "samplerate": SAMPLERATE, "frames": count, **info}
    files.write_text(folder / INFO, json.dumps(info, indent=1))
