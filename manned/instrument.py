"""What every controller plays.

OSC, MIDI, scores and presets all speak to an `Instrument` in parameters and
notes.  Parameters live in its tree (`manned.state.tree`); they and the notes become
events of the engine here and nowhere else.

An instrument is one part: its controls, its decoder and its voices.  There is one
today; its addresses stand at the root (`manned.table.address`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import events
from .bridge import Bridge
from .engine import Engine
from .errors import GestureError, MannedError, ParameterError
from .library import Library
from .limits import CLASSES, MAX_LATENTS, SHORTEST_NOTE_S
from .model.gesture import Gesture
from .model.kinds import AnyDecoder
from .model.pitch import hz_to_note
from .state.clock import Clock, EngineClock
from .state.history import History
from .state.links import WEIGHTS
from .state.macros import Macros
from .state.tempo import Tempo
from .state.tree import Source, Tree
from .table.note_targets import OWN_OF_PARAMETER, OWN_TARGETS
from .table.parameter import Parameter, Value
from .table.parameters import parameter_table
from .tuning import Tuning

NOTE_HZ = (8.0, 12544.0)
MOST_LEVEL = 4.0
"""Factor on a note's level at most."""

START = Source("start")
GESTURE = "gesture"
"""Name under which the tree holds the gesture that notes play."""


@dataclass(frozen=True)
class Tail:
    """Names a note after its release, for `Instrument.note_pitch` and `Instrument.note_pressure`."""

    number: int


HELD_NOTES = 1024  # at most; far more than sound at a time, so that notes nobody releases do not pile up


