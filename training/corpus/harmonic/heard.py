"""Recordings as harmonic frames, their pitch heard: what in them sounds one note, and what the rest is instead.

The pitch of a recording is one track (`pitch_track`).  It is cut into stretches, about a note each, and every stretch
is judged: is its octave right, does it sound one note or several?  Only what sounds one note is kept.  Where a
``notes.csv`` says the notes, they are taken from there.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from manned import files
from manned.errors import AudioError, CorpusError
from manned.model.analysis import SILENCE_DB, magnitudes, normalise
from manned.model.harmonic.analysis import WINDOW, Frames
from manned.model.harmonic.ear import foreign_share
from manned.model.harmonic.pitch_track import HOP, LOWEST_HZ, track_pitch, without_offset
from manned.model.harmonic.scale import HARMONICS, HIGHEST_HZ, NYQUIST_HZ, SAMPLERATE
from manned.model.pitch import hz_to_note, note_to_hz
from manned.sound_file import open_sound
from training.corpus.notes_file import Note
from training.corpus.parallel import in_parallel
from training.corpus.recordings import Passage, Recording, UnreadableRecording, copies, look_at, passages

from .corpus import HarmonicCorpus, write_corpus
from .notes import moments, note_frames

PITCHED, SEVERAL, NOISE, UNLIKE, SILENT = FINDINGS = ("pitched", "several", "noise", "unlike", "silent")
"""What is heard at a moment: one note, several at once, no pitch, another note than it should be, nothing."""

_PIECE_S = 30.0  # of a recording that is listened to at once
_PARALLEL_S = 60.0  # of sound that is worth starting processes for
_JUMP = 0.75  # semitones from one place of the track to the next: another note begins
_VIBRATO, _STEP = 8, 0.55  # places that a vibrato is evened out over, and semitones between such means: another note
_NOTE, _DRIFT = 6, 0.5  # places that a note lasts at least, and semitones that its pitch may wander
_SHORTEST, _LONGEST = 3, 86  # places of the track that make a stretch: 0.07 and 2 seconds
_ATTACK = 2  # places before a stretch that its attack lies in
_STEADY = 0.55  # semitones that most of a steady note lies within, as rough as the track is
_RANGE_DB, _QUIETEST_DB = 50.0, -80.0  # below the loudest moment all is silence, and below full scale
_MOST_FRAMES, _FEWEST_RATE, _HIGHEST_RATE = 8000, 20.0, 80.0
_APART = 0.1  # of the frames are kept to measure with
_LOWEST = 0.97  # of what the track hears: an octave below that is a guess
_MULTIPLES = range(8, 1, -1)
_ONLY = 0.997  # of the power in harmonics that are multiples of a number: that is the true fundamental
_FOREIGN = 0.15  # of the power in partials of another note
_CHORDS = ((1, (2, 3)), (2, (3, 4, 5)))  # how many of the first harmonics are faint, and what the others multiply
_FAINT, _STRONG = 0.015, 0.05  # shares of the power
_TONES = 0.5  # of the power of a sound without pitch that lies in partials
_SOME = 4  # every so many moments without pitch are looked at more closely


@dataclass(frozen=True, eq=False)
class Stretch:
    """A note, or a part of one.

    Attributes
    ----------
    name : str
        Of its clip, and where it lies there.
    into : str
        The set that it must go to, see `training.corpus.notes_file.Note`.
    frames : Frames
    seconds : np.ndarray [shape=(n,)], float32
        Of each frame, from the beginning of the stretch.
    spectra : np.ndarray [shape=(n, 2049)], float16
        Normalised magnitudes of the same moments.
    """

    name: str
    into: str
    frames: Frames
    seconds: np.ndarray
    spectra: np.ndarray

    @property
    def note(self) -> int:
        """MIDI note that it sounds."""
        return round(hz_to_note(float(np.median(self.frames.f0_hz))))


@dataclass(eq=False)
class Heard:
    """What was heard in one recording or in a piece of one.

    Attributes
    ----------
    name : str
        The file, for people.
    stretches : list of Stretch
    seconds : dict of str to float
        How long each of `FINDINGS` lasts.
    gliding_s : float
        How much of the pitched sound moves its pitch all the time.
    problem : str
        Why it could not be read, empty when it could.
    remark : str
        What is unusual about the file, empty as a rule.
    """

    name: str
    stretches: list[Stretch] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(FINDINGS, 0.0))
    gliding_s: float = 0.0
    problem: str = ""
    remark: str = ""

    def add(self, other: Heard) -> None:
        """Take in what was heard in another piece."""
        self.stretches += other.stretches
        self.seconds = {name: self.seconds[name] + other.seconds[name] for name in FINDINGS}
        self.gliding_s += other.gliding_s
        self.problem = self.problem or other.problem


def listen(
    recordings: Iterable[Recording],
    jobs: int = 1,
    seed: int = 0,
    progress: Callable[[float], object] = lambda _part: None,
) -> list[Heard]:
    """Hear what can be learned from recordings, one `Heard` for each, in their order.

    Parameters
    ----------
    recordings : iterable of Recording
        From `training.corpus.recordings.find_recordings`.
    jobs : int
        Processes at the same time, at most.
    seed : int
        Of the moments that frames are taken at.
    progress : callable(part)
        Told which part of them was heard, 0–1.
    """
    recordings = list(recordings)
    same = copies(recordings)
    found, pieces, length_s = [], [], 0.0
    for number, recording in enumerate(recordings):
        heard = Heard(files.shown(recording.path), problem=recording.problem)
        if recording.path in same:
            heard.problem = f"{heard.name}: is a copy of {files.shown(same[recording.path])}"
        found.append(heard)
        if heard.problem:
            continue
        try:
            _, heard.remark = look_at(recording.path)
            notes = recording.notes or _pieces(recording)
        except AudioError as error:
            heard.problem = str(error)
            continue
        length_s += sum(note.end_s - note.start_s for note in notes)
        pieces += [(number, replace(recording, notes=part)) for part in _parts(notes)]
    rate = float(np.clip(_MOST_FRAMES / max(length_s, 1e-9), _FEWEST_RATE, _HIGHEST_RATE))
    task = partial(_listen_to, rate=rate, seed=seed)
    jobs = min(jobs, len(pieces)) if length_s > _PARALLEL_S else 1
    results = in_parallel(task, pieces, jobs, "listening", "piece") if jobs > 1 else map(task, pieces)
    # By name of the stretches, since processes answer as they are ready.
    parts = []
    for part in results:
        parts.append(part)
        progress(len(parts) / len(pieces))
    parts.sort(key=lambda result: result[:2])
    for number, _, heard in parts:
        found[number].add(heard)
    for heard in found:
        if heard.problem:
            heard.stretches.clear()
    return found


def keep(heard: list[Heard], folder: Path, sounds: str, seed: int = 0) -> HarmonicCorpus:
    """Make a corpus of what was heard; each stretch is a clip of its own, so that some can be kept apart.

    Parameters
    ----------
    heard : list of Heard
        With a stretch at least.
    folder : Path
        Of the corpus; must not exist yet.
    sounds : str
        Where the recordings are, for people.
    seed : int
        Of the stretches that are kept apart.

    Raises
    ------
    CorpusError
        When there is no room to write.
    """
    stretches = [stretch for recording in heard for stretch in recording.stretches]
    frames = Frames.joined([stretch.frames for stretch in stretches])
    arrays = {name: values.astype(np.float32) for name, values in vars(frames).items()}
    arrays["notes"] = np.clip([round(hz_to_note(hertz)) for hertz in frames.f0_hz], 0, 127).astype(np.uint8)
    arrays["seconds"] = np.concatenate([stretch.seconds for stretch in stretches])
    arrays["clips"] = np.repeat(np.arange(len(stretches), dtype=np.int32), [len(each.frames) for each in stretches])
    clips = [{"name": each.name, "set": into} for each, into in zip(stretches, _deal(stretches, seed))]
    digest = hashlib.sha256(json.dumps(clips).encode())
    for values in arrays.values():
        digest.update(values.tobytes())
    info = {"sounds": sounds, "seed": seed, "digest": digest.hexdigest(), "clips": clips, "left_out": 0}
    try:
        folder.mkdir()
        write_corpus(folder, arrays, (stretch.spectra for stretch in stretches), info)
    except OSError as error:
        raise CorpusError(f"corpus {files.shown(folder)}: cannot be written ({error.strerror or error})") from None
    return HarmonicCorpus(folder)


def _deal(stretches: list[Stretch], seed: int) -> list[str]:
    """The set of each stretch; a tenth is kept apart, of notes that others sound too, unless the notes say sets."""
    if any(stretch.into for stretch in stretches):
        return [stretch.into or "train" for stretch in stretches]
    sets = ["train"] * len(stretches)
    notes = Counter(stretch.note for stretch in stretches)
    wanted = _APART * sum(len(stretch.frames) for stretch in stretches)
    for number in np.random.default_rng(seed).permutation(len(stretches)):
        stretch = stretches[number]
        if wanted <= 0.0:
            break
        if notes[stretch.note] > 1:
            notes[stretch.note] -= 1
            wanted -= len(stretch.frames)
            sets[number] = "test"
    return sets


def _pieces(recording: Recording) -> tuple[Note, ...]:
    """A recording without notes, cut into pieces of `_PIECE_S`."""
    with open_sound(recording.path) as sound:
        seconds = sound.seconds
    count = max(1, round(seconds / _PIECE_S))
    edges = np.linspace(0.0, seconds, count + 1)
    return tuple(Note(recording.name, float(start), float(end)) for start, end in pairwise(edges))


def _parts(notes: tuple[Note, ...]) -> list[tuple[Note, ...]]:
    """Notes in groups of about `_PIECE_S`."""
    parts: list[list[Note]] = [[]]
    length_s = 0.0
    for note in notes:
        if parts[-1] and length_s + note.end_s - note.start_s > 1.5 * _PIECE_S:
            parts.append([])
            length_s = 0.0
        parts[-1].append(note)
        length_s += note.end_s - note.start_s
    return [tuple(part) for part in parts]


def _listen_to(item: tuple[int, Recording], rate: float, seed: int) -> tuple[int, float, Heard]:
    """Number of a recording, where its piece begins, and what is heard there."""
    number, recording = item
    notes = recording.notes
    assert notes
    heard = Heard(files.shown(recording.path))
    try:
        for note, passage in zip(notes, passages(recording, SAMPLERATE, _PIECE_S)):
            rng = np.random.default_rng([seed, zlib.crc32(f"{note.clip} {note.start_s}".encode())])
            _hear_passage(heard, passage, note.start_s, rate, rng)
    except UnreadableRecording as error:
        heard.problem = str(error)
    return number, notes[0].start_s, heard


def _hear_passage(heard: Heard, passage: Passage, start_s: float, rate: float, rng: np.random.Generator) -> None:
    sound = without_offset(passage.signal, SAMPLERATE)
    audible = _audible(sound)
    heard.seconds[SILENT] += float(np.sum(~audible)) * HOP / SAMPLERATE
    if not audible.any():
        return
    if passage.note is not None:
        centres = moments(len(sound), _count(len(sound), rate), SAMPLERATE, rng)
        found = note_frames(sound, centres, note_to_hz(passage.note), SAMPLERATE)
        heard.seconds[PITCHED if found else UNLIKE] += float(np.sum(audible)) * HOP / SAMPLERATE
        if found:
            _keep(heard, passage, start_s, sound, centres, *found)
        return
    track = track_pitch(sound, SAMPLERATE)
    f0_hz, voiced = track.f0_hz, track.voiced & audible[: len(track.voiced)]
    other = audible[: len(voiced)] & ~voiced
    for first, last in _runs(f0_hz, voiced):
        finding, gliding = _hear_run(heard, passage, start_s, sound, f0_hz, other, first, last, rate, rng)
        seconds = (last - first) * HOP / SAMPLERATE
        if finding == NOISE:
            other[first:last] = True
        else:
            heard.seconds[finding] += seconds
            heard.gliding_s += seconds if gliding and finding == PITCHED else 0.0
    _tell_rest(heard, sound, np.flatnonzero(other))


def _hear_run(
    heard: Heard,
    passage: Passage,
    start_s: float,
    sound: np.ndarray,
    f0_hz: np.ndarray,
    other: np.ndarray,
    first: int,
    last: int,
    rate: float,
    rng: np.random.Generator,
) -> tuple[str, bool]:
    """Judge the places from first to last of a track; which of `FINDINGS` they are, and whether their pitch moves."""
    begin = first
    while begin > max(first - _ATTACK, 0) and other[begin - 1]:
        begin -= 1
    start, end = begin * HOP, min(last * HOP, len(sound))
    centres = start + moments(end - start, _count(end - start, rate), SAMPLERATE, rng)
    place = np.clip(np.round(centres / HOP).astype(int), first, last - 1)
    semitones = 12.0 * np.log2(f0_hz[first:last])
    low, high = np.quantile(semitones, (0.1, 0.9))
    steady = bool(high - low < _STEADY)
    pitch = f0_hz[place]
    found = note_frames(sound, centres, pitch, SAMPLERATE, steady)
    if found is None or np.median(found[0].f0_hz) < _LOWEST * LOWEST_HZ:
        return NOISE, False
    higher = _multiple(_mean_power(found[0]))
    if higher > 1 and pitch.max() * higher < HIGHEST_HZ:
        found = note_frames(sound, centres, pitch * higher, SAMPLERATE, steady) or found
    if _is_chord(_mean_power(found[0])) or not _keep(heard, passage, start_s, sound, centres, *found):
        return SEVERAL, False
    return PITCHED, not _is_settled(semitones)


def _keep(
    heard: Heard,
    passage: Passage,
    start_s: float,
    sound: np.ndarray,
    centres: np.ndarray,
    frames: Frames,
    loud: np.ndarray,
) -> bool:
    """Keep the frames of a stretch in which no other note sounds; False when another sounds in most."""
    some = centres[loud]
    spectra = _spectra(sound, some)
    pure = np.ones(len(some), dtype=bool)
    if passage.note is None:
        pure = foreign_share(spectra, frames.f0_hz) < _FOREIGN
        if np.mean(pure) < 0.5:
            return False
    begin = (some[0] if passage.note is None else 0) / SAMPLERATE
    heard.stretches.append(
        Stretch(
            f"{passage.clip}, {start_s + begin:.2f} s",
            passage.into,
            frames[pure],
            (some[pure] / SAMPLERATE - begin).astype(np.float32),
            spectra[pure].astype(np.float16),
        )
    )
    return True


def _tell_rest(heard: Heard, sound: np.ndarray, places: np.ndarray) -> None:
    """Say of audible places of the track without a pitch whether tones or noise sound there."""
    if not len(places):
        return
    some = _spectra(sound, places[::_SOME] * HOP)
    tones = float(np.mean(foreign_share(some, np.full(len(some), NYQUIST_HZ)) > _TONES))
    heard.seconds[SEVERAL] += tones * len(places) * HOP / SAMPLERATE
    heard.seconds[NOISE] += (1.0 - tones) * len(places) * HOP / SAMPLERATE


def _spectra(sound: np.ndarray, centres: np.ndarray) -> np.ndarray:
    pad = np.zeros(WINDOW // 2, np.float32)
    return normalise(magnitudes(np.concatenate([pad, sound, pad]), WINDOW, starts=centres))


def _audible(sound: np.ndarray) -> np.ndarray:
    """Which places of a track [shape=(1 + samples // HOP,)] are loud enough to be heard."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    centres = np.arange(1 + len(sound) // HOP) * HOP
    first, last = np.clip(centres - HOP, 0, len(sound)), np.clip(centres + HOP, 0, len(sound))
    level_db = 10.0 * np.log10((sums[last] - sums[first]) / (2 * HOP) + 1e-14)
    return level_db > max(min(SILENCE_DB, level_db.max() - _RANGE_DB), _QUIETEST_DB)


def _count(samples: int, rate: float) -> int:
    return max(2, round(rate * samples / SAMPLERATE))


def _runs(f0_hz: np.ndarray, voiced: np.ndarray) -> list[tuple[int, int]]:
    """First and last place (not counted) of the stretches of a track, none longer than `_LONGEST`."""
    semitones = 12.0 * np.log2(f0_hz)
    jump = np.abs(np.diff(semitones, prepend=semitones[:1])) > _JUMP
    begins = np.flatnonzero(voiced & (jump | ~np.concatenate([[False], voiced[:-1]])))
    silent = np.flatnonzero(~voiced)
    runs = []
    for begin, following in zip(begins, [*begins[1:], len(voiced)]):
        end = silent[np.searchsorted(silent, begin)] if silent.size and silent[-1] > begin else len(voiced)
        for first, last in _at_steps(semitones, int(begin), int(min(following, end))):
            edges = np.linspace(first, last, -(-(last - first) // _LONGEST) + 1).astype(int)
            runs += list(pairwise(edges.tolist()))
    return [(first, last) for first, last in runs if last - first >= _SHORTEST]


def _at_steps(semitones: np.ndarray, first: int, last: int) -> list[tuple[int, int]]:
    """Cut a part of a track where the pitch before and after differs: legato notes.  A vibrato is not cut."""
    if last - first < 2 * _SHORTEST:
        return [(first, last)]
    sums = np.concatenate([[0.0], np.cumsum(semitones[first:last])])
    place = np.arange(_SHORTEST, last - first - _SHORTEST + 1)
    low, high = np.maximum(place - _VIBRATO, 0), np.minimum(place + _VIBRATO, last - first)
    step = np.abs((sums[high] - sums[place]) / (high - place) - (sums[place] - sums[low]) / (place - low))
    if step.max() < _STEP:
        return [(first, last)]
    middle = first + int(place[np.argmax(step)])
    return _at_steps(semitones, first, middle) + _at_steps(semitones, middle, last)


def _is_settled(semitones: np.ndarray) -> bool:
    """Whether the pitch of a stretch stays long enough at one place to be a note."""
    half = len(semitones) // 2
    return len(semitones) >= _NOTE and abs(float(semitones[half:].mean() - semitones[:half].mean())) < _DRIFT


def _mean_power(frames: Frames) -> np.ndarray:
    """Share [shape=(HARMONICS,)] of the power of harmonics that each has, loud frames counting most."""
    power = 10.0 ** (frames.level_db / 10.0) @ 10.0 ** (frames.harmonics_db.astype(np.float64) / 10.0)
    return power / max(power.sum(), 1e-30)


def _multiple(power: np.ndarray) -> int:
    """The highest number whose multiples are all harmonics that sound: so much higher is the true fundamental."""
    return next((step for step in _MULTIPLES if power[step - 1 :: step].sum() > _ONLY), 1)


def _is_chord(power: np.ndarray) -> bool:
    """Whether harmonics are those of two or three notes whose common divisor the pitch is, itself hardly sounding."""
    number = np.arange(1, HARMONICS + 1)
    for silent, notes in _CHORDS:
        parts = sorted(power[number % note == 0].sum() for note in notes)
        rest = power[np.all([number % note != 0 for note in notes], axis=0)].sum()
        if power[:silent].sum() < _FAINT * silent and rest < 2 * _FAINT and parts[-2] > _STRONG:
            return True
    return False
