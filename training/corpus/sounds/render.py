"""Rendering a source list into a folder of sounds (`training.corpus.sounds.sound_folder`)."""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from manned import files
from manned.errors import ConfigError, CorpusError
from training.corpus.parallel import in_parallel
from training.corpus.sounds import audition
from training.corpus.sounds.audition import Audition
from training.corpus.sounds.sound_folder import SoundFolder
from training.corpus.sounds.source_list import Selection, SourceList
from training.corpus.sounds.takes import Take, dealt, takes
from training.corpus.sounds.tuning import Tuning, measure
from training.corpus.sources.patch import Patch, Played
from training.corpus.sources.table import SYNTHESIZERS

_PEAK = 0.89  # -1 dB: each file is brought to this peak, so that 16 bits are enough for quiet patches
_ONSET_S = 0.01  # the very first of an attack has no pitch yet
_SHORTEST_S = 0.1  # a note that sounds for less holds no analysis window of 4096 samples
_DIED_DB = -40.0  # where a note is so far under its loudest moment, it has not begun or is over
_BLOCK_S = 0.01  # resolution of that
_FADE_S = 0.005  # the tail ends in silence before the next note


def render(wanted: SourceList, folder: Path, jobs: int = 1) -> list[dict[str, Any]]:
    """Render a source list, or what is missing of it.

    Parameters
    ----------
    wanted : SourceList
    folder : Path
        Made if missing.
    jobs : int
        Processes that render at the same time.

    Returns
    -------
    list of dict
        The rows of ``notes.csv``.

    Raises
    ------
    ConfigError
        The list names an unknown source, or the folder holds another list's sounds.
    CorpusError
        A source is not installed, no patch passes the audition, too few do for the list's split, or
        the folder cannot be written.
    """
    for selection in wanted.sources:
        if selection.name not in SYNTHESIZERS:
            raise ConfigError(f"there is no source {selection.name!r}; the sources are {', '.join(SYNTHESIZERS)}")
    offered = {selection: _offered(selection) for selection in wanted.sources}
    try:
        return _rendered(wanted, offered, SoundFolder(folder), jobs)
    except OSError as error:
        raise CorpusError(f"{files.shown(folder)}: sounds cannot be written ({error.strerror or error})") from error


def _rendered(
    wanted: SourceList, offered: dict[Selection, list[Patch]], folder: SoundFolder, jobs: int
) -> list[dict[str, Any]]:
    folder.claim(wanted)
    chosen: list[Patch] = []
    further: list[Patch] = []
    for selection, patches in offered.items():
        some, more = _chosen(selection, patches, wanted, folder, jobs)
        chosen += some
        further += more
    if not chosen:
        raise CorpusError("no patch passes the list's audition; widen its limits or its patterns")
    planned = takes(chosen, wanted, further)
    unfinished = [take for take in planned if not folder.is_finished(take)]
    task = partial(render_take, wanted=wanted, folder=folder)
    for _ in in_parallel(task, unfinished, jobs, "rendering", "patch", done=len(planned) - len(unfinished)):
        pass
    recorded = {take: folder.read_take(take) for take in planned}
    sets = dealt([take.clip for take, rows in recorded.items() if rows and not take.into], wanted)
    rows = [row | {"set": take.into or sets.get(take.clip, "")} for take, rows in recorded.items() for row in rows]
    folder.finish(planned, rows)
    return rows


def render_take(take: Take, wanted: SourceList, folder: SoundFolder) -> None:
    """Write the sound file of one take, then its record; raises `OSError` when the disk is full."""
    samplerate = wanted.samplerate
    sound = SYNTHESIZERS[take.patch.source].render(take.patch, take.notes, samplerate)
    if not np.isfinite(sound).all():  # a filter that ran away: the patch plays nothing
        sound = np.zeros_like(sound)
    sound = sound * (_PEAK / max(float(np.abs(sound).max(initial=0.0)), 1e-9))
    starts = np.cumsum([0] + [each.spacing for each in take.notes])
    fade = np.linspace(1.0, 0.0, round(_FADE_S * samplerate), dtype=np.float32)
    for end in starts[1:]:
        sound[end - len(fade) : end] *= fade
    encoded = io.BytesIO()
    soundfile.write(encoded, sound, samplerate, format="FLAC", subtype="PCM_16")

    spans = []
    for each, start in zip(take.notes, starts.tolist()):
        first, last = _sounding(sound[start : start + each.held], samplerate)
        spans.append((start + first, start + last))
    tunings = [
        measure(sound[first:last], each.note, samplerate) if last - first >= _SHORTEST_S * samplerate else None
        for each, (first, last) in zip(take.notes, spans)
    ]
    loudest_db = max((tuning.level_db for tuning in tunings if tuning), default=0.0)
    rows = [
        {
            "clip": take.clip,
            "start_s": round(first / samplerate, 4),
            "end_s": round(last / samplerate, 4),
            "note": each.note,
        }
        for each, (first, last), tuning in zip(take.notes, spans, tunings)
        if tuning and audition.keeps(tuning, wanted.check, loudest_db)
    ]
    folder.write_take(take, encoded.getvalue(), rows)


def _sounding(note: np.ndarray, samplerate: int) -> tuple[int, int]:
    """First and last frame of a held note's sounding part."""
    block = round(_BLOCK_S * samplerate)
    count = len(note) // block
    levels = np.sqrt(np.mean(np.square(note[: count * block].reshape(count, block)), axis=1))
    loud = np.flatnonzero(levels > max(float(levels.max()) * 10.0 ** (_DIED_DB / 20.0), 1e-5))
    if len(loud) == 0:
        return 0, 0
    last = len(note) if loud[-1] == count - 1 else (loud[-1] + 1) * block
    return max(round(_ONSET_S * samplerate), int(loud[0]) * block), int(last)


def _offered(selection: Selection) -> list[Patch]:
    offered = [patch for patch in SYNTHESIZERS[selection.name].patches() if fnmatchcase(patch.name, selection.patches)]
    if not offered:
        raise ConfigError(f"no patch of {selection.name} is named like {selection.patches!r}")
    return offered


def _chosen(
    selection: Selection, offered: list[Patch], wanted: SourceList, folder: SoundFolder, jobs: int
) -> tuple[list[Patch], list[Patch]]:
    """The patches that a selection takes, and its further ones; what was measured is kept in the folder."""
    if selection.melodic is None:
        count = selection.count or len(offered)
        return offered[:count], offered[count : count + selection.more]
    names = hashlib.sha256("\n".join(patch.name for patch in offered).encode()).hexdigest()[:12]
    name = f"{selection.name}-{names}"
    kept = folder.read_audition(name)
    if kept is None:
        task = partial(_audition, samplerate=wanted.samplerate)
        measured = dict(in_parallel(task, offered, jobs, f"auditioning {selection.name}", "patch"))
        kept = {name: asdict(each) for name, each in measured.items()}
        folder.write_audition(name, kept)
    auditions = {
        patch: Audition(**{part: tuple(Tuning(**note) for note in notes) for part, notes in kept[patch.name].items()})
        for patch in offered
    }
    return audition.choose(auditions, selection, wanted.seed)


def _audition(patch: Patch, samplerate: int) -> tuple[str, Audition]:
    held, spacing = round(audition.HELD_S * samplerate), round(audition.SPACING_S * samplerate)
    notes = [Played(note, audition.VELOCITY, held, spacing) for note in audition.NOTES]
    return patch.name, audition.analyse(SYNTHESIZERS[patch.source].render(patch, notes, samplerate), samplerate)
