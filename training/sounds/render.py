"""Rendering a recipe into a folder.

The folder then holds one FLAC file per take (16 bit, mono), its notes one after another, and

- ``notes.csv``: ``file,clip,start_s,end_s,note,set`` for every note that is in tune; from where it sounds,
  10 ms after its note-on at the earliest, to its note-off or to where it has died away;
- ``SOURCES.json``: for every source its packages and their versions, its licence and its clips;
- ``recipe.json``: the recipe, so that a folder is never mixed from two;
- ``.rendered/``: a record per finished take, by which a stopped run goes on where it was.

Files appear whole or not at all.
"""

import csv
import hashlib
import io
import json
import multiprocessing
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from manned.errors import ConfigError, CorpusError
from training.sounds import amsynth, audition, fluidr3, zynaddsubfx
from training.sounds.audition import Heard
from training.sounds.patch import Patch, Played
from training.sounds.recipe import Recipe, Selection
from training.sounds.takes import Take, dealt, takes
from training.sounds.tuning import Tuning, measure

SOURCES = {"amsynth": amsynth, "fluidr3": fluidr3, "zynaddsubfx": zynaddsubfx}

COLUMNS = ("file", "clip", "start_s", "end_s", "note", "set")

_PEAK = 0.89  # -1 dB: each file is brought to this peak, so that 16 bits are enough for quiet patches
_ONSET_S = 0.01  # the very first of an attack has no pitch yet
_SHORTEST_S = 0.1  # a note that sounds for less holds no analysis window of 4096 samples
_DIED_DB = -40.0  # where a note is so far under its loudest moment, it has not begun or is over
_BLOCK_S = 0.01  # resolution of that
_FADE_S = 0.005  # the tail ends in silence before the next note


def render(recipe: Recipe, folder: Path, jobs: int = 1) -> list[dict]:
    """Render a recipe, or what is missing of it.

    Parameters
    ----------
    recipe : Recipe
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
        The recipe names an unknown source, or the folder holds another recipe's sounds.
    CorpusError
        A source is not installed, no patch passes the audition, too few do for the recipe's split, or
        the folder cannot be written.
    """
    for selection in recipe.sources:
        if selection.name not in SOURCES:
            raise ConfigError(f"there is no source {selection.name!r}; the sources are {', '.join(SOURCES)}")
    offered = {selection: _offered(selection) for selection in recipe.sources}
    try:
        return _rendered(recipe, offered, folder, jobs)
    except OSError as error:
        raise CorpusError(f"{folder}: sounds cannot be written ({error.strerror or error})") from error


def _rendered(recipe: Recipe, offered: dict, folder: Path, jobs: int) -> list[dict]:
    _claim(folder, recipe)
    chosen, further = [], []
    for selection, patches in offered.items():
        some, more = _chosen(selection, patches, recipe, folder, jobs)
        chosen += some
        further += more
    if not chosen:
        raise CorpusError("no patch passes the recipe's audition; widen its limits or its patterns")
    planned = takes(chosen, recipe, further)
    unfinished = [
        take for take in planned if not (_record_path(folder, take).is_file() and _sound_path(folder, take).is_file())
    ]
    task = partial(render_take, recipe=recipe, folder=folder)
    for _ in _in_parallel(task, unfinished, jobs, "rendering", done=len(planned) - len(unfinished)):
        pass
    recorded = {take: json.loads(_record_path(folder, take).read_text()) for take in planned}
    sets = dealt([take.clip for take, rows in recorded.items() if rows and not take.into], recipe)
    rows = [row | {"set": take.into or sets.get(take.clip, "")} for take, rows in recorded.items() for row in rows]
    _write(folder / "notes.csv", _as_csv(rows))
    _write(folder / "SOURCES.json", json.dumps(_provenance(planned), indent=1, ensure_ascii=False))
    return rows


