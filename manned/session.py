"""The one way to compose an instrument: for the daemon, renders, benchmarks and tests."""

from __future__ import annotations

from dataclasses import dataclass

from .config import Config, set_start_values
from .control.midi.learned import Learned
from .engine import Engine
from .instrument import START, Instrument
from .model.kinds import AnyDecoder
from .state.clock import Clock
from .state.morph import Morph
from .state.presets import Presets
from .state.schedule import Schedule

DEFAULT_RATE = 44100
"""Hertz, where neither the settings nor a device say another."""


@dataclass(frozen=True)
class Session:
    """An instrument and what belongs to it, on one engine.

    Attributes
    ----------
    engine : Engine
    instrument : Instrument
    clock : Clock
        The engine's.
    schedule : Schedule
        Whoever drives the engine runs it `LOOKAHEAD_S` ahead of the audio clock.
    presets : Presets
    morph : Morph
    learned : Learned
        What MIDI controllers were learned to move.
    """

    engine: Engine
    instrument: Instrument
    clock: Clock
    schedule: Schedule
    presets: Presets
    morph: Morph
    learned: Learned


def open_session(
    config: Config | None = None,
    samplerate: float | None = None,
    decoder: AnyDecoder | None = None,
    engine: Engine | None = None,
    preset: str | None = None,
) -> Session:
    """Compose an instrument as the settings want it.

    Parameters
    ----------
    config : Config, optional
        Without one every setting has its default, and no file is read for it.
    samplerate : float, optional
        Hertz; by default that of the settings, else 44100.
    decoder : AnyDecoder, optional
        By default the one that the settings name.
    engine : Engine, optional
        One that is there already; its sample rate and channels count.
    preset : str, optional
        Name of a preset to begin with; its latents stand where they belong at once.

    Raises
    ------
    ConfigError
        For a value at start that the model has not.
    ModelError, PresetError, TuningError
        For a decoder, a preset or a tuning that is missing or cannot be read.
    """
    config = config or Config()
    decoder = decoder or config.library.read_decoder(config.model.name)
    engine = engine or Engine(samplerate or config.audio.samplerate or DEFAULT_RATE, config.audio.channels)
    instrument = Instrument(engine, decoder, config.library)
    with instrument.together(source=START):
        set_start_values(instrument, config)
    schedule = Schedule()
    presets = Presets(instrument, config.preset_folder, config.factory_folder)
    morph = Morph(instrument, schedule, presets)
    if preset is not None:
        with instrument.together():
            morph.load(preset)
            instrument.set_latents(instrument.latent_values(), glide_s=0.0)
    instrument.history.clear()
    learned = Learned(config.state_folder)
    return Session(engine, instrument, instrument.clock, schedule, presets, morph, learned)
