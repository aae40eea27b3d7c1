"""Every preset: its life, its velocity and its loudness

One note of each preset, at the note that suits it, is held for four seconds at velocities
20, 100 and 120.  *Life* is how much the spectrum changes from one frame to the next (4096
samples, 1024 apart, each frame's magnitudes taken to the same power): the size of the
difference over the size of the frame, median over the frames within 40 dB of the loudest.
Noise changes by itself, and so do chorus and reverb; *of partials* is the same with all three
off, where a voice that nothing moves has 0.  *Brighter* is the centroid of the power at velocity 120 over that at
20.  *Loudness* is that of the loudest 0.4 s at velocity 100 (ITU-R BS.1770-4, by
pyloudnorm), as it is played; *peak* is the highest sample of a chord of four notes at
velocity 127 and a gain of 1, behind the limiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from manned.state.preset import Preset

from ..section import Section
from .make import sounds
from .played import HELD_S, LOUDNESS_DB, RATE, chord, loudness_db, probe, shipped

LIFE, BRIGHTER, BRIGHTER_SHARE, EVEN_DB, LEAST = 0.05, 1.25, 0.8, 1.5, 64
STILL = {"noise/level": 0.0, "reverb/mix": 0.0, "chorus/mix": 0.0}
"""What is off where the life of the partials is measured."""

MEANT_TO_STAND = "steady"
"""Presets of this kind are not meant to move."""

_FRAME, _HOP = 4096, 1024
_LOUD_DB = 40.0
_ATTACK_S = 0.2


@dataclass(frozen=True)
class Played:
    """What one preset does.

    Attributes
    ----------
    preset : Preset
    life, of_partials, brighter, loudness_db, peak : float
    """

    preset: Preset
    life: float
    of_partials: float
    brighter: float
    loudness_db: float
    peak: float

    @property
    def moves(self) -> bool:
        """Whether it is meant to move."""
        return MEANT_TO_STAND not in self.preset.kinds


def play() -> Iterator[Played]:
    """Play every shipped preset."""
    notes = {sound.name: sound.probe for sound in sounds()}
    for preset in shipped():
        note = notes.get(preset.name, 60)
        soft, usual, hard = (probe(preset, note, velocity) for velocity in (20, 100, 120))
        yield Played(
            preset,
            life(usual[: round(HELD_S * RATE)]),
            life(probe(replace(preset, values=preset.values | STILL), note)[: round(HELD_S * RATE)]),
            centroid_hz(hard) / centroid_hz(soft),
            loudness_db(usual),
            float(np.abs(chord(preset, note)).max()),
        )


def frames(sound: np.ndarray, hop: int = _HOP) -> np.ndarray:
    """Magnitudes [shape=(n, bins)] of the mean of both sides."""
    cut = np.lib.stride_tricks.sliding_window_view(sound.mean(axis=1), _FRAME)[::hop]
    return np.abs(np.fft.rfft(cut * np.hanning(_FRAME)))


def life(sound: np.ndarray) -> float:
    """Change from frame to frame, after the attack."""
    found = frames(sound[round(_ATTACK_S * RATE) :])
    power = np.square(found).sum(axis=1)
    loud = power >= power.max() * 10.0 ** (-_LOUD_DB / 10.0)
    unit = found / np.sqrt(np.maximum(power, 1e-20))[:, None]
    change = np.sqrt(np.square(unit[1:] - unit[:-1]).sum(axis=1))
    return float(np.median(change[loud[1:] & loud[:-1]]))


def centroid_hz(sound: np.ndarray) -> float:
    """Centroid of the power of a note's first second, Hertz."""
    power = np.square(frames(sound[:RATE])).sum(axis=0)
    return float(np.sum(power * np.fft.rfftfreq(_FRAME, 1 / RATE)) / power.sum())


def measure() -> Section:
    """Play all presets."""
    section, found = Section(), list(play())
    moving = [one for one in found if one.moves]
    median = float(np.median([one.life for one in moving]))
    partials = float(np.median([one.of_partials for one in moving]))
    section.promise("presets", f"≥ {LEAST}", str(len(found)), len(found) >= LEAST)
    section.promise(
        "a held note changes from frame to frame, median of the presets that are meant to move",
        f"≥ {LIFE:.0%}",
        f"{median:.1%} of {len(moving)}; {partials:.1%} of their partials alone",
        median >= LIFE,
    )
    share = np.mean([one.brighter >= BRIGHTER for one in found])
    section.promise(
        f"velocity 20 to 120 raises the centroid by {BRIGHTER - 1:.0%}",
        f"in ≥ {BRIGHTER_SHARE:.0%}",
        f"in {share:.0%}",
        share >= BRIGHTER_SHARE,
    )
    uneven = max(abs(one.loudness_db - LOUDNESS_DB) for one in found)
    section.promise("equally loud", f"± {EVEN_DB} dB", f"± {uneven:.2f} dB", uneven <= EVEN_DB)
    peak = max(one.peak for one in found)
    section.promise("no chord clips", "< 1", f"{peak:.3f}", peak < 1.0)
    section.table(
        ("preset", "kinds", "life", "of partials", "brighter", "loudness", "peak"),
        [
            (
                one.preset.name,
                ", ".join(one.preset.kinds),
                f"{one.life:.1%}",
                f"{one.of_partials:.1%}",
                f"{one.brighter:.2f}",
                f"{one.loudness_db:.1f} LUFS",
                f"{one.peak:.2f}",
            )
            for one in found
        ],
    )
    return section
