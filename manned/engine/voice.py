"""One voice: its envelope, its hops, its samples."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .atomics import load_acquire, store_release
from .memory import (
    BINS,
    CLASSES,
    FADE_OUT,
    FFT,
    LATENTS,
    MAIL_EMPTY,
    MAIL_READY,
    MAIL_REQUESTED,
    MODEL_RATE,
    OVERLAP,
    SLOT_FREE,
    SLOT_READY,
    STAGE_ATTACK,
    STAGE_DECAY,
    STAGE_FREE,
    STAGE_KILL,
    STAGE_RELEASE,
    STAGE_SUSTAIN,
    TAPS,
    WORD_MODEL,
)
from .motion import voice_latents
from .pitch import begin_cells, begin_vibrato, next_cell, pitch_offset
from .resample import interpolate
from .synthesis import advance, set_spectrum

DRONE = 0  # index of its voice
KILL_S = 0.005
SHORTEST_ATTACK_S = 0.001
SHORTEST_CUBE_S = 0.01
HISTORY = TAPS // 2 - 1  # samples before a position that the interpolator needs
REACH = TAPS // 2
NEVER = 1 << 62
FASTEST = 64.0
SHORTEST_NOTE_S = 0.01
STAGGER = 8  # places of their first hop at which voices begin


@nb.njit(error_model="numpy", cache=True)
def enter_stage(memory, voice, stage, now):
    """Move a voice's envelope to another stage at sample ``now``."""
    voice.stage = stage
    voice.stage_start = now
    voice.stage_level = voice.level
    seconds = 0.0
    if stage == STAGE_ATTACK:
        seconds = max(memory.attack_s, SHORTEST_ATTACK_S)
    elif stage == STAGE_DECAY:
        seconds = memory.decay_s
    elif stage == STAGE_RELEASE:
        seconds = max(memory.release_s, SHORTEST_ATTACK_S)
    elif stage == STAGE_KILL:
        seconds = KILL_S
    voice.stage_length = int(seconds * memory.samplerate + 0.5) if stage != STAGE_SUSTAIN else NEVER


@nb.njit(error_model="numpy", cache=True)
def apply_envelope(memory, voice, now, buffer, at, count):
    """Multiply ``count`` samples of a voice from sample ``now`` on by its envelope and velocity.

    Attack is half a raised cosine; decay and release are cubes that reach their end exactly.  A release so
    short that the corner at a cube's beginning would click is half a raised cosine too.
    """
    velocity = voice.velocity
    shortest = SHORTEST_CUBE_S * memory.samplerate
    done = 0
    while done < count:
        t = now + done
        if voice.stage == STAGE_FREE:
            for i in range(done, count):
                buffer[at + i] = 0.0
            return
        left = voice.stage_start + voice.stage_length - t
        if voice.stage == STAGE_ATTACK and voice.released:  # before it began
            left = min(left, voice.stage_start + int(SHORTEST_NOTE_S * memory.samplerate) - t)
            if left <= 0:
                enter_stage(memory, voice, STAGE_RELEASE, t)
                continue
        if left <= 0:
            _next_stage(memory, voice, t)
            continue
        run = min(count - done, left)
        length = float(voice.stage_length)
        begin = voice.stage_level
        for i in range(run):
            x = (t - voice.stage_start + i) / length
            if voice.stage == STAGE_ATTACK:
                level = begin + (1.0 - begin) * (0.5 - 0.5 * math.cos(math.pi * x))
            elif voice.stage == STAGE_DECAY:
                level = memory.sustain + (begin - memory.sustain) * (1.0 - x) ** 3
            elif voice.stage == STAGE_SUSTAIN:
                level = voice.level + (memory.sustain - voice.level) * 0.002
                if abs(level - memory.sustain) < 1e-6:
                    level = memory.sustain
            elif length < shortest:
                level = begin * (0.5 + 0.5 * math.cos(math.pi * x))
            else:
                level = begin * (1.0 - x) ** 3
            voice.level = level
            buffer[at + done + i] *= np.float32(level) * velocity
        done += run


@nb.njit(error_model="numpy", cache=True)
def _next_stage(memory, voice, now):
    if voice.stage == STAGE_ATTACK:
        voice.level = 1.0
        enter_stage(memory, voice, STAGE_DECAY, now)
    elif voice.stage == STAGE_DECAY:
        voice.level = memory.sustain
        enter_stage(memory, voice, STAGE_SUSTAIN, now)
    else:
        voice.level = 0.0
        voice.stage = STAGE_FREE
        voice.note_id = 0


