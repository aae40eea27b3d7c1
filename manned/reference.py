"""The files that are made from the tables: the page of addresses and the file of all settings.

``python -m manned.reference`` writes them anew, under the folder that it is given,
by default that of the program's source.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .control.osc.feedback.bounds import LAPSE_S, MAX_ALONE, MAX_DATAGRAM, MAX_SUBSCRIBERS
from .control.osc.feedback.spectrum import POINTS
from .limits import ENVELOPES, LFOS, OSC_PORT, TARGETS
from .model.pitch import CLASS_NAMES
from .promises import ADDRESSES, table
from .promises import MANNERS as PROMISED_MANNERS
from .settings.sections import WEB_PORT
from .table.aliases import ELGIANO
from .table.commands import COMMANDS, MAX_RATE, Command
from .table.macros import MACROS
from .table.parameter import Parameter
from .table.parameters import MACRO, ROWS

ROOT = Path(__file__).parents[1]
TYPES = {
    "float": "f",
    "int": "i",
    "bool": "i 0 1, or T F",
    "class": "i, or s",
    "choice": "s, or i",
    "target": "i, or s",
}

HEAD = f"""\
# OSC addresses

<!-- Made by `make reference` from manned/table: change it there. -->

`manned` listens for OSC over UDP and TCP on port **{OSC_PORT}** of this computer (`osc.host` and `osc.port` in the
configuration).

## Values

Send an address with a value to set it; send it with **no arguments to ask**. The answer carries the same address and
comes back to where the question came from. Any numeric type is taken. A number outside the range is clamped to it.
Where words are the range, the number of one, from 0, will do too, so a row of buttons can choose. What is off or on
also takes the words `off`, `on`, `false` and `true`. The target of an LFO or an envelope is the number of a latent,
no further than the model has, or one of the words {", ".join(f"`{target}`" for target in TARGETS)}. A depth of 1 moves
a pitch by an octave and noise by 24 dB, doubles a level, and moves a sound wholly to one side.

`{{i}}` counts the latents of the model, from 1; `{{k}}` counts the LFOs, 1–{LFOS}, `{{e}}` the envelopes beside that
of the level, 1–{ENVELOPES}; `{{m}}` the macros, 1–{MACROS}.
"""

ACTIONS = """\
## Actions

Arguments in brackets may be left out. An action that needs no arguments is a button: it is done by a message without
arguments, and by one whose only argument is a number but 0, T, I or N. **0 and F mean that the button was let go**:
they do nothing and are not answered. Where the third column says so, the empty message asks.
"""

MANNERS = f"""\
## Manners

- **No mistake is met with silence.** A value that is taken is not answered. An unknown address, a wrong number of
  arguments or a bad value (NaN and infinities are among them) is answered by `/error address text` to the sender
  alone; a flood of mistakes, `/fail` among them, is answered now and then.
- **`/q/address` asks too**, for clients that cannot send an empty message.
- **Patterns** (`?` `*` `[]` `{{}}`) set or ask every value that they match, `/env/*` for instance. They never mean
  actions. One packet plays 16 of them at most.
- **A bundle is one moment.** All its messages take effect in the same audio block. A time tag in the future is kept
  and placed on that very audio sample; "immediately" and the past mean the next block.
- **Notes have names.** Without an id, a note is known by its number, and `/mnote/rel` of the same number ends it.
  With an id (a third argument) the same pitch may sound several times.
- **A note with an id can be moved alone**: `/ne/pitch`, `/ne/pressure`, `/ne/latent/{{i}}`, `/ne/macro/{{m}}`,
  `/ne/level`, `/ne/pan`, `/ne/noise` and `/ne/brightness` name it by that id while it is held. In one bundle with its
  `/mnote` they hold from its first sample.
- **Keys are tuned, frequencies are not.** `/mnote` names a key, to which `/tuning/scale` and `/tuning/keyboard` give a
  pitch; between two keys a fraction goes on towards the next one's. `/fnote` sounds at its very frequency. The drone is
  a key too. A scale or mapping that cannot be read changes nothing; one packet reads 16 of them at most.
- **`/model` takes its time and says so**: `/done /model name` when the new decoder plays, `/fail /model text` when
  it cannot; then what was playing goes on. `/preset/load`, `/preset/save` and the other actions of presets, `/morph`
  and `/morph/path` are answered likewise.
- **Feedback.** `/notify 1` subscribes: what others set, by OSC, MIDI, presets, morphs or scores, is told at its own
  address, {MAX_RATE} times a second at most, and the last value always. A client is not told what it set itself,
  unless a number was clamped; what follows from it at other addresses (`/gain/db` of `/gain`, `/latent/1` of `/xy`)
  it is told. `/notify 2` tells everything. What was set by a pattern or a bundle comes back as one bundle, and so
  do more than {MAX_ALONE} values at a time; by UDP no packet is longer than {MAX_DATAGRAM} bytes. What is dated, as
  a morph is, is told when it is handed to the engine, up to 0.1 s before it is heard. `/dump` tells what is set
  now.
