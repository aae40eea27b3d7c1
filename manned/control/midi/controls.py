"""Plain controls: knobs, faders, buttons and encoders that move a parameter or do a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...instrument import Instrument
from ...table.bindings import BUTTONS, Binding, Controller
from ...table.parameter import Parameter
from ...table.value import Value
from .channels import Channel, Port
from .encoders import ABSOLUTE, steps
from .override import Override
from .takeover import NEAR, position_of, scaled, take_over

STEP = 1 / 127
"""How far one step of an encoder goes."""


@dataclass(eq=False)
class Control:
    """One control of one channel.

    Attributes
    ----------
    raw : float, optional
        Where it stands, 0–1; None when it never moved.
    position : float
        Where it put its parameter, 0–1.
    value : Value, optional
        What it set last; while the parameter has that value, the control holds it.
    name : str
        The parameter.
    coarse, fine : int
        The last two halves of a controller of 14 bits.
    has_fine : bool
        Whether the finer half ever came.
    waits : bool
        Whether the coarse half came, and the finer one may follow.
    """

    raw: float | None = None
    position: float = 0.0
    value: Value | None = None
    name: str = ""
    coarse: int = 0
    fine: int = 0
    has_fine: bool = False
    waits: bool = False

    def holds(self, row: Parameter, current: Value) -> bool:
        """Whether a parameter still has the value that this control set."""
        return self.name == row.name and self.value == current


class Controls:
    """Every control that was moved, and what it moves.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    no_portamento : Override
        While it holds ``portamento``, controllers choose what comes after it.
    press : callable(str)
        Does the command of a button.
    missing : callable(str)
        Told of a parameter that the model does not have.
    """

    def __init__(
        self,
        instrument: Instrument,
        no_portamento: Override,
        press: Callable[[str], None],
        missing: Callable[[str], None],
    ):
        self._instrument = instrument
        self._no_portamento = no_portamento
        self._press = press
        self._missing = missing
        self._controls: dict[tuple[str, int, int | str], Control] = {}
        self._waiting: dict[Control, tuple[Channel, int | str, Binding]] = {}

    def forget(self, port: str) -> None:
        """Forget where the controls of a port stand."""
        self._controls = {key: control for key, control in self._controls.items() if key[0] != port}
        self._waiting = {key: waiting for key, waiting in self._waiting.items() if waiting[0].port.name != port}

    def control(self, channel: Channel, number: int | str) -> Control:
        """A control of a channel."""
        return self._controls.setdefault((channel.port.name, channel.number, number), Control())

    # -- looking on -----------------------------------------------------------

    def waits_for(self, port: Port, controller: Controller, binding: Binding) -> str:
        """Which way a fader must go to pick its parameter up: ``up``, ``down``, or nothing when it need not."""
        row = self._instrument.parameters.get(binding.target)
        if row is None or binding.toggle or binding.encoder not in ("", ABSOLUTE):
            return ""
        if (binding.takeover or port.layers.takeover) != "pickup":
            return ""
        current = self._current(row)
        there = position_of(row, current)
        for (name, channel, number), control in self._controls.items():
            if (name, number) != (port.name, controller.number) or controller.channel not in (None, channel):
                continue
            holds = control.holds(row, current)
            if control.raw is not None and not holds and abs(control.raw - there) > NEAR:
                return "up" if control.raw < there else "down"
        return ""

    # -- two halves ---------------------------------------------------------

    def move_coarse(self, channel: Channel, number: int | str, binding: Binding, value: int) -> None:
        """Move a controller of 14 bits by its coarse half; if it has a finer one, that is waited for."""
        control = self.control(channel, number)
        control.coarse = value
        if control.has_fine:
            control.waits = True
            self._waiting[control] = channel, number, binding
        else:
            self.move(channel, number, binding, value)

    def move_fine(self, channel: Channel, number: int | str, binding: Binding, value: int) -> None:
        """Move a controller of 14 bits by its finer half."""
        control = self.control(channel, number)
        control.fine, control.has_fine = value, True
        self._move_both(control, channel, number, binding)

    def settle(self) -> None:
        """Move controllers whose finer half has not come."""
        for control, (channel, number, binding) in [*self._waiting.items()]:
            self._move_both(control, channel, number, binding)

    @property
    def waits(self) -> bool:
        """Whether a controller waits for its finer half."""
        return bool(self._waiting)

    def _move_both(self, control: Control, channel: Channel, number: int | str, binding: Binding) -> None:
        control.waits = False
        self._waiting.pop(control, None)
        self._move_to(control, channel, binding, (control.coarse << 7 | control.fine) / 16383)

    # -- moving -------------------------------------------------------------

    def move(self, channel: Channel, number: int | str, binding: Binding, value: int) -> None:
        """Move what a controller is bound to.

        Parameters
        ----------
        channel : Channel
        number : int or str
            Of the controller, as a table's key has it.
        binding : Binding
        value : int
            0–127.
        """
        control = self.control(channel, number)
        if binding.encoder and binding.encoder != ABSOLUTE:
            self._turn(control, binding, steps(binding.encoder, value))
        else:
            self._move_to(control, channel, binding, value / 127)

    def step(self, channel: Channel, number: int | str, binding: Binding, count: int) -> None:
        """Move what a controller is bound to by some steps."""
        self._turn(self.control(channel, number), binding, count)

    def _move_to(self, control: Control, channel: Channel, binding: Binding, now: float) -> None:
        before, control.raw = control.raw, now
        if binding.target in BUTTONS or binding.toggle:
            if now >= 0.5 and not (before is not None and before >= 0.5):
                self._push(binding)
            return
        row = self._row(binding)
        if row is None:
            return
        how = binding.takeover or channel.port.layers.takeover
        current = self._current(row)
        holds = control.holds(row, current)
        there = control.position if holds else position_of(row, current)
        if how == "scale":
            new = scaled(before, now, there)
        elif holds or row.from_unit(now) == current:
            new = now
        else:
            new = take_over(how, before, now, there)
        if new is not None:
            self._put(control, row, new)

    def _turn(self, control: Control, binding: Binding, count: int) -> None:
        row = self._row(binding)
        if row is not None and count:
            current = self._current(row)
            holds = control.holds(row, current)
            there = control.position if holds else position_of(row, current)
            self._put(control, row, min(max(there + count * STEP, 0.0), 1.0))

    def _push(self, binding: Binding) -> None:
        """Press a button: do its command, or go on to the next value of its parameter."""
        if binding.target in BUTTONS:
            self._press(binding.target)
            return
        row = self._row(binding)
        if row is None:
            return
        current = self._instrument.get(row.name)
        if row.kind == "choice":
            self._instrument.set(row.name, row.choices[(row.choices.index(current) + 1) % len(row.choices)])
        else:
            middle = (row.minimum + row.maximum) / 2
            self._instrument.set(row.name, row.minimum if float(current) > middle else row.maximum)

    def _row(self, binding: Binding) -> Parameter | None:
        row = self._instrument.parameters.get(binding.target)
        if row is None and binding.target:
            self._missing(binding.target)
        return row

    def _held_back(self, row: Parameter) -> bool:
        """Whether a pedal holds the parameter, so that what is set comes when it is let go."""
        return row.name == self._no_portamento.name and self._no_portamento.holds

    def _current(self, row: Parameter) -> Value:
        before = self._no_portamento.before
        return before if self._held_back(row) and before is not None else self._instrument.get(row.name)

    def _put(self, control: Control, row: Parameter, position: float) -> None:
        value = row.from_unit(position)
        if self._held_back(row):
            self._no_portamento.put_back_later(value)
        else:
            value = self._instrument.set(row.name, value)
        control.name, control.position, control.value = row.name, position, value
