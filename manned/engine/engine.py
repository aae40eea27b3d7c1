"""The engine's Python face: what the control thread calls."""

from __future__ import annotations

import ctypes
import threading
import time

import numpy as np

from .. import events as ev
from ..errors import EngineBusy, ModelError
from ..model.pitch import class_and_octave, note_to_hz
from ..stream_callback import STREAM_CALLBACK
from . import memory as layout
from .ahead import ask_ahead, look_ahead, offset_ahead, steer_ahead
from .callback import callback
from .decode import pack_weights
from .memory import (
    LATENTS,
    RING,
    SLOT_ASSIGNED,
    SLOT_FREE,
    SLOT_READY,
    SLOTS,
    TAP,
    WORD_BLOCKS,
    WORD_CLOCK,
    WORD_FADE_OUT,
    WORD_MODEL,
    WORD_MODEL_SEEN,
    WORD_PEAKS_ASKED,
    WORD_RING_READ,
    WORD_RING_WRITE,
    WORD_STOP,
    WORD_TAP_ON,
    WORD_TAP_READ,
    WORD_TAP_WRITE,
    WORD_TIMING,
)
from .server import prepare_slot, serve_all, serve_forever
from .words import read_word, write_word

_libc = ctypes.CDLL(None, use_errno=True)
LONGEST_BLOCK = layout.SHORTEST_HOP // 16  # of an offline render
PREPARED_AHEAD = 8  # notes that control prepares itself; in a flood the decode thread does it
_STEERING = {
    ev.LATENT,
    ev.GLIDE,
    ev.CHROMA,
    ev.OCTAVE,
    ev.DRONE_TUNING,
    ev.CHROMA_WEIGHT,
    ev.VELOCITY_LATENT,
    ev.KEY_LATENT,
    ev.LFO_RATE,
    ev.LFO_DEPTH,
    ev.LFO_SHAPE,
    ev.LFO_TARGET,
    ev.PHASE,
    ev.HOP,
}  # kinds that `motion.steer` knows


def _starts(kind: int, a: float) -> bool:
    """Whether an event starts a voice."""
    return kind == ev.NOTE_ON or (kind == ev.GATE and a >= 0.5)


