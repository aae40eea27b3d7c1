"""Sound files of strangers: one list of formats, one reader that checks before it believes.

`manned encode` and `manned-train corpus` both read through `open_sound`, so they take
the same files and refuse the others in the same words.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import soundfile

from . import files
from .errors import AudioError
from .limits import SOUND_RATES

SUFFIXES = (
    ".wav .wave .bwf .rf64 .w64 .flac .ogg .oga .opus .mp3 .mp2 .mp1 .aif .aiff .aifc .caf .au .snd .avr .htk .iff "
    ".svx .8svx .mat .mpc .paf .pvf .sd2 .sds .sf .ircam .voc .nist .sph .wve .xi"
).split()
"""Names of the formats that libsndfile reads, but for headerless ones."""

UNREADABLE_SUFFIXES = (
    ".m4a .m4b .aac .mp4 .wma .ape .wv .tta .tak .ac3 .eac3 .amr .dsf .dff .mka .weba .webm .ra .raw .pcm"
).split()
"""Names of sound that libsndfile does not read."""

MAX_SAMPLE = 1e6
"""Largest sample, where 1 is full scale; larger ones would overflow in a spectrum."""

_BEGINNINGS = (b"riff", b"fLaC", b"OggS", b"ID3", b"caff", b".snd", b"\xff\xfb")
_CONTAINERS = {b"RIFF": b"WAVE", b"RIFX": b"WAVE", b"RF64": b"WAVE", b"FORM": b"AIFFAIFC8SVX"}
"""Beginnings of files that hold sound if these words follow."""

_UNKNOWN_FRAMES = 1 << 62
"""libsndfile's length of a file that does not say its own is above."""

_LOOKS, _LOOK_FRAMES = 8, 1 << 15
"""Stretches of a file that are looked at, spread over it, and frames of each."""

_CANCELLED = 0.02
"""Channels cancel each other when less than this is left of their energy in the mean."""

_CHUNKS = 256
"""Chunks of a WAV file that are looked through."""


def is_sound(path: str | os.PathLike[str]) -> bool:
    """Whether the name of a file says that it is sound which can be read."""
    return files.has_suffix(path, SUFFIXES)


def left_out(path: Path) -> str | None:
    """Why a file that looks like sound cannot be taken from a folder; None when it does not look like sound.

    Files of which `is_sound` is true are not for this function.
    """
    if files.has_suffix(path, UNREADABLE_SUFFIXES):
        return f"{path.suffix.lower()} is a format that cannot be read, convert it to WAV or FLAC"
    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError:
        return None
    contained = start[:4] in _CONTAINERS and len(start) == 12 and start[8:] in _CONTAINERS[start[:4]]
    if not contained and not start.startswith(_BEGINNINGS):
        return None
    return "begins like a sound file, give it the suffix of its format, such as .wav"


class SoundFile:
    """A sound file that is open for reading, see `open_sound`.

    Attributes
    ----------
    path : Path
    samplerate : int
        Hertz, within `manned.limits.SOUND_RATES`.
    frames : int
        Length by the header, 1 at least; the file may hold fewer.
    remark : str
        What is unusual about it, for people; empty as a rule.
    """

    def __init__(self, path: Path, file: soundfile.SoundFile) -> None:
        self.path, self._file = path, file
        self.samplerate, self.frames = int(file.samplerate), int(file.frames)
        self._streamed = self.frames > _UNKNOWN_FRAMES
        if self._streamed:
            self.frames = _count_frames(path)
        self._alone = _lone_channel(path) if file.channels > 1 else None
        self.remark = ""
        if self._alone is not None:
            told = f"its channels cancel each other, channel {self._alone + 1} alone is read"
            self.remark = f"sound file {files.shown(path)}: {told}"

    @property
    def seconds(self) -> float:
        """Length by the header."""
        return self.frames / self.samplerate

    def seek(self, frame: int) -> None:
        """Go on reading at a frame, counted from the start of the file."""
        if not self._streamed:
            self._file.seek(frame)
            return
        self._file.close()
        self._file = _open(self.path)
        while frame > 0 and (passed := len(self._file.read(min(frame, _LOOK_FRAMES), always_2d=True))):
            frame -= passed

    def close(self) -> None:
        """Read no more of it."""
        self._file.close()

    def read(self, frames: int) -> np.ndarray:
        """The mean of the channels of the next frames, or the loudest channel alone where they cancel each other.

        Parameters
        ----------
        frames : int

        Returns
        -------
        np.ndarray [shape=(n,), dtype=float32]
            Full scale is ±1; shorter than asked for at the end of the file.

        Raises
        ------
        AudioError
            When it holds NaN, infinite or far too large samples, or is damaged here.
        """
        try:
            channels = self._file.read(frames, dtype="float32", always_2d=True)
            signal = channels.mean(axis=1) if self._alone is None else channels[:, self._alone].copy()
        except soundfile.SoundFileError as error:
            raise _problem(self.path, f"cannot be read ({_reason(error)})") from None
        if not np.isfinite(signal).all():
            raise _problem(self.path, "holds NaN or infinite samples")
        if len(signal) and np.abs(signal).max() > MAX_SAMPLE:
            raise _problem(self.path, f"holds samples above {MAX_SAMPLE:.0e}, where 1 is full scale")
        return signal

    def blocks(self, frames: int) -> Iterator[np.ndarray]:
        """What is left of the file as `read` gives it, so many frames at a time."""
        while len(block := self.read(frames)):
            yield block

    def resampler(self, samplerate: int) -> Callable[[np.ndarray, bool], np.ndarray]:
        """A function that converts blocks to another sample rate.

        Parameters
        ----------
        samplerate : int
            Hertz.

        Returns
        -------
        callable(block, last)
            Takes a mono block and whether it is the last one, gives what can be
            said by then [dtype=float32].

        Raises
        ------
        AudioError
            When soxr is needed and not installed.
        """
        if self.samplerate == samplerate:
            return lambda block, last: block
        try:
            import soxr
        except ImportError:
            raise _problem(
                self.path,
                f"its sample rate is {self.samplerate} Hz, the model's {samplerate} Hz; "
                "to convert it, install soxr: pip install soxr",
            ) from None
        return soxr.ResampleStream(self.samplerate, samplerate, 1, dtype="float32").resample_chunk


