"""The table of sources: where the sounds of a corpus can come from.

To add a synthesizer, write its file beside this one (`training.corpus.sources.patch.Source` says what it must offer)
and add a row to `SYNTHESIZERS`.  To add a sample library with a layout of its own, write a file with a function that
finds its recordings and add a row to `LIBRARIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from manned.errors import CorpusError
from training.corpus.recordings import Recording
from training.corpus.sources import amsynth, fluidr3, violin, zynaddsubfx
from training.corpus.sources.patch import Source

SYNTHESIZERS: dict[str, Source] = {"amsynth": amsynth, "fluidr3": fluidr3, "zynaddsubfx": zynaddsubfx}
"""Sources that can be rendered, by the name that a source list uses."""


@dataclass(frozen=True)
class SampleLibrary:
    """A sample library as it can be downloaded.

    Attributes
    ----------
    find : callable(paths, microphone)
        Gives the list of `Recording`.
    microphones : tuple of str
        What was recorded at the same time; the first is the default.
    """

    find: Callable[..., list[Recording]]
    microphones: tuple[str, ...]


LIBRARIES = {"tu-note-violin": SampleLibrary(violin.find_recordings, violin.MICROPHONES)}
"""Libraries that can be read, by the name that `manned-train corpus --library` uses."""


def find_library(name: str, microphone: str | None = None) -> Callable[[Iterable[Path]], list[Recording]]:
    """The function that finds the recordings of a library.

    Parameters
    ----------
    name : str
        Key of `LIBRARIES`.
    microphone : str, optional
        One of the library's; by default the first.

    Raises
    ------
    CorpusError
        When there is no such library or microphone.
    """
    if name not in LIBRARIES:
        raise CorpusError(f"there is no library {name!r}; allowed are {', '.join(LIBRARIES)}")
    library = LIBRARIES[name]
    if microphone is not None and microphone not in library.microphones:
        raise CorpusError(f"{name} has no microphone {microphone!r}; allowed are {', '.join(library.microphones)}")
    return partial(library.find, microphone=microphone or library.microphones[0])