@nb.njit(error_model="numpy", cache=True)
def _take_mail(memory, index, voice):
    """Bring in the spectrum that was asked for at the last hop; a late one is held and counted."""
    state = load_acquire(memory.mail_state, index)
    if state == MAIL_READY:
        if not voice.discard and memory.mail[index].model == voice.model:
            set_spectrum(voice.stream, memory.mail[index])
        voice.discard = 0
        store_release(memory.mail_state, index, MAIL_EMPTY)
    elif state == MAIL_REQUESTED and not voice.discard:
        memory.late_spectra += 1


@nb.njit(error_model="numpy", cache=True)
def _ask_for_next(memory, index, voice, now):
    """Ask for the spectrum of the next hop, unless it would be the one that plays."""
    model = load_acquire(memory.words, WORD_MODEL)
    if model != voice.model or load_acquire(memory.mail_state, index) != MAIL_EMPTY:
        return  # what another model draws takes over as a stream of its own
    request = memory.mail[index]
    motion, latents = memory.motion, memory.audio_scratch.latents
    pitch_class, octave = nearest_note(voice.pitch)
    count = memory.models[model % 2].latents
    voice_latents(motion, voice.offsets, voice.velocity, voice.pitch, now, count, latents)
    same = voice.asked and request.pitch_class == pitch_class and request.octave == octave and request.model == model
    if same:
        for i in range(count):
            if request.latents[i] != latents[i]:
                same = False
                break
    if same and index == DRONE:
        same = asks_for_mixture(request, motion.drone)
    if same:
        return
    # All of them: the next model, which may decode this already, may have more.
    voice_latents(motion, voice.offsets, voice.velocity, voice.pitch, now, LATENTS, request.latents)
    ask_for_mixture(request, motion.drone, index == DRONE)
    request.pitch_class = pitch_class
    request.octave = octave
    request.pitch_hz = note_hz(voice.pitch)
    request.model = model
    voice.asked = 1
    memory.asked = 1
    store_release(memory.mail_state, index, MAIL_REQUESTED)


@nb.njit(error_model="numpy", cache=True)
def ask_for_mixture(request, drone, is_drone):
    """Ask for the drone's mixture of pitch classes, or for none."""
    request.mixture = drone.mixture if is_drone else 0
    if request.mixture:
        for k in range(CLASSES):
            request.weights[k] = drone.weights[k]


@nb.njit(error_model="numpy", cache=True)
def asks_for_mixture(request, drone):
    """Whether a request asks for the drone's present mixture, or for none when there is none."""
    if request.mixture != drone.mixture:
        return False
    if drone.mixture:
        for k in range(CLASSES):
            if request.weights[k] != drone.weights[k]:
                return False
    return True


@nb.njit(error_model="numpy", cache=True)
def nearest_note(pitch):
    """Pitch class and octave of the semitone nearest to a note number."""
    nearest = int(math.floor(pitch + 0.5))
    return nearest % 12, nearest // 12 - 1


