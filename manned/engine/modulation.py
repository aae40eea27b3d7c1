"""What LFOs, envelopes and a note itself move of one voice, beside its latents: see `limits.TARGETS`."""

from __future__ import annotations

from ..limits import ENVELOPES, LFOS, TARGETS
from ..table.parameters import control_index
from .depth import depth_of, note_moved
from .latent_envelope import envelope_value, note_depth
from .lfo import lfo_value, voice_turns
from .native import native
from .ramp import ramp_value
from .record import Record
from .sizes import LATENTS, MOVED

LEVEL, PITCH, PAN, NOISE, BRIGHTNESS = (LATENTS + place for place in range(len(TARGETS)))

NEUTRAL_VELOCITY = 100 / 127  # at which velocity makes no note brighter or duller
BRIGHTEST = 1.5

_BRIGHTNESS, _VELOCITY_BRIGHTNESS = control_index("brightness"), control_index("velocity/brightness")


@native
def note_moved_targets(controls: Record) -> None:
    """Note which targets LFOs and envelopes move at all."""
    for target in range(MOVED):
        controls.moved[target] = 0
    for k in range(LFOS):
        note_moved(controls.lfos[k].depth, controls.moved)
    for e in range(ENVELOPES):
        note_moved(controls.envelopes[e].depth, controls.moved)


@native
def moved_by(controls: Record, tone: Record, target: int, now: int) -> float:
    """How far one target of a voice is moved at sample ``now``, in units of a depth of 1."""
    total = 0.0
    if controls.moved[target]:
        for k in range(LFOS):
            lfo = controls.lfos[k]
            depth = depth_of(lfo.depth, target, tone.onset, now)
            if depth != 0:
                total += depth * lfo_value(lfo.shape, voice_turns(lfo, now, now - tone.onset), k)
        for e in range(ENVELOPES):
            envelope = controls.envelopes[e]
            depth = depth_of(envelope.depth, target, tone.onset, now)
            if depth != 0:
                depth = note_depth(envelope, depth, tone.velocity, tone.pitch)
                total += depth * envelope_value(envelope, tone, now)
    if tone.offsets.given:
        total += ramp_value(tone.offsets.ramps[target], now)
    return total


@native
def tilt_of(controls: Record, tone: Record, is_drone: bool, now: int) -> float:
    """How much brighter a voice is at sample ``now``: at 1 each octave is 6 dB stronger, beside the one below."""
    tilt = controls.values[_BRIGHTNESS] + moved_by(controls, tone, BRIGHTNESS, now)
    if not is_drone:
        tilt += 2.0 * controls.values[_VELOCITY_BRIGHTNESS] * (tone.velocity - NEUTRAL_VELOCITY)
    return min(max(tilt, -BRIGHTEST), BRIGHTEST)
