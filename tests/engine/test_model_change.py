"""Another model takes over while notes sound: every voice crosses over, nothing clicks, nothing stops."""

import time

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder, random_decoder
from scipy.signal import butter, sosfiltfilt
from sounds import cents, frequency_of
from telling_decoder import telling_decoder, told

from manned.engine import Engine
from manned.engine.sizes import FFT, MODEL_RATE
from manned.errors import ModelError
from manned.instrument import Instrument
from manned.library import Library
from manned.model.decoder_file import save_decoder
from manned.model.pitch import note_to_hz

RATE = 44100
MODELS = {
    "atlas": lambda: Library().read_decoder("atlas"),
    "atlas-spectrum": lambda: Library().read_decoder("atlas-spectrum"),
    "harmonic": harmonic_decoder,
    "detuned": lambda: harmonic_decoder(detune_cents=30),
    "one octave": lambda: harmonic_decoder(octaves=(4,)),
}


def levels_db(signal, window=1024, step=128):
    """Level of every stretch of 23 ms."""
    shape = np.hanning(window)
    frames = np.lib.stride_tricks.sliding_window_view(signal, window)[::step]
    return 10 * np.log10((frames.astype(float) ** 2 * shape).sum(axis=1) / shape.sum())


def change(first, second, notes, **settings):
    """What is played 0.5 s before and 1 s after a model change, notes held since long."""
    instrument = Instrument(Engine(RATE, 1), first)
    for name, value in settings.items():
        instrument.set(name.replace("__", "/"), value)
    for note in notes:
        instrument.note_on(note, note, 127)
    instrument.engine.render(22050)
    before = instrument.engine.render(22050)[:, 0]
    instrument.use_model(second)
    after = instrument.engine.render(RATE)[:, 0]
    assert instrument.status()["late_spectra"] == 0 and instrument.status()["voices"] == len(notes)
    return before, after


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("atlas-spectrum", "harmonic"),
        ("harmonic", "atlas-spectrum"),
        ("atlas", "harmonic"),
        ("harmonic", "atlas"),
        ("atlas", "atlas-spectrum"),
        ("harmonic", "detuned"),
        ("harmonic", "one octave"),
        ("one octave", "harmonic"),
    ],
)
@pytest.mark.parametrize("note", [45, 60, 76, 81])
def test_a_voice_crosses_over_without_dip_bump_or_click(first, second, note):
    before, after = change(MODELS[first](), MODELS[second](), [note], latent__1=0.9, noise__level=0.0)
    changing, settled = after[:16384], after[20000:]
    steady = np.concatenate([levels_db(before), levels_db(settled)])
    assert levels_db(changing).min() > steady.min() - 1.5
    assert levels_db(changing).max() < steady.max() + 1.5
    high = sosfiltfilt(butter(6, 10_000, "high", fs=RATE, output="sos"), np.concatenate([before, after]))
    loudest = max(np.abs(high[1000:20000]).max(), np.abs(high[42000:-1000]).max())
    assert np.abs(high[22000:38434]).max() < 1.5 * loudest + 3e-4  # -70 dB below full scale
    assert np.abs(np.diff(changing, 2)).max() < 1.2 * max(np.abs(np.diff(x, 2)).max() for x in (before, settled))
    assert abs(cents(frequency_of(settled, note_to_hz(note)), note_to_hz(note))) < 1


@pytest.mark.parametrize(("fewer", "more"), [(2, 5), (5, 2)])
def test_the_number_of_latents_may_differ(fewer, more):
    instrument = Instrument(Engine(RATE, 1), telling_decoder(fewer))
    instrument.note_on("a", 60, 127)
    instrument.set("latent/1", 0.9)
    instrument.engine.render(4096)
    instrument.use_model(telling_decoder(more))
    instrument.engine.render(8192)
    assert np.allclose(told(instrument.engine, 1, more), [0.9] + [0.5] * (more - 1), atol=1e-5)
    instrument.set(f"latent/{more}", 0.2)
    instrument.engine.render(8192)
    assert np.allclose(told(instrument.engine, 1, more)[-1], 0.2, atol=1e-5)


