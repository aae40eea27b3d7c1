"""Playing at a device's rate what is made at another one."""

import ctypes
import itertools

import numba
import numpy as np
import pytest
from native import SIGNATURE

from manned.audio.resampled import Resampled
from manned.stream_callback import STREAM_CALLBACK, Callback


@numba.cfunc(SIGNATURE)
def _sine(indata, outdata, frames, time, flags, state):
    """Sample n is sin(2 pi n f / 10**6), f in millionths of a turn, on the first channel and its negative on others."""
    channels = state[2]
    out = numba.carray(outdata, (frames, channels))
    for i in range(frames):
        value = np.sin(2.0 * np.pi * ((state[0] * state[3]) % 1_000_000) / 1e6)
        state[0] += 1
        for channel in range(channels):
            out[i, channel] = value if channel == 0 else -value
    state[1] += 1
    return 0


def played(hertz, samplerate, device_rate, frames, blocks=(256,), channels=2):
    """What a device hears of a sine that is made at ``samplerate``: float array [frames, channels]."""
    state = np.array([0, 0, channels, round(hertz / samplerate * 1e6)], dtype=np.int64)
    resampled = Resampled(Callback(_sine.address, state.ctypes.data), samplerate, device_rate, channels)
    call, out = STREAM_CALLBACK(resampled.callback.address), np.zeros((frames, channels), np.float32)
    at = 0
    for block in itertools.cycle(blocks):
        block = min(block, frames - at)
        if not block:
            break
        call(None, ctypes.c_void_p(out[at:].ctypes.data), block, None, 0, resampled.callback.userdata)
        at += block
    assert abs(state[0] - frames * samplerate / device_rate) < 300
    return out


RATES = [(44100, 48000), (48000, 44100), (44100, 96000), (96000, 44100), (48000, 47999)]


@pytest.mark.parametrize(("samplerate", "device_rate"), RATES)
@pytest.mark.parametrize("hertz", [100, 1000, 12000])
def test_a_tone_stays_what_it_is(samplerate, device_rate, hertz):
    hertz = round(hertz / samplerate * 1e6) * samplerate / 1e6  # as the callback makes it
    heard = played(hertz, samplerate, device_rate, 8192)
    np.testing.assert_array_equal(heard[:, 0], -heard[:, 1])
    tail = heard[1000:, 0].astype(float)
    time = np.arange(1000, 8192) / device_rate
    wave = np.stack([np.sin(2 * np.pi * hertz * time), np.cos(2 * np.pi * hertz * time)], axis=1)
    fit, *_ = np.linalg.lstsq(wave, tail, rcond=None)
    assert np.hypot(*fit) == pytest.approx(1.0, abs=0.002)
    noise = tail - wave @ fit
    assert 20 * np.log10(np.sqrt(np.mean(noise**2)) * np.sqrt(2)) < -80.0


def test_what_the_device_cannot_play_is_left_out():
    heard = played(30_000, 96000, 44100, 8192)
    assert 20 * np.log10(np.abs(heard[1000:]).max()) < -70.0


@pytest.mark.parametrize(("samplerate", "device_rate"), RATES)
def test_blocks_of_any_length_play_the_same(samplerate, device_rate):
    whole = played(1000, samplerate, device_rate, 6000)
    pieces = played(1000, samplerate, device_rate, 6000, blocks=(1, 64, 17, 3000, 255))
    np.testing.assert_array_equal(whole, pieces)
