"""The table of meanings: what MIDI's messages and controllers mean when nothing else is bound to them.

Every idea has its rows in its own file, beside the functions that play them, so a
new meaning touches that file alone.  What controllers move besides is a table
of its own, `manned.table.bindings`.
"""

from __future__ import annotations

from . import expression, levels, modes, notes, programs, rpn, switches, system

MEANINGS = (
    *notes.MEANINGS,
    *expression.MEANINGS,
    *levels.MEANINGS,
    *switches.MEANINGS,
    *rpn.MEANINGS,
    *modes.MEANINGS,
    *programs.MEANINGS,
)
SYSTEM_MEANINGS = system.MEANINGS

MESSAGES = {row.number: row for row in MEANINGS if row.kind == "message"}
CONTROLLERS = {row.number: row for row in MEANINGS if row.kind == "controller"}
MEMBER_CONTROLLERS = {row.number: row for row in MEANINGS if row.kind == "member controller"}
SYSTEM = {row.number: row for row in SYSTEM_MEANINGS}