def test_what_a_note_has_of_its_own_stays_with_it(instrument):
    instrument.note_on("a", 69, 127)
    instrument.note_on("b", 76, 60)
    instrument.note_pitch("a", 0.5)
    instrument.note_pressure("a", 0.5)
    instrument.note_latent("a", 1, 0.4)
    instrument.engine.render(22050)
    instrument.note_off("b")
    before = instrument.engine.render(RATE)[:, 0]
    instrument.use_model(harmonic_decoder(detune_cents=30))
    instrument.engine.render(8192)
    after = instrument.engine.render(RATE)[:, 0]
    assert abs(cents(frequency_of(after, note_to_hz(69.5)), note_to_hz(69.5))) < 1
    assert abs(levels_db(after).mean() - levels_db(before[8192:]).mean()) < 0.5
    (voice,) = (voice for voice in instrument.engine.voices() if voice.stage.held)
    assert voice.offsets[0] == np.float32(0.4) and not voice.offsets[1:].any()
    instrument.note_off("a")
    instrument.engine.render(22050)
    assert instrument.status()["voices"] == 0


def sounding(instrument):
    """Fundamentals, in bins, of what the held voices play, by pitch."""
    return {
        voice.pitch: voice.fundamental_bins
        for voice in instrument.engine.voices()
        if voice.stage.held and voice.note_id > 0
    }


def bins(note, detune_cents=0.0):
    return note_to_hz(note + detune_cents / 100) * FFT / MODEL_RATE


def test_a_change_under_64_held_notes_reaches_every_one_of_them():
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
    instrument.set("voices", 64)
    instrument.set("gain/db", -30)
    for k in range(64):
        instrument.note_on(k, 40 + k * 0.75, 100)
        instrument.engine.render(64)
    before = instrument.engine.render(22050)[:, 0]
    instrument.use_model(harmonic_decoder(detune_cents=25))
    after = instrument.engine.render(RATE)[:, 0]
    found = sounding(instrument)
    assert len(found) == 64 and instrument.status()["voices"] == 64
    for pitch, f0 in found.items():
        if pitch < 98:
            assert abs(f0 / bins(np.floor(pitch + 0.5), 25) - 1) < 0.003
    assert abs(levels_db(after, 8192).min() - levels_db(before, 8192).min()) < 2
    assert np.abs(np.diff(after, 2)).max() < 1.5 * np.abs(np.diff(before, 2)).max()


def test_changes_in_quick_succession_end_with_the_last():
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
    for note in (60, 64, 67):
        instrument.note_on(note, note, 100)
    instrument.engine.render(8192)
    for detune_cents in (10, 20, 30, 5, 15):
        instrument.use_model(harmonic_decoder(detune_cents=detune_cents))
        signal = instrument.engine.render(300)
        assert np.abs(signal).max() > 0.01
    instrument.engine.render(8192)
    assert sounding(instrument) == pytest.approx({float(n): bins(n, 15) for n in (60, 64, 67)}, rel=3e-4)


def test_changes_in_quick_succession_while_the_decode_thread_works():
    instrument = Instrument(Engine(RATE, 1), harmonic_decoder())
    engine, block = instrument.engine, np.zeros((64, 1), np.float32)

    def play(blocks):
        for _ in range(blocks):
            engine.play_into(block)
            time.sleep(0.0005)

    engine.start()
    try:
        for note in (60, 64, 67):
            instrument.note_on(note, note, 100)
        play(30)
        for turn in range(20):
            instrument.use_model(harmonic_decoder(detune_cents=turn, latents=2 + turn % 3))
            play(turn % 4)
            assert instrument.status()["voices"] >= 3
        play(60)
        assert sounding(instrument) == pytest.approx({float(n): bins(n, 19) for n in (60, 64, 67)}, rel=3e-4)
    finally:
        engine.stop()


def test_a_bad_model_changes_nothing(tmp_path):
    """The very same samples as if nobody had asked for it."""
    good = save_decoder(harmonic_decoder(), tmp_path / "good.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(good.read_bytes()[:-1000])
    wild = harmonic_decoder()
    wild.weights[0][0][0, 0] = np.nan
    save_decoder(wild, tmp_path / "wild.safetensors")
    sounds = []
    for disturbed in (False, True):
        instrument = Instrument(Engine(RATE, 1), harmonic_decoder(), Library((tmp_path,)))
        instrument.note_on("a", 60, 100)
        instrument.engine.render(4096)
        if disturbed:
            for name in ("cut", "wild", "none"):
                with pytest.raises(ModelError):
                    instrument.use_model(instrument.library.read_decoder(name))
            for decoder in (random_decoder(bottleneck=65), random_decoder(n_fft=2048)):
                with pytest.raises(ModelError):
                    instrument.use_model(decoder)
        sounds.append(instrument.engine.render(8192))
        assert instrument.status()["model"] == "harmonic" and instrument.status()["latents"] == 2
    assert np.array_equal(*sounds)
