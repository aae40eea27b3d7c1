"""The kind harmonic in the engine: the reference's frames, in tune at every key, both parts by their levels."""

import numba as nb
import numpy as np
import pytest
from small_decoder import small_decoder
from told_decoder import NOTHING_DB, random_told_decoder, told_decoder

from manned.engine import Engine
from manned.engine.decode import MODEL, REQUEST, STRIDE, fill_input, run_layers, set_model
from manned.engine.harmonic_frame import take_harmonic_frame
from manned.engine.lobe import TABLE, fill_table
from manned.errors import ModelError
from manned.limits import PHASES
from manned.model.harmonic.scale import BANDS, band_edges_hz
from manned.model.harmonic.spectrum import magnitudes, noise_power
from manned.model.harmonic.topology import HarmonicTopology
from manned.model.pitch import note_to_hz
from manned.session import open_session

RATE = 44100
WHITE_DB = 10 * np.log10(np.diff(band_edges_hz()) / band_edges_hz()[-1])
"""Of bands that together are noise as strong at every frequency, of the power of 1."""


@nb.njit
def _run(models, requests, rows, tables):
    model = models[0]
    for row in range(len(requests)):
        fill_input(model, requests[row].question, rows, row)
    half = run_layers(model, rows, len(requests))
    outputs = rows[half].copy()
    for row in range(len(requests)):
        take_harmonic_frame(model, tables[0], rows[half], row * STRIDE, requests[row])
    return outputs


def frames(decoder, latents, f0_hz, **question):
    """Raw outputs [shape=(n, outputs)] and `REQUEST` records of the engine's own code."""
    model, requests, table = np.zeros(1, MODEL), np.zeros(len(latents), REQUEST), np.zeros(1, TABLE)
    weights = set_model(model[0], decoder)
    fill_table(table[0])
    for row, values in enumerate(latents):
        asked = requests[row]["question"]
        asked["latents"][: len(values)], asked["pitch_hz"] = values, f0_hz[row]
        for name, value in question.items():
            asked[name] = value
    outputs = _run(model, requests, np.zeros((2, len(latents) * STRIDE), np.float32), table)
    assert len(weights)  # they live until here
    return outputs.reshape(-1, STRIDE)[:, : decoder.topology.outputs], requests


