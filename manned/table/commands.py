"""The rows of the table of commands: addresses that do something rather than hold a value."""

from __future__ import annotations

from dataclasses import dataclass

from ..limits import MAX_LATENTS, MAX_STOPS


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
