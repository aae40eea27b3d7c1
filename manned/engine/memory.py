"""The memory that the control, decode and audio threads share.

One NumPy structured array.  Python reads and writes it by field name; compiled
code sees the same fields as a record.  Who may write what:

- ``words``: the atomic words, one writer each.
- ``ring``: events, written by control, read by audio.
- ``slots``: notes in preparation, handed round by ``slot_state``.
- ``mail_state``, ``mail``: one mailbox per voice between audio and decode.
- ``models``: two sets of facts and weights, written by control, the one that plays
  named by ``words[WORD_MODEL]``.
- everything else belongs to the audio thread; control may read single values.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ..limits import CLASSES, HOPS, LFOS, MAX_LATENTS, MAX_VOICES

FFT = 4096
BINS = FFT // 2 + 1
MODEL_RATE = 44100
LONGEST_HOP = max(HOPS)
SHORTEST_HOP = min(HOPS)
OVERLAP = FFT // SHORTEST_HOP  # frames that sound together, at most

POLYPHONY = MAX_VOICES
SPARE = 64  # voices that fade out, stolen or handed over: one whole chord may take another's place
VOICES = 1 + POLYPHONY + SPARE  # voice 0 is the drone
SLOTS = 128  # for the notes that control starts
HANDOVERS = 8  # more of them, for what the audio thread starts itself
KEYS = 128  # held in mono and legato mode
RING = 4096
LATENTS = MAX_LATENTS
OCTAVES = 16
LAYERS = 64
CHUNK = 1024  # longest stretch rendered at once; longer blocks are cut
TAP = 1 << 19
DURATIONS = 1 << 14

TAPS = 48
FIR_PHASES = 256
PEAK_TAPS = 12  # of the limiter's estimate of what lies between two samples
LIMITER_BEHIND = 3  # stretches that the limiter looks back, and how far it looks ahead:
LIMITER_AHEAD_S = 0.001
LATENCY = 256  # the most samples by which the limiter delays
NOISE_FRAMES = 512  # at the shortest hop
SEED_STEP = 194  # between the places in the stored noise of one note and the next, so that equal notes differ
BUCKETS = 256  # of the queue by magnitude in phase/rtpghi.py
BATCH = 64
STRIDE = 2080  # floats per row of the decode scratch: BINS in whole tiles
LEAD = 1024  # samples before a dated note at which its first spectrum is asked for


# Indices into ``words``, with the one thread that writes each.
WORD_RING_WRITE = 0  # control
WORD_RING_READ = 1  # audio
WORD_TAP_WRITE = 2  # audio
WORD_TAP_READ = 3  # the recorder
WORD_TAP_ON = 4  # control
WORD_MODEL = 5  # control: how many models were loaded; the last one plays, and lies in `models` by turns
WORD_MODEL_SEEN = 6  # decode: the same, as of its last round
WORD_STOP = 7  # control: ends the decode thread
WORD_CLOCK = 8  # audio: samples rendered
WORD_BLOCKS = 9  # audio: callbacks
WORD_FADE_OUT = 10  # control: 1 asks the audio thread to fade to silence
WORD_TIMING = 11  # audio: odd while the time of a block is written
WORD_PEAKS_ASKED = 12  # control: how often the peaks were asked for; audio starts new ones
WORDS = 16

# States of a note in preparation.
SLOT_FREE = 0
SLOT_ASSIGNED = 1  # control took it, no spectrum yet
SLOT_REQUESTED = 2  # audio asked the decode thread
SLOT_READY = 3

# States of a voice's mailbox.
MAIL_EMPTY = 0
MAIL_REQUESTED = 1
MAIL_READY = 2

# Stages of a voice.
STAGE_FREE = 0
STAGE_WAITING = 1  # for its first spectrum
STAGE_ATTACK = 2
STAGE_DECAY = 3
STAGE_SUSTAIN = 4
STAGE_RELEASE = 5
STAGE_KILL = 6  # stolen or silenced: 5 ms to zero

# How a voice takes part in a handover.
FADE_NONE = 0
FADE_IN = 1
FADE_OUT = 2


EVENT = np.dtype(
    [
        ("kind", "i4"),
        ("index", "i4"),
        ("when", "i8"),
        ("number", "i8"),  # in the order of pushing
        ("a", "f8"),
        ("b", "f8"),
        ("slot", "i4"),  # of the note that it starts, or -1
        ("prepared", "i4"),
    ],
    align=True,
)

# Latents in motion: ramps as pure functions of the sample number, and what is added to them.
RAMPS = np.dtype(
    [("start", "f4", LATENTS), ("target", "f4", LATENTS), ("time", "i8", LATENTS), ("length", "i8", LATENTS)],
    align=True,
)
OFFSETS = np.dtype([("given", "i4"), ("ramps", RAMPS)], align=True)  # of one note
LFO = np.dtype(
    [
        ("rate", "f8"),  # turns per sample
        ("phase", "f8"),  # turns at sample ``time``
        ("time", "i8"),
        ("depth", "f4"),
        ("shape", "i4"),
        ("target", "i4"),
    ],
    align=True,
)
DRONE = np.dtype(
    [
        ("pitch_class", "i4"),
        ("octave", "i4"),
        ("tuning", "f8"),  # semitones that the scale adds
        ("mixture", "i4"),
        ("weights", "f4", CLASSES),
    ],
    align=True,
)
MOTION = np.dtype(
    [
        ("latents", RAMPS),
        ("glide_samples", "i8"),
        ("velocity", "f4", LATENTS),  # how far a note of full velocity moves each latent
        ("key", "f4", LATENTS),  # how far five octaves do
        ("tracking", "i4"),  # whether any of these is not 0
        ("lfos", LFO, LFOS),
        ("drone", DRONE),
        ("phase_method", "i4"),
        ("hop", "i4"),
    ],
    align=True,
)

# What is asked of the decoder for one frame, and what came back.
REQUEST = np.dtype(
    [
        ("latents", "f4", LATENTS),
        ("pitch_class", "i4"),
        ("octave", "i4"),
        ("mixture", "i4"),  # whether several classes are asked for, by their weights
        ("weights", "f4", CLASSES),
        ("model", "i4"),
        ("pitch_hz", "f8"),  # frequency that is to sound
        ("note_hz", "f8"),  # frequency that the model was asked for; 0 when it was no single note
        ("shift", "f8"),  # how much higher than drawn a frame of no single note is to sound
        ("spectrum", "f4", BINS),
    ],
    align=True,
)

# The state of one stream of frames: phase continuity and overlap-add.
STREAM = np.dtype(
    [
        ("spectrum", "f4", BINS),  # scaled magnitudes of the frame that plays
        ("log0", "f4", BINS),  # natural log magnitudes of this frame and of the two before
        ("log1", "f4", BINS),
        ("log2", "f4", BINS),
        ("phase", "f4", BINS),  # turns, at the frame's centre
        ("frequency", "f4", BINS),  # bins
        ("overlap", "f4", FFT),
        ("hop", "i4"),  # samples that the next frame stands for
        ("weight", "f8"),  # of the next frame: the same, corrected where the hop changes
        ("step", "i4"),  # samples from the newest frame to the next; so many are finished
        ("frame_tuning", "f8", OVERLAP),  # of the frames in the overlap, newest first
        ("frame_age", "i4", OVERLAP),  # samples from their beginning to that of the newest
        ("frame_weight", "f8", OVERLAP),
        ("mean_tuning", "f8"),  # of the finished samples
        ("tuning", "f8"),  # wanted pitch over the frame's own
        ("f0", "f8"),  # the frame's own note in bins; 0 when it has none
        ("note_hz", "f8"),
        ("pitch_hz", "f8"),
        ("shift", "f8"),
        ("noise_at", "i4"),  # place of the newest frame in the stored noise, in samples
        ("settled", "i4"),  # frames since the spectrum changed, up to 2
    ],
    align=True,
)

# A value on its way from one to another, of which the pitch is made: see `pitch`.
LINE = np.dtype([("start", "f8"), ("target", "f8"), ("begin", "i8"), ("length", "i8")], align=True)

KEY = np.dtype(
    [("note_id", "i4"), ("pitch", "f8"), ("velocity", "f4"), ("bend", "f8"), ("pressure", "f8")],
    align=True,
)

SLOT = np.dtype(
    [
        ("request", REQUEST),
        ("stream", STREAM),
        ("phase_method", "i4"),
        ("hop", "i4"),
        ("noise_seed", "i4"),
        ("abandoned", "i4"),
        ("offset", "f8"),  # semitones from its pitch to where the note will begin
        ("formant", "f8"),
    ],
    align=True,
)

VOICE = np.dtype(
    [
        ("stage", "i4"),
        ("note_id", "i4"),
        ("slot", "i4"),
        ("released", "i4"),
        ("asked", "i4"),  # whether a request was ever made since the start
        ("discard", "i4"),  # the mail on its way belongs to an earlier note
        ("pitch", "f8"),  # note number that the stream is tuned to
        ("velocity", "f4"),
        ("level", "f4"),
        ("stage_level", "f4"),
        ("stage_start", "i8"),
        ("stage_length", "i8"),
        # pitch and expression
        ("glide", LINE),  # note number that it is to sound, before bends
        ("own_bend", LINE),
        ("pressure", LINE),
        ("onset", "i8"),
        ("vibrato_origin", "f8"),
        ("vibrato_delay", "i8"),
        ("cell_begin", "i8"),  # grid cell of the speed of reading: factors at its ends
        ("cell_end", "i8"),
        ("ratio", "f8"),
        ("ratio_next", "f8"),
        ("offset", "f8"),  # semitones of ratio_next
        # handover
        ("next_slot", "i4"),  # of the stream that will take over, or -1
        ("next_restart", "i4"),
        ("next_pitch", "f8"),
        ("next_velocity", "f4"),
        ("begin_at", "i8"),  # sample before which what it waits for may not begin
        ("fade", "i4"),
        ("fade_begin", "i8"),
        ("fade_level", "f4"),
        ("likeness", "f4"),  # of what fades in and what fades out, 0–1
        # model change
        ("model", "i4"),  # that the stream was decoded by
        ("next_model", "i4"),  # whether what it waits for is the same note by another model
        ("position", "f8"),  # of the next output sample in fifo
        ("filled", "i4"),
        ("place", "i4"),  # between left and right, 0 in the middle
        ("offsets", OFFSETS),
        ("stream", STREAM),
        ("fifo", "f4", LONGEST_HOP + 4 * TAPS),
    ],
    align=True,
)

MODEL = np.dtype(
    [
        ("weights", "i8"),  # addresses
        ("layers", "i4"),
        ("layout", "i8", (LAYERS, 5)),  # inputs, outputs, weight offset, bias offset, activation
        ("alpha", "f4"),
        ("latents", "i4"),
        ("latent_low", "f4", LATENTS),
        ("latent_high", "f4", LATENTS),
        ("skip", "i4"),
        ("octaves", "i4"),
        ("octave", "i4", OCTAVES),
        ("own_octave", "i4"),
    ],
    align=True,
)

SCRATCH = np.dtype(
    [
        ("re", "f4", FFT),
        ("im", "f4", FFT),
        ("re2", "f4", FFT),
        ("im2", "f4", FFT),
        ("time", "f4", FFT),
        ("peak_bin", "i4", BINS),
        ("peak_frequency", "f4", BINS),
        ("peaks", "i4"),
        ("envelope", "f4", BINS),
        ("envelope_gain", "f4", BINS),
        ("warped", "f4", BINS),
        # phase/rtpghi.py: gradients of the phase, and the queue by magnitude
        ("along_time", "f4", BINS),
        ("along_frequency", "f4", BINS),
        ("waits", "i4", BINS),
        ("bucket", "i4", BUCKETS),
        ("next", "i4", 2 * BINS),
        ("motion", MOTION),
        ("offsets", OFFSETS),
        ("latents", "f4", LATENTS),
        ("voice", "f4", CHUNK),
        ("level", "f4", CHUNK),
        ("gain", "f4", CHUNK),
        ("left", "f4", CHUNK),
        ("right", "f4", CHUNK),
    ],
    align=True,
)

MEMORY = np.dtype(
    [
        ("words", "i8", WORDS),
        ("semaphore", "i8", 8),
        ("semaphore_address", "i8"),
        ("time_address", "i8"),
        ("time", "i8", 2),
        ("samplerate", "f8"),
        ("channels", "i4"),
        ("live", "i4"),  # the decode thread runs and waits on the semaphore
        ("asked", "i4"),  # something was asked of it in this block
        # events
        ("ring", EVENT, RING),
        ("pending", EVENT, RING),  # dated events by time, a ring of its own
        ("pending_first", "i8"),
        ("pending_count", "i8"),
        ("dropped_events", "i8"),
        # latents, LFOs and the drone's pitch classes; the values now are for control to read
        ("motion", MOTION),
        ("latent_now", "f4", LATENTS),
        ("lfo_now", "f8", LFOS),
        # the rest of the parameters
        ("gain_start", "f4"),
        ("gain_target", "f4"),
        ("gain_time", "i8"),
        ("gain", "f4"),
        ("expression", "f4"),
        ("attack_s", "f8"),
        ("decay_s", "f8"),
        ("sustain", "f4"),
        ("release_s", "f8"),
        ("bend", "f8"),
        ("bend_range", "f8"),
        # pitch and modes
        ("tuning_offset", "f8"),  # semitones, of A4 from 440 Hz
        ("shared_pitch", LINE),  # semitones, bend and tuning
        ("portamento", "i8"),  # samples
        ("lead", LINE),  # glide of the last note, from which the next one comes
        ("led", "i4"),
        ("vibrato_hz", "f8"),
        ("vibrato_cycles", "f8"),  # at sample vibrato_begin
        ("vibrato_begin", "i8"),
        ("vibrato_depth", LINE),
        ("vibrato_delay", "i8"),  # samples
        ("formant", "f8"),
        ("mode", "i4"),
        ("polyphony", "i4"),
        ("keys", KEY, KEYS),
        ("key_count", "i4"),
        ("solo", "i4"),  # voice of the mono line; 0 when there was none yet
        ("cut", EVENT),
        ("fade", "f4"),
        ("note_count", "i4"),
        # left and right, and the limiter
        ("latency", "i4"),  # samples between what is mixed and what is put out
        ("spread_start", "f4"),
        ("spread_target", "f4"),
        ("spread_time", "i8"),
        ("delay_left", "f4", LATENCY + CHUNK),
        ("delay_right", "f4", LATENCY + CHUNK),
        ("together", "i8"),  # samples since left and right differed
        ("silent", "i8"),  # samples since a voice sounded
        ("limiter_span", "i4"),  # stretches of signal that make up the gain of one sample
        ("limiter_window", "f4", LATENCY),  # their weights
        ("reduction", "f4", LATENCY + CHUNK),
        ("limiter", "f4"),  # level that the limiter works at; 0 when it rests
        ("held", "f4"),  # highest true peak of these 20 ms and of those before
        ("held_before", "f4"),
        ("calm", "i8"),  # samples since the limiter did something
        # voices
        ("voices", VOICE, VOICES),
        ("mail_state", "i8", VOICES),
        ("mail", REQUEST, VOICES),
        ("slot_state", "i8", SLOTS + HANDOVERS),
        ("slots", SLOT, SLOTS + HANDOVERS),
        ("models", MODEL, 2),
        ("settled_model", "i8"),  # the last one that every voice was found to play
        # figures
        ("block_time_ns", "i8"),  # monotonic time and sample of the last block's start
        ("block_clock", "i8"),
        ("late_spectra", "i8"),
        ("late_onsets", "i8"),
        ("late_callbacks", "i8"),
        ("overruns", "i8"),
        ("device_underflows", "i8"),
        ("load_average", "f8"),
        ("load_peak", "f8"),
        ("peaks_asked", "i8"),
        ("peak", "f4"),
        ("active_voices", "i4"),
        ("durations_ns", "i8", DURATIONS),
        ("tap", "f4", (TAP, 2)),
        ("tap_lost", "i8"),
        # scratch and tables
        ("audio_scratch", SCRATCH),
        ("decode_scratch", SCRATCH),
        ("control_scratch", SCRATCH),
        ("decode_rows", "f4", (2, BATCH * STRIDE)),
        ("prepare_rows", "f4", (2, STRIDE)),
        ("batch", "i4", BATCH),
        ("window", "f4", FFT),
        ("twiddle_re", "f4", FFT),
        ("twiddle_im", "f4", FFT),
        ("fir", "f4", (FIR_PHASES + 1, TAPS)),
        ("noise", "f4", (NOISE_FRAMES, BINS)),
    ],
    align=True,
)

RECORD = nb.from_dtype(MEMORY)
SHARED = RECORD[::1]
"""numba's types of the memory and of the array that holds it."""


