"""What a voice sounds like: pitch, onset, level, silence."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder, random_decoder
from sounds import cents, frequency_of, level_db, sharpest

from manned.engine import Engine
from manned.instrument import Instrument
from manned.model.pitch import note_to_hz


def play(instrument, note, seconds=1.0, velocity=127):
    instrument.note_on("key", note, velocity)
    rate = instrument.engine.samplerate
    return instrument.engine.render(int(seconds * rate))[:, 0]


@pytest.mark.parametrize("samplerate", [44100, 48000, 96000])
@pytest.mark.parametrize("detune_cents", [0, 9, -30])
def test_notes_are_in_tune_whatever_the_decoder_drew(samplerate, detune_cents):
    for note in (36, 47.5, 60, 61, 81, 95, 103):
        instrument = Instrument(Engine(samplerate, 1), harmonic_decoder(detune_cents))
        signal = play(instrument, note)[samplerate // 10 :]
        assert abs(cents(frequency_of(signal, note_to_hz(note), samplerate), note_to_hz(note))) < 0.5


def test_bend_moves_the_pitch_by_its_range(instrument):
    instrument.set("bend/range", 7)
    instrument.set("bend", -0.5)
    signal = play(instrument, 60)
    assert abs(cents(frequency_of(signal, note_to_hz(56.5)), note_to_hz(56.5))) < 0.5


def test_the_onset_is_at_full_level_and_does_not_click(instrument):
    for note in (40, 60, 76):
        signal = play(instrument, note)
        steady = signal[20000:]
        onset = signal[instrument.engine.latency :]
        assert abs(level_db(onset[132:882]) - level_db(steady)) < 1.5  # after the attack of 3 ms
        assert sharpest(signal[:882]) < 1.5 * sharpest(steady)
        instrument.all_sound_off()
        assert sharpest(instrument.engine.render(4000)[:, 0]) < 2.5 * sharpest(steady)


def test_a_held_note_does_not_flutter_and_white_noise_phase_does(instrument):
    def flutter(signal):
        levels = np.sqrt((signal[8192:].reshape(-1, 2048) ** 2).mean(axis=1))
        return levels.std() / levels.mean()

    steady = play(instrument, 69, seconds=(8192 + 40 * 2048) / 44100)
    instrument.all_sound_off()
    instrument.engine.render(4096)
    instrument.set("phase", "noise")
    noisy = play(instrument, 69, seconds=(8192 + 40 * 2048) / 44100)
    assert flutter(steady) < 0.01 < 0.05 < flutter(noisy)
    assert abs(level_db(steady) - level_db(noisy)) < 3


def test_latents_change_the_timbre_within_their_glide(instrument):
    instrument.set("glide", 0.05)
    instrument.set("latent/1", 0.0)
    dull = play(instrument, 60)
    instrument.set("latent/1", 1.0)
    instrument.engine.render(8192)
    bright = instrument.engine.render(22050)[:, 0]

    def share_above_1khz(signal):
        power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
        return power[int(1000 * len(signal) / 44100) :].sum() / power.sum()

    assert share_above_1khz(dull[22050:]) < 0.001 < 0.02 < share_above_1khz(bright)


def test_velocity_and_gain_scale_the_level(instrument):
    loud = level_db(play(instrument, 60)[8000:])
    quiet = level_db(play(instrument, 60, velocity=127 / 2)[12000:])
    assert abs(loud - quiet - 6.02) < 0.2
    instrument.set("gain/db", instrument.get("gain/db") - 12)
    instrument.engine.render(4096)
    assert abs(level_db(instrument.engine.render(16384)) - quiet + 12) < 0.2


def test_the_envelope_has_its_times(instrument):
    instrument.set("env/attack", 0.5)
    instrument.set("env/decay", 0.25)
    instrument.set("env/sustain", 0.5)
    instrument.set("env/release", 0.1)
    signal = play(instrument, 69, seconds=1.5)
    full, held = level_db(signal[20000:22000]), level_db(signal[50000:])
    assert level_db(signal[2000:4000]) < full - 20
    assert abs(full - held - 6) < 0.7
    instrument.note_off("key")
    tail = instrument.engine.render(8820)[:, 0]
    assert level_db(tail[:1000]) > held - 6
    assert not tail[4500:].any()


def test_silence_is_exact_zeros_and_no_dc(instrument):
    assert not instrument.engine.render(4096).any()
    signal = play(instrument, 45)
    assert abs(np.average(signal[4096:], weights=np.hanning(len(signal) - 4096))) < 1e-5
    instrument.note_off("key")
    instrument.engine.render(22050)
    assert not instrument.engine.render(4096).any()


def test_many_loud_voices_never_pass_full_scale(instrument):
    instrument.set("gain/db", 12)
    for note in range(36, 68):
        instrument.note_on(note, note, 127)
    signal = instrument.engine.render(44100)
    assert 0.7 < np.abs(signal).max() <= 1.0


def test_high_notes_do_not_fold_over():
    """A flat spectrum, read four times faster: what folded over would lie between the harmonics."""
    instrument = Instrument(Engine(44100, 1), harmonic_decoder(octaves=(4,)))
    instrument.set("latent/1", 1.0)
    signal = play(instrument, 84)[8192:]
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    f = np.arange(len(power)) * 44100 / len(signal)
    harmonic = np.abs(f / note_to_hz(84) - np.round(f / note_to_hz(84))) * note_to_hz(84) < 30
    assert power[~harmonic].sum() < 1e-5 * power.sum()


def test_a_model_without_pitch_condition_plays_as_it_drew():
    instrument = Instrument(Engine(44100, 1), random_decoder(0, skip=False))
    signal = play(instrument, 60)
    assert np.isfinite(signal).all() and level_db(signal[4000:]) > -40
