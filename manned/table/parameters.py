"""The rows of the table of parameters.

OSC addresses, replies, MIDI targets, defaults of the settings, presets and the
reference page all come from here.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from .. import events
from ..limits import (
    ENVELOPES,
    GESTURE_LOOPS,
    HOPS,
    LFOS,
    MAX_LATENTS,
    MAX_UNISON,
    MAX_VOICES,
    MODES,
    PHASES,
    SHAPES,
    STARTS,
    TARGETS,
)
from .macros import DEFAULT_MACROS
from .parameter import Parameter


def _number(name: str, minimum: float, maximum: float, default: float, unit: str, text: str, **more: Any) -> Parameter:
    return Parameter(name, "float", minimum, maximum, default, text, unit=unit, **more)


def _whole(name: str, minimum: int, maximum: int, default: int, text: str, **more: Any) -> Parameter:
    return Parameter(name, "int", minimum, maximum, default, text, **more)


def _switch(name: str, default: bool, text: str, **more: Any) -> Parameter:
    return Parameter(name, "bool", 0, 1, default, text, **more)


def _choice(name: str, choices: tuple[str, ...], default: str, text: str, **more: Any) -> Parameter:
    return Parameter(name, "choice", 0, len(choices) - 1, default, text, choices=choices, **more)


def _time(name: str, maximum: float, default: float, text: str, **more: Any) -> Parameter:
    return _number(name, 0.0, maximum, default, "s", text, curve="power", **more)


# fmt: off
LATENT = _number(
    "latent/{i}", 0.0, 1.0, 0.5, "", "One latent value of the model: a fader through its space of timbres.",
    label="Latent {i}", event=events.LATENT,
)

PARAMETERS = (
    Parameter(
        "chroma", "class", 0, 11, 0, "Pitch class of the drone: 0–11 with C = 0, or a name.",
        label="Pitch class", event=events.CHROMA,
    ),
    _whole("octave", 0, 9, 4, "Octave of the drone (4 holds A = 440 Hz).", label="Octave", event=events.OCTAVE),
    _switch("gate", False, "Drone on or off.", label="Drone", scope="playing", event=events.GATE),
    _number("gain", 0.0, 1.0, 0.7, "", "Master gain as a factor.", label="Gain", scope="instrument", event=events.GAIN),
    _number(
        "gain/db", -96.0, 12.0, 20 * math.log10(0.7), "dB", "Master gain in decibels; it may go above a gain of 1.",
        label="Gain", scope="instrument",
    ),
    _number(
        "level", -24.0, 12.0, 0.0, "dB", "Level of the sound, by which presets are made equally loud.",
        label="Level", event=events.LEVEL,
    ),
    _number(
        "expression", 0.0, 1.0, 1.0, "", "A second gain for playing, as MIDI's expression pedal.",
        label="Expression", scope="playing", event=events.EXPRESSION,
    ),
    _time("glide", 60.0, 0.05, "Time that latents take to reach their target.", label="Glide", event=events.GLIDE),
    _time("env/attack", 20.0, 0.003, "Time from note-on to full level.", label="Attack", event=events.CONTROL),
    _time("env/decay", 20.0, 0.2, "Time from full level to the sustain level.", label="Decay", event=events.CONTROL),
    _number(
        "env/sustain", 0.0, 1.0, 1.0, "", "Level while a note is held.", label="Sustain", event=events.CONTROL
    ),
    _time("env/release", 20.0, 0.15, "Time from note-off to silence.", label="Release", event=events.CONTROL),
    _choice(
        "phase", PHASES, PHASES[0],
        "How phases are made: peaks (steady tone), noise (the paper's white-noise phase), or rtpghi (phase gradient "
        "heap integration).",
        label="Phase", event=events.CONTROL,
    ),
    _choice(
        "hop", tuple(map(str, HOPS)), str(HOPS[0]), "Distance of one frame of the sound from the next.",
        label="Hop", unit="samples", event=events.CONTROL,
    ),
    _choice(
        "mode", MODES, MODES[0], "Chords; one note at a time; or one note whose envelope goes on from key to key.",
        label="Mode", event=events.CONTROL,
    ),
    _whole(
        "voices", 1, MAX_VOICES, 32, "Notes that sound at a time; one more takes the place of the quietest.",
        label="Voices", event=events.CONTROL,
    ),
    _number(
        "bend", -1.0, 1.0, 0.0, "", "Pitch bend; the bend range says how far 1 goes.",
        label="Bend", scope="playing", event=events.BEND,
    ),
    _number(
        "bend/range", 0.0, 96.0, 2.0, "semitones", "Reach of the pitch bend.",
        label="Bend range", event=events.BEND_RANGE,
    ),
    _time(
        "portamento", 20.0, 0.0, "Time that the pitch takes from one note to the next.",
        label="Portamento", event=events.CONTROL,
    ),
    _number(
        "vibrato/rate", 0.1, 20.0, 5.5, "Hz", "How fast the vibrato is.",
        label="Vibrato rate", event=events.VIBRATO_RATE,
    ),
    _number(
        "vibrato/depth", 0.0, 2.0, 0.0, "semitones", "How far the vibrato goes to either side.",
        label="Vibrato depth", curve="power", event=events.VIBRATO_DEPTH,
    ),
    _time(
        "vibrato/delay", 10.0, 0.0, "Time from note-on in which the vibrato comes in.",
        label="Vibrato delay", event=events.CONTROL,
    ),
    _number(
        "tuning/a4", 415.0, 466.0, 440.0, "Hz", "Master tuning: the frequency of A4.",
        label="A4", scope="instrument", event=events.A4,
    ),
    _number(
        "formant", 0.0, 1.0, 0.0, "",
        "Where a note is transposed: how much of the spectral envelope stays where it was.",
        label="Formant", event=events.CONTROL,
    ),
    _number(
        "harmonic/level", 0.0, 4.0, 1.0, "",
        "Gain of the harmonics, as a factor; of models of the kind harmonic, which tell them from the noise.",
        label="Harmonics", curve="power", event=events.CONTROL,
    ),
    _number(
        "noise/level", 0.0, 4.0, 1.0, "",
        "Gain of the noise between the harmonics, as a factor; of models of the kind harmonic.",
        label="Noise", curve="power", event=events.CONTROL,
    ),
    _number(
        "brightness", -1.0, 1.0, 0.0, "",
        "Tilt of the spectrum, of models of the kind harmonic: at 1 each octave is 6 dB stronger than it was.",
        label="Brightness", event=events.CONTROL,
    ),
    _number(
        "velocity/brightness", -1.0, 1.0, 0.5, "",
        "How much brighter hard notes are and how much duller soft ones; notes of velocity 100 stay as they are.",
        label="Velocity to brightness", event=events.CONTROL,
    ),
    _number(
        "note/random", 0.0, 1.0, 0.0, "", "How far each note lies beside the latents, at random.",
        label="Random", curve="power", event=events.CONTROL,
    ),
    _number(
        "gesture/depth", 0.0, 1.0, 1.0, "",
        "How far a gesture moves the latents of each note: 0 keeps them still, 1 is the recording.",
        label="Gesture", event=events.CONTROL,
    ),
    _number(
        "gesture/level", 0.0, 1.0, 1.0, "", "How far the level of each note follows the recording, in decibels.",
        label="Gesture level", event=events.CONTROL,
    ),
    _number(
        "gesture/pitch", 0.0, 1.0, 1.0, "", "How far the pitch of each note follows the recording.",
        label="Gesture pitch", event=events.CONTROL,
    ),
    _choice(
        "gesture/loop", GESTURE_LOOPS, GESTURE_LOOPS[0],
        "How a held note plays its gesture: round its loop, once to its end, or up to a point where it holds until the "
        "note is released.",
        label="Gesture loop", event=events.CONTROL,
    ),
    _number(
        "gesture/speed", 0.0, 8.0, 1.0, "", "Speed of gestures, as a factor.",
        label="Gesture speed", curve="power", event=events.GESTURE_SPEED,
    ),
    _number(
        "gesture/key", -1.0, 1.0, 0.0, "",
        "How much faster high notes play their gesture: at 1 twice as fast an octave above the recording.",
        label="Gesture key", event=events.CONTROL,
    ),
    _time(
        "gesture/start", 60.0, 0.0, "Where in the recording notes begin.", label="Gesture start", event=events.CONTROL
    ),
    _whole("unison", 1, MAX_UNISON, 1, "Voices that each note has, as far as there are enough.", label="Unison"),
    _number(
        "unison/detune", 0.0, 100.0, 15.0, "cents", "How far the outer voices of a note are out of tune.",
        label="Unison detune", curve="power", event=events.CONTROL,
    ),
    _number(
        "unison/width", 0.0, 1.0, 0.5, "", "How far the voices of a note stand apart between left and right.",
        label="Unison width", event=events.UNISON_WIDTH,
    ),
    _number(
        "unison/latents", 0.0, 1.0, 0.0, "", "How far the voices of a note lie apart in the latents.",
        label="Unison latents", curve="power", event=events.CONTROL,
    ),
    _number(
        "spread", 0.0, 1.0, 0.0, "", "How far the voices stand apart between left and right.",
        label="Spread", event=events.SPREAD,
    ),
    _number(
        "width", 0.0, 1.0, 0.0, "", "How wide the sound is, even of one note; in mono it stays as it was.",
        label="Width", event=events.CONTROL,
    ),
    _number(
        "chorus/mix", 0.0, 1.0, 0.0, "", "How much chorus: 0 is none, at 1 only the chorus is heard.",
        label="Chorus", event=events.CONTROL,
    ),
    _number(
        "chorus/rate", 0.05, 10.0, 0.5, "Hz", "How fast the copies of the chorus sway.",
        label="Chorus rate", curve="power", event=events.CONTROL,
    ),
    _number(
        "chorus/depth", 0.0, 1.0, 0.5, "", "How far the copies go out of tune, one up while the other goes down.",
        label="Chorus depth", event=events.CONTROL,
    ),
    _number(
        "reverb/mix", 0.0, 1.0, 0.0, "", "How much reverb: 0 is none, at 1 only the reverb is heard.",
        label="Reverb", event=events.CONTROL,
    ),
    _number(
        "reverb/time", 0.1, 20.0, 2.0, "s", "Time in which the reverb dies away by 60 dB.",
        label="Reverb time", curve="power", event=events.CONTROL,
    ),
    _number(
        "reverb/damping", 0.0, 1.0, 0.5, "", "How much sooner high frequencies die away: at 1, eight times as fast.",
        label="Reverb damping", event=events.CONTROL,
    ),
    _number(
        "reverb/predelay", 0.0, 0.25, 0.02, "s", "Time before the reverb comes in.",
        label="Reverb predelay", curve="power", event=events.CONTROL,
    ),
    _number(
        "tempo", 20.0, 300.0, 120.0, "BPM", "Tempo: beats a minute, for what is counted in beats.",
        label="Tempo", scope="instrument",
    ),
    _number(
        "morph/position", 0.0, 1.0, 0.0, "",
        "Where on the path through several presets the sound is: 0 is the first, 1 the last.",
        label="Morph", scope="playing",
    ),
    _switch(
        "morph/inside", False, "Whether that path keeps to where the model learned sounds, or goes straight.",
        label="Morph inside", scope="playing",
    ),
)

CONTROLS = tuple(row for row in PARAMETERS if row.event == events.CONTROL)
"""The rows of which the engine keeps nothing but the number, in the order in which it keeps them."""

PARAMETERS = tuple(replace(row, index=CONTROLS.index(row)) if row in CONTROLS else row for row in PARAMETERS)

PER_LATENT = (
    _number(
        "velocity/latent/{i}", -1.0, 1.0, 0.0, "", "How far a note of full velocity moves this latent.",
        label="Velocity to latent {i}", event=events.VELOCITY_LATENT,
    ),
    _number(
        "key/latent/{i}", -1.0, 1.0, 0.0, "", "How far this latent moves from middle C to five octaves above.",
        label="Key to latent {i}", event=events.KEY_LATENT,
    ),
)

PER_LFO = (
    _number(
        "lfo/{k}/beats", 0.0, 64.0, 0.0, "beats",
        "Time of one turn in beats of /tempo; at 0 it goes by its rate in Hertz.",
        label="LFO {k} beats", curve="power", zero="by its rate",
    ),
    _number(
        "lfo/{k}/rate", 0.001, 20.0, 0.2, "Hz", "How fast this LFO goes round.",
        label="LFO {k} rate", curve="power", event=events.LFO_RATE,
    ),
    _number(
        "lfo/{k}/depth", 0.0, 1.0, 0.0, "", "How far it moves its target to either side.",
        label="LFO {k} depth", event=events.LFO_DEPTH,
    ),
    _choice(
        "lfo/{k}/shape", SHAPES, SHAPES[0], "Its shape: sine, triangle, or a wander that never repeats.",
        label="LFO {k} shape", event=events.LFO_SHAPE,
    ),
    _choice(
        "lfo/{k}/start", STARTS, STARTS[0],
        "Whether it goes on by itself, alike for all voices, or begins anew with each note.",
        label="LFO {k} start", event=events.LFO_START,
    ),
    Parameter(
        "lfo/{k}/target", "target", 1, MAX_LATENTS, 1, "What it moves of every voice.",
        label="LFO {k} target", event=events.LFO_TARGET, choices=TARGETS,
    ),
)
PER_ENVELOPE = (
    _time(
        "env/{e}/attack", 20.0, 0.01, "Time from note-on until this envelope is at its height.",
        label="Envelope {e} attack", event=events.ENVELOPE_ATTACK,
    ),
    _time(
        "env/{e}/decay", 20.0, 0.5, "Time from there to its sustain level.",
        label="Envelope {e} decay", event=events.ENVELOPE_DECAY,
    ),
    _number(
        "env/{e}/sustain", 0.0, 1.0, 0.0, "", "Its level while a note is held.",
        label="Envelope {e} sustain", event=events.ENVELOPE_SUSTAIN,
    ),
    _time(
        "env/{e}/release", 20.0, 0.3, "Time from note-off until it is down.",
        label="Envelope {e} release", event=events.ENVELOPE_RELEASE,
    ),
    _number(
        "env/{e}/depth", -1.0, 1.0, 0.0, "", "How far it moves its target at its height.",
        label="Envelope {e} depth", event=events.ENVELOPE_DEPTH,
    ),
    _number(
        "env/{e}/velocity", 0.0, 1.0, 0.0, "", "Share of its depth that the note's velocity gives.",
        label="Envelope {e} velocity", event=events.ENVELOPE_VELOCITY,
    ),
    _number(
        "env/{e}/key", -1.0, 1.0, 0.0, "", "How much its depth grows from middle C to five octaves above.",
        label="Envelope {e} key", event=events.ENVELOPE_KEY,
    ),
    Parameter(
        "env/{e}/target", "target", 1, MAX_LATENTS, 1, "What it moves of every voice.",
        label="Envelope {e} target", event=events.ENVELOPE_TARGET, choices=TARGETS,
    ),
)
MACRO = _number(
    "macro/{m}", 0.0, 1.0, 0.5, "",
    "One fader for several parameters: /macro/{m}/bind says which, and how far. It begins where they are.",
    label="Macro {m}",
)
# fmt: on

ROWS = (LATENT, MACRO, *PARAMETERS, *PER_LATENT, *PER_LFO, *PER_ENVELOPE)
"""Every row, those of numbered parameters once."""


def control_index(name: str) -> int:
    """The place of a parameter among the `CONTROLS`, by which the engine knows it."""
    return [row.name for row in CONTROLS].index(name)


def parameter_table(latents: int) -> dict[str, Parameter]:
    """All parameters of an instrument whose model has ``latents`` latents, by name."""
    rows = [_numbered(row, i=i) for row in (LATENT, *PER_LATENT) for i in range(1, latents + 1)]
    rows += [_numbered(row, k=k) for k in range(1, LFOS + 1) for row in PER_LFO]
    rows += [_numbered(row, e=e) for e in range(1, ENVELOPES + 1) for row in PER_ENVELOPE]
    rows = [replace(row, maximum=latents) if row.kind == "target" else row for row in (*rows, *PARAMETERS)]
    table = {row.name: row for row in rows}
    for number, macro in enumerate(DEFAULT_MACROS, 1):
        first = macro.bindings[0]
        row = table[first.name]
        place = row.share(row.check(first.start), row.check(first.end), row.default)
        table[f"macro/{number}"] = replace(_numbered(MACRO, m=number), default=place)
    return table


def _numbered(row: Parameter, **number: int) -> Parameter:
    """One of several parameters, which people count from 1 and the engine from 0."""
    (place,) = number.values()
    return replace(row, name=row.name.format(**number), label=row.label.format(**number), index=place - 1)
