"""The addresses of other programs, as rows: what each of their messages means here.

The one table so far is that of `elgiano/manne <https://github.com/elgiano/manne>`_, which plays networks of the same
paper.  Its channels are voices here, each with one note; latents and models are those of the whole instrument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ParameterError
from .value import shown

REST = "…"
"""Behind a name: this argument and all that follow."""

_PLACE = re.compile(rf"\{{(\w+{REST}?)(?:\+(\d+))?(?:\*(\d+))?\}}")


@dataclass(frozen=True)
class Alias:
    """One message of another program.

    Attributes
    ----------
    address : str
    arguments : tuple of str
        What they are, the fewest that it has; more are passed over.  A first one that is called
        ``channel`` is a whole number: by that a message is told from ours at the same address.
    becomes : str
        The message that it stands for.  ``{name}`` is an argument, ``{name+1}`` one that is counted from 0 there
        and from 1 here, ``{name*127}`` one of another range.
    """

    address: str
    arguments: tuple[str, ...]
    becomes: str

    @property
    def text(self) -> str:
        """The message for people."""
        return " ".join((self.address, *self.arguments))

    def means(self, arguments: tuple[object, ...]) -> bool:
        """Whether a message at this address with these arguments is the other program's."""
        enough = len(arguments) >= len(self.arguments)
        return enough and (not self.arguments or type(arguments[0]) is int)

    def translate(self, arguments: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
        """Address and arguments of the message that it stands for.

        Raises
        ------
        ParameterError
            When they are too few, or no numbers where numbers are needed.
        """
        if not self.means(arguments):
            raise ParameterError(f"found {len(arguments)} arguments, allowed are: {', '.join(self.arguments)}")
        address, *words = self.becomes.split()
        found = tuple(value for word in words for value in self._values(word, arguments))
        return _PLACE.sub(lambda place: shown(self._value(place, arguments)), address), found

    def _values(self, word: str, arguments: tuple[object, ...]) -> tuple[object, ...]:
        place = _PLACE.fullmatch(word)
        if place is None:
            return (float(word),)
        if place[1].endswith(REST):
            return arguments[self.arguments.index(place[1]) :]
        return (self._value(place, arguments),)

    def _value(self, place: re.Match[str], arguments: tuple[object, ...]) -> object:
        name, plus, times = place.groups()
        value = arguments[self.arguments.index(name)]
        if plus is None and times is None:
            return value
        if not isinstance(value, (int, float)) or (plus is not None and type(value) is not int):
            raise ParameterError(f"{name}: found {shown(value)}, allowed is a {'whole ' * (plus is not None)}number")
        return value * int(times or 1) + int(plus or 0)


ELGIANO = (
    Alias("/latents", ("channel", f"latent{REST}"), f"/latents {{latent{REST}}}"),
    Alias("/latent", ("channel", "number", "value"), "/latent/{number+1} {value}"),
    Alias("/noteOn", ("channel", "note", "amplitude"), "/mnote {note} {amplitude*127} {channel}"),
    Alias("/noteOff", ("channel",), "/mnote/rel 0 0 {channel}"),
    Alias("/amp", ("channel", "amplitude"), "/ne/pressure {channel} {amplitude}"),
    Alias("/model", ("channel", "model"), "/model {model}"),
    Alias("/get_model_names", (), "/model/list"),
    Alias("/get_active_models", (), "/model"),
)

ALIASES = {"": (), "elgiano": ELGIANO}
"""The tables by the names that the settings have for them."""
