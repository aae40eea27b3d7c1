"""The reference page of addresses, made from the parameter table.

``python -m manned.table.reference > docs/osc.md`` writes it anew.
"""

from __future__ import annotations

from ..model.pitch import CLASS_NAMES
from .commands import COMMANDS
from .parameter import Parameter
from .parameters import ROWS

TYPES = {"float": "f", "int": "i", "bool": "i 0 1, or T F", "class": "i, or s", "choice": "s, or i", "latent": "i"}

HEAD = """\
# OSC addresses

<!-- Made by `python -m manned.table.reference > docs/osc.md` from manned/table: change it there. -->

`manned` listens for OSC over UDP and TCP on port **57130** of this computer (`osc.host` and `osc.port` in the
configuration).

## Values

Send an address with a value to set it; send it with **no arguments to ask**. The answer carries the same address and
comes back to where the question came from. Any numeric type is taken. A number outside the range is clamped to it.
Where words are the range, the number of one, from 0, will do too, so a row of buttons can choose.

`{i}` counts the latents of the model, from 1; `{k}` is 1 or 2.
"""

ACTIONS = """\
## Actions
"""

MANNERS = """\
## Manners

- **No mistake is met with silence.** A value that is taken is not answered. An unknown address, a wrong number of
  arguments or a bad value (NaN and infinities are among them) is answered by `/error address text` to the sender
  alone; a flood of mistakes is answered now and then.
- **`/q/address` asks too**, for clients that cannot send an empty message.
- **Patterns** (`?` `*` `[]` `{}`) set or ask every value that they match, `/env/*` for instance. They never mean
  actions. One packet plays 16 of them at most.
- **A bundle is one moment.** All its messages take effect in the same audio block. A time tag in the future is kept
  and placed on that very audio sample; "immediately" and the past mean the next block.
- **Notes have names.** Without an id, a note is known by its number, and `/mnote/rel` of the same number ends it.
  With an id (a third argument) the same pitch may sound several times.
- **A note with an id can be moved alone**: `/ne/pitch`, `/ne/pressure` and `/ne/latent/{i}` name it by that id while it
  is held. In one bundle with its `/mnote` they hold from its first sample.
- **Keys are tuned, frequencies are not.** `/mnote` names a key, to which `/tuning/scale` and `/tuning/keyboard` give a
  pitch; between two keys a fraction goes on towards the next one's. `/fnote` sounds at its very frequency. The drone is
  a key too. A scale or mapping that cannot be read changes nothing; one packet reads 16 of them at most.
- **`/model` takes its time and says so**: `/done /model name` when the new decoder plays, `/fail /model text` when
  it cannot; then what was playing goes on. `/preset/load`, `/preset/save` and the other actions of presets, `/morph` and
  `/morph/path` are answered likewise.
- **By TCP**, packets may be framed by SLIP (OSC 1.1) or by their size (OSC 1.0); the answers come back framed
  likewise.
"""


def reference() -> str:
    """The page as Markdown."""
    values = ["| address | argument | range | default | meaning |", "|---|---|---|---|---|"]
    values += [_value_row(row) for row in ROWS]
    actions = ["| address | arguments | meaning |", "|---|---|---|"]
    actions += [f"| `{row.address}` | {row.arguments or '–'} | {row.description} |" for row in COMMANDS]
    return "\n".join([HEAD, *values, "", ACTIONS, *actions, "", MANNERS])


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
    if row.kind == "class":
        return CLASS_NAMES[row.default]
    if row.kind == "bool":
        return "on" if row.default else "off"
    return f"{row.default:.3g}" if row.kind == "float" else str(row.default)


if __name__ == "__main__":
    print(reference(), end="")
