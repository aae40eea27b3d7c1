"""The engine's Python face: what the control thread calls."""

from __future__ import annotations

import ctypes
import struct
import threading
import time
from collections.abc import Sequence

import numpy as np

from .. import events as ev
from ..errors import EngineBusy
from ..model.gesture import Gesture
from ..model.kinds import AnyDecoder
from ..stream_callback import STREAM_CALLBACK
from . import words
from .callback import callback
from .decode import check_model, set_model
from .event_queue import EVENT, RING
from .figures import DURATIONS
from .frames_ahead import MAIL_REQUESTED
from .gesture import GESTURES, set_gesture
from .memory import allocate
from .sizes import SHORTEST_HOP
from .slots import SLOT_ASSIGNED, SLOT_FREE, SLOT_READY, SLOT_REQUESTED, SLOTS
from .tap import TAP
from .voices import Voice, values_at, voice_of
from .waiting import BESIDE, IN_PLACE, LIVE
from .words import read_word, write_word
from .work import PREPARE_ASKED, PREPARE_PUSHED, SERVE_ALL, SERVE_FOREVER, work

_libc = ctypes.CDLL(None, use_errno=True)
_EVENT = struct.Struct("@" + "".join(EVENT[name].char for name in EVENT.names or ()))
"""An event of the ring, written as bytes: NumPy takes longer for a record."""
assert _EVENT.size == EVENT.itemsize
LONGEST_BLOCK = SHORTEST_HOP // 16  # of an offline render
PREPARED_AHEAD = 8  # notes that control prepares itself; in a flood the decode thread does it
READINGS = 5
"""Of both clocks, of which a switch of threads may come between some."""

_STARTING = frozenset((ev.NOTE_ON, ev.GATE))


def _unix_offset() -> float:
    """Seconds from the monotonic clock to the wall clock, by the reading that was interrupted least."""

    def reading() -> tuple[float, float]:
        before, wall, after = time.monotonic(), time.time(), time.monotonic()
        return after - before, wall - before

    return min(reading() for _ in range(READINGS))[1]


