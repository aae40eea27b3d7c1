"""What every controller plays.

OSC, MIDI, scores and presets all speak to an `Instrument` in parameters and
notes; parameters meet the engine here and nowhere else.
"""

from __future__ import annotations

import math
from contextlib import contextmanager, suppress
from pathlib import Path

from .engine import events
from .errors import EngineBusy, MannedError, ModelError, ParameterError
from .model.decoder_file import Decoder, load_decoder
from .model.library import SHIPPED, find_decoder, list_decoders
from .parameters import NOT_THE_ENGINES, PARAMETERS, Parameter, parameter_table

HELD_NOTES = 1024  # at most; far more than sound at a time, so that notes nobody releases do not pile up


class Instrument:
    """A playable model: parameters, notes and the engine behind them.

    All methods belong to the control thread.

    Parameters
    ----------
    engine : manned.engine.Engine
    decoder : Decoder
        The model to start with.
    model_folders : sequence of path
        Where `read_model` looks for names, first folder first; the decoders
        shipped with the program come last.
    """

    def __init__(self, engine, decoder: Decoder, model_folders=()):
        self.engine = engine
        self.model_folders = [*map(Path, model_folders), SHIPPED]
        self._batch = None
        self._when = None
        self._backlog = {}
        self._notes = {}
        self._next_note = 1
        self._followers = {}
        self._values = {row.name: row.default for row in PARAMETERS}
        self.decoder = None
        self._use(decoder)
        with self.together():
            for name in self._values:
                self._send(name)

    # -- parameters ---------------------------------------------------------

    def get(self, name: str):
        """The value of a parameter, in its own unit.  Unknown names are a `ParameterError`."""
        self.parameter(name)
        return self._values[name]

    def parameter(self, name: str) -> Parameter:
        """The row of a parameter.  Unknown names are a `ParameterError`."""
        try:
            return self.parameters[name]
        except KeyError:
            raise ParameterError(f"/{name}: no such parameter") from None

    def set(self, name: str, value, when: int | None = None):
        """Set a parameter.

        Parameters
        ----------
        name : str
            A name of the table, e.g. ``latent/1`` or ``env/attack``.
        value : number, bool or str
            Clamped to the parameter's range.
        when : int, optional
            Audio sample at which it takes effect; None is the next block.

        Returns
        -------
        The value as it was taken.
        """
        value = self.parameter(name).check(value)
        if name in self._followers:
            with self.together(when):
                self._followers[name](value)
        if name == "gain/db":
            self._values["gain"] = 0.0 if value <= -96.0 else 10.0 ** (value / 20.0)
        elif name == "gain":
            self._values["gain/db"] = max(20.0 * math.log10(value), -96.0) if value > 0.0 else -96.0
        self._values[name] = value
        with self.together(when):
            self._send("gain" if name == "gain/db" else name)
        return value

    def follow(self, name: str, follower) -> None:
        """Have ``follower(value)`` called whenever a parameter is about to be set, inside of the same `together`.

        So parameters come to life that are not the engine's own.  If the follower raises, the parameter keeps its value.
        """
        self._followers[name] = follower

    def show(self, name: str, value) -> None:
        """Note the value of a parameter that somebody follows, and tell nobody."""
        self._values[name] = self.parameter(name).check(value)

    def set_latents(self, values, when: int | None = None, glide_s: float | None = None) -> list[float]:
        """Set the first ``len(values)`` latents in one audio block; returns them as taken.

        They take ``glide_s`` seconds to get there; None is what the parameter ``glide`` says.
        """
        if len(values) > self.latents:
            raise ParameterError(f"/latents: found {len(values)} values, this model has {self.latents} latents")
        checked = [self.parameter(f"latent/{i}").check(value) for i, value in enumerate(values, 1)]
        with self.together(when):
            if glide_s is not None:
                self._emit(events.GLIDE, 0, glide_s)
            for i, value in enumerate(checked, 1):
                self.set(f"latent/{i}", value)
            if glide_s is not None:
                self._send("glide")
        return checked

    @contextmanager
    def together(self, when: int | None = None):
        """Make everything set or played inside take effect in one audio block.

        Nests: the outermost ``together`` publishes, and an inner ``when`` of None
        takes the outer one.  If the block raises, nothing of it is played.
        """
        outer_when = self._when
        outermost = self._batch is None
        if outermost:
            self._batch = []
        if when is not None:
            self._when = when
        try:
            yield
            if outermost:
                self._publish(self._batch)
        finally:
            self._when = outer_when
            if outermost:
                self._batch = None

    @property
    def when(self) -> int | None:
        """Audio sample of what is set or played now: that of the `together` around it, None for the next block."""
        return self._when

    @property
    def latents(self) -> int:
        """Number of latents of the model that plays."""
        return self.decoder.topology.bottleneck

    # -- notes --------------------------------------------------------------

    def note_on(self, key, note: float, velocity: float, when: int | None = None) -> None:
        """Start a note.

        Parameters
        ----------
        key : hashable
            Whatever identifies the note to its sender, e.g. (port, channel, number).
            A note that still sounds under the same key is released first, and
            the oldest one when `HELD_NOTES` are held.
        note : float
            MIDI note number 0–127 (60 = C4); fractions are microtones.
        velocity : float
            0–127; 0 releases the note.
        when : int, optional
            Audio sample; None is the next block.
        """
        note = _finite("note", note, 0.0, 127.0)
        velocity = _finite("velocity", velocity, 0.0, 127.0)
        with self.together(when):
            self.note_off(key)
            if velocity > 0.0:
                number = self._next_note
                self._next_note = number % 0x3FFFFFFF + 1
                if len(self._notes) >= HELD_NOTES:
                    self.note_off(next(iter(self._notes)))
                self._notes[key] = number
                self._emit(events.NOTE_ON, number, note, velocity / 127.0)

    def note_off(self, key, when: int | None = None) -> bool:
        """Release the note of ``key``; False when it does not sound."""
        number = self._notes.pop(key, None)
        if number is None:
            return False
        with self.together(when):
            self._emit(events.NOTE_OFF, number)
        return True

    def notes(self) -> list:
        """Keys of the notes that are held."""
        return list(self._notes)

    def all_notes_off(self, when: int | None = None) -> None:
        """Release every note and close the drone's gate."""
        self._notes.clear()
        with self.together(when):
            self.set("gate", False)
            self._emit(events.ALL_NOTES_OFF, 0)

    def all_sound_off(self, when: int | None = None) -> None:
        """Silence everything now, tails too, without a click."""
        self._notes.clear()
        with self.together(when):
            self.set("gate", False)
            self._emit(events.ALL_SOUND_OFF, 0)

    # -- models -------------------------------------------------------------

    def models(self) -> list[str]:
        """Names of the decoders that `read_model` finds, in order."""
        return list_decoders(self.model_folders)

    def find_model(self, name: str | int) -> Path:
        """File of a model: a name or number of `models`, or a path to a decoder file."""
        if isinstance(name, int):
            names = self.models()
            if not 0 <= name < len(names):
                raise ModelError(f"model {name}: allowed are 0–{len(names) - 1}")
            name = names[name]
        return find_decoder(name, self.model_folders)

    def read_model(self, name: str | int) -> Decoder:
        """Read and check the decoder file of a model; a bad one raises `ModelError`.

        Any thread: nothing of the instrument changes.
        """
        return load_decoder(self.find_model(name))

    def use_model(self, decoder: Decoder) -> str:
        """Play a decoder that was read from the next hop on; what sounds goes on in it.  Returns its name."""
        self._use(decoder)
        return decoder.name

    def _use(self, decoder: Decoder) -> None:
        self.engine.load(decoder)
        self.decoder = decoder
        self.parameters = parameter_table(decoder.topology.bottleneck)
        with self.together():
            for name in self.parameters.keys() - self._values.keys():
                self._values[name] = self.parameters[name].default
                self._send(name)

    # -- state --------------------------------------------------------------

    def values(self) -> dict:
        """Every parameter and its value."""
        return {name: self._values[name] for name in self.parameters}

    def status(self) -> dict:
        """What a person asks of a running instrument, as plain values."""
        return {"model": self.decoder.name, "latents": self.latents, **self.engine.status()}

    # -- engine -------------------------------------------------------------

    def _send(self, name: str) -> None:
        """Hand one parameter's present value to the engine."""
        row, value = self.parameter(name), self._values[name]
        if name == "gain/db" or name in NOT_THE_ENGINES:
            return
        if row.kind == "choice":
            value = row.choices.index(value)
        elif name.endswith("/target"):
            value -= 1
        kind, index = events.of_parameter(name)
        self._emit(kind, index, float(value))

    def _emit(self, kind: int, index: int, *values: float) -> None:
        self._batch.append(events.Event(kind, self._when, index, *values))

    def _publish(self, batch: list[events.Event]) -> None:
        """Hand events to the engine, after those that it once had no room for.

        What it refuses is kept, latest value for each, so that the engine agrees with
        `values` again as soon as it can, and no note goes on for ever; only notes that did not start are gone.
        """
        for event in batch:
            if event.when is None:
                self._backlog.pop((event.kind, event.index), None)
        if self._backlog:
            with suppress(EngineBusy):
                self.engine.push(list(self._backlog.values()))
                self._backlog.clear()
        try:
            self.engine.push(batch)
        except EngineBusy:
            gone = {event.index for event in batch if event.kind == events.NOTE_ON}
            self._notes = {key: number for key, number in self._notes.items() if number not in gone}
            for event in batch:
                if event.kind == events.NOTE_ON or (event.kind == events.NOTE_OFF and event.index in gone):
                    continue
                self._backlog[event.kind, event.index] = event._replace(when=None)
            raise


def _finite(what: str, value, minimum: float, maximum: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not math.isfinite(number):
        raise MannedError(f"{what}: found {value!r}, allowed is a number {minimum:g}–{maximum:g}")
    return min(max(number, minimum), maximum)