class Instrument:
    """A playable model: parameters, notes and the engine behind them.

    All methods belong to the control thread.

    Parameters
    ----------
    engine : manned.engine.Engine
    decoder : AnyDecoder
        The model to start with.
    library : Library, optional
        Where names of decoders, scales and keyboard mappings are looked up; by
        default only what comes with the program.
    """

    def __init__(self, engine: Engine, decoder: AnyDecoder, library: Library | None = None):
        self.engine = engine
        self.clock: Clock = EngineClock(engine)
        self.library = library or Library()
        self.tuning = Tuning()
        self.decoder = decoder
        self._place: tuple[float, float] | None = None
        self._gesture: Gesture | None = None
        self._bridge = Bridge(engine, self._forget)
        self.tree = Tree(self._play, self._bridge.publish, self._bridge.discard)
        self._notes: dict[Hashable, int] = {}
        self._begun: dict[int, int] = {}  # audio sample at which dated notes begin, by number
        self._next_note = 1
        self._tempo: Tempo | None = None  # as long as there are no rows yet
        self._when_silenced: list[Callable[[], object]] = []
        with self.together(source=START):
            self.use_model(decoder)
            self._put_tuning()
            self.tree.hold(GESTURE, self._replay)
            self._tempo = Tempo(self.tree, self._turn)
            self.macros = Macros(self.tree)
        self.history = History(self)

    # -- parameters ---------------------------------------------------------

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The row of every parameter that the model has, by name."""
        return self.tree.rows

    def get(self, name: str) -> Any:
        """The value of a parameter, in its own unit.  Unknown names are a `ParameterError`."""
        self.tree.row(name)
        return self.tree.get(name)

    def parameter(self, name: str) -> Parameter:
        """The row of a parameter.  Unknown names are a `ParameterError`."""
        return self.tree.row(name)

    def set(self, name: str, value: object, when: int | None = None, source: Source | None = None) -> Value:
        """Set a parameter, as `Tree.set`; returns the value as it was taken."""
        return self.tree.set(name, value, source, when)

    def together(self, when: int | None = None, source: Source | None = None) -> AbstractContextManager[None]:
        """Make everything set or played inside take effect in one audio block, as `Tree.together`."""
        return self.tree.together(when, source)

    def values(self) -> dict[str, Value]:
        """Every parameter and its value."""
        return self.tree.snapshot()

    def set_latents(
        self, values: Sequence[float], when: int | None = None, glide_s: float | None = None
    ) -> list[float]:
        """Set the first ``len(values)`` latents in one audio block; returns them as taken.

        They take ``glide_s`` seconds to get there; None is what the parameter ``glide`` says.
        """
        if len(values) > self.latents:
            raise ParameterError(f"/latents: found {len(values)} values, this model has {self.latents} latents")
        checked = [float(self.parameter(f"latent/{i}").check(value)) for i, value in enumerate(values, 1)]
        with self.together(when):
            if glide_s is not None:
                self._emit(events.GLIDE, 0, glide_s)
            for i, value in enumerate(checked, 1):
                self.set(f"latent/{i}", value)
            if glide_s is not None:
                self._play(self.parameter("glide"), self.get("glide"))
        return checked

    def latent_values(self) -> list[float]:
        """The latents of the model that plays, from the first."""
        return [self.tree.get(f"latent/{i}") for i in range(1, self.latents + 1)]

    def set_place(self, x: float, y: float, when: int | None = None) -> list[float]:
        """Go to a place on the model's chart, 0–1 each way, or set latents 1 and 2 where it has none; returns them."""
        chart = self.decoder.chart
        if chart is None:
            return self.set_latents((x, y), when)
        x, y = (_finite("/xy", value, 0.0, 1.0) for value in (x, y))
        latents = self.set_latents([float(value) for value in chart.controls(x, y)], when)
        self._place = (x, y)
        return latents

    def place(self) -> list[float]:
        """Where the latents are on the model's chart: at the place that was set, or at the point nearest to them."""
        chart, latents = self.decoder.chart, self.latent_values()
        if chart is None:
            return latents[:2]
        if self._place is not None and np.allclose(chart.controls(*self._place), latents, atol=1e-6):
            return list(self._place)
        return [float(value) for value in chart.places(np.array([latents]))[0]]

    def set_chroma_weights(self, weights: Sequence[float], when: int | None = None) -> list[float]:
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
        if len(weights) != CLASSES:
            raise ParameterError(f"/chroma/weights: found {len(weights)} values, allowed are {CLASSES}")
        weights = [_finite("/chroma/weights", weight, 0.0, 1.0) for weight in weights]
        if not any(weights):
            raise ParameterError("/chroma/weights: found nothing but 0, allowed are weights of which one is above 0")
        with self.together(when):
            for pitch_class, weight in enumerate(weights):
                self._emit(events.CHROMA_WEIGHT, pitch_class, weight)
            self.tree.put(WEIGHTS, tuple(weights))
        return weights

    def chroma_weights(self) -> list[float]:
        """How much of each pitch class the drone sounds of, C first."""
        return list(self.tree.get(WEIGHTS))

    @property
    def latents(self) -> int:
        """Number of latents of the model that plays."""
        return self.decoder.latent_count

    # -- notes --------------------------------------------------------------

    def note_on(self, key: Hashable, note: float, velocity: float, when: int | None = None, shift: float = 0.0) -> bool:
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
        shift : float
            Semitones by which the note is transposed; it goes no further than the notes 0–127.
        """
        pitch = self.tuning.pitch(_finite("note", note, 0.0, 127.0))
        if pitch is not None and shift:
            pitch = _finite("note", pitch + shift, 0.0, 127.0)
        return self._start(key, pitch, velocity, when)

    def frequency_on(self, key: Hashable, hertz: float, velocity: float, when: int | None = None) -> None:
        """Start a note of a frequency, 8–12544 Hz, which no scale moves; the rest is as with `note_on`."""
        hertz = _finite("frequency", hertz, *NOTE_HZ)
        self._start(key, hz_to_note(hertz, self.get("tuning/a4")), velocity, when)

    def _start(self, key: Hashable, pitch: float | None, velocity: float, when: int | None) -> bool:
        velocity = _finite("velocity", velocity, 0.0, 127.0)
        with self.together(when):
            self.note_off(key)
            if velocity > 0.0 and pitch is not None:
                number = self._next_note
                self._next_note = number % 0x3FFFFFFF + 1
                if len(self._notes) >= HELD_NOTES:
                    self.note_off(next(iter(self._notes)))
                self._notes[key] = number
                if self.tree.when is not None:
                    self._begin(number, self.tree.when)
                members = min(self.get("unison"), self.get("voices"))
                for member in range(members):
                    self._emit(events.NOTE_ON, number, pitch, velocity / 127.0, member, members)
        return velocity == 0.0 or pitch is not None

    def note_off(self, key: Hashable, when: int | None = None) -> bool:
        """Release the note of ``key``; False when it does not sound."""
        number = self._notes.pop(key, None)
        if number is None:
            return False
        with self.together(when):
            self._release(number)
        return True

    def _release(self, number: int) -> None:
        """Release a note, a dated one not before it can have been heard."""
        when = self.tree.when
        if when is not None and number in self._begun:
            when = max(when, self._begun[number] + self.clock.samples(SHORTEST_NOTE_S))
        self._bridge.add(events.Event(events.NOTE_OFF, when, number))

    def _begin(self, number: int, when: int) -> None:
        """Note where a dated note begins, and forget those that have been heard by then."""
        self._begun = {number: begun for number, begun in self._begun.items() if self._is_short(begun, when)}
        self._begun[number] = when

    def _is_short(self, begun: int, end: int) -> bool:
        return end < begun + self.clock.samples(SHORTEST_NOTE_S)

    def note_pitch(self, key: Hashable, semitones: float, when: int | None = None) -> bool:
        """Bend one note by −48…48 semitones; False when it does not sound."""
        return self._express(events.NOTE_PITCH, key, _finite("pitch", semitones, -48.0, 48.0), 0, when)

    def note_pressure(self, key: Hashable, pressure: float, when: int | None = None) -> bool:
        """Set the level of one note as a factor, 0–4, on what its velocity gives it; False when it does not sound."""
        return self._express(events.NOTE_PRESSURE, key, _finite("pressure", pressure, 0.0, MOST_LEVEL), 0, when)

    def note_latent(self, key: Hashable, latent: int, offset: float, when: int | None = None) -> bool:
        """Move one latent (counted from 1) of one note by −1…1; False when it does not sound."""
        if not 1 <= latent <= self.latents:
            raise ParameterError(f"latent {latent}: this model has latents 1–{self.latents}")
        return self._express(events.NOTE_LATENT, key, _finite("offset", offset, -1.0, 1.0), latent - 1, when)

    def note_macro(self, key: Hashable, macro: int, position: float, when: int | None = None) -> bool:
        """Have one note sound as if a macro, 1–8, stood at a position, 0–1; False when it does not sound.

        Of what the macro moves it takes what a note can have of its own (latents and the `OWN_TARGETS`); the macro
        itself stays.
        """
        position = _finite("macro", position, 0.0, 1.0)
        with self.together(when):
            for name, now, then in self.macros.moves(macro, position):
                if name.startswith("latent/"):
                    self.note_latent(key, int(name.removeprefix("latent/")), then - now)
                elif name in OWN_OF_PARAMETER:
                    word = OWN_OF_PARAMETER[name]
                    self.note_target(key, word, OWN_TARGETS[word].offset(now, then))
        return key in self._notes

    def note_target(self, key: Hashable, target: str, offset: float, when: int | None = None) -> bool:
        """Move something else of one note by −2…2, as `OWN_TARGETS` has it; False when it does not sound."""
        if target not in OWN_TARGETS:
            raise ParameterError(f"note: found {target!r}, allowed are {', '.join(OWN_TARGETS)}")
        place = MAX_LATENTS + list(OWN_TARGETS).index(target)
        return self._express(events.NOTE_LATENT, key, _finite(target, offset, -2.0, 2.0), place, when)

    def tail(self, key: Hashable) -> Tail | None:
        """What will name the note of ``key`` when it has been released: its tail takes pitch and pressure still."""
        number = self._notes.get(key)
        return None if number is None else Tail(number)

    def _express(self, kind: int, key: Hashable, value: float, latent: int, when: int | None) -> bool:
        number = key.number if isinstance(key, Tail) else self._notes.get(key)
        if number is None:
            return False
        with self.together(when):
            self._emit(kind, number, value, latent)
        return True

    def notes(self) -> list[Hashable]:
        """Keys of the notes that are held."""
        return list(self._notes)

    def all_notes_off(self, when: int | None = None) -> None:
        """Release every note and close the drone's gate."""
        with self.together(when):
            self.set("gate", False)
            when = self.tree.when
            if when is not None and any(self._is_short(begun, when) for begun in self._begun.values()):
                for number in self._notes.values():
                    self._release(number)
            else:
                self._emit(events.ALL_NOTES_OFF, 0)
            self._notes.clear()

    def all_sound_off(self, when: int | None = None) -> None:
        """Silence everything now, tails too, without a click.  Undated, it is a panic: what waits is forgotten too."""
        self._notes.clear()
        self._begun.clear()
        with self.together(when):
            self.set("gate", False)
            self._emit(events.ALL_SOUND_OFF, 0)
            panic = self.tree.when is None
        for forget in self._when_silenced if panic else ():
            forget()

    def when_silenced(self, forget: Callable[[], object]) -> None:
        """Have ``forget()`` called after every panic: whoever keeps something that would sound later."""
        self._when_silenced.append(forget)

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
            self._put_tuning()

    def _put_tuning(self) -> None:
        for what, name in self.tuning.names().items():
            self.tree.put(f"tuning/{what}", name)

    def _tune_drone(self) -> None:
        """Tell the engine where the scale has the drone; a class without a key keeps equal temperament."""
        note = self.get("chroma") + 12 * (self.get("octave") + 1)
        pitch = self.tuning.pitch(note)
        self._emit(events.DRONE_TUNING, 0, 0.0 if pitch is None else pitch - note)

    # -- gestures -----------------------------------------------------------

    def use_gesture(self, gesture: Gesture | None, when: int | None = None) -> None:
        """Let every note replay a gesture, from the next one on; None replays none.  The drone goes over to it at once.

        The latents of another model's gesture stay still; its level and pitch are played.

        Raises
        ------
        EngineBusy
            When too many other gestures still sound.
        """
        number = 0 if gesture is None else self.engine.load_gesture(gesture, self._latents_of(gesture))
        with self.together(when):
            self._gesture = gesture
            self._emit(events.GESTURE, number)
            self.tree.put(GESTURE, "" if gesture is None else gesture.name)

    def _replay(self, name: str) -> None:
        """Let every note replay a gesture that is offered, of a name; empty replays none."""
        self.use_gesture(self.library.read_gesture(self._offered(name)) if name else None)

    def _offered(self, name: str) -> str:
        # As with models, presets and the network may name what is offered, not files anywhere on this machine.
        offered = self.library.gestures()
        if name not in offered:
            raise GestureError(f"found {name[:64]!r}, allowed are {', '.join(offered) or 'none'}, or an empty text")
        return name

    def stand_for_gesture(self) -> None:
        """Put the latents where the gesture sounds as it was recorded, if it is of the model that plays."""
        if self._gesture is not None and self._latents_of(self._gesture):
            self.set_latents(self._gesture.anchor.tolist())

    def _latents_of(self, gesture: Gesture) -> int:
        """How many latents of a gesture mean the same in the model that plays."""
        return self.latents if gesture.model == self.decoder.name else 0

    # -- models -------------------------------------------------------------

    def use_model(self, decoder: AnyDecoder, source: Source | None = None) -> str:
        """Play a decoder that was read from the next hop on; what sounds goes on in it.  Returns its name."""
        self.engine.load(decoder)
        self.decoder = decoder
        self._place: tuple[float, float] | None = None
        if self._gesture is not None:
            self.engine.fit_gesture(self._latents_of(self._gesture))
        with self.together(source=source):
            self.tree.use(parameter_table(self.latents))
            self.tree.put("model", decoder.name)
        return decoder.name

    # -- state --------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What a person asks of a running instrument, as plain values."""
        return {"model": self.decoder.name, "latents": self.latents, **self.tuning.names(), **self.engine.status()}

    # -- engine -------------------------------------------------------------

    def _play(self, row: Parameter, value: Value) -> None:
        """Hand a parameter's value to the engine."""
        if row.event == events.LFO_RATE and self._tempo is not None:
            value = self._tempo.hertz(row.index + 1)
        self._bridge.add(events.Event(row.event, self.tree.when, row.index, row.engine_value(value)))
        if row.event in (events.CHROMA, events.OCTAVE) and not self.tuning.equal:
            self._tune_drone()

    def _turn(self, number: int, hertz: float) -> None:
        """Have an LFO, counted from 1, go round so fast."""
        self._emit(events.LFO_RATE, number - 1, hertz)

    def _emit(self, kind: int, index: int, *values: Any) -> None:
        self._bridge.add(events.Event(kind, self.tree.when, index, *values))

    def _forget(self, numbers: set[int]) -> None:
        """Take notes that the engine had no room for as not held."""
        self._notes = {key: number for key, number in self._notes.items() if number not in numbers}
        self._begun = {number: begun for number, begun in self._begun.items() if number not in numbers}


def _finite(what: str, value: Any, minimum: float, maximum: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not math.isfinite(number):
        raise MannedError(f"{what}: found {value!r}, allowed is a number {minimum:g}–{maximum:g}")
    return min(max(number, minimum), maximum)