class Engine:
    """Native synthesis core: events in, audio blocks out.

    Python touches it from the control thread only; the audio callback and the
    decode thread run compiled code that holds neither a lock nor the GIL.

    Parameters
    ----------
    samplerate : float
        Hertz, of the output.
    channels : int
        Output channels, left and right by turns; an odd last one, or an only one, carries the mean of both.
    """

    def __init__(self, samplerate: float = 44100, channels: int = 2):
        self.samplerate = samplerate
        self.channels = channels
        self._shared = layout.allocate(samplerate, channels)
        self._memory = self._shared[0]
        self._words = self._memory["words"]
        self._call = STREAM_CALLBACK(callback.address)
        _libc.sem_init(ctypes.c_void_p(int(self._memory["semaphore_address"])), 0, 0)
        self._weights = [None, None]
        self._thread = None
        self._refused_events = 0
        self._prepared = 0
        self._coming = {}  # undated values that the audio thread has not taken yet, by kind and index
        self._coming_until = 0
        self._clock_offset = None

    # -- the decoder --------------------------------------------------------

    def load(self, decoder) -> None:
        """Play a decoder from the next hop on.

        Raises
        ------
        ModelError
            When its frames are not the engine's, or it has too many latents, layers or octaves.
        """
        topology = decoder.topology
        for what, found, allowed in (
            ("n_fft", topology.n_fft, layout.FFT),
            ("samplerate", topology.samplerate, layout.MODEL_RATE),
        ):
            if found != allowed:
                raise ModelError(f"decoder {decoder.name}: {what} is {found}, the engine plays {allowed}")
        for what, found, most in (
            ("latents", topology.bottleneck, LATENTS),
            ("layers", len(decoder.weights), layout.LAYERS),
            ("octaves", len(topology.octaves), layout.OCTAVES),
            ("widest layer", max(max(topology.widths), topology.decoder_inputs), layout.STRIDE),
        ):
            if found > most:
                raise ModelError(f"decoder {decoder.name}: {what} is {found}, the engine plays at most {most}")
        playing = read_word(self._words, WORD_MODEL)
        spare = (playing + 1) % 2
        self._await_model(playing)
        weights, rows = pack_weights(decoder)
        model = self._memory["models"][spare]
        model["weights"] = weights.ctypes.data
        model["layers"] = len(rows)
        model["layout"][: len(rows)] = rows
        model["alpha"] = topology.alpha
        model["latents"] = topology.bottleneck
        model["latent_low"][: topology.bottleneck] = decoder.latent_range[:, 0]
        model["latent_high"][: topology.bottleneck] = decoder.latent_range[:, 1]
        model["skip"] = topology.skip
        model["octaves"] = len(topology.octaves)
        model["octave"][: len(topology.octaves)] = topology.octaves
        model["own_octave"] = decoder.octave
        self._weights[spare] = weights
        write_word(self._words, WORD_MODEL, playing + 1)

    def _await_model(self, playing: int) -> None:
        """Wait until the decode thread works with the model that plays, so that the other can be replaced."""
        while self._thread is not None and read_word(self._words, WORD_MODEL_SEEN) != playing:
            self._post()
            time.sleep(0.001)

    # -- events -------------------------------------------------------------

    def push(self, events) -> None:
        """Hand events over; they take effect together.

        Parameters
        ----------
        events : list of manned.engine.events.Event

        Raises
        ------
        EngineBusy
            When the queue has no room for all of them; then none is taken.
        """
        write = read_word(self._words, WORD_RING_WRITE)
        read = read_word(self._words, WORD_RING_READ)
        if read >= self._coming_until:
            self._coming.clear()
        notes = sum(1 for event in events if _starts(event.kind, event.a))
        if write + len(events) - read > RING or (notes and notes > len(self._free_slots())):
            self._refused_events += len(events)
            raise EngineBusy(f"engine: no room for {len(events)} more events, {notes} of them notes")
        for kind, when, index, a, _ in events:
            if when is None and kind in _STEERING:
                self._coming.pop((kind, index), None)
                self._coming[kind, index] = a  # the latest last
                self._coming_until = write + len(events)
        looked = False
        ring = self._memory["ring"]
        for kind, when, index, a, b in events:
            slot = -1
            if _starts(kind, a):
                free = self._free_slots()
                slot = int(free[0])
                self._memory["slots"][slot]["abandoned"] = 0
                write_word(self._memory["slot_state"], slot, SLOT_ASSIGNED)
                if when is None and SLOTS - len(free) < PREPARED_AHEAD:
                    if not looked:
                        self._look_ahead()
                        looked = True
                    if kind == ev.NOTE_ON:
                        self._prepare_note(slot, index, a, b, events)
                    else:
                        self._prepare(slot, self._drone_pitch(), 1.0, is_drone=True)
            ring[write % RING] = (kind, index, 0 if when is None else when, write, a, b, slot, 0)
            write += 1
        write_word(self._words, WORD_RING_WRITE, write)

    def _look_ahead(self) -> None:
        """Copy what a note will find that starts in the next block into the control thread's scratch."""
        look_ahead(self._shared)
        for (kind, index), value in self._coming.items():
            steer_ahead(self._shared, kind, index, value)

    def _drone_pitch(self) -> float:
        drone = self._memory["control_scratch"]["motion"]["drone"]
        return int(drone["pitch_class"]) + 12 * (int(drone["octave"]) + 1) + float(drone["tuning"])

    def _prepare_note(self, slot: int, note_id: int, pitch: float, velocity: float, events) -> None:
        for kind, when, index, a, b in events:
            if kind == ev.NOTE_LATENT and when is None and index == note_id:
                offset_ahead(self._shared, int(b), a)
        self._prepare(slot, pitch, velocity)

    def _free_slots(self) -> np.ndarray:
        """Slots that a note can be prepared in: free ones, and those ready for a note that was given up."""
        states = self._memory["slot_state"][:SLOTS]
        given_up = (states == SLOT_READY) & (self._memory["slots"]["abandoned"][:SLOTS] != 0)
        return np.flatnonzero((states == SLOT_FREE) | given_up)

    def _glide_before(self, pitch: float) -> float:
        """Semitones from a note to where its portamento will begin."""
        memory = self._memory
        return float(memory["lead"]["target"]) - pitch if memory["portamento"] > 0 and memory["led"] else 0.0

    def _prepare(self, slot: int, pitch: float, velocity: float, is_drone: bool = False) -> None:
        ask_ahead(self._shared, slot, is_drone, pitch, np.float32(velocity))
        entry = self._memory["slots"][slot]
        request = entry["request"]
        request["pitch_class"], request["octave"] = class_and_octave(pitch)
        request["pitch_hz"] = note_to_hz(pitch)
        request["model"] = read_word(self._words, WORD_MODEL)
        motion = self._memory["control_scratch"]["motion"]
        entry["phase_method"], entry["hop"] = motion["phase_method"], motion["hop"]
        entry["offset"] = float(self._memory["shared_pitch"]["target"]) + (
            0.0 if is_drone else self._glide_before(pitch)
        )
        entry["formant"] = self._memory["formant"]
        self._prepared += 1
        entry["noise_seed"] = self._prepared * layout.SEED_STEP % layout.NOISE_FRAMES
        prepare_slot(self._shared, slot)

    # -- the threads --------------------------------------------------------

    def start(self) -> None:
        """Start the decode thread; the audio callback may then run on any thread."""
        if self._thread is None:
            write_word(self._words, WORD_STOP, 0)
            self._memory["live"] = 1
            self._thread = threading.Thread(target=self._decode, name="manned-decode", daemon=True)
            self._thread.start()

    def _decode(self) -> None:
        serve_forever(self._shared)

    def stop(self) -> None:
        """End the decode thread.  The callback must not run any more."""
        if self._thread is not None:
            write_word(self._words, WORD_STOP, 1)
            self._memory["live"] = 0
            self._post()
            self._thread.join()
            self._thread = None

    def _post(self) -> None:
        _libc.sem_post(ctypes.c_void_p(int(self._memory["semaphore_address"])))

    @property
    def thread_id(self) -> int | None:
        """Native identifier of the decode thread, for scheduling."""
        return self._thread.native_id if self._thread else None

    @property
    def callback_address(self) -> int:
        """Address of the ``PaStreamCallback``."""
        return callback.address

    @property
    def userdata_address(self) -> int:
        """What the callback wants as its user data."""
        return self._shared.ctypes.data

    # -- sound --------------------------------------------------------------

    def render(self, frames: int, blocksize: int = 64) -> np.ndarray:
        """Render offline, by the very callback that plays.

        Parameters
        ----------
        frames : int
        blocksize : int
            Frames of one call of the callback; more than 16 are cut, because a voice that reads its
            frames up to sixteen times faster must find the next one decoded.  The sound does not depend on it.

        Returns
        -------
        np.ndarray [shape=(frames, channels)], float32
        """
        output = np.empty((frames, self.channels), dtype=np.float32)
        done = 0
        while done < frames:
            count = min(blocksize, LONGEST_BLOCK, frames - done)
            self.render_into(output[done : done + count])
            done += count
        return output

    def render_into(self, block: np.ndarray) -> None:
        """Render one block offline into a contiguous float32 array of shape (frames, channels)."""
        serve_all(self._shared)
        self._call(None, block.ctypes.data, len(block), None, 0, self.userdata_address)

    def fade_out(self) -> None:
        """Let everything fade to silence within 0.2 s, for good: the end of a session."""
        write_word(self._words, WORD_FADE_OUT, 1)

    # -- time ---------------------------------------------------------------

    @property
    def clock(self) -> int:
        """Samples rendered so far: the sample that the next block starts with."""
        return read_word(self._words, WORD_CLOCK)

    @property
    def blocks(self) -> int:
        """Callbacks so far."""
        return read_word(self._words, WORD_BLOCKS)

    @property
    def latency(self) -> int:
        """Samples from a block's start until what begins in it at once is heard: the limiter looks as far ahead.

        What is dated is heard at its very sample.
        """
        return int(self._memory["latency"])

    def sample_at(self, unix_time: float) -> int:
        """Audio sample that is rendered at a wall-clock time in seconds since 1970.

        The offset between both clocks is tracked slowly, so that the jitter of single callbacks
        does not reach the spacing of dated events.
        """
        while True:
            timing = read_word(self._words, WORD_TIMING)
            sample, block_ns = int(self._memory["block_clock"]), int(self._memory["block_time_ns"])
            if timing % 2 == 0 and timing == read_word(self._words, WORD_TIMING):
                break
        now = time.time()
        if block_ns == 0:
            return self.clock + int(round((unix_time - now) * self.samplerate))
        wall = now - (time.monotonic_ns() - block_ns) * 1e-9
        offset = wall - sample / self.samplerate
        if self._clock_offset is None or abs(offset - self._clock_offset) > 0.05:
            self._clock_offset = offset
        self._clock_offset += 0.02 * (offset - self._clock_offset)
        return int(round((unix_time - self._clock_offset) * self.samplerate))

    # -- the tap ------------------------------------------------------------

    def tap_start(self) -> None:
        """Begin to keep what is played for `tap_read`."""
        write_word(self._words, WORD_TAP_READ, read_word(self._words, WORD_TAP_WRITE))
        write_word(self._words, WORD_TAP_ON, 1)

    def tap_read(self) -> np.ndarray:
        """What was played since the last call: float32 [shape=(frames, channels)].  One reading thread at a time."""
        read = read_word(self._words, WORD_TAP_READ)
        write = read_word(self._words, WORD_TAP_WRITE)
        places = np.arange(read, write) % TAP
        signal = self._memory["tap"][places]
        write_word(self._words, WORD_TAP_READ, write)
        frames = np.tile(signal, (self.channels + 1) // 2)[:, : self.channels]
        if self.channels % 2:
            frames[:, -1] = np.float32(0.5) * (signal[:, 0] + signal[:, 1])
        return frames

    def tap_stop(self) -> None:
        """Stop keeping what is played."""
        write_word(self._words, WORD_TAP_ON, 0)

    @property
    def tap_lost(self) -> int:
        """Frames that `tap_read` came too late for."""
        return int(self._memory["tap_lost"])

    # -- figures ------------------------------------------------------------

    def status(self) -> dict:
        """The engine's own figures, as plain values; asking starts a new peak.

        Loads are shares of the block's duration, ``peak`` the highest sample since the last call.
        """
        memory = self._memory
        figures = {
            "samplerate": self.samplerate,
            "channels": self.channels,
            "clock": self.clock,
            "blocks": self.blocks,
            "engine_latency_ms": round(1000.0 * self.latency / self.samplerate, 3),
            "voices": int(memory["active_voices"]),
            "load_average": round(float(memory["load_average"]), 4),
            "load_peak": round(float(memory["load_peak"]), 4),
            "peak": round(float(memory["peak"]), 4),
            "late_callbacks": int(memory["late_callbacks"]),
            "late_spectra": int(memory["late_spectra"]),
            "late_onsets": int(memory["late_onsets"]),
            "overruns": int(memory["overruns"]),
            "device_underflows": int(memory["device_underflows"]),
            "dropped_events": int(memory["dropped_events"]) + self._refused_events,
        }
        write_word(self._words, WORD_PEAKS_ASKED, read_word(self._words, WORD_PEAKS_ASKED) + 1)
        return figures

    def durations_ns(self) -> np.ndarray:
        """How long the last callbacks took, in nanoseconds, oldest first (16,384 at most)."""
        blocks = self.blocks
        count = min(blocks, layout.DURATIONS - 1)
        return self._memory["durations_ns"][np.arange(blocks - count + 1, blocks + 1) % layout.DURATIONS]
