"""A folder of rendered sounds, which can be left and taken up again.

It holds one FLAC file per take (16 bit, mono), its notes one after another, and

- ``notes.csv``: ``file,clip,start_s,end_s,note,set`` for every note that is in tune; from where it sounds,
  10 ms after its note-on at the earliest, to its note-off or to where it has died away;
- ``SOURCES.json``: for every source its packages and their versions, its licence and its clips;
- ``recipe.json``: the source list (the name is that of version 0.1), so that a folder is never mixed from two;
- ``.rendered/``: a record per finished take and audition, by which a stopped run goes on where it was.

Files appear whole or not at all.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import ConfigError
from training.corpus.build import SOURCES_FILE
from training.corpus.notes_file import NOTES_FILE, write_notes
from training.corpus.sounds.source_list import SourceList
from training.corpus.sounds.takes import Take
from training.corpus.sources.table import SYNTHESIZERS
from training.files import read_json

LIST_FILE = "recipe.json"
_RECORDS = ".rendered"


class SoundFolder:
    """The files of one source list; every method raises `OSError` when the folder cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def claim(self, wanted: SourceList) -> None:
        """Take the folder for a source list; raises `ConfigError` when it is another's."""
        text = json.dumps(wanted.as_dict(), indent=1)
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / _RECORDS).mkdir(exist_ok=True)
        listed = self.path / LIST_FILE
        if not files.is_file(listed):
            files.write_text(listed, text)
        elif files.read_text(listed) != text:
            raise ConfigError(
                f"{files.shown(self.path)} holds sounds of another source list (see its {LIST_FILE}); "
                "name another folder"
            )

    def is_finished(self, take: Take) -> bool:
        """Whether a take was rendered before."""
        return files.is_file(self._record_path(take)) and files.is_file(self._sound_path(take))

    def write_take(self, take: Take, sound: bytes, rows: list[dict[str, Any]]) -> None:
        """Write the sound file of a take, then its record: rows of ``notes.csv`` without their ``file``."""
        path = self._sound_path(take)
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.path / _RECORDS).mkdir(exist_ok=True)
        files.write_bytes(path, sound)
        name = path.relative_to(self.path).as_posix()
        record = [{"file": name, **row} for row in rows]
        files.write_text(self._record_path(take), json.dumps(record, ensure_ascii=False))

    def read_take(self, take: Take) -> list[dict[str, Any]]:
        """The rows of ``notes.csv`` of a finished take."""
        return read_json(self._record_path(take))

    def write_audition(self, name: str, content: dict[str, Any]) -> None:
        """Keep what was measured in an audition."""
        files.write_text(self._audition_path(name), json.dumps(content))

    def read_audition(self, name: str) -> dict[str, Any] | None:
        """What was measured in an audition before, None when there was none."""
        path = self._audition_path(name)
        return read_json(path) if files.is_file(path) else None

    def finish(self, planned: list[Take], rows: list[dict[str, Any]]) -> None:
        """Write ``notes.csv`` and ``SOURCES.json``."""
        write_notes(self.path / NOTES_FILE, rows)
        files.write_text(self.path / SOURCES_FILE, json.dumps(_provenance(planned), indent=1, ensure_ascii=False))

    def _sound_path(self, take: Take) -> Path:
        return self.path / f"{_slug(take.clip)}.flac"

    def _record_path(self, take: Take) -> Path:
        return self.path / _RECORDS / f"{_slug(take.clip).replace('/', '--')}.json"

    def _audition_path(self, name: str) -> Path:
        return self.path / _RECORDS / f"audition-{name}.json"


def _provenance(planned: list[Take]) -> dict[str, Any]:
    sources: dict[str, Any] = {}
    for take in planned:
        name = take.patch.source
        if name not in sources:
            source = SYNTHESIZERS[name]
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


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9./]+", "-", name).strip("-.")