- **Subscriptions by UDP end after {LAPSE_S / 60:g} minutes without a packet**, by TCP with the connection.
  {MAX_SUBSCRIBERS} controllers can be subscribed.
- **Listeners** are places that are told what changes where no message comes from: most touch apps send from another
  port than they listen on. `/listeners/add 192.168.1.5:9000` adds one, `osc.listeners` in the settings keeps some for
  ever. Another computer can only name its own address, since by UDP anybody can send in the name of anybody;
  `osc.listener_hosts` allows more. `/meter`, `/voice` and `/dump` go to a sender's listeners too.
- **Streams.** `/meter 20` has levels sent 20 times a second: `/meter peak-left peak-right rms-left rms-right voices
  load`, levels as factors of full scale, load as a part of the time that a block lasts. `/voice 10` has notes sent:
  `/voice id pitch velocity level`, with a number of its own for each note (0 is the drone), when it begins, when it
  is released (velocity 0) and when it has ended (level 0), and meanwhile 10 times a second. `/spectrum 20` has the
  spectrum of what is heard sent: `/spectrum lowest-hz highest-hz db db …`, {POINTS} levels at frequencies in even steps
  of pitch, 0 dB a sine at full scale.
- **Dated bundles wait in a bounded queue**, of which one sender gets a part. `/schedule/clear` and a panic, by OSC,
  MIDI or signal, forget them; a dated `/allsoundoff` is part of what is played and forgets nothing.
- **OSCQuery**: port **{WEB_PORT}** (`web.port`) tells all of this page as JSON, with the values that are set, and
  takes OSC by WebSocket ([playing.md](playing.md#feedback)).
- **By TCP**, packets may be framed by SLIP (OSC 1.1) or by their size (OSC 1.0); the answers come back framed
  likewise.
"""

ALIASES = """\
## Other ways to write addresses

- **A prefix**: with `osc.prefix = "/manned"` in the settings, every address may stand behind it. Who writes
  `/manned/gain` gets answers and feedback with the prefix, such as `/manned/done /manned/preset/save`. Who writes
  `/gain` gets them without it. Listeners get the prefix.
- **Those of elgiano/manne**: with `osc.aliases = "elgiano"`, the messages of that program play too. A channel is a
  voice with one note; latents and the model are those of the whole instrument. At addresses that both have, a whole
  number in front is a channel.
"""

SHOWN = """\
## What shows it

Each line, and the files in `tests/` that hold the program to it. Feedback's delay and cost, floods and kills are
measured too: `make bench ARGS="feedback flood hostile kills"`.
"""


def reference() -> str:
    """The page as Markdown."""
    values = ["| address | argument | range | default | meaning |", "|---|---|---|---|---|"]
    values += [_value_row(row) for row in ROWS]
    actions = ["| address | arguments | empty, it asks for | meaning |", "|---|---|---|---|"]
    actions += [_action_row(row) for row in COMMANDS]
    aliases = ["| theirs | ours |", "|---|---|"]
    aliases += [f"| `{row.text}` | `{row.becomes}` |" for row in ELGIANO]
    shown = table((*ADDRESSES, *PROMISED_MANNERS))
    return "\n".join([HEAD, *values, "", ACTIONS, *actions, "", MANNERS, ALIASES, *aliases, "", SHOWN, *shown, ""])


def _action_row(row: Command) -> str:
    arguments = ", ".join(argument.text for argument in row.arguments)
    asks = row.asks if row.arguments else ""
    return f"| `{row.address}` | {arguments or '–'} | {asks or '–'} | {row.description} |"


def _value_row(row: Parameter) -> str:
    cells = (f"`{row.address}`", TYPES[row.kind], _range(row), _default(row), row.description)
    return "| " + " | ".join(cells) + " |"


def _range(row: Parameter) -> str:
    if row.kind == "class":
        return "0 to 11, or " + " ".join(CLASS_NAMES)
    if row.kind == "bool":
        return "off, on"
    if row.kind == "choice":
        return ", ".join(row.choices)
    return f"{row.minimum:g} to {row.maximum:g} {row.unit}".rstrip()


def _default(row: Parameter) -> str:
    if row is MACRO:  # it begins where its parameters are
        return "–"
    if row.kind == "class":
        return CLASS_NAMES[int(row.default)]
    if row.kind == "bool":
        return "on" if row.default else "off"
    return f"{row.default:.3g}" if row.kind == "float" else str(row.default)


def write(root: Path = ROOT) -> None:
    """Write ``docs/osc.md`` and ``configs/manned.toml`` under a folder that has ``docs`` and ``configs``."""
    from .settings import default_file  # the table itself needs no settings

    (root / "docs" / "osc.md").write_text(reference(), encoding="utf-8")
    (root / "configs" / "manned.toml").write_text(default_file(), encoding="utf-8")


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:2]))
