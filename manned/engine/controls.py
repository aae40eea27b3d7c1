"""Everything that events set: one record, which `apply_event` alone changes.

A copy of the record looks ahead: apply to it the events up to a sample, and it is
what a note finds that starts there (see `manned.engine.onset`).  What voices do about an event,
the drone that changes its class or a note that is stolen, is not here but in
`manned.engine.event_handling`.

A parameter of which the engine only needs the number lies in ``values``, at the place
that `control_index` gives its name.  A parameter whose change starts something, a glide
or a vibrato that goes on in phase, has a kind of event and a field of its own.
"""

from __future__ import annotations

import numpy as np

from .. import events as ev
from ..limits import ENVELOPES, HOPS, LFOS
from ..table.parameters import CONTROLS as CONTROL_ROWS
from ..table.parameters import LATENT, control_index
from .depth import set_depth, set_depth_target
from .drone import DRONE_CONTROLS, set_class, weigh_class
from .gesture import CLOCK
from .latent_envelope import ENVELOPE, set_envelope
from .lfo import LFO, set_lfo_rate
from .modulation import note_moved_targets
from .native import native
from .pitch import BEND_S, VIBRATO, semitones_from_440, set_vibrato_depth, set_vibrato_rate
from .ramp import LINE, RAMP, line_value, move_line, move_ramp, rest_line
from .record import Record
from .sizes import LATENTS, MOVED

CONTROLS = np.dtype(
    [
        ("values", "f8", len(CONTROL_ROWS)),  # at the places of `control_index`
        # latents
        ("latents", RAMP, LATENTS),
        ("glide_samples", "i8"),
        ("velocity", "f4", LATENTS),  # how far a note of full velocity moves each latent
        ("key", "f4", LATENTS),  # how far five octaves do
        ("tracking", "i4"),  # whether any of these is not 0
        ("lfos", LFO, LFOS),
        ("envelopes", ENVELOPE, ENVELOPES),
        ("moved", "i4", MOVED),  # whether an LFO or an envelope moves this target
        ("gesture", CLOCK),
        ("drone", DRONE_CONTROLS),
        # pitch
        ("bend", "f8"),
        ("bend_range", "f8"),
        ("tuning", "f8"),  # semitones, of A4 from 440 Hz
        ("shared_pitch", LINE),  # semitones, bend and tuning
        ("lead", LINE),  # glide of the last note, from which the next one comes
        ("led", "i4"),  # whether there was one
        ("vibrato", VIBRATO),
        # the mixer
        ("gain", "f4"),
        ("expression", "f4"),
        ("level", "f4"),  # factor
        ("output_gain", RAMP),  # all of them
        ("spread", RAMP),
        ("unison_width", RAMP),
    ],
    align=True,
)

PHASE, HOP = control_index("phase"), control_index("hop")
PORTAMENTO = control_index("portamento")
GAIN_RAMP_S = 0.01
SPREAD_RAMP_S = 0.1
_HOPS = np.array(HOPS)


def set_defaults(controls: np.void) -> None:
    """Fill a record as it is before the first event."""
    controls["values"] = [row.engine_value(row.default) for row in CONTROL_ROWS]
    controls["latents"]["target"] = LATENT.default  # those of a bigger model need not glide there
    controls["bend_range"] = 2.0
    controls["vibrato"]["hz"] = 5.5
    controls["expression"] = controls["level"] = 1.0
    controls["gesture"]["rate"] = 1.0


