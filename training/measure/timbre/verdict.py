"""What came of learning from recordings, in words: is it an instrument, is it worth its place, do its faders differ?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from manned.model.pitch import class_and_octave, hz_to_note, note_name
from training.corpus.harmonic.heard import FINDINGS, NOISE, PITCHED, SEVERAL, SILENT, UNLIKE, Heard

WORDS = {
    PITCHED: "one note at a time",
    SEVERAL: "several notes at once, or bells",
    NOISE: "noise, drums or speech without a pitch",
    UNLIKE: "other notes than notes.csv says",
    SILENT: "silence",
}
_AN_INSTRUMENT = 0.7  # of the sound that is heard must sound one note at a time
_GLIDING = 0.4  # of the pitched sound whose pitch moves: no instrument plays so
_ALIKE = 0.3  # correlation of two faders
_OCCUPIED = 0.6  # of the chart
_ENDS = (0.01, 0.99)  # of the frames lie below and above: what is called the range
_NAMED = 10  # recordings that are unusual, and that taught nothing


def findings(heard: list[Heard]) -> dict[str, float]:
    """Seconds of each of `training.corpus.harmonic.heard.FINDINGS` in all recordings."""
    return {name: sum(recording.seconds[name] for recording in heard) for name in FINDINGS}


def found_words(seconds: dict[str, float], without: tuple[str, ...] = ()) -> str:
    """What was heard, the longest first, such as ``12 s of silence and 3 s of one note at a time``."""
    parts = [
        f"{length_s:.0f} s of {WORDS[name]}"
        for name, length_s in sorted(seconds.items(), key=lambda item: -item[1])
        if length_s >= 0.5 and name not in without
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "nothing"


def taught_nothing(heard: list[Heard]) -> list[str]:
    """One sentence for each recording that nothing was learned from."""
    lines = []
    for recording in heard:
        if recording.problem:
            lines.append(recording.problem)
        elif not recording.stretches:
            lines.append(f"{recording.name}: taught nothing, it holds {found_words(recording.seconds)}")
    return lines


def told(recording: Heard) -> dict[str, Any]:
    """What was heard in a recording, as plain values.

    Returns
    -------
    dict
        ``name`` of the file, ``words`` for what it holds, ``seconds`` of each of
        `training.corpus.harmonic.heard.FINDINGS`, whether it ``teaches``, and its ``problem``, empty for none.
    """
    return {
        "name": Path(recording.name).name,
        "words": found_words(recording.seconds),
        "seconds": recording.seconds,
        "teaches": bool(recording.stretches),
        "problem": recording.problem,
    }


def verdict(heard: list[Heard], measured: dict[str, Any]) -> list[str]:
    """Sentences for people.

    Parameters
    ----------
    heard : list of Heard
        With a stretch at least.
    measured : dict
        ``nearness`` (by name as `training.measure.timbre.unheard.Nearness`, plain; empty when nothing could be kept
        apart), ``unheard_frames``, ``latents`` (their names), ``correlation`` and ``chart_occupied``.
    """
    lines = [_pitched(heard), *_near(measured), _faders(measured)]
    lines += [recording.remark for recording in heard if recording.remark][:_NAMED]
    left = taught_nothing(heard)
    lines += left[:_NAMED]
    if len(left) > _NAMED:
        lines.append(f"{len(left) - _NAMED} more recordings taught nothing")
    return lines


def _pitched(heard: list[Heard]) -> str:
    seconds = findings(heard)
    audible = sum(seconds.values()) - seconds[SILENT]
    share = seconds[PITCHED] / max(audible, 1e-9)
    pitches = np.concatenate([stretch.frames.f0_hz for recording in heard for stretch in recording.stretches])
    low, high = (note_name(*class_and_octave(hz_to_note(hertz))) for hertz in np.quantile(pitches, _ENDS))
    told = f"{seconds[PITCHED]:.0f} s of the {audible:.0f} s that can be heard ({share:.0%}) are one note at a time"
    rest = found_words(seconds, (PITCHED, SILENT))
    if share < _AN_INSTRUMENT:
        return f"NOT AN INSTRUMENT: only {told}, the rest is {rest}; the decoder knows that share alone, {low}–{high}."
    gliding = sum(recording.gliding_s for recording in heard) / max(seconds[PITCHED], 1e-9)
    if gliding > _GLIDING:
        return (
            f"NOT AN INSTRUMENT: {told}, {low}–{high}, but the pitch of {gliding:.0%} of them moves all the time, as "
            "in speech or drums; the decoder plays those sounds at steady pitches."
        )
    return f"Pitched: {told}, {low}–{high}" + (f"; the rest is {rest}." if rest != "nothing" else ".")


def _near(measured: dict[str, Any]) -> list[str]:
    nearness = measured["nearness"]
    if not nearness:
        return ["Not compared with a lookup: no note is heard twice, so none could be kept apart."]
    own, lookup = nearness["harmonic"], nearness["lookup"]
    better = [own[figure] < lookup[figure] for figure in ("harm_db", "erb_db")]
    judged = "better than" if all(better) else "no better than" if not any(better) else "in one of them better than"
    return [
        f"On {measured['unheard_frames']} moments that it never heard it is off by {own['harm_db']:.1f} dB a harmonic "
        f"and {own['erb_db']:.1f} dB a band of the ear: {judged} looking up the nearest moment of the recordings "
        f"({lookup['harm_db']:.1f} and {lookup['erb_db']:.1f} dB)."
    ]


def _faders(measured: dict[str, Any]) -> str:
    names = [name for name in measured["latents"] if name]
    count, correlation, occupied = len(measured["latents"]), measured["correlation"], measured["chart_occupied"]
    told = (
        f"{count} fader{'s' * (count > 1)}"
        + (f" ({', '.join(names)}{' and more' * (len(names) < count)})" if names else "")
        + (f", the two most alike correlate by {correlation:.2f}" if count > 1 else "")
        + f"; sounds lie at {occupied:.0%} of the chart"
    )
    wrong = [
        *(["two faders do nearly the same"] if count > 1 and correlation >= _ALIKE else []),
        *(["the chart is thin"] if occupied < _OCCUPIED else []),
    ]
    if wrong:
        return f"{told}: {' and '.join(wrong)}; give more different sounds, or fewer --latents."
    return f"{told}: {'the faders differ' if count > 1 else 'it is filled'}."
