"""Several values of the sound at once."""

from __future__ import annotations

from ....state.chance import mutated
from ....state.tree import Source
from ....table.commands import ERROR
from ...sender import Sender
from .registry import Context, handler


@handler("latents")
def latents(context: Context, sender: Sender, *values: float) -> None:
    """Do ``/latents``."""
    count = context.instrument.latents
    if values:
        context.instrument.set_latents(values[:count])
        if len(values) > count:
            text = f"found {len(values)} values, this model has {count} latents: the first {count} were taken"
            sender.send(ERROR, "/latents", text)
    else:
        sender.send("/latents", *context.instrument.latent_values())


@handler("xy")
def xy(context: Context, sender: Sender, x: float | None = None, y: float = 0.0) -> None:
    """Do ``/xy``."""
    if x is not None:
        context.instrument.set_place(x, y)
    else:
        sender.send("/xy", *context.instrument.place())


@handler("chroma/weights")
def chroma_weights(context: Context, sender: Sender, *weights: float) -> None:
    """Do ``/chroma/weights``."""
    if weights:
        context.instrument.set_chroma_weights(weights)
    else:
        sender.send("/chroma/weights", *context.instrument.chroma_weights())


@handler("random")
def mutate(context: Context, sender: Sender, amount: float) -> None:
    """Do ``/random``."""
    instrument = context.instrument
    when = instrument.clock.now if instrument.tree.when is None else instrument.tree.when
    with instrument.together(source=Source("random", when)):
        instrument.set_latents(mutated(instrument.latent_values(), amount, when))
