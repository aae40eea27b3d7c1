"""Following a sound file through the latents of a model, of either kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ..errors import AudioError
from ..files import shown
from ..model import analysis
from ..model.decoder_file import Decoder
from ..model.encoder_file import Encoder
from ..model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from ..model.harmonic.frame import N_FFT
from ..model.harmonic.pitch_track import HOP as TRACK_HOP
from ..model.harmonic.pitch_track import PitchTrack, PitchTracker
from ..model.harmonic.track import constant
from ..model.kinds import AnyDecoder, AnyEncoder
from ..model.pieces import Piece, pieces
from ..model.pitch import note_to_hz
from ..sound_file import open_sound
from .harmonic import HarmonicListener
from .spectrum import SpectrumListener
from .trajectory import Trajectory

_BLOCK = 1 << 18  # samples read at a time
_TRACKING = 0.6  # of the time, about


def encode(
    path: str | os.PathLike[str],
    encoder: AnyEncoder,
    decoder: AnyDecoder,
    note: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> Trajectory:
    """Follow a recording through the latents of a model, in bounded memory.

    The file is read twice: for the pitch, which is one track through all of it, and for the timbre.

    Parameters
    ----------
    path : path
        Any format, sample rate and number of channels that soundfile reads.
    encoder : Encoder or HarmonicEncoder
    decoder : Decoder or HarmonicDecoder
        The one that the encoder belongs to.
    note : int, optional
        MIDI note that sounds all through; heard when it is not given.
    progress : callable(float), optional
        Told now and then what part is done, 0–1.

    Raises
    ------
    AudioError
        When it cannot be read, is silence, or too short for one frame; when a model of the
        kind harmonic finds no pitch in it; when a pitch is to be heard and librosa is not
        installed.
    """
    path, samplerate = Path(path), decoder.samplerate
    track, seconds, silence_db = _track(path, decoder, note, lambda part: progress and progress(_TRACKING * part))
    if isinstance(decoder, HarmonicDecoder) and isinstance(encoder, HarmonicEncoder):
        if not track.voiced.any():
            raise AudioError(
                f"sound file {shown(path)}: no pitch is heard in it, a model of the kind harmonic wants one; "
                "say it, such as --note A4"
            )
        listener = HarmonicListener(encoder, decoder, track, note, silence_db)
    else:
        assert isinstance(decoder, Decoder) and isinstance(encoder, Encoder)
        listener = SpectrumListener(encoder, decoder, track, silence_db)
    for piece, done in mono_pieces(path, samplerate):
        listener.add(piece)
        if progress is not None:
            progress(_TRACKING + (1.0 - _TRACKING) * done)
    trajectory = listener.trajectory(seconds)
    if trajectory is None:
        raise _silence(path)
    return trajectory


def _track(
    path: Path, decoder: AnyDecoder, note: int | None, progress: Callable[[float], object]
) -> tuple[PitchTrack, float, float]:
    """Pitch track, seconds and level of silence in dB of a sound file; an `AudioError` when it says nothing.

    Silence is what lies below full scale by 60 dB, and below the loudest moment too: a soft recording keeps its end.
    """
    samplerate = decoder.samplerate
    n_fft = N_FFT if isinstance(decoder, HarmonicDecoder) else decoder.topology.n_fft
    tracker = PitchTracker(samplerate)
    samples, loudest = 0, 0.0
    for piece, done in mono_pieces(path, samplerate):
        samples = piece.stop
        loudest = max(loudest, float(analysis.magnitudes(piece.signal, n_fft, n_fft // 4).max(initial=0.0)))
        if note is None and samples >= n_fft:
            tracker.add(piece)
        progress(done)
    if samples < n_fft:
        raise AudioError(
            f"sound file {path}: {samples / samplerate:.3f} s long, one frame takes {n_fft / samplerate:.3f} s"
        )
    loudest_db = 20.0 * np.log10(max(loudest / (n_fft / 4), 1e-9))  # beside a sine of full scale
    if loudest_db < analysis.SILENCE_DB:
        raise _silence(path)
    if note is None:
        track = tracker.track()
    else:
        track = constant(note_to_hz(note), 1 + samples // TRACK_HOP, TRACK_HOP)
    return track, samples / samplerate, analysis.SILENCE_DB + min(loudest_db, 0.0)


def _silence(path: Path) -> AudioError:
    return AudioError(f"sound file {path}: silence, nothing in it is louder than {analysis.SILENCE_DB:g} dBFS")


def mono_pieces(path: Path, samplerate: int) -> Iterator[tuple[Piece, float]]:
    """Overlapping mono pieces of a sound file at a sample rate, and what part of the file is done with each."""
    with open_sound(path) as sound:
        resample = sound.resampler(samplerate)
        done = 0

        def blocks() -> Iterator[np.ndarray]:
            nonlocal done
            for block in sound.blocks(_BLOCK):
                done += len(block)
                yield resample(block, False)
            yield resample(np.zeros(0, dtype=np.float32), True)

        for piece in pieces(blocks()):
            yield piece, 1.0 if piece.last else done / max(sound.frames, done)
