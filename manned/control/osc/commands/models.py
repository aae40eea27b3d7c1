"""Decoders."""

from __future__ import annotations

from ....errors import ModelError
from ....library import Library
from ....model.kinds import AnyDecoder
from ...sender import Sender
from ..packet import sendable
from .registry import Context, handler


@handler("model")
def model(context: Context, sender: Sender, name: str | int | None = None) -> None:
    """Do ``/model``."""
    instrument = context.instrument
    if name is None:
        sender.send("/model", instrument.decoder.name)
        return
    source = instrument.tree.source
    context.jobs.submit(
        "/model",
        lambda: _read(instrument.library, name),
        lambda decoder: [instrument.use_model(decoder, source)],
        f"model {name}: cannot be loaded",
        sender,
    )


@handler("model/list")
def models(context: Context, sender: Sender) -> None:
    """Do ``/model/list``."""
    sender.send("/model/list", *context.instrument.library.decoders())


@handler("model/info")
def info(context: Context, sender: Sender) -> None:
    """Do ``/model/info``."""
    facts = context.instrument.decoder.facts()
    sender.send("/model/info", *(sendable(item) for pair in facts.items() for item in pair))


def _read(library: Library, name: str | int) -> AnyDecoder:
    # The network may name the models that are offered, not files anywhere on this machine.
    offered = library.decoders()
    if isinstance(name, str) and name not in offered:
        raise ModelError(f"model {name[:64]!r}: no such model, allowed are {', '.join(offered) or 'none'}")
    return library.read_decoder(name)