@native
def apply_event(controls: Record, event: Record, now: int, samplerate: float) -> None:
    """Let an event take effect on the controls at sample ``now``; kinds that set nothing change nothing.

    Audio thread: no locks, no allocation, no Python objects.
    """
    kind, index, a = event.kind, event.index, event.a
    if kind == ev.CONTROL:
        controls.values[index] = a
    elif kind == ev.LATENT:
        move_ramp(controls.latents[index], np.float32(a), now, controls.glide_samples)
    elif kind == ev.GLIDE:
        controls.glide_samples = int(a * samplerate + 0.5)
    elif kind == ev.VELOCITY_LATENT:
        controls.velocity[index] = np.float32(a)
        _note_tracking(controls)
    elif kind == ev.KEY_LATENT:
        controls.key[index] = np.float32(a)
        _note_tracking(controls)
    elif kind == ev.LFO_RATE:
        set_lfo_rate(controls.lfos[index], a / samplerate, now)
    elif kind == ev.LFO_DEPTH:
        set_depth(controls.lfos[index].depth, a, now, samplerate)
        note_moved_targets(controls)
    elif kind == ev.LFO_SHAPE:
        controls.lfos[index].shape = int(a)
    elif kind == ev.LFO_TARGET:
        set_depth_target(controls.lfos[index].depth, int(a), now, samplerate)
        note_moved_targets(controls)
    elif kind == ev.LFO_START:
        controls.lfos[index].start = int(a)
    elif ev.ENVELOPE_ATTACK <= kind <= ev.ENVELOPE_KEY:
        set_envelope(controls.envelopes[index], kind, a, now, samplerate)
        note_moved_targets(controls)
    elif kind == ev.GESTURE:
        controls.gesture.number = index
    elif kind == ev.GESTURE_SPEED:
        set_lfo_rate(controls.gesture, a, now)
    elif kind == ev.CHROMA:
        set_class(controls.drone, int(a))
    elif kind == ev.CHROMA_WEIGHT:
        weigh_class(controls.drone, index, np.float32(a))
    elif kind == ev.OCTAVE:
        controls.drone.octave = int(a)
    elif kind == ev.DRONE_TUNING:
        controls.drone.tuning = a
    elif kind == ev.NOTE_ON:
        _lead_to(controls, a, now, samplerate)
    elif kind == ev.BEND:
        controls.bend = a
        _set_shared_pitch(controls, now, samplerate)
    elif kind == ev.BEND_RANGE:
        controls.bend_range = a
        _set_shared_pitch(controls, now, samplerate)
    elif kind == ev.A4:
        controls.tuning = semitones_from_440(a)
        _set_shared_pitch(controls, now, samplerate)
    elif kind == ev.VIBRATO_RATE:
        set_vibrato_rate(controls.vibrato, a, now, samplerate)
    elif kind == ev.VIBRATO_DEPTH:
        set_vibrato_depth(controls.vibrato, a, now, samplerate)
    elif kind == ev.GAIN:
        controls.gain = np.float32(a)
        _set_output_gain(controls, now, samplerate)
    elif kind == ev.EXPRESSION:
        controls.expression = np.float32(a)
        _set_output_gain(controls, now, samplerate)
    elif kind == ev.LEVEL:
        controls.level = np.float32(10.0 ** (a / 20.0))
        _set_output_gain(controls, now, samplerate)
    elif kind == ev.SPREAD:
        move_ramp(controls.spread, np.float32(a), now, int(SPREAD_RAMP_S * samplerate))
    elif kind == ev.UNISON_WIDTH:
        move_ramp(controls.unison_width, np.float32(a), now, int(SPREAD_RAMP_S * samplerate))


@native
def _note_tracking(controls: Record) -> None:
    """Note whether velocity or key moves anything at all."""
    controls.tracking = 0
    for i in range(LATENTS):
        if controls.velocity[i] != 0 or controls.key[i] != 0:
            controls.tracking = 1


@native
def _set_shared_pitch(controls: Record, now: int, samplerate: float) -> None:
    target = controls.bend * controls.bend_range + controls.tuning
    move_line(controls.shared_pitch, target, now, int(BEND_S * samplerate))


@native
def _set_output_gain(controls: Record, now: int, samplerate: float) -> None:
    gain = controls.gain * controls.expression * controls.level
    move_ramp(controls.output_gain, gain, now, int(GAIN_RAMP_S * samplerate))


@native
def _lead_to(controls: Record, pitch: float, now: int, samplerate: float) -> None:
    """Let the pitch go to a new note: with portamento from where the note before it is, else at once."""
    length = portamento_samples(controls, samplerate)
    start = line_value(controls.lead, now)
    glides = controls.led and length > 0
    rest_line(controls.lead, pitch)
    if glides:
        controls.lead.start = start
        controls.lead.begin = now
        controls.lead.length = length
    controls.led = 1


@native
def portamento_samples(controls: Record, samplerate: float) -> int:
    """Time that the pitch takes from one note to the next, in samples."""
    return int(controls.values[PORTAMENTO] * samplerate + 0.5)


@native
def phase_method(controls: Record) -> int:
    """The phase method that frames are made with, as an index into limits.PHASES."""
    return int(controls.values[PHASE])


@native
def hop_samples(controls: Record) -> int:
    """Samples from one frame to the next, at the model's sample rate."""
    return _HOPS[int(controls.values[HOP])]


@native
def lead_with(controls: Record, glide: Record) -> None:
    """Let the next note come from where a voice of the mono line now glides: the one thing that a voice sets."""
    controls.lead = glide