def sound(decoder, note, seconds=1.5, samplerate=RATE, **settings):
    """A held note, after its first third of a second."""
    session = open_session(engine=Engine(samplerate, 1), decoder=decoder)
    for name, value in settings.items():
        session.instrument.set(name.replace("__", "/"), value)
    session.instrument.note_on("a", note, 100)
    return session.engine.render(round(seconds * samplerate))[samplerate // 3 :, 0].astype(float)


def level_db(signal):
    return 10 * np.log10(np.mean(np.square(signal)))


def test_native_and_reference_frames_agree():
    decoder = random_told_decoder()
    rng = np.random.default_rng(1)
    latents, f0_hz = rng.random((9, 5)).astype(np.float32), rng.uniform(20.0, 4000.0, 9)
    outputs, requests = frames(decoder, latents, f0_hz)
    values = decoder.latents.values(latents)
    pitch = np.log2(f0_hz / note_to_hz(60)) / 4.0
    for weight, bias in decoder.weights:
        values = np.column_stack([values, pitch]) @ weight.astype(float) + bias
        values = np.where(values < 0, decoder.topology.alpha * values, values) if len(bias) < 100 else values
    assert np.abs(outputs - values).max() <= 1e-5
    harmonics, bands, stiffness = decoder.frames(latents, f0_hz)
    wanted = magnitudes(harmonics, bands, f0_hz, stiffness) * np.sqrt(1.5)
    apart = np.abs(requests["spectrum"] - wanted)[:, 4:-80]  # lobes end 8 bins beside a partial, 75 dB below it
    assert (apart < 2e-3 * wanted.max(axis=1, keepdims=True)).all()
    assert requests["harmonic"]["stiffness"] == pytest.approx(stiffness, rel=1e-4)
    noise = np.sqrt(1.5 * noise_power(bands, 4096, RATE))
    assert requests["harmonic"]["noise"][:, 2:] == pytest.approx(noise[:, 2:], rel=1e-3)


def test_a_frame_has_the_same_bits_in_every_batch():
    decoder = random_told_decoder()
    rng = np.random.default_rng(2)
    latents, f0_hz = rng.random((7, 5)), rng.uniform(20.0, 4000.0, 7)
    _, together = frames(decoder, latents, f0_hz)
    for row in range(7):
        _, alone = frames(decoder, latents[row : row + 1], f0_hz[row : row + 1])
        assert alone["spectrum"].tobytes() == together["spectrum"][row].tobytes()
        assert alone["harmonic"].tobytes() == together["harmonic"][row].tobytes()


@pytest.mark.parametrize("note", [12, 24, 36, 60, 84, 108, 120])
@pytest.mark.parametrize("samplerate", [44100, 48000])
def test_every_key_from_c0_to_c9_is_in_tune(note, samplerate):
    signal = sound(told_decoder(), note, 2.5, samplerate)
    f0 = note_to_hz(note)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    hertz = np.fft.rfftfreq(len(signal), 1 / samplerate)
    number = np.round(hertz / f0)
    beside = (np.abs(hertz - number * f0) > min(2.5, f0 / 4)) & (hertz > 10)
    assert spectrum[beside].sum() < 1e-4 * spectrum.sum()
    bin_hz = hertz[1]
    at = int(round(f0 / bin_hz))
    nearest = at - 3 + int(np.argmax(spectrum[at - 3 : at + 4]))
    left, middle, right = np.sqrt(spectrum[nearest - 1 : nearest + 2])
    found = (nearest + 2 * (right - left) / (left + 2 * middle + right)) * bin_hz
    assert 1200 * abs(np.log2(found / f0)) < (1.5 if note < 30 else 0.5)


def test_partials_of_a_stiff_string_lie_where_it_says():
    signal = sound(told_decoder(stiffness=1e-3), 48, 2.0)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    hertz = np.fft.rfftfreq(len(signal), 1 / RATE)
    for number in (1, 5, 10, 20):
        place = number * note_to_hz(48) * np.sqrt(1 + 1e-3 * number**2)
        near = np.abs(hertz - place) < 0.3 * note_to_hz(48)
        assert hertz[near][np.argmax(spectrum[near])] == pytest.approx(place, abs=1.0)


def test_noise_and_harmonics_of_one_power_are_as_loud():
    decoder = told_decoder([0.0], np.maximum(WHITE_DB, -89))
    harmonics = level_db(sound(decoder, 69, noise__level=0.0))
    noise = level_db(sound(decoder, 69, 4.0, harmonic__level=0.0))
    assert noise == pytest.approx(harmonics, abs=0.3)
    assert level_db(sound(decoder, 69, 4.0)) == pytest.approx(harmonics + 3.0, abs=0.4)


@pytest.mark.parametrize("phase", PHASES)
def test_the_levels_are_gains(phase):
    decoder = told_decoder([0.0], np.maximum(WHITE_DB - 20, -89))
    settings = {"phase": phase, "gain": 0.2}
    tone = sound(decoder, 69, noise__level=0.0, **settings)
    assert level_db(sound(decoder, 69, noise__level=0.0, harmonic__level=2.0, **settings)) == pytest.approx(
        level_db(tone) + 6.02, abs=0.05
    )
    noise = sound(decoder, 69, harmonic__level=0.0, **settings)
    louder = sound(decoder, 69, harmonic__level=0.0, noise__level=2.0, **settings)
    assert level_db(louder) == pytest.approx(level_db(noise) + 6.02, abs=0.05)


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_method_plays_it_at_one_level(phase):
    signal = sound(told_decoder(), 57, phase=phase)
    assert level_db(signal) == pytest.approx(level_db(sound(told_decoder(), 57)), abs=2.5)


def test_a_change_of_method_leaves_no_hole():
    session = open_session(engine=Engine(RATE, 1), decoder=told_decoder())
    session.instrument.note_on("a", 57, 100)
    session.engine.render(RATE // 2)
    before = level_db(session.engine.render(RATE // 2))
    for phase in ("rtpghi", "peaks", "noise", "peaks"):
        session.instrument.set("phase", phase)
        signal = session.engine.render(RATE // 2)[:, 0]
        quietest = min(level_db(signal[at : at + 2205]) for at in range(0, len(signal) - 2205, 441))
        assert quietest > before - 9


def test_a_mixture_sounds_every_class_of_it():
    session = open_session(engine=Engine(RATE, 1), decoder=told_decoder())
    weights = [0.0] * 12
    weights[0] = weights[4] = weights[7] = 1.0
    session.instrument.set_chroma_weights(weights)
    session.instrument.set("gate", True)
    signal = session.engine.render(2 * RATE)[RATE // 2 :, 0]
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    hertz = np.fft.rfftfreq(len(signal), 1 / RATE)
    heights = {note: spectrum[np.abs(hertz - note_to_hz(note)) < 2].max() for note in range(60, 72)}
    assert min(heights[note] for note in (60, 64, 67)) > 20 * max(
        heights[note] for note in heights if note not in (60, 64, 67)
    )


def test_the_formant_keeps_the_envelope_of_a_bent_note():
    steep = -0.5 * np.arange(40)
    decoder = told_decoder(steep, NOTHING_DB)

    def centroid(**settings):
        signal = sound(decoder, 48, bend=1.0, bend__range=12.0, **settings)
        spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
        return np.sum(np.fft.rfftfreq(len(signal), 1 / RATE) * spectrum) / spectrum.sum()

    still = sound(decoder, 48)
    spectrum = np.abs(np.fft.rfft(still * np.hanning(len(still)))) ** 2
    unbent = np.sum(np.fft.rfftfreq(len(still), 1 / RATE) * spectrum) / spectrum.sum()
    assert centroid(formant=0.0) == pytest.approx(2 * unbent, rel=0.03)
    assert centroid(formant=1.0) == pytest.approx(unbent, rel=0.25)


def test_a_held_note_crosses_over_from_one_kind_to_the_other():
    session = open_session(engine=Engine(RATE, 1), decoder=small_decoder())
    session.instrument.note_on("a", 57, 100)
    session.engine.render(RATE)
    for decoder in (told_decoder(), small_decoder()):
        before = level_db(session.engine.render(RATE // 4))
        session.instrument.use_model(decoder)
        signal = session.engine.render(RATE)[:, 0]
        assert min(level_db(signal[at : at + 2205]) for at in range(0, len(signal) - 2205, 441)) > before - 6
        assert np.abs(np.diff(signal)).max() < 0.1
    assert session.engine.status()["voices"] == 1


def test_the_bits_do_not_depend_on_the_block():
    def take(blocksize):
        session = open_session(engine=Engine(RATE, 1), decoder=random_told_decoder())
        session.instrument.set("lfo/1/depth", 0.5)
        for key, note in enumerate((36, 60, 64.5, 91)):
            session.instrument.note_on(key, note, 90)
        return session.engine.render(RATE, blocksize)

    assert take(64).tobytes() == take(16).tobytes() == take(7).tobytes()


@pytest.mark.parametrize(
    ("topology", "said"),
    [
        ({"bands": BANDS - 1}, "bands is 63, the engine plays 64"),
        ({"decoder_widths": (2100,)}, "widest layer is 2101, the engine plays at most 2048"),
    ],
)
def test_a_decoder_that_does_not_fit_is_refused(topology, said):
    decoder = told_decoder()
    decoder.topology = HarmonicTopology(latents=2, **topology)
    with pytest.raises(ModelError, match=said):
        Engine(RATE, 1).load(decoder)
