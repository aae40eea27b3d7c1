"""Morphing: ways between presets, and travelling them on the audio clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError
from ..model.decoder_file import Decoder
from ..model.timbre_path import TimbrePath, timbre_path
from ..schedule import LOOKAHEAD_S
from .presets import OF_THE_MOMENT, Preset, Presets

STEP_S = 0.02  # of a travel
APPROACH_S = 0.1  # from wherever the sound is to where a travel begins
LONGEST_S = 3600.0


@dataclass(frozen=True, eq=False)
class Way:
    """A way through presets, for one model.

    Attributes
    ----------
    stops : tuple of Preset
    decoder : Decoder
    straight, inside : TimbrePath
        The latents, without and with regard to where training frames lie.
    others : dict
        Values [shape=(stops,)] of the other parameters that can lie between those of the presets, by name.
    """

    stops: tuple[Preset, ...]
    decoder: Decoder
    straight: TimbrePath
    inside: TimbrePath
    others: dict[str, list[float]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(stop.name for stop in self.stops)


@dataclass(frozen=True, eq=False)
class _Travel:
    """From one position at one audio sample to another."""

    start: int
    seconds: float
    origin: float
    target: float

    def position(self, seconds: float) -> float:
        share = min(seconds / self.seconds, 1.0) if self.seconds > 0.0 else 1.0
        return self.origin + (self.target - self.origin) * share


class Morph:
    """Moves an instrument along ways through presets.  Control thread only, but for the work that `lead` gives.

    The position is the parameter ``morph/position``.  Latents move at constant
    perceptual speed; the other continuous parameters in which the presets differ
    move with them, and those that know no between (pitch class, octave, phase …)
    stay as they are.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    schedule : manned.schedule.Schedule
        Whoever owns it runs it `LOOKAHEAD_S` ahead of the audio clock.
    presets : Presets
    """

    def __init__(self, instrument, schedule, presets: Presets):
        self.instrument = instrument
        self.schedule = schedule
        self.presets = presets
        self.way = None
        self._awaited = None  # presets of the way that is being made
        self._then = None  # what is to be done when it is there, and the audio sample
        self._on_way = False
        self._travel = None
        self._glide_s = None  # None is what the parameter says
        instrument.follow("morph/position", self._moved)
        instrument.follow("morph/inside", self._turned)

    # -- ways -----------------------------------------------------------------

    def read(self, names) -> tuple[Preset, ...]:
        """The presets of these names or numbers; a `PresetError` when one is not there."""
        return tuple(self.presets.read(name) for name in names)

    def lead(self, stops: tuple[Preset, ...]):
        """Have positions mean the way through these presets.

        Returns
        -------
        callable or None
            None when that way is there or being made.  Else what has to be done
            for it, by another thread since it takes a while: it gives a `Way`
            for `take`.  What is asked of the way meanwhile is done then.
        """
        there = self.way is not None and self.way.stops == stops and self._is_present()
        if stops == self._awaited or (there and self._awaited is None):
            return None
        instrument = self.instrument
        decoder = instrument.decoder
        rows = [instrument.parameter(f"latent/{i}") for i in range(1, instrument.latents + 1)]
        now = [instrument.get(row.name) for row in rows]
        points = [[row.check(value) for row, value in zip(rows, stop.point(now))] for stop in stops]
        others = self._others(stops)
        pitch_class, octave = instrument.get("chroma"), instrument.get("octave")
        self._awaited, self._then = stops, None

        def work() -> Way:
            straight, inside = (timbre_path(decoder, points, pitch_class, octave, inside) for inside in (False, True))
            return Way(stops, decoder, straight, inside, others)

        return work

    def take(self, way: Way) -> None:
        """Have positions mean this way from now on, unless another one has been asked for since.

        Nothing moves yet but what was asked for meanwhile.
        """
        if way.stops != self._awaited:
            return
        self.stop()
        self.way, self._awaited, self._on_way = way, None, False
        self.instrument.show("morph/position", 0.0)
        if self._then is not None:
            (action, when), self._then = self._then, None
            with self.instrument.together(when):
                action()

    def give_up(self, stops: tuple[Preset, ...]) -> None:
        """Wait no longer for a way that cannot be made."""
        if stops == self._awaited:
            self._awaited = self._then = None

    def _others(self, stops) -> dict[str, list[float]]:
        others = {}
        for name, row in self.instrument.parameters.items():
            if row.kind != "float" or name.startswith("latent/") or name in OF_THE_MOMENT:
                continue
            if all(name in stop.values for stop in stops):
                values = [row.check(stop.values[name]) for stop in stops]
                if len(set(values)) > 1:
                    others[name] = values
        return others

    # -- motion ---------------------------------------------------------------

    def go(self, position: float, seconds: float = 0.0) -> None:
        """Be at a position, at once or so many seconds after leaving where the way is now."""
        if seconds > 0.0:
            self._when_there(lambda: self._start(self.instrument.get("morph/position"), position, seconds))
        else:
            self.instrument.set("morph/position", position)

    def play(self, seconds: float) -> None:
        """Travel the way from its beginning to its end; 0 seconds stop where it is."""
        if seconds > 0.0:
            self._when_there(lambda: self._start(0.0, 1.0, seconds))
        else:
            self._then = None
            self.stop()

    def stop(self) -> None:
        """End a travel where it is."""
        self._travel = None

    def load(self, name) -> tuple[Preset, str]:
        """Jump to a preset, as `Presets.load`; a travel ends."""
        loaded = self.presets.load(name)
        self.stop()
        self._on_way = False
        return loaded

    def _when_there(self, action) -> None:
        if self._awaited is not None:
            self._then = action, self.instrument.when
        else:
            action()

    def _start(self, origin: float, target: float, seconds: float) -> None:
        self._present_way()
        engine = self.instrument.engine
        start = self.instrument.when
        if start is None:
            start = engine.clock + round(LOOKAHEAD_S * engine.samplerate)
        start = max(start, engine.clock)  # later than asked for, if the way had to be made first
        there = self._on_way and self.instrument.get("morph/position") == origin
        travel = _Travel(start if there else start + round(APPROACH_S * engine.samplerate), seconds, origin, target)
        if not there:
            self.schedule.add(start, lambda when: self._approach(travel, when))
        self.schedule.add(travel.start, lambda when: self._step(travel, when))
        self._travel = travel

    def _approach(self, travel: _Travel, when: int) -> None:
        """Glide to where a travel begins, from wherever the sound is."""
        if travel is self._travel:
            self._be(travel.origin, when, APPROACH_S)

    def _step(self, travel: _Travel, when: int) -> None:
        """Aim at where the travel will be one step later, to arrive just then."""
        if travel is not self._travel:
            return
        samplerate = self.instrument.engine.samplerate
        seconds = (when - travel.start) / samplerate + STEP_S
        if seconds < travel.seconds:
            self.schedule.add(when + round(STEP_S * samplerate), lambda when: self._step(travel, when))
        else:
            self._travel = None
        self._be(travel.position(seconds), when, STEP_S)

    def _be(self, position: float, when: int, glide_s: float) -> None:
        self._glide_s = glide_s
        try:
            with self.instrument.together(when):
                self.instrument.set("morph/position", position)
        except ParameterError:
            self.stop()
            raise
        finally:
            self._glide_s = None

    def _moved(self, position: float) -> None:
        """Somebody sets the position: the user, whom a travel makes way for, or the travel."""
        travels = self._glide_s is not None
        if not travels and self._awaited is not None:
            self._then = (lambda: self.instrument.set("morph/position", position)), self.instrument.when
            return
        way = self._present_way()
        if not travels:
            self.stop()
        self._apply(way, self.instrument.get("morph/inside"), position)

    def _turned(self, inside: bool) -> None:
        if self._on_way and self._is_present():
            self._apply(self.way, inside, self.instrument.get("morph/position"))

    def _apply(self, way: Way, inside: bool, position: float) -> None:
        path = way.inside if inside else way.straight
        for name, values in way.others.items():
            self.instrument.set(name, float(np.interp(position, path.stops, values)))
        self.instrument.set_latents(path.at(position), glide_s=self._glide_s)
        self._on_way = True

    def _is_present(self) -> bool:
        return self.way.decoder is self.instrument.decoder

    def _present_way(self) -> Way:
        if self.way is None:
            raise ParameterError("/morph/position: there is no way yet, /morph/path makes one")
        if not self._is_present():
            raise ParameterError(
                f"/morph/position: the way was made for model {self.way.decoder.name}, /morph/path makes one for "
                f"{self.instrument.decoder.name}"
            )
        return self.way
