"""What the controllers of one port move: what was learned, the settings, its template and the defaults, in layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...table.bindings import DEFAULT_BINDINGS, FINE, Binding, Bindings, Controller
from .templates import KEYBOARD, SURFACE, Template


@dataclass
class Layers:
    """Layers of bindings; the first one that says anything of a controller counts.

    Attributes
    ----------
    template : Template
        Role of the port, and what its controllers move by themselves.
    settings : Bindings
        What the user wrote.
    defaults : Bindings
        What there is without that; a surface with a template does without them.
    learned : Bindings
        What was learned on this port.
    takeover : str
        What `Binding.takeover` is where a binding does not say.
    """

    template: Template = field(default_factory=Template)
    settings: Bindings = field(default_factory=lambda: Bindings({}))
    defaults: Bindings = field(default_factory=lambda: Bindings(DEFAULT_BINDINGS))
    learned: Bindings = field(default_factory=lambda: Bindings({}))
    takeover: str = "jump"

    @property
    def is_surface(self) -> bool:
        """Whether every controller is a plain control, without the meaning that the MIDI standard gives it."""
        return self.template.role == SURFACE

    @property
    def plays_notes(self) -> bool:
        """Whether keys that are bound to nothing play."""
        return self.template.role == KEYBOARD

    def named(self) -> Iterator[tuple[str, Bindings]]:
        """The layers from the top, each with its name for people."""
        yield "learned", self.learned
        yield "settings", self.settings
        yield "template", self.template.bindings
        if not (self.is_surface and self.template.name):
            yield "default", self.defaults

    def look(self, channel: int, number: int | str) -> Binding | None:
        """What a controller of a channel, 1–16, moves; None when no layer says anything of it."""
        for _, bindings in self.named():
            found = bindings.look(channel, number)
            if found is not None:
                return found
        return None

    def pair(self, channel: int, number: int) -> tuple[str, Binding] | None:
        """The pair that a controller is half of, and what it moves, or None.

        A learned controller that is no pair comes before a pair of the other layers.
        """
        coarse = number % FINE if number < 2 * FINE else None
        if coarse is None:
            return None
        name = f"{coarse}/{coarse + FINE}"
        for _, bindings in self.named():
            found = bindings.look(channel, name)
            if found is not None:
                return name, found
            if bindings.look(channel, number) is not None:
                return None
        return None

    def every(self) -> Iterator[tuple[str, Controller, Binding]]:
        """Every binding that counts, with the name of its layer; those of no parameter too."""
        seen = set()
        for name, bindings in self.named():
            for controller, binding in bindings:
                if controller not in seen:
                    seen.add(controller)
                    yield name, controller, binding
