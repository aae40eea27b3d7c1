"""Macros: their names and what they move.  Their values are parameters."""

from __future__ import annotations

from ....errors import ParameterError
from ....instrument import Instrument
from ....table.address import address_of, nearest, plain_name
from ....table.macros import MAX_MACRO_NAME
from ....table.value import Value
from ...sender import Sender
from ..feedback.views import values_of
from ..packet import sendable
from .registry import Context, handler


@handler("macro/{m}/bind")
def bind(
    context: Context, sender: Sender, macro: int, address: str | None = None, start: Value = 0.0, end: Value = 1.0
) -> None:
    """Do ``/macro/{m}/bind``."""
    instrument, name = context.instrument, f"macro/{macro}/bind"
    if address is not None:
        instrument.macros.bind(macro, _parameter(instrument, address), start, end)
        return
    sender.send(address_of(name), *map(sendable, values_of(instrument, name)))


@handler("macro/{m}/unbind")
def unbind(context: Context, sender: Sender, macro: int, address: str | None = None) -> None:
    """Do ``/macro/{m}/unbind``."""
    context.instrument.macros.unbind(macro, None if address is None else plain_name(address))


@handler("macro/{m}/name")
def name(context: Context, sender: Sender, macro: int, name: str | None = None) -> None:
    """Do ``/macro/{m}/name``."""
    macros = context.instrument.macros
    if name is None:
        sender.send(f"/macro/{macro}/name", macros.get(macro).name)
    elif len(name) > MAX_MACRO_NAME or not name.isprintable():
        raise ParameterError(f"found {name[:64]!r}, allowed are up to {MAX_MACRO_NAME} letters")
    else:
        macros.rename(macro, name)


def _parameter(instrument: Instrument, address: str) -> str:
    name = plain_name(address)
    if name not in instrument.parameters:
        raise ParameterError(f"found {address[:64]!r}, allowed is a parameter{nearest(name, instrument.parameters)}")
    return name