def render_take(take: Take, recipe: Recipe, folder: Path) -> None:
    """Write the sound file of one take, then its record."""
    samplerate = recipe.samplerate
    sound = SOURCES[take.patch.source].render(take.patch, take.notes, samplerate)
    if not np.isfinite(sound).all():  # a filter that ran away: the patch plays nothing
        sound = np.zeros_like(sound)
    sound = sound * (_PEAK / max(float(np.abs(sound).max(initial=0.0)), 1e-9))
    starts = np.cumsum([0] + [each.spacing for each in take.notes])
    fade = np.linspace(1.0, 0.0, round(_FADE_S * samplerate), dtype=np.float32)
    for end in starts[1:]:
        sound[end - len(fade) : end] *= fade
    path = _sound_path(folder, take)
    encoded = io.BytesIO()
    soundfile.write(encoded, sound, samplerate, format="FLAC", subtype="PCM_16")
    _write(path, encoded.getvalue())

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
            "file": path.relative_to(folder).as_posix(),
            "clip": take.clip,
            "start_s": round(first / samplerate, 4),
            "end_s": round(last / samplerate, 4),
            "note": each.note,
        }
        for each, (first, last), tuning in zip(take.notes, spans, tunings)
        if tuning and audition.keeps(tuning, recipe.check, loudest_db)
    ]
    _write(_record_path(folder, take), json.dumps(rows, ensure_ascii=False))


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
    offered = [patch for patch in SOURCES[selection.name].patches() if fnmatchcase(patch.name, selection.patches)]
    if not offered:
        raise ConfigError(f"no patch of {selection.name} is named like {selection.patches!r}")
    return offered


def _chosen(
    selection: Selection, offered: list[Patch], recipe: Recipe, folder: Path, jobs: int
) -> tuple[list[Patch], list[Patch]]:
    """The patches that a selection takes, and its further ones; what was heard is kept in the folder."""
    if selection.melodic is None:
        count = selection.count or len(offered)
        return offered[:count], offered[count : count + selection.more]
    names = hashlib.sha256("\n".join(patch.name for patch in offered).encode()).hexdigest()[:12]
    path = folder / ".rendered" / f"audition-{selection.name}-{names}.json"
    if not path.is_file():
        task = partial(_audition, samplerate=recipe.samplerate)
        heard = dict(_in_parallel(task, offered, jobs, f"listening to {selection.name}"))
        _write(path, json.dumps({name: asdict(each) for name, each in heard.items()}))
    heard = {
        name: Heard(**{part: tuple(Tuning(**note) for note in notes) for part, notes in parts.items()})
        for name, parts in json.loads(path.read_text()).items()
    }
    auditions = {patch: heard[patch.name] for patch in offered}
    return audition.choose(auditions, selection, recipe.seed)


def _audition(patch: Patch, samplerate: int) -> tuple[str, Heard]:
    held, spacing = round(audition.HELD_S * samplerate), round(audition.SPACING_S * samplerate)
    notes = [Played(note, audition.VELOCITY, held, spacing) for note in audition.NOTES]
    return patch.name, audition.hear(SOURCES[patch.source].render(patch, notes, samplerate), samplerate)


def _in_parallel(task: Callable, items: list, jobs: int, title: str, done: int = 0) -> Iterator:
    """Results of a task for every patch or take as they come, with a progress bar."""
    if not items:
        return
    # Not forked: a fresh process shares no state of a plugin with its parent.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_follow_parent) as pool:
        futures = [pool.submit(task, item) for item in items]
        try:
            progress = tqdm(as_completed(futures), title, total=len(items) + done, initial=done, unit="patch")
            for future in progress:
                yield future.result()
        except BrokenProcessPool as error:
            raise CorpusError("a rendering process died; start again with fewer --jobs to go on") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent process, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _claim(folder: Path, recipe: Recipe) -> None:
    """Take the folder for a recipe, or refuse it when it is another's."""
    text = json.dumps(recipe.as_dict(), indent=1)
    path = folder / "recipe.json"
    if path.is_file():
        if path.read_text() != text:
            raise ConfigError(f"{folder} holds sounds of another recipe (see its recipe.json); name another folder")
        return
    _write(path, text)


def _provenance(planned: list[Take]) -> dict:
    sources = {}
    for take in planned:
        name = take.patch.source
        if name not in sources:
            source = SOURCES[name]
            sources[name] = {
                "packages": {package: _version(package) for package in source.PACKAGES},
                "licence": source.LICENCE,
                "clips": [],
            }
        sources[name]["clips"].append(take.clip)
    return sources


def _version(package: str) -> str:
    try:
        query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    except FileNotFoundError:
        return "unknown"
    return query.stdout if query.returncode == 0 else "unknown"


def _as_csv(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9./]+", "-", name).strip("-.")


def _sound_path(folder: Path, take: Take) -> Path:
    return folder / f"{_slug(take.clip)}.flac"


def _record_path(folder: Path, take: Take) -> Path:
    return folder / ".rendered" / f"{_slug(take.clip).replace('/', '--')}.json"


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial_path = path.with_name(f".{path.name}.part")
    try:
        partial_path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(partial_path, path)
    finally:
        partial_path.unlink(missing_ok=True)
