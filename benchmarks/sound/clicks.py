"""Clicks: does anything that happens while a tone sounds make one?

Each event happens 12 times on each of two decoders: the shipped one, at the three of a
hundred random points of its latent space where its tone has the least above 12 kHz, and
the tests' harmonic one, which has nothing there, so that the smallest click shows; at
four places within a hop.  The loudest 5 ms above 12 kHz, from 5 ms before the event
to 250 ms after it, are compared with the loudest 5 ms of the steady tone before and
after, or with 80 dB below the whole tone where the tone has less than that up there, which
is below the threshold of hearing when the tone has 90 dB.  Two events lead through brighter
sounds, a glide and the end of a drone's gesture.  Those are also compared with the mean of
the tenth of a second around their loudest 5 ms.  An event counts as free of clicks when it
stays within 6 dB in all its repetitions.  A note cut off by hand is the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from manned.instrument import GESTURE, Instrument
from manned.limits import HOPS
from manned.model.kinds import AnyDecoder
from manned.table.parameter import Value

from ..borrowed import harmonic_decoder
from ..instrument import compose, shipped_instrument
from ..section import Section
from .frames import METHODS
from .plots import COLOURS, axes_grid, save, spectrogram
from .signals import EVENT_S, RATE, event_energy, high_band, rms

Act = Callable[[Instrument], object]
"""Something that happens to an instrument."""

TRIED, POINTS = 100, 3
OFFSETS = (0, 137, 251, 389)  # samples
ALLOWED_DB = 6.0
INAUDIBLE_DB = -80.0  # of a tone of 90 dB: below the threshold of hearing at 12 kHz
BEFORE, AFTER = round(0.6 * RATE), round(0.8 * RATE)
WATCHED = slice(BEFORE - round(EVENT_S * RATE), BEFORE + round(0.25 * RATE))
PASSAGE = round(0.1 * RATE)
GLIDE, GESTURE_ENDS = "latents jump, glide 50 ms", "no gesture for the drone"
PASSING = (GLIDE, GESTURE_ENDS)
"""Events that lead through other sounds on their way."""
NOTE = 57
CUT = "a note cut off by hand, for comparison"


def exchanged(decoder: AnyDecoder) -> AnyDecoder:
    """The same decoder with its latents in another order: another timbre at the same point."""
    (into, bias), *others = decoder.weights
    latents = decoder.latent_count
    into = np.concatenate([np.roll(into[:latents], 1, axis=0), into[latents:]])
    return replace(decoder, name="exchanged", weights=[(into, bias), *others])


def setting(name: str, value: Value) -> Act:
    """Set a parameter."""
    return lambda instrument: instrument.set(name, value)


def note(key: str, number: int, velocity: int = 100) -> Act:
    """Start a note."""
    return lambda instrument: instrument.note_on(key, number, velocity)


def chord(instrument: Instrument, velocity: int = 40) -> None:
    """Start 32 notes."""
    for k in range(32):
        instrument.note_on(k, 36 + k, velocity)


def both(*steps: Act) -> Act:
    """One after the other."""

    def act(instrument: Instrument) -> None:
        for step in steps:
            step(instrument)

    return act


def nothing(instrument: Instrument) -> None:
    """Do nothing."""


def jump(glide: float) -> Act:
    """Move all latents half of their range away."""

    def act(instrument: Instrument) -> None:
        instrument.set("glide", glide)
        instrument.set_latents(
            [
                (value + 0.5) % 1.0
                for value in (float(instrument.get(f"latent/{i + 1}")) for i in range(instrument.latents))
            ]
        )

    return act


def release(instrument: Instrument) -> None:
    """Release the held note."""
    instrument.note_off("a")


def replay(name: str) -> Act:
    """Replay a shipped gesture; an empty name replays none."""
    return lambda instrument: instrument.tree.set_text(GESTURE, name)


def settings(values: dict[str, Value]) -> Act:
    """Set several parameters together."""

    def act(instrument: Instrument) -> None:
        with instrument.together():
            for name, value in values.items():
                instrument.set(name, value)

    return act


def change_model(instrument: Instrument) -> None:
    """Play another decoder."""
    assert instrument.decoder is not None
    instrument.use_model(exchanged(instrument.decoder))


HELD = note("a", NOTE)
DRONE = both(setting("chroma", "A"), setting("octave", 3), setting("gate", True))
# Of each kind of event: what sounds before, and what happens.
CASES = {
    "notes begin and end": {
        "note on": (nothing, HELD),
        "note on beside another": (HELD, note("b", NOTE + 7)),
        "note off": (HELD, release),
        "note off, release 0": (both(setting("env/release", 0.0), HELD), release),
        "the same key again": (HELD, HELD),
        "all sound off": (HELD, lambda instrument: instrument.all_sound_off()),
    },
    "a voice is taken": {"a 33rd note takes a voice": (chord, note("new", 80, 40))},
    "mono and legato": {
        "mono, next note": (both(setting("mode", "mono"), HELD), note("b", NOTE + 5)),
        "legato, next note": (both(setting("mode", "legato"), HELD), note("b", NOTE + 5)),
        "legato, an octave up": (both(setting("mode", "legato"), HELD), note("b", NOTE + 12)),
    },
    "model change": {"model change": (HELD, change_model)},
    "preset jump": {
        "latents jump, glide 0": (HELD, jump(0.0)),
        GLIDE: (HELD, jump(0.05)),
    },
    "controls jump": {
        "bend from end to end": (both(setting("bend", -1.0), HELD), setting("bend", 1.0)),
        "gain from 1 to 0.1": (both(setting("gain", 1.0), HELD), setting("gain", 0.1)),
        "drone to another class": (DRONE, setting("chroma", "E")),
        "drone to another octave": (DRONE, setting("octave", 5)),
        "formant from 0 to 1, an octave below the model": (note("a", 30), setting("formant", 1.0)),
    },
    "gestures": {
        "gesture speed from 1 to 3": (both(replay("violin"), HELD), setting("gesture/speed", 3.0)),
        "gesture loop to hold": (both(replay("violin"), HELD), setting("gesture/loop", "hold")),
        "gesture depth from 1 to 0": (both(replay("violin"), HELD), setting("gesture/depth", 0.0)),
        "another gesture for the drone": (both(replay("violin"), DRONE), replay("flute")),
        GESTURE_ENDS: (both(replay("flute"), DRONE), replay("")),
    },
    "movement": {
        "an LFO on the level begins": (
            HELD,
            settings({"lfo/1/target": "level", "lfo/1/depth": 0.3, "lfo/1/rate": 5.0}),
        ),
        "an LFO on the pan ends": (
            both(settings({"lfo/1/target": "pan", "lfo/1/depth": 0.5, "lfo/1/rate": 2.0}), HELD),
            setting("lfo/1/depth", 0.0),
        ),
        "brightness from -0.5 to 0.5": (both(setting("brightness", -0.5), HELD), setting("brightness", 0.5)),
    },
    "unison": {
        "a note of 7 voices": (setting("unison", 7), HELD),
        "unison width from 1 to 0": (
            both(settings({"unison": 5, "unison/width": 1.0}), HELD),
            setting("unison/width", 0.0),
        ),
        "unison detune from 5 to 30 cents": (
            both(settings({"unison": 3, "unison/detune": 5.0}), HELD),
            setting("unison/detune", 30.0),
        ),
    },
    "space": {
        "width on": (HELD, setting("width", 1.0)),
        "width off": (both(setting("width", 1.0), HELD), setting("width", 0.0)),
        "chorus on": (HELD, setting("chorus/mix", 1.0)),
        "reverb on": (HELD, setting("reverb/mix", 1.0)),
        "reverb off": (both(setting("reverb/mix", 1.0), HELD), setting("reverb/mix", 0.0)),
        "level of the sound from 0 to -12 dB": (HELD, setting("level", -12.0)),
    },
    "phase change": {
        f"phase {old} to {new}": (both(setting("phase", old), HELD), setting("phase", new))
        for old in METHODS
        for new in METHODS
        if old != new
    },
    "hop change": {
        f"hop {old} to {new}": (both(setting("hop", str(old)), HELD), setting("hop", str(new)))
        for old in HOPS
        for new in HOPS
        if old != new
    },
}


def shipped() -> Instrument:
    """With the shipped decoder."""
    return shipped_instrument(RATE)


def harmonic() -> Instrument:
    """With a decoder that has nothing above 12 kHz."""
    return compose(RATE, decoder=harmonic_decoder()).instrument


def play(build: Callable[[], Instrument], before: Act, act: Act, point: Sequence[float], offset: int) -> np.ndarray:
    """The sound around an event, which happens at sample `BEFORE`."""
    instrument = build()
    engine = instrument.engine
    instrument.set("glide", 0.0)
    instrument.set_latents(point)
    engine.render(64)
    before(instrument)
    lead = engine.render(RATE // 2 + offset + BEFORE)[-BEFORE:, 0]
    act(instrument)
    return np.concatenate([lead, engine.render(AFTER)[:, 0]]).astype(np.float64)


def dullest_points() -> np.ndarray:
    """The points, of a hundred, whose tone has the least above 12 kHz for its level."""
    instrument = shipped()
    instrument.set("glide", 0.0)
    points = np.random.default_rng(12).random((TRIED, instrument.latents))
    shares = []
    for point in points:
        instrument.set_latents(point)
        instrument.engine.render(64)
        instrument.note_on("a", NOTE, 100)
        tone = instrument.engine.render(RATE // 4)[RATE // 20 :, 0]
        shares.append(rms(high_band(tone)[255:-255]) / rms(tone))
        instrument.all_sound_off()
        instrument.engine.render(512)
    return points[np.argsort(shares)[:POINTS]]


def excess_db(signal: np.ndarray, passing: bool = False) -> float:
    """Loudest 5 ms above 12 kHz around the event, over the steady tone's, and over what it passes through."""
    high = high_band(signal)
    parts = (
        slice(round(0.05 * RATE), BEFORE - round(0.02 * RATE)),
        slice(BEFORE + round(0.4 * RATE), len(signal) - round(0.05 * RATE)),
    )
    steady = max(event_energy(high[part]).max() for part in parts)
    whole = max(rms(signal[part]) ** 2 for part in parts)
    floor = whole * 10 ** (INAUDIBLE_DB / 10)
    loudest = max(event_energy(high[WATCHED]).max(), 1e-20)
    passage = _passage(high) if passing else 0.0
    return float(10 * np.log10(loudest / max(steady, floor, passage)))