def _starts(event: ev.Event) -> bool:
    """Whether an event starts a voice."""
    return event.kind == ev.NOTE_ON or (event.kind == ev.GATE and event.a >= 0.5)


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
        self._shared = allocate(samplerate, channels)
        self._memory = self._shared[0]
        self._part = self._memory["part"]
        self._words = self._memory["words"]
        self._slot_state = self._memory["slot_state"]
        self._ring = memoryview(self._memory["ring"].view(np.uint8))
        self._call = STREAM_CALLBACK(int(callback.address))  # type: ignore[arg-type]
        _libc.sem_init(ctypes.c_void_p(int(self._memory["semaphore_address"])), 0, 0)
        self._weights: list[np.ndarray | None] = [None, None]  # kept alive while compiled code reads them
        self._thread = None
        self._gestures = 0  # that were loaded
        self._refused_events = 0

    # -- the decoder --------------------------------------------------------

    def load(self, decoder: AnyDecoder) -> None:
        """Play a decoder from the next hop on.

        Raises
        ------
        ModelError
            When its frames are not the engine's, or it has too many latents, layers or octaves.
        """
        check_model(decoder)
        playing = read_word(self._part["words"], words.MODEL)
        spare = (playing + 1) % 2
        self._await_model(playing)
        self._weights[spare] = set_model(self._part["models"][spare], decoder)
        write_word(self._part["words"], words.MODEL, playing + 1)

    def _await_model(self, playing: int) -> None:
        """Wait until the decode thread works with the model that plays, so that the other can be replaced."""
        while self._thread is not None and read_word(self._part["words"], words.MODEL_SEEN) != playing:
            self._post()
            time.sleep(0.001)

    # -- gestures -----------------------------------------------------------

    def load_gesture(self, gesture: Gesture, latents: int) -> int:
        """Put a gesture where notes can play it; returns its number, for an event `GESTURE`.

        Parameters
        ----------
        gesture : manned.model.gesture.Gesture
        latents : int
            How many of its latents are to be played: 0 where they are another model's.

        Raises
        ------
        EngineBusy
            When as many gestures sound as there is room for.
        """
        number = self._gestures + 1
        sounding = {int(voice["tone"]["gesture"]) for voice in self._part["voices"] if voice["stage"]}
        if number - GESTURES in sounding:
            raise EngineBusy(f"engine: no room for gesture {gesture.name!r}, {GESTURES} others sound")
        self._gestures = number
        set_gesture(self._memory["gestures"][number % GESTURES], gesture, latents, self.samplerate)
        return number

    def fit_gesture(self, latents: int) -> None:
        """Say how many latents the gesture that was loaded last shares with the model that plays."""
        self._memory["gestures"][self._gestures % GESTURES]["latents"] = latents

    # -- events -------------------------------------------------------------

    def push(self, events: Sequence[ev.Event]) -> None:
        """Hand events over; they take effect together.

        Raises
        ------
        EngineBusy
            When the queue has no room for all of them; then none is taken.
        """
        first = write = read_word(self._words, words.RING_WRITE)
        read = read_word(self._words, words.RING_READ)
        notes = sum([_starts(event) for event in events if event.kind in _STARTING])
        free = self._free_slots() if notes else []
        if write + len(events) - read > RING or notes > len(free):
            self._refused_events += len(events)
            raise EngineBusy(f"engine: no room for {len(events)} more events, {notes} of them notes")
        at_once = PREPARED_AHEAD - (SLOTS - len(free))
        slots = iter(free)
        prepares = False
        for event in events:
            slot, prepared = -1, False
            if notes and _starts(event):
                slot = next(slots)
                self._memory["slots"][slot]["abandoned"] = 0
                write_word(self._slot_state, slot, SLOT_ASSIGNED)
                prepared = event.when is None and at_once > 0
                at_once -= 1
            when = 0 if event.when is None else event.when
            place = write % RING * EVENT.itemsize
            _EVENT.pack_into(self._ring, place, event.kind, event.index, when, write, *event[3:], slot, prepared)
            prepares |= prepared
            write += 1
        if prepares:
            work(self._shared, PREPARE_PUSHED, first, write)
        write_word(self._words, words.RING_WRITE, write)
        if self._thread is not None and read_word(self._words, words.LONG_BLOCKS):
            self._post()  # what is pushed changes what the decode thread foresaw

    def _free_slots(self) -> list[int]:
        """Slots that a note can be prepared in: free ones, and those ready for a note that was given up."""
        slots = self._memory["slots"]  # those that are not free are not looked at: each lies in memory far apart
        return [
            slot
            for slot, state in enumerate(self._slot_state[:SLOTS].tolist())
            if state == SLOT_FREE or (state == SLOT_READY and slots[slot]["abandoned"])
        ]

    # -- the threads --------------------------------------------------------

    def start(self, live: bool = True) -> None:
        """Start the decode thread; the audio callback may then run on any thread.

        Unless it is ``live``, `render` has the thread decode beside it and waits for what it needs: the sound is the
        same as without, and sooner there where there are two processors.
        """
        if self._thread is None:
            write_word(self._words, words.STOP, 0)
            self._memory["live"] = LIVE if live else BESIDE
            self._thread = threading.Thread(target=self._decode, name="manned-decode", daemon=True)
            self._thread.start()

    def _decode(self) -> None:
        work(self._shared, SERVE_FOREVER, 0, 0)

    def stop(self) -> None:
        """End the decode thread.  The callback must not run any more."""
        if self._thread is not None:
            write_word(self._words, words.STOP, 1)
            self._memory["live"] = IN_PLACE
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
        return int(callback.address)

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
        self.decode()  # what was asked for last: another decoder may be loaded next
        while self._memory["live"] == BESIDE and (self._part["mail_state"] == MAIL_REQUESTED).any():
            time.sleep(0)
        return output

    def render_into(self, block: np.ndarray) -> None:
        """Render one block offline into a contiguous float32 array of shape (frames, channels)."""
        self.decode()
        self.play_into(block)

    def decode(self) -> None:
        """Decode everything that was asked for: the decode thread's work, as far as that does not do it."""
        work(self._shared, PREPARE_ASKED if self._memory["live"] == BESIDE else SERVE_ALL, 0, 0)

    def play_into(self, block: np.ndarray) -> None:
        """Render one block as a device does, by the callback alone: the decode thread works beside it, if started.

        ``block`` is a contiguous float32 array of shape (frames, channels).
        """
        self._call(None, block.ctypes.data, len(block), None, 0, self.userdata_address)

    def wait_decoded(self, timeout_s: float = 10.0) -> bool:
        """Wait until the decode thread has answered all that was asked and foreseen; False when that takes too long.

        For takes that do not keep real time: a device leaves the decode thread the time of a block.
        """
        deadline = time.monotonic() + timeout_s
        while not self._all_is_decoded():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.0005)
        return True

    def _all_is_decoded(self) -> bool:
        asked = (self._part["mail_state"] == MAIL_REQUESTED).any() or (
            self._memory["slot_state"] == SLOT_REQUESTED
        ).any()
        if asked or not read_word(self._words, words.LONG_BLOCKS):
            return not asked
        ahead = self._memory["decode"]["next_block"]
        if ahead["block"] != read_word(self._words, words.FORESEEN):
            return False
        if ahead["ring_write"] != read_word(self._words, words.RING_WRITE):
            return False
        return bool((ahead["voices"]["now"][: ahead["voice_count"]] >= ahead["end"]).all())

    def fade_out(self) -> None:
        """Let everything fade to silence within 0.2 s, for good: the end of a session."""
        write_word(self._words, words.FADE_OUT, 1)

    # -- what sounds --------------------------------------------------------

    def voices(self) -> list[Voice]:
        """What every voice in use does now, the drone first.  Of a live engine the values may be of two blocks."""
        found = (voice_of(index, voice) for index, voice in enumerate(self._part["voices"]))
        return [voice for voice in found if voice is not None]

    @property
    def silent(self) -> bool:
        """Whether nothing sounded in the last block, no voice and no tail of an effect."""
        return not (self._memory["mixer"]["active_voices"] or self._memory["mixer"]["tail"])

    def latents(self) -> np.ndarray:
        """The latents that all voices share at the start of the next block: float32 [shape=(MAX_LATENTS,)]."""
        return values_at(self._part["controls"]["latents"], self.clock + self.latency)

    @property
    def gain(self) -> float:
        """The gain that was set last, a factor."""
        return float(self._part["controls"]["gain"])

    @property
    def spectra_asked(self) -> int:
        """Spectra that sounding voices asked the decoder for so far."""
        return int(self._memory["figures"]["asked_spectra"])

    # -- time ---------------------------------------------------------------

    @property
    def clock(self) -> int:
        """Samples rendered so far: the sample that the next block starts with."""
        return read_word(self._words, words.CLOCK)

    @property
    def blocks(self) -> int:
        """Callbacks so far."""
        return read_word(self._words, words.BLOCKS)

    @property
    def latency(self) -> int:
        """Samples from a block's start until what begins in it at once is heard: the limiter looks as far ahead.

        What is dated is heard at its very sample.
        """
        return int(self._memory["limiter"]["latency"])

    @property
    def block(self) -> int:
        """Samples of the last block; 0 before there was one."""
        return int(self._memory["figures"]["block_frames"])

    def sample_at(self, unix_time: float) -> int:
        """Audio sample that is rendered at a wall-clock time in seconds since 1970."""
        return self.sample_when(unix_time - _unix_offset())

    def sample_when(self, seconds: float) -> int:
        """Audio sample that is rendered at a time of the monotonic clock.

        It is told by when blocks are due, so that the jitter of single callbacks does not reach
        the spacing of dated events.
        """
        figures = self._memory["figures"]
        while True:
            timing = read_word(self._words, words.TIMING)
            sample, due_ns = int(figures["block_clock"]), float(figures["block_due_ns"])
            if timing % 2 == 0 and timing == read_word(self._words, words.TIMING):
                break
        if due_ns == 0:
            sample, due_ns = self.clock, time.monotonic_ns()
        return sample + round((seconds - due_ns * 1e-9) * self.samplerate)

    # -- the tap ------------------------------------------------------------

    def tap_start(self) -> None:
        """Begin to keep what is played for `tap_read`."""
        write_word(self._words, words.TAP_READ, read_word(self._words, words.TAP_WRITE))
        write_word(self._words, words.TAP_ON, 1)

    def tap_read(self) -> np.ndarray:
        """What was played since the last call: float32 [shape=(frames, channels)].  One reading thread at a time."""
        read = read_word(self._words, words.TAP_READ)
        write = read_word(self._words, words.TAP_WRITE)
        places = np.arange(read, write) % TAP
        signal = self._memory["tap"]["frames"][places]
        write_word(self._words, words.TAP_READ, write)
        frames = np.tile(signal, (self.channels + 1) // 2)[:, : self.channels]
        if self.channels % 2:
            frames[:, -1] = np.float32(0.5) * (signal[:, 0] + signal[:, 1])
        return frames

    def tap_stop(self) -> None:
        """Stop keeping what is played."""
        write_word(self._words, words.TAP_ON, 0)

    @property
    def tap_lost(self) -> int:
        """Frames that `tap_read` came too late for."""
        return int(self._memory["tap"]["lost"])

    # -- figures ------------------------------------------------------------

    def status(self) -> dict:
        """The engine's own figures, as plain values; asking starts a new peak.

        Loads are shares of the block's duration, ``peak`` the highest sample since the last call.
        """
        measured, mixer = self._memory["figures"], self._memory["mixer"]
        figures = {
            "samplerate": self.samplerate,
            "channels": self.channels,
            "clock": self.clock,
            "blocks": self.blocks,
            "engine_latency_ms": round(1000.0 * self.latency / self.samplerate, 3),
            "voices": int(mixer["active_voices"]),
            "load_average": round(float(measured["load_average"]), 4),
            "load_peak": round(float(measured["load_peak"]), 4),
            "peak": round(float(mixer["peak"]), 4),
            "late_callbacks": int(measured["late_callbacks"]),
            "late_spectra": int(measured["late_spectra"]),
            "late_onsets": int(measured["late_onsets"]),
            "overruns": int(measured["overruns"]),
            "device_underflows": int(measured["device_underflows"]),
            "dropped_events": int(measured["dropped_events"]) + self._refused_events,
        }
        write_word(self._words, words.PEAKS_ASKED, read_word(self._words, words.PEAKS_ASKED) + 1)
        return figures

    def durations_ns(self) -> np.ndarray:
        """How long the last callbacks took, in nanoseconds, oldest first (16,384 at most)."""
        blocks = self.blocks
        count = min(blocks, DURATIONS - 1)
        return self._memory["figures"]["durations_ns"][np.arange(blocks - count + 1, blocks + 1) % DURATIONS]
