"""What each command does: one handler for each row of the table of commands, by theme.

A handler is a function that `handler` puts under the name of its row.  It gets a
`Context`, the sender, the number in the address if there is one, and the checked arguments.
"""

from . import feedback, gestures, history, macros, midi, models, notes, presets, record, sound, system, tuning  # noqa: F401  (each brings its handlers)
from .registry import HANDLERS, Context, Telling

__all__ = ["HANDLERS", "Context", "Telling"]
