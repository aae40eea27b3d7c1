"""What every controller plays.

OSC, MIDI, scores and presets all speak to an `Instrument` in parameters and
notes; parameters meet the engine here and nowhere else.
"""

from __future__ import annotations

import math
from contextlib import contextmanager, suppress

from . import events
from .errors import EngineBusy, MannedError, ParameterError
from .library import Library
from .model.decoder_file import Decoder
from .model.pitch import CLASS_NAMES, hz_to_note
from .table.parameter import NO_EVENT, Parameter
from .table.parameters import PARAMETERS, parameter_table
from .tuning import Tuning

NOTE_HZ = (8.0, 12544.0)
HELD_NOTES = 1024  # at most; far more than sound at a time, so that notes nobody releases do not pile up


class Instrument:
    """A playable model: parameters, notes and the engine behind them.

    All methods belong to the control thread.

    Parameters
    ----------
    engine : manned.engine.Engine
    decoder : Decoder
        The model to start with.
    library : Library, optional
        Where names of decoders, scales and keyboard mappings are looked up; by
        default only what comes with the program.
    """

    def __init__(self, engine, decoder: Decoder, library: Library | None = None):
        self.engine = engine
        self.library = library or Library()
        self.tuning = Tuning()
        self._weights = None
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
        elif name == "chroma":
            self._weights = None
        self._values[name] = value
        with self.together(when):
            self._send("gain" if name == "gain/db" else name)
            if name in ("chroma", "octave") and not self.tuning.equal:
                self._tune_drone()
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

    def set_chroma_weights(self, weights, when: int | None = None) -> list[float]:
        """Let the drone mix the sounds of the pitch classes, until ``chroma`` is set; its pitch stays.

        Parameters
        ----------
        weights : sequence of float
            Twelve of 0–1, C first, not all 0.

        Returns
        -------
        list of float
            The weights as they were taken.
        """
        classes = len(CLASS_NAMES)
        if len(weights) != classes:
            raise ParameterError(f"/chroma/weights: found {len(weights)} values, allowed are {classes}")
        weights = [_finite("/chroma/weights", weight, 0.0, 1.0) for weight in weights]
        if not any(weights):
            raise ParameterError("/chroma/weights: found nothing but 0, allowed are weights of which one is above 0")
        with self.together(when):
            for pitch_class, weight in enumerate(weights):
                self._emit(events.CHROMA_WEIGHT, pitch_class, weight)
        self._weights = weights
        return weights

    def chroma_weights(self) -> list[float]:
        """How much of each pitch class the drone sounds of, C first."""
        if self._weights is not None:
            return list(self._weights)
        return [float(pitch_class == self._values["chroma"]) for pitch_class in range(len(CLASS_NAMES))]

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

    def note_on(self, key, note: float, velocity: float, when: int | None = None) -> bool:
        """Start a note; False when it cannot sound because the tuning gives it no pitch.

        Parameters
        ----------
        key : hashable
            Whatever identifies the note to its sender, e.g. (port, channel, number).
            A note that still sounds under the same key is released first, and
            the oldest one when `HELD_NOTES` are held.
        note : float
            MIDI note number 0–127 (60 = C4): a key, whose pitch the tuning
            knows; fractions are microtones.
        velocity : float
            0–127; 0 releases the note.
        when : int, optional
            Audio sample; None is the next block.
        """
        return self._start(key, self.tuning.pitch(_finite("note", note, 0.0, 127.0)), velocity, when)

    def frequency_on(self, key, hertz: float, velocity: float, when: int | None = None) -> None:
        """Start a note of a frequency, 8–12544 Hz, which no scale moves; the rest is as with `note_on`."""
        hertz = _finite("frequency", hertz, *NOTE_HZ)
        self._start(key, hz_to_note(hertz, self._values["tuning/a4"]), velocity, when)

    def _start(self, key, pitch: float | None, velocity: float, when: int | None) -> bool:
        velocity = _finite("velocity", velocity, 0.0, 127.0)
        with self.together(when):
            self.note_off(key)
            if velocity > 0.0 and pitch is not None:
                number = self._next_note
                self._next_note = number % 0x3FFFFFFF + 1
                if len(self._notes) >= HELD_NOTES:
                    self.note_off(next(iter(self._notes)))
                self._notes[key] = number
                self._emit(events.NOTE_ON, number, pitch, velocity / 127.0)
        return velocity == 0.0 or pitch is not None

    def note_off(self, key, when: int | None = None) -> bool:
        """Release the note of ``key``; False when it does not sound."""
        number = self._notes.pop(key, None)
        if number is None:
            return False
        with self.together(when):
            self._emit(events.NOTE_OFF, number)
        return True

    def note_pitch(self, key, semitones: float, when: int | None = None) -> bool:
        """Bend one note by −48…48 semitones; False when it does not sound."""
        return self._express(events.NOTE_PITCH, key, _finite("pitch", semitones, -48.0, 48.0), 0, when)

    def note_pressure(self, key, pressure: float, when: int | None = None) -> bool:
        """Set the level of one note, 0–1 of what its velocity gives it; False when it does not sound."""
        return self._express(events.NOTE_PRESSURE, key, _finite("pressure", pressure, 0.0, 1.0), 0, when)

    def note_latent(self, key, latent: int, offset: float, when: int | None = None) -> bool:
        """Move one latent (counted from 1) of one note by −1…1; False when it does not sound."""
        if not 1 <= latent <= self.latents:
            raise ParameterError(f"latent {latent}: this model has latents 1–{self.latents}")
        return self._express(events.NOTE_LATENT, key, _finite("offset", offset, -1.0, 1.0), latent - 1, when)

    def _express(self, kind: int, key, value: float, latent: int, when: int | None) -> bool:
        number = self._notes.get(key)
        if number is None:
            return False
        with self.together(when):
            self._emit(kind, number, value, latent)
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

    # -- tuning -------------------------------------------------------------

    def tune(
        self,
        scale: str | None = None,
        keyboard: str | None = None,
        when: int | None = None,
        library: Library | None = None,
    ) -> None:
        """Play in another scale, or by another keyboard mapping, from the next note on; the drone goes there at once.

        Parameters
        ----------
        scale, keyboard : str, optional
            A name of the library's ``scales`` or ``keyboards``, or a path to a
            file.  Empty goes back to equal temperament and to the usual keys,
            None keeps what is.
        library : Library, optional
            Where names are looked up from now on; None keeps what is.

        Raises
        ------
        TuningError
            When one of them is missing or cannot be read; then nothing changes.
        """
        library = library or self.library
        new_scale, new_keyboard = self.tuning.scale, self.tuning.keyboard
        if scale is not None:
            new_scale = library.read_scale(scale) if scale else None
        if keyboard is not None:
            new_keyboard = library.read_keyboard(keyboard) if keyboard else None
        self.tuning, self.library = Tuning(new_scale, new_keyboard), library
        with self.together(when):
            self._tune_drone()

    def _tune_drone(self) -> None:
        """Tell the engine where the scale has the drone; a class without a key keeps equal temperament."""
        note = self._values["chroma"] + 12 * (self._values["octave"] + 1)
        pitch = self.tuning.pitch(note)
        self._emit(events.DRONE_TUNING, 0, 0.0 if pitch is None else pitch - note)

    # -- models -------------------------------------------------------------

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
        return {"model": self.decoder.name, "latents": self.latents, **self.tuning.names(), **self.engine.status()}

    # -- engine -------------------------------------------------------------

    def _send(self, name: str) -> None:
        """Hand one parameter's present value to the engine."""
        row = self.parameter(name)
        if row.event != NO_EVENT:
            self._emit(row.event, row.index, row.engine_value(self._values[name]))

    def _emit(self, kind: int, index: int, *values: float) -> None:
        self._batch.append(events.Event(kind, self._when, index, *values))

    def _publish(self, batch: list[events.Event]) -> None:
        """Hand events to the engine, after those that it once had no room for.

        What it refuses is kept, latest value for each, so that the engine agrees with
        `values` again as soon as it can, and no note goes on for ever; only notes that did not start are gone.
        """
        for event in batch:
            if event.when is None:
                self._backlog.pop(_meaning(event), None)
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
                if event.kind in events.OF_NOTES and (event.kind == events.NOTE_ON or event.index in gone):
                    continue
                self._backlog.pop(_meaning(event), None)  # later than the others
                self._backlog[_meaning(event)] = event._replace(when=None)
            raise


def _meaning(event: events.Event) -> tuple:
    """What an event sets; a later one of the same meaning takes its place."""
    return event.kind, event.index, event.b if event.kind == events.NOTE_LATENT else 0


def _finite(what: str, value, minimum: float, maximum: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not math.isfinite(number):
        raise MannedError(f"{what}: found {value!r}, allowed is a number {minimum:g}–{maximum:g}")
    return min(max(number, minimum), maximum)