def _passage(high: np.ndarray) -> float:
    """Mean power of the tenth of a second around the loudest 5 ms of the event."""
    at = WATCHED.start + int(np.argmax(event_energy(high[WATCHED]))) * round(0.001 * RATE)
    return float(np.mean(np.square(high[at - PASSAGE // 2 : at + PASSAGE // 2])))


def measure(pictures: Path) -> Section:
    """Let every event happen."""
    section = Section()
    sources = {
        "shipped": (shipped, dullest_points()),
        "harmonic": (harmonic, [(x, 0.5) for x in np.linspace(0.0, 0.4, POINTS)]),
    }
    found, shown = {}, {}
    events = {name: steps for kind in CASES.values() for name, steps in kind.items()}
    for name, (before, act) in {**events, CUT: (HELD, nothing)}.items():
        found[name] = {}
        for source, (build, points) in sources.items():
            sounds = [play(build, before, act, point, offset) for point in points for offset in OFFSETS]
            if name == CUT:
                for sound in sounds:
                    sound[BEFORE:] = 0.0
            found[name][source] = [excess_db(sound, name in PASSING) for sound in sounds]
            shown[name, source] = sounds[int(np.argmax(found[name][source]))]
    worst = {name: max(max(values) for values in of.values()) for name, of in found.items()}
    for kind, names in CASES.items():
        if names:
            name = max(names, key=lambda name: worst[name])
            section.promise(
                f"no click: {kind}, above 12 kHz over the steady tone",
                f"≤ {ALLOWED_DB:g} dB",
                f"{worst[name]:+.1f} dB" + (f" ({name})" if len(names) > 1 else ""),
                worst[name] <= ALLOWED_DB,
            )
    section.text("Loudest 5 ms above 12 kHz at the event, over the steady tone's, in dB.")
    section.table(
        ("event", *(f"{source} decoder, {what}" for source in sources for what in ("median", "worst of 12"))),
        [
            (name, *(f"{what(of[source]):+.1f}" for source in sources for what in (np.median, max)))
            for name, of in found.items()
        ],
    )
    _draw(section, pictures, found, {name: shown[name, "harmonic"] for name in found})
    return section


def _draw(section: Section, pictures: Path, found: dict, shown: dict) -> None:
    figure, axes = axes_grid(len(shown), 3, height=0.95, width_ratios=(1, 1, 1.3))
    for row, (name, signal) in zip(axes, shown.items()):
        milliseconds = (np.arange(len(signal)) - BEFORE) / RATE * 1000
        near = np.abs(milliseconds) <= 25
        row[0].plot(milliseconds[near], signal[near], color=COLOURS[0], linewidth=0.6)
        energy = event_energy(high_band(signal))
        row[1].plot(
            np.arange(len(energy)) + 2.5 - BEFORE / RATE * 1000,
            10 * np.log10(np.maximum(energy, 1e-16)),
            color=COLOURS[1],
            linewidth=0.7,
        )
        row[1].set(xlim=(-200, 300), ylim=(-160, -20))
        part = signal[BEFORE - round(0.2 * RATE) : BEFORE + round(0.3 * RATE)]
        image = spectrogram(row[2], part + 1e-9, size=512, hop=64, top_khz=16.0, span_db=100.0)
        image.set_extent((-200 + 6, 300 - 6, 0, 16))
        for axis in row:
            axis.axvline(0.0, color="black", linewidth=0.5)
            axis.tick_params(labelsize=6)
        row[0].set_title(f"{name}: {max(found[name]['harmonic']):+.1f} dB", fontsize=8, loc="left")
    for axis, label in zip(
        axes[-1], ("waveform; milliseconds", "level above 12 kHz in dB; milliseconds", "kHz; milliseconds")
    ):
        axis.set_xlabel(label, fontsize=8)
    path = save(figure, pictures / "clicks.png")
    section.picture(
        path,
        "The worst of each on the harmonic decoder: waveform, level above 12 kHz (5 ms), spectrogram. "
        "Black: the event.",
    )