@nb.njit(error_model="numpy", cache=True)
def note_hz(pitch):
    """Frequency of a note number in Hertz, A4 = 440."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


@nb.njit(error_model="numpy", cache=True)
def _reading_rate(memory, voice):
    """Stream samples per output sample, where the voice is to sound what its stream is tuned to."""
    return voice.stream.mean_tuning * MODEL_RATE / memory.samplerate


@nb.njit(error_model="numpy", cache=True)
def _hop(memory, index, voice, now):
    """Finish one more step of the stream."""
    _take_mail(memory, index, voice)
    if voice.stage != STAGE_KILL and voice.fade != FADE_OUT:
        _ask_for_next(memory, index, voice, now)
    bend = 2.0 ** (pitch_offset(memory, voice, now + FFT // 2) / 12.0)  # where the frame will be loudest
    stream, motion = voice.stream, memory.motion
    advance(memory, stream, memory.audio_scratch, motion.phase_method, motion.hop, bend, memory.formant)
    keep = min(int(voice.position) - HISTORY, voice.filled)
    fifo = voice.fifo
    for i in range(voice.filled - keep):
        fifo[i] = fifo[i + keep]
    voice.filled -= keep
    voice.position -= keep
    for i in range(stream.step):
        fifo[voice.filled + i] = stream.overlap[i]
    voice.filled += stream.step


@nb.njit(error_model="numpy", cache=True)
def render_voice(memory, index, voice, now, buffer, at, count):
    """Write ``count`` samples of a sounding voice.

    Audio thread: no locks, no allocation, no Python objects.
    """
    done = 0
    rate = _reading_rate(memory, voice)
    fir, fifo = memory.fir, voice.fifo
    while done < count:
        last = voice.filled - REACH
        if voice.position >= last:
            _hop(memory, index, voice, now + done)
            rate = _reading_rate(memory, voice)
            continue
        if now + done >= voice.cell_end:
            next_cell(memory, voice)
        stretch = min(count, voice.cell_end - now)
        into = now - voice.cell_begin
        ratio = voice.ratio
        slope = (voice.ratio_next - ratio) / (voice.cell_end - voice.cell_begin)
        position = voice.position
        while done < stretch and position < last:
            buffer[at + done] = interpolate(fir, fifo, position)
            position += min(rate * (ratio + slope * (into + done)), FASTEST)
            done += 1
        voice.position = position
    apply_envelope(memory, voice, now, buffer, at, count)


@nb.njit(error_model="numpy", cache=True)
def begin_voice(memory, index, voice, now):
    """Let a waiting voice sound, once its first spectrum is ready."""
    slot = voice.slot
    if now < voice.begin_at or load_acquire(memory.slot_state, slot) != SLOT_READY:
        return
    voice.slot = -1
    take_stream(memory, index, voice, slot)
    voice.level = 0.0
    begin_vibrato(memory, voice, now)
    begin_cells(memory, voice, now)
    enter_stage(memory, voice, STAGE_ATTACK, now)


@nb.njit(error_model="numpy", cache=True)
def take_stream(memory, index, voice, slot):
    """Let a voice play the stream that was prepared in a slot, from its start."""
    source = memory.slots[slot].stream
    stream = voice.stream
    for k in range(BINS):
        stream.spectrum[k] = source.spectrum[k]
        stream.log0[k] = source.log0[k]
        stream.log1[k] = source.log1[k]
        stream.log2[k] = source.log2[k]
        stream.phase[k] = source.phase[k]
        stream.frequency[k] = source.frequency[k]
    for k in range(FFT):
        stream.overlap[k] = source.overlap[k]
    for k in range(OVERLAP):
        stream.frame_tuning[k] = source.frame_tuning[k]
        stream.frame_age[k] = source.frame_age[k]
        stream.frame_weight[k] = source.frame_weight[k]
    stream.hop = source.hop
    stream.weight = source.weight
    stream.step = source.step
    stream.mean_tuning = source.mean_tuning
    stream.tuning = source.tuning
    stream.f0 = source.f0
    stream.note_hz = source.note_hz
    stream.pitch_hz = source.pitch_hz
    stream.shift = source.shift
    stream.noise_at = source.noise_at
    stream.settled = source.settled
    request = memory.slots[slot].request
    voice.model = request.model
    if voice.model != memory.settled_model:
        memory.settled_model = -1
    if load_acquire(memory.mail_state, index) == MAIL_EMPTY:
        # What plays is what would be asked for: no need to ask until something changes.
        mail = memory.mail[index]
        for i in range(LATENTS):
            mail.latents[i] = request.latents[i]
        mail.pitch_class = request.pitch_class
        mail.octave = request.octave
        mail.mixture = request.mixture
        for k in range(CLASSES):
            mail.weights[k] = request.weights[k]
        mail.model = request.model
        voice.asked = 1
        voice.discard = 0
    else:
        voice.asked = 0
        voice.discard = 1
    store_release(memory.slot_state, slot, SLOT_FREE)
    for i in range(HISTORY):
        voice.fifo[i] = 0.0
    for i in range(stream.step):
        voice.fifo[HISTORY + i] = stream.overlap[i]
    voice.filled = HISTORY + stream.step
    # Voices that start together begin at different places of their first hop, so that they never all hop at once.
    place = memory.slots[slot].noise_seed // 2 * 5 % STAGGER
    voice.position = float(HISTORY + place * stream.step // STAGGER)
