"""What devices show: values sent back to rings, motor faders and lamps.

A control that was touched a moment ago is left alone; the last value is sent when it is quiet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...instrument import Instrument
from ...state.tree import Change
from ...table.bindings import NOTE, Controller
from .layers import Layers
from .takeover import position_of

TOUCHED_S = 0.5
"""A control is quiet when it was not moved for so long."""

EVERY_S = 1 / 30
"""How often values are sent at most."""

Send = Callable[[str, list[int]], None]
"""``send(port, data)`` sends the bytes of a message to the device of a port."""


class Feedback:
    """Shows parameters on the devices that control them.  Control thread only.

    Parameters
    ----------
    instrument : Instrument
    send : callable
    """

    def __init__(self, instrument: Instrument, send: Send):
        self._instrument = instrument
        self._send = send
        self._layers: dict[str, Layers] = {}
        self._shown: dict[tuple[str, Controller], bytes] = {}
        self._touched: dict[tuple[str, int, int | str], float] = {}
        self._due: dict[str, set[str]] = {}
        self._sent_at = 0.0
        self._listening = instrument.tree.listen(self._told)

    def close(self) -> None:
        """Show nothing more."""
        self._listening.stop()
        self._layers.clear()

    def open(self, port: str, layers: Layers) -> None:
        """Show everything on a device that is there from now on, if it can show anything."""
        if layers.template.feedback:
            self._layers[port] = layers
            self.refresh(port)

    def forget(self, port: str) -> None:
        """Show nothing more on a device that is gone."""
        self._layers.pop(port, None)
        self._due.pop(port, None)
        self._shown = {key: data for key, data in self._shown.items() if key[0] != port}
        self._touched = {key: at for key, at in self._touched.items() if key[0] != port}

    def refresh(self, port: str | None = None) -> None:
        """Show everything again on one device, or on all, as far as it is not shown already."""
        for name in self._layers if port is None else [port]:
            self._due[name] = set(self._instrument.parameters)

    def touch(self, port: str, data: Sequence[int], now: float) -> None:
        """Hear of a message that came from a device."""
        if port not in self._layers or len(data) < 3:
            return
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        number: int | str
        if kind == 0xB0:
            number = data[1]
        elif kind in (0x80, 0x90):
            number = f"{NOTE}{data[1]}"
        else:
            return
        self._touched[port, channel + 1, number] = now
        binding = self._layers[port].look(channel + 1, number)
        shows_itself = binding is not None and isinstance(number, int) and not (binding.encoder or binding.toggle)
        for controller in (Controller(channel + 1, number), Controller(None, number)):
            if shows_itself:
                self._shown[port, controller] = bytes(data)
            else:
                self._shown.pop((port, controller), None)
        if binding is not None:
            self._due.setdefault(port, set()).add(binding.target)

    def _told(self, changes: Sequence[Change]) -> None:
        for port in self._layers:
            self._due.setdefault(port, set()).update(change.name for change in changes)

    @property
    def waits(self) -> bool:
        """Whether there is something to show."""
        return any(self._due.values())

    def tick(self, now: float) -> None:
        """Send what has changed, at most 30 times a second, except to controls that were touched a moment ago."""
        if not self.waits or now - self._sent_at < EVERY_S:
            return
        self._sent_at = now
        for port, layers in self._layers.items():
            due = self._due.get(port)
            if due:
                self._due[port] = self._show(port, layers, due, now)

    def _show(self, port: str, layers: Layers, due: set[str], now: float) -> set[str]:
        """Show some parameters on one device; returns those that have to wait."""
        waiting = set()
        for _, controller, binding in layers.every():
            row = self._instrument.parameters.get(binding.target)
            if binding.target not in due or row is None:
                continue
            channel = self._channel(port, controller)
            if now - self._touched.get((port, channel, controller.number), -1e9) < TOUCHED_S:
                waiting.add(binding.target)
                continue
            position = position_of(row, self._instrument.get(row.name))
            messages = _messages(channel, controller.number, position, layers.template.lit, layers.template.dark)
            whole = bytes(byte for data in messages for byte in data)
            if self._shown.get((port, controller)) != whole:
                self._shown[port, controller] = whole
                for data in messages:
                    self._send(port, data)
        return waiting

    def _channel(self, port: str, controller: Controller) -> int:
        """The channel to show a control on: its own, or where it was heard last, or 1."""
        if controller.channel is not None:
            return controller.channel
        heard = [key[1] for key in self._touched if key[0] == port and key[2] == controller.number]
        return heard[-1] if heard else 1


def _messages(channel: int, number: int | str, position: float, lit: int, dark: int) -> list[list[int]]:
    """The messages that show a position, 0–1, on a control; none for what cannot be shown."""
    status = 0xB0 | channel - 1
    if isinstance(number, int):
        return [[status, number, round(position * 127)]]
    if number.startswith(NOTE):
        return [[0x90 | channel - 1, int(number.removeprefix(NOTE)), lit if position >= 0.5 else dark]]
    coarse, pair, fine = number.partition("/")
    if pair:
        value = round(position * 16383)
        return [[status, int(coarse), value >> 7], [status, int(fine), value & 127]]
    return []
