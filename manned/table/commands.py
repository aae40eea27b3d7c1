"""The rows of the table of commands: addresses that do something rather than hold a value.

Each row has one handler, in `manned.control.osc.commands`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import ParameterError
from ..limits import CLASSES, MAX_LATENTS, MAX_STOPS
from .address import address_of
from .argument import Argument
from .macros import MACROS
from .note_targets import OFFSET_WORDS, OWN_TARGETS
from .parameter import Scope
from .value import Value, shown

LIST_PAGE = 100
"""Names of presets in one message: the longest ones still make a packet."""
MAX_RATE = 30
"""How many times a second a controller is told something, at most."""

DONE, FAIL, ERROR = "/done", "/fail", "/error"
"""How commands are answered that may take a while, and what is wrong."""


@dataclass(frozen=True)
class Command:
    """One action.

    Attributes
    ----------
    name : str
        The OSC address without its leading slash.  ``{i}`` counts latents, ``{m}`` macros, from 1.
    description : str
        One line for musicians.
    arguments : tuple of Argument
        Where none is needed, the address is a button: see `take`.
    asks : str
        What the empty message asks for; it is answered from the same address.  Empty where it does not ask.
    replies : tuple of str
        The other addresses that it is answered from.
    slow : bool
        Whether it may take a while or fail for reasons outside of the message: it is answered by `DONE` or `FAIL`.
    reads_files : bool
        Whether it holds up its packet by reading files; of such there are only so many in one packet.
    scope : Scope
        What it changes.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...] = ()
    asks: str = ""
    replies: tuple[str, ...] = ()
    slow: bool = False
    reads_files: bool = False
    scope: Scope = "instrument"

    @property
    def address(self) -> str:
        """The OSC address."""
        return address_of(self.name)

    @property
    def least(self) -> int:
        """The fewest arguments of a message: none, where the empty message asks."""
        return 0 if self.asks else self._needed

    @property
    def _needed(self) -> int:
        """The fewest arguments with which it does something."""
        return sum(argument.least for argument in self.arguments if not argument.optional)

    @property
    def is_button(self) -> bool:
        """Whether it does something without arguments."""
        return not self._needed

    @property
    def most(self) -> int:
        """The most arguments that it takes."""
        return sum(argument.most for argument in self.arguments)

    @property
    def answers(self) -> tuple[str, ...]:
        """Every address that it may be answered from, `ERROR` aside."""
        return ((self.address,) if self.asks else ()) + ((DONE, FAIL) if self.slow else ()) + self.replies

    def take(self, arguments: tuple[object, ...]) -> tuple[Value, ...] | None:
        """Check the arguments of a message.

        A command that needs no arguments is a button: a bang does it, and so does one number that
        is not 0, true, infinity or nil.  0 and false say that the button was let go.

        Parameters
        ----------
        arguments : tuple
            As they came by OSC.

        Returns
        -------
        tuple or None
            As the handler takes them: converted and clamped.  None when there is nothing to do.

        Raises
        ------
        ParameterError
            When they are too few, too many or not allowed.
        """
        count = len(arguments)
        if self.is_button and count == 1 and not (self.arguments and isinstance(arguments[0], str)):
            return () if _presses(arguments[0]) else None
        if not count and self.asks:
            return ()
        if not self._needed <= count <= self.most:
            raise ParameterError(f"found {count} arguments, allowed are: {self.arguments_text}")
        return tuple(map(Argument.check, self.spread(count), arguments))

    def spread(self, count: int) -> list[Argument]:
        """The row of each of ``count`` arguments."""
        rows = [row for row in self.arguments for _ in range(row.most)]
        return rows[:count]

    # -- words and types ----------------------------------------------------

    @property
    def arguments_text(self) -> str:
        """Its arguments for people."""
        text = ", ".join(argument.text for argument in self.arguments)
        if not text:
            return "none, or a button's number"
        return text + (", or none to ask" if self.asks else "")

    @property
    def osc_type(self) -> str:
        """OSCQuery's TYPE of a message with all its arguments; ``N``, a bang, where there are none."""
        return "".join(argument.osc_tag * argument.most for argument in self.arguments) or "N"

    @property
    def osc_range(self) -> list[dict[str, object]]:
        """OSCQuery's RANGE: one entry an argument."""
        return [argument.osc_range for argument in self.spread(self.most)]


def _presses(value: object) -> bool:
    """Whether a button's number means that it was pressed, not let go."""
    if value is None:
        return True
    if not isinstance(value, (int, float)) or value != value:
        raise ParameterError(f"found {shown(value)}, allowed is nothing, or a button's number")
    return value != 0


_SECONDS = Argument("seconds", maximum=3600.0, unit="s")
_NOTE = Argument("note", maximum=127.0)
_FREQUENCY = Argument("frequency", minimum=8.0, maximum=12544.0, unit="Hz")
_VELOCITY = Argument("velocity", maximum=127.0)
_ID = Argument("id", "id")
_MAYBE_VELOCITY = Argument("velocity", maximum=127.0, optional=True)
_MAYBE_ID = Argument("id", "id", optional=True)
_PRESET = Argument("preset", "name")
_MAYBE_KIND = Argument("kind", "text", optional=True, meaning="or folder")
_PARAMETER = Argument("address", "text")