def allocate(samplerate: float, channels: int) -> np.ndarray:
    """Fresh memory, tables filled; shape (1,), dtype `MEMORY`."""
    memory = np.zeros(1, dtype=MEMORY)
    record = memory[0]
    record["samplerate"] = samplerate
    record["channels"] = channels
    record["attack_s"], record["release_s"], record["sustain"] = 0.003, 0.15, 1.0
    record["expression"] = record["fade"] = 1.0
    record["bend_range"] = 2.0
    record["motion"]["latents"]["target"] = (
        0.5  # as table.parameters.LATENT: those of a bigger model need not glide there
    )
    record["vibrato_hz"] = 5.5
    record["polyphony"] = POLYPHONY
    record["voices"]["next_slot"] = -1
    record["motion"]["hop"] = HOPS[0]
    base = memory.ctypes.data
    record["semaphore_address"] = base + MEMORY.fields["semaphore"][1]
    record["time_address"] = base + MEMORY.fields["time"][1]
    _fill_tables(record)
    _set_limiter(record)
    return memory


def _set_limiter(record) -> None:
    ahead = max(int(LIMITER_AHEAD_S * record["samplerate"]), PEAK_TAPS)
    span = LIMITER_BEHIND + ahead
    record["limiter_span"] = record["calm"] = span
    record["latency"] = record["silent"] = record["together"] = ahead + PEAK_TAPS // 2 - 1
    window = np.hanning(span + 2)[1:-1]
    record["limiter_window"][:span] = window / window.sum()


