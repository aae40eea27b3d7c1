"""The one table of parameters.

Every controllable thing is a row here.  OSC addresses, replies, MIDI mapping
targets, configuration defaults and the reference page all come from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .errors import ParameterError
from .limits import HOPS, LFOS, MAX_LATENTS, MAX_STOPS, MAX_VOICES, MODES, PHASES, SHAPES
from .model.pitch import CLASS_NAMES, parse_class


@dataclass(frozen=True)
class Parameter:
    """One row: what can be set and asked.

    Attributes
    ----------
    name : str
        The OSC address without its leading slash, e.g. ``env/attack``.
    kind : {'float', 'int', 'bool', 'class', 'choice'}
    minimum, maximum : float
        Inclusive range; numbers outside are clamped to it.
    default : float, int, bool or str
    unit : str
        Empty when the value has none.
    description : str
        One line for musicians.
    choices : tuple of str
        The allowed words of a ``choice``.
    curve : {'linear', 'power'}
        How a controller's travel covers the range: evenly, or by its cube, so
        that short times keep most of the travel.
    """

    name: str
    kind: str
    minimum: float
    maximum: float
    default: float | int | bool | str
    unit: str
    description: str
    choices: tuple[str, ...] = ()
    curve: str = "linear"

    @property
    def address(self) -> str:
        return "/" + self.name

    def check(self, value):
        """Return ``value`` as this parameter takes it: converted and clamped.

        Raises
        ------
        ParameterError
            For NaN, infinities, words where numbers belong, unknown choices.
        """
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "class" and isinstance(value, str):
            parsed = parse_class(value)
            if parsed is None:
                raise ParameterError(
                    f"{self.address}: {value!r} is no pitch class, allowed are 0–11 and {' '.join(CLASS_NAMES)}"
                )
            return parsed
        if isinstance(value, str) or value is None:
            raise ParameterError(f"{self.address}: found {value!r}, allowed is a number {self.range_text()}")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(f"{self.address}: found {value!r}, allowed is a number {self.range_text()}") from None
        if not math.isfinite(number):
            raise ParameterError(f"{self.address}: found {number}, allowed is a finite number {self.range_text()}")
        number = min(max(number, self.minimum), self.maximum)
        if self.kind == "bool":
            return number >= 0.5
        if self.kind in ("int", "class"):
            return int(math.floor(number + 0.5))
        return number

    def _choice(self, value):
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            text = value if isinstance(value, str) else f"{value:g}"
            if text in self.choices:
                return text
        if not isinstance(value, (str, bool)) and isinstance(value, (int, float)) and value in range(len(self.choices)):
            return self.choices[int(value)]
        raise ParameterError(f"{self.address}: found {value!r}, allowed are {', '.join(self.choices)}")

    def from_unit(self, position: float):
        """Value at a controller's position, 0–1 (a fader, a CC divided by 127)."""
        position = min(max(position, 0.0), 1.0)
        if self.kind == "choice":
            return self.choices[min(int(position * len(self.choices)), len(self.choices) - 1)]
        if self.curve == "power":
            position = position**3
        return self.check(self.minimum + position * (self.maximum - self.minimum))

    def range_text(self) -> str:
        """The range for people, e.g. ``0–60 s``."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        return f"{self.minimum:g}–{self.maximum:g}{' ' + self.unit if self.unit else ''}"


LATENT = Parameter(
    "latent/{i}", "float", 0.0, 1.0, 0.5, "", "One latent value of the model: a fader through its space of timbres."
)

PARAMETERS = (
    Parameter("chroma", "class", 0, 11, 0, "", "Pitch class of the drone: 0–11 with C = 0, or a name."),
    Parameter("octave", "int", 0, 9, 4, "", "Octave of the drone (4 holds A = 440 Hz)."),
    Parameter("gate", "bool", 0, 1, False, "", "Drone on or off."),
    Parameter("gain", "float", 0.0, 1.0, 0.7, "", "Master gain as a factor."),
    Parameter(
        "gain/db",
        "float",
        -96.0,
        12.0,
        20 * math.log10(0.7),
        "dB",
        "Master gain in decibels; it may go above a gain of 1.",
    ),
    Parameter("expression", "float", 0.0, 1.0, 1.0, "", "A second gain for playing, as MIDI's expression pedal."),
    Parameter("glide", "float", 0.0, 60.0, 0.05, "s", "Time that latents take to reach their target.", curve="power"),
    Parameter("env/attack", "float", 0.0, 20.0, 0.003, "s", "Time from note-on to full level.", curve="power"),
    Parameter("env/decay", "float", 0.0, 20.0, 0.2, "s", "Time from full level to the sustain level.", curve="power"),
    Parameter("env/sustain", "float", 0.0, 1.0, 1.0, "", "Level while a note is held."),
    Parameter("env/release", "float", 0.0, 20.0, 0.15, "s", "Time from note-off to silence.", curve="power"),
    Parameter(
        "phase",
        "choice",
        0,
        len(PHASES) - 1,
        "peaks",
        "",
        "How phases are made: peaks (steady tone), noise (the paper's white-noise phase), or rtpghi (phase gradient heap integration).",
        PHASES,
    ),
    Parameter(
        "hop",
        "choice",
        0,
        len(HOPS) - 1,
        "512",
        "samples",
        "Distance of one frame of the sound from the next.",
        tuple(map(str, HOPS)),
    ),
    Parameter(
        "mode",
        "choice",
        0,
        len(MODES) - 1,
        "poly",
        "",
        "Chords; one note at a time; or one note whose envelope goes on from key to key.",
        MODES,
    ),
    Parameter(
        "voices", "int", 1, MAX_VOICES, 32, "", "Notes that sound at a time; one more takes the place of the quietest."
    ),
    Parameter("bend", "float", -1.0, 1.0, 0.0, "", "Pitch bend; the bend range says how far 1 goes."),
    Parameter("bend/range", "float", 0.0, 96.0, 2.0, "semitones", "Reach of the pitch bend."),
    Parameter(
        "portamento",
        "float",
        0.0,
        20.0,
        0.0,
        "s",
        "Time that the pitch takes from one note to the next.",
        curve="power",
    ),
    Parameter("vibrato/rate", "float", 0.1, 20.0, 5.5, "Hz", "How fast the vibrato is."),
    Parameter(
        "vibrato/depth", "float", 0.0, 2.0, 0.0, "semitones", "How far the vibrato goes to either side.", curve="power"
    ),
    Parameter(
        "vibrato/delay", "float", 0.0, 10.0, 0.0, "s", "Time from note-on in which the vibrato comes in.", curve="power"
    ),
    Parameter("tuning/a4", "float", 415.0, 466.0, 440.0, "Hz", "Master tuning: the frequency of A4."),
    Parameter(
        "formant",
        "float",
        0.0,
        1.0,
        0.0,
        "",
        "Where a note is transposed: how much of the spectral envelope stays where it was.",
    ),
    Parameter("spread", "float", 0.0, 1.0, 0.0, "", "How far the voices stand apart between left and right."),
    Parameter(
        "morph/position",
        "float",
        0.0,
        1.0,
        0.0,
        "",
        "Where on the way through several presets the sound is: 0 is the first, 1 the last.",
    ),
    Parameter(
        "morph/inside",
        "bool",
        0,
        1,
        False,
        "",
        "Whether that way keeps to where the model learned sounds, or goes straight.",
    ),
)
NOT_THE_ENGINES = frozenset(("morph/position", "morph/inside"))
"""Parameters that somebody in the control thread follows."""

PER_LATENT = (
    Parameter("velocity/latent/{i}", "float", -1.0, 1.0, 0.0, "", "How far a note of full velocity moves this latent."),
    Parameter(
        "key/latent/{i}", "float", -1.0, 1.0, 0.0, "", "How far this latent moves from middle C to five octaves above."
    ),
)
PER_LFO = (
    Parameter("lfo/{k}/rate", "float", 0.001, 20.0, 0.2, "Hz", "How fast this LFO goes round.", curve="power"),
    Parameter("lfo/{k}/depth", "float", 0.0, 1.0, 0.0, "", "How far it moves its latent to either side."),
    Parameter(
        "lfo/{k}/shape",
        "choice",
        0,
        len(SHAPES) - 1,
        "sine",
        "",
        "Its shape: sine, triangle, or a wander that never repeats.",
        SHAPES,
    ),
    Parameter("lfo/{k}/target", "int", 1, MAX_LATENTS, 1, "", "The latent that it moves."),
)


@dataclass(frozen=True)
class Command:
    """One action: an address that does something rather than holding a value.

    Attributes
    ----------
    name : str
        The OSC address without its leading slash.
    arguments : str
        For people; empty when it takes none.
    description : str
        One line for musicians.
    least, most : int
        How many arguments it takes.
    asks : bool
        Whether the empty message asks rather than does.
    """

    name: str
    arguments: str
    description: str
    least: int = 0
    most: int = 0
    asks: bool = False

    @property
    def address(self) -> str:
        return "/" + self.name


COMMANDS = (
    Command("latents", "f × 1…N, 0–1", "Set the first latents at once, in one audio block.", 0, MAX_LATENTS, True),
    Command("xy", "f f, 0–1", "Set latents 1 and 2 at once: a two-dimensional pad.", 0, 2, True),
    Command(
        "chroma/weights",
        "f × 12, 0–1",
        "Let the drone mix the sounds of the pitch classes, C first; /chroma ends it.",
        0,
        12,
        True,
    ),
    Command(
        "mnote",
        "f note 0–127, f velocity 0–127, [i id]",
        "Note on by MIDI number; fractions are microtones; velocity 0 is note off.",
        2,
        3,
    ),
    Command("mnote/rel", "f note, [f velocity], [i id]", "Note off by MIDI number, or by id.", 1, 3),
    Command("fnote", "f Hertz 8–12544, f velocity 0–127, [i id]", "Note on by frequency.", 2, 3),
    Command("fnote/rel", "f Hertz, [f velocity], [i id]", "Note off by frequency, or by id.", 1, 3),
    Command("ne/pitch", "i id, f semitones −48–48", "Bend one note.", 2, 2),
    Command("ne/pressure", "i id, f 0–1", "Level of one note, as a part of what its velocity gives it.", 2, 2),
    Command("ne/latent/{i}", "i id, f −1–1", "Move a latent of one note away from the latent's own value.", 2, 2),
    Command("allnotesoff", "", "Release every note and the drone."),
    Command("allsoundoff", "", "Silence now."),
    Command(
        "model",
        "s name or i number",
        "Load a decoder while playing; without arguments, ask which one plays.",
        0,
        1,
        True,
    ),
    Command("model/list", "", "The decoders that can be loaded.", asks=True),
    Command(
        "preset/load",
        "s name or i number",
        "Set everything to a preset, in one audio block; without arguments, ask which one was loaded or saved last.",
        0,
        1,
        True,
    ),
    Command("preset/save", "s name or i number", "Keep what is set now as a preset.", 1, 1),
    Command("preset/delete", "s name or i number", "Take a preset out of the list.", 1, 1),
    Command("preset/next", "", "Load the next preset of the list."),
    Command("preset/prev", "", "Load the one before."),
    Command("preset/list", "", "The presets that can be loaded.", asks=True),
    Command(
        "morph",
        "s A, s B, f position 0–1, [f seconds 0–3600]",
        "Go to a sound between two presets, at once or in so many seconds, at a constant speed of what is heard.",
        3,
        4,
    ),
    Command(
        "morph/path",
        f"s × 2…{MAX_STOPS} names",
        "Make a way through several presets for /morph/position and /morph/play; without arguments, ask for it.",
        0,
        MAX_STOPS,
        True,
    ),
    Command("morph/play", "f seconds 0–3600", "Travel the way from its first preset to its last; 0 stops.", 1, 1),
    Command(
        "tuning/scale",
        "s name",
        "Play in a Scala scale; an empty name is equal temperament again; without arguments, ask which one.",
        0,
        1,
        True,
    ),
    Command("tuning/scale/list", "", "The scales that can be loaded.", asks=True),
    Command(
        "tuning/keyboard",
        "s name",
        "Lay the scale out by a Scala keyboard mapping; an empty name puts its first note on middle C again.",
        0,
        1,
        True,
    ),
    Command("tuning/keyboard/list", "", "The keyboard mappings that can be loaded.", asks=True),
    Command(
        "status",
        "",
        "State, device, rate, block, voices, load, counts and model, as name and value pairs.",
        asks=True,
    ),
    Command("version", "", "Program name and version.", asks=True),
    Command("sync", "i", "Answered by /synced with the same number when all before it is done.", 1, 1),
    Command("dump", "", "Every value once.", asks=True),
)


def parameter_table(latents: int) -> dict[str, Parameter]:
    """All parameters of an instrument whose model has ``latents`` latents, by name."""
    numbers = range(1, latents + 1)
    rows = [replace(row, name=row.name.format(i=i)) for row in (LATENT, *PER_LATENT) for i in numbers]
    rows += [replace(row, name=row.name.format(k=k)) for k in range(1, LFOS + 1) for row in PER_LFO]
    return {row.name: row for row in (*rows, *PARAMETERS)}