# fmt: off
COMMANDS = (
    Command(
        "latents", "Set the first latents at once, in one audio block.",
        (Argument("latent", least=1, most=MAX_LATENTS),), asks="all of them", scope="sound",
    ),
    Command(
        "xy",
        "Go to a place on the model's chart of sounds, which sets all latents; without a chart, set latents 1 and 2.",
        (Argument("x"), Argument("y")), asks="the place", scope="sound",
    ),
    Command(
        "chroma/weights", "Let the drone mix the sounds of the pitch classes, C first; /chroma ends it.",
        (Argument("weight", least=CLASSES, most=CLASSES),), asks="the weights", scope="sound",
    ),
    Command(
        "mnote", "Note on by MIDI number; fractions are microtones; velocity 0 is note off.",
        (_NOTE, _VELOCITY, _MAYBE_ID), scope="playing",
    ),
    Command(
        "mnote/rel", "Note off by MIDI number, or by id.", (_NOTE, _MAYBE_VELOCITY, _MAYBE_ID), scope="playing"
    ),
    Command("fnote", "Note on by frequency.", (_FREQUENCY, _VELOCITY, _MAYBE_ID), scope="playing"),
    Command(
        "fnote/rel", "Note off by frequency, or by id.", (_FREQUENCY, _MAYBE_VELOCITY, _MAYBE_ID), scope="playing"
    ),
    Command("ne/pitch", "Bend one note.", (_ID, Argument("pitch", "float", -48.0, 48.0, "semitones")), scope="playing"),
    Command(
        "ne/pressure", "Level of one note, as a part of what its velocity gives it.",
        (_ID, Argument("pressure")), scope="playing",
    ),
    Command(
        "ne/latent/{i}", "Move a latent of one note away from the latent's own value.",
        (_ID, Argument("offset", "float", -1.0, 1.0)), scope="playing",
    ),
    *(
        Command(f"ne/{word}", OWN_TARGETS[word].meaning, (_ID, Argument("offset", "float", -1.0, 1.0)), scope="playing")
        for word in OFFSET_WORDS
    ),
    Command(
        "ne/macro/{m}", "Have one note sound as if a macro stood there, in all that a note can have of its own.",
        (_ID, Argument("position")), scope="playing",
    ),
    Command("allnotesoff", "Release every note and the drone.", scope="playing"),
    Command("allsoundoff", "Silence now, and forget what waits, as /schedule/clear does.", scope="playing"),
    Command("schedule/clear", "Forget the dated bundles that wait, of all senders.", scope="playing"),
    Command(
        "model", "Load a decoder while playing.",
        (Argument("model", "name"),), asks="the one that plays", slow=True,
    ),
    Command("model/list", "The decoders that can be loaded.", asks="their names"),
    Command(
        "model/info",
        "The model that plays: kind, latents, what each of them does, octaves, licence, author, what it learned from, "
        "and how near it comes to sounds that it never heard, as name and value pairs.",
        asks="for them",
    ),
    Command(
        "gesture",
        "Let every note replay a gesture, and put the latents where it was recorded; an empty name ends that.",
        (Argument("gesture", "text"),), asks="its name", reads_files=True, scope="sound",
    ),
    Command("gesture/list", "The gestures that can be replayed.", asks="their names"),
    Command(
        "macro/{m}/bind", "Have a macro move a parameter between two values, those at its 0 and at its 1.",
        (_PARAMETER, Argument("from", "value"), Argument("to", "value")),
        asks="its name, then address, from and to of each parameter", scope="sound",
    ),
    Command(
        "macro/{m}/unbind", "Have a macro move a parameter no longer, or none at all.",
        (replace(_PARAMETER, optional=True),), scope="sound",
    ),
    Command("macro/{m}/name", "Call a macro something.", (Argument("name", "text"),), asks="its name", scope="sound"),
    Command(
        "preset/load", "Set everything to a preset, in one audio block.",
        (_PRESET,), asks="the one that was loaded or saved last", slow=True, scope="sound",
    ),
    Command("preset/save", "Keep what is set now as a preset.", (_PRESET,), slow=True),
    Command(
        "preset/compare", "Hear the preset that was loaded or saved last as it was kept; 0 brings back what was set.",
        (Argument("on", "bool"),), asks="whether the kept one is heard", slow=True, scope="sound",
    ),
    Command("preset/delete", "Take a preset out of the list.", (_PRESET,), slow=True),
    Command("preset/next", "Load the next preset of the list.", slow=True, scope="sound"),
    Command("preset/prev", "Load the one before.", slow=True, scope="sound"),
    Command("preset/random", "Load any preset, or any of a kind.", (_MAYBE_KIND,), slow=True, scope="sound"),
    Command(
        "preset/list", f"The presets that can be loaded, {LIST_PAGE} in a message; one with fewer is the last.",
        (_MAYBE_KIND,), asks="the names of all", slow=True,
    ),
    Command(
        "morph",
        "Go to a sound between two presets, at once or in so many seconds, at a constant speed of what is heard.",
        (Argument("preset A", "name"), Argument("preset B", "name"), Argument("position"),
         Argument("seconds", maximum=3600.0, unit="s", optional=True)),
        slow=True, scope="sound",
    ),
    Command(
        "morph/path", "Make a way through several presets for /morph/position and /morph/play.",
        (Argument("preset", "name", least=2, most=MAX_STOPS),), asks="the names", slow=True, scope="sound",
    ),
    Command(
        "morph/play", "Travel the way from its first preset to its last; 0 stops.", (_SECONDS,), scope="sound"
    ),
    Command(
        "random", "Move every latent away by chance: at 0.1 a little, at 1 to anywhere.",
        (Argument("amount"),), scope="sound",
    ),
    Command(
        "undo", "Take the latest step back: the move of a fader, a preset, a morph; playing is not taken back.",
        slow=True, scope="sound",
    ),
    Command("redo", "Do the step again that was taken back last.", slow=True, scope="sound"),
    Command(
        "record", "Keep what is heard in a sound file of the recordings folder, from now on; 0 ends it.",
        (Argument("on", "bool"), Argument("name", "text", optional=True, meaning="of the file, with .wav or not")),
        asks="whether it does, and the file's name", slow=True,
    ),
    Command(
        "midi/learn",
        "Bind the MIDI controllers that are moved next to these addresses, in this order; an empty text gives it up.",
        (Argument("address", "text", least=1, most=MAX_LATENTS),), asks="what waits for a controller", slow=True,
    ),
    Command(
        "midi/unlearn", "Forget the controllers that were learned for an address; an empty text forgets all.",
        (Argument("address", "text"),), slow=True,
    ),
    Command(
        "midi/map", "What the controllers of every MIDI port move.",
        asks="port, controller, address and origin of each",
    ),
    Command(
        "midi/takeover", "The faders that move nothing until they come to where their parameter stands.",
        asks="port, controller, address and way (up or down) of each",
    ),
    Command(
        "tuning/scale", "Play in a Scala scale; an empty name is equal temperament again.",
        (Argument("scale", "text"),), asks="its name", reads_files=True,
    ),
    Command("tuning/scale/list", "The scales that can be loaded.", asks="their names"),
    Command(
        "tuning/keyboard",
        "Lay the scale out by a Scala keyboard mapping; an empty name puts its first note on middle C again.",
        (Argument("keyboard", "text"),), asks="its name", reads_files=True,
    ),
    Command("tuning/keyboard/list", "The keyboard mappings that can be loaded.", asks="their names"),
    Command(
        "status", "State, device, rate, block, voices, load, counts and model, as name and value pairs.",
        asks="for them", replies=("/status.reply",),
    ),
    Command("version", "Program name and version.", asks="for them", replies=("/version.reply",)),
    Command(
        "sync", "Answered by /synced with the same number when all before it is done.",
        (Argument("number", "id"),), replies=("/synced",),
    ),
    Command("dump", "Every value once.", asks="for them"),
    Command(
        "notify", "Be told what changes: 0 no more, 1 all but what one set oneself, 2 that too.",
        (Argument("how", "int", 0, 2),), asks="the number",
    ),
    Command(
        "listeners/add", "Tell a place what changes, one's own or as osc.listener_hosts allows.",
        (Argument("host:port", "text"),), slow=True,
    ),
    Command("listeners/del", "Tell a place nothing more.", (Argument("host:port", "text"),), slow=True),
    Command("listeners/list", "The places that are told what changes.", asks="them"),
    Command(
        "meter",
        "Be sent /meter so many times a second: peaks left and right, RMS left and right, voices, load; 0 ends it.",
        (Argument("times a second", "int", 0, MAX_RATE),),
    ),
    Command(
        "voice",
        "Be sent /voice id pitch velocity level of each note that begins, is released (velocity 0) or ends (level 0), "
        "and so many times a second of all that sound; 0 ends it.",
        (Argument("times a second", "int", 0, MAX_RATE),),
    ),
    Command(
        "spectrum",
        "Be sent /spectrum so many times a second: lowest and highest frequency in Hertz, then levels in dB of what is "
        "heard, from the one to the other in even steps of pitch; 0 ends it.",
        (Argument("times a second", "int", 0, MAX_RATE),),
    ),
)
# fmt: on

ROWS = {row.name: row for row in COMMANDS}

REPLIES = frozenset({ERROR}.union(*(row.answers for row in COMMANDS))) - {row.address for row in COMMANDS}
"""What is sent and never taken.  To answer these with an error could keep two programs busy with each other."""


def command_table() -> dict[str, tuple[Command, tuple[int, ...]]]:
    """Every command by name, with the number that stands for ``{i}`` or ``{m}`` in it, if there is one."""
    table: dict[str, tuple[Command, tuple[int, ...]]] = {}
    for row in COMMANDS:
        most = MACROS if "{m}" in row.name else MAX_LATENTS
        if "{" in row.name:
            table |= {row.name.format(i=number, m=number): (row, (number,)) for number in range(1, most + 1)}
        else:
            table[row.name] = row, ()
    return table