def _fill_tables(record) -> None:
    n = np.arange(FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / FFT)
    # Hann squared, overlapped at a hop, adds up to 3/8 of the window's length over the hop.
    record["window"] = window / (0.375 * FFT)
    record["twiddle_re"] = np.cos(2 * np.pi * n / FFT)
    record["twiddle_im"] = np.sin(2 * np.pi * n / FFT)
    record["fir"] = _fir_table()
    record["noise"] = _noise_phases()


def _fir_table() -> np.ndarray:
    """Windowed-sinc interpolator [shape=(FIR_PHASES + 1, TAPS)], Kaiser window, unit gain at DC.

    Flat to 18 kHz at the model's rate; images, which begin at 22 kHz, are more than 80 dB down.
    """
    offset = np.arange(FIR_PHASES + 1)[:, None] / FIR_PHASES
    x = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - offset
    inside = np.clip(1 - (x / (TAPS / 2)) ** 2, 0, None)
    table = np.sinc(0.9 * x) * np.i0(8.0 * np.sqrt(inside))
    return table / table.sum(axis=1, keepdims=True)


def _noise_phases() -> np.ndarray:
    """Phases in turns of the STFT of a loop of white noise at the shortest hop: the paper's stored phase (VI)."""
    noise = np.random.default_rng(2020).standard_normal(NOISE_FRAMES * SHORTEST_HOP)
    loop = np.concatenate([noise, noise[:FFT]])
    n = np.arange(FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / FFT)
    frames = np.stack([loop[k : k + FFT] for k in range(0, len(noise), SHORTEST_HOP)])
    spectra = np.fft.rfft(np.fft.fftshift(frames * window, axes=1), axis=1)
    return np.angle(spectra) / (2 * np.pi)