@contextmanager
def open_sound(path: str | os.PathLike[str]) -> Iterator[SoundFile]:
    """Open a sound file of any format that libsndfile reads, whatever its name is.

    Parameters
    ----------
    path : path

    Yields
    ------
    SoundFile

    Raises
    ------
    AudioError
        When it is missing or no sound file, when its header gives a sample rate
        outside of `manned.limits.SOUND_RATES`, or when it holds no sound.
    """
    path = Path(path)
    if not files.is_file(path):
        raise _problem(path, f"cannot be read ({'it is a folder' if os.path.isdir(path) else 'no such file'})")
    try:
        file = _open(path)
    except (soundfile.SoundFileError, OSError) as error:
        raise _problem(path, f"cannot be read ({_reason(error)})") from None
    except (TypeError, ValueError):
        raise _problem(path, "cannot be read (it has no header)") from None
    with file:
        low, high = SOUND_RATES
        if not low <= file.samplerate <= high:
            raise _problem(path, f"its sample rate is {file.samplerate} Hz, allowed are {low}–{high}")
        if file.frames < 1:
            follow = _bytes_behind_header(path)
            raise _problem(
                path,
                f"its header says 0 bytes of sound, {follow} follow" if follow else "holds no sound",
            )
        sound = SoundFile(path, file)
        try:
            yield sound
        finally:
            sound.close()


class _File(soundfile.SoundFile):
    """A file of libsndfile's that can be read although its length is unknown; soundfile seeks after every read."""

    def seekable(self) -> bool:
        return self.frames < _UNKNOWN_FRAMES and super().seekable()


def _open(path: Path) -> soundfile.SoundFile:
    # Bytes, since soundfile fails on names that are no UTF-8.
    return _File(os.fsencode(path))  # type: ignore[arg-type]


def _count_frames(path: Path) -> int:
    """Length of a file whose header does not say it, as that of a recorder that was killed; by reading it."""
    frames = 0
    with _open(path) as file, suppress(soundfile.SoundFileError):
        while read := len(file.read(_LOOK_FRAMES, always_2d=True)):
            frames += read
    return frames


def _lone_channel(path: Path) -> int | None:
    """The loudest channel, from 0, of a file whose channels cancel each other; None where their mean is heard.

    Two channels of which one is the other turned over leave nothing in their mean.
    """
    energy, energy_of_mean = np.zeros(1), 0.0
    with _open(path) as file, suppress(soundfile.SoundFileError):
        for number in range(_LOOKS if file.seekable() else 1):
            if number:
                file.seek(number * file.frames // _LOOKS)
            look = file.read(_LOOK_FRAMES, dtype="float32", always_2d=True).astype(np.float64)
            energy = energy + np.sum(look**2, axis=0)
            energy_of_mean += float(np.sum(look.mean(axis=1) ** 2))
    # Channels that have nothing to do with each other have the mean energy of `expected`.
    expected = float(np.sum(energy)) / len(energy) ** 2
    return int(np.argmax(energy)) if energy_of_mean < _CANCELLED * expected else None


def _bytes_behind_header(path: Path) -> int:
    """Bytes after a data chunk of a WAV file whose header says that it is empty; 0 when there are none."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(12)[8:] != b"WAVE":
                return 0
            for _ in range(_CHUNKS):
                head = file.read(8)
                if len(head) < 8:
                    return 0
                name, length = struct.unpack("<4sI", head)
                if name == b"data":
                    return size - file.tell() if length == 0 else 0
                file.seek(length + length % 2, os.SEEK_CUR)
    except OSError:
        pass
    return 0


def _problem(path: Path, problem: str) -> AudioError:
    return AudioError(f"sound file {files.shown(path)}: {problem}")


def _reason(error: Exception) -> str:
    """What libsndfile or the system says, without the name of the file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).rpartition(": ")[2].rstrip(".")
