"""Notes, by number, by frequency and by id."""

from __future__ import annotations

from collections.abc import Hashable

from ....errors import ParameterError
from ....model.pitch import hz_to_note
from ....table.note_targets import OFFSET_WORDS
from ...sender import Sender
from .registry import Context, Handler, handler


@handler("mnote")
def note_on(context: Context, sender: Sender, note: float, velocity: float, identity: int | None = None) -> None:
    """Do ``/mnote``."""
    if not context.instrument.note_on(_key(note, identity), note, velocity):
        raise ParameterError(f"found note {note:g}, to which this tuning gives no pitch that can be heard")


@handler("mnote/rel")
def note_off(context: Context, sender: Sender, note: float, velocity: float = 0.0, identity: int | None = None) -> None:
    """Do ``/mnote/rel``."""
    context.instrument.note_off(_key(note, identity))


@handler("fnote")
def frequency_on(context: Context, sender: Sender, hertz: float, velocity: float, identity: int | None = None) -> None:
    """Do ``/fnote``."""
    context.instrument.frequency_on(_key(hz_to_note(hertz), identity), hertz, velocity)


@handler("fnote/rel")
def frequency_off(
    context: Context, sender: Sender, hertz: float, velocity: float = 0.0, identity: int | None = None
) -> None:
    """Do ``/fnote/rel``."""
    context.instrument.note_off(_key(hz_to_note(hertz), identity))


@handler("ne/pitch")
def note_pitch(context: Context, sender: Sender, identity: int, semitones: float) -> None:
    """Do ``/ne/pitch``."""
    _held(identity, context.instrument.note_pitch(_key(0.0, identity), semitones))


@handler("ne/pressure")
def note_pressure(context: Context, sender: Sender, identity: int, pressure: float) -> None:
    """Do ``/ne/pressure``."""
    _held(identity, context.instrument.note_pressure(_key(0.0, identity), pressure))


@handler("ne/latent/{i}")
def note_latent(context: Context, sender: Sender, latent: int, identity: int, offset: float) -> None:
    """Do ``/ne/latent/{i}``."""
    _held(identity, context.instrument.note_latent(_key(0.0, identity), latent, offset))


def _offset(word: str) -> Handler:
    def offset(context: Context, sender: Sender, identity: int, amount: float) -> None:
        _held(identity, context.instrument.note_target(_key(0.0, identity), word, amount))

    return offset


for _word in OFFSET_WORDS:
    handler(f"ne/{_word}")(_offset(_word))


@handler("ne/macro/{m}")
def note_macro(context: Context, sender: Sender, macro: int, identity: int, position: float) -> None:
    """Do ``/ne/macro/{m}``."""
    _held(identity, context.instrument.note_macro(_key(0.0, identity), macro, position))


@handler("allnotesoff")
def all_notes_off(context: Context, sender: Sender) -> None:
    """Do ``/allnotesoff``."""
    context.instrument.all_notes_off()


@handler("allsoundoff")
def all_sound_off(context: Context, sender: Sender) -> None:
    """Do ``/allsoundoff``."""
    context.instrument.all_sound_off()


@handler("schedule/clear")
def clear_schedule(context: Context, sender: Sender) -> None:
    """Do ``/schedule/clear``."""
    if context.dated is not None:
        context.dated.clear()


def _key(note: float, identity: int | None) -> Hashable:
    """Who a note is to those who play by OSC: its id if it has one, else its number.

    The sender is no part of it: a note may be started and released from two ports.
    """
    return ("osc", note) if identity is None else ("osc", "id", identity)


def _held(identity: int, held: bool) -> None:
    if not held:
        raise ParameterError(f"found id {identity}, allowed are the ids of notes that are held")
