"""The figures of the kind harmonic: what is drawn is what a decoder sounds, and any name can be written."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from small_harmonic_decoder import small_harmonic_model

from manned.model.harmonic.chart import Chart
from manned.model.harmonic.scale import erb_number
from manned.model.pitch import note_to_hz
from training.measure.picture import save
from training.measure.timbre.chart_figure import chart_figure, landmarks, short_name
from training.measure.timbre.evenness_figure import evenness_figure
from training.measure.timbre.faders_figure import faders_figure
from training.measure.timbre.losses_figure import losses_figure
from training.measure.timbre.panels import ear_levels
from training.measure.timbre.rivals import sounded
from training.network.harmonic.axes import qualities
from training.network.harmonic.fit_folder import HarmonicFit

C4_HZ = np.array([note_to_hz(60)])
PLACES = [["a/001 corner", 0.0, 0.0], ["a/002 low", 0.3, 0.3], ["b/003 high", 0.8, 0.75], ["b/004 Top", 1.0, 1.0]]


@pytest.fixture(scope="module")
def decoder():
    """A small decoder with a chart of 3 rows and 4 columns and a few patches on it."""
    decoder, _ = small_harmonic_model("small")
    points = np.random.default_rng(1).random((3, 4, 2)).astype(np.float32)
    decoder.chart = Chart(points, np.arange(12, dtype=np.float32).reshape(3, 4))
    decoder.info["places"] = PLACES
    return decoder


def test_a_landmark_is_the_patch_nearest_to_the_middle_of_its_field(decoder):
    assert [mark.name for mark in landmarks(decoder, 2, 2)] == ["high", "low"]
    assert [mark.name for mark in landmarks(decoder, 1, 1)] == ["low"]


def test_no_name_stands_on_the_chart_twice(decoder, monkeypatch):
    monkeypatch.setitem(decoder.info, "places", [["a/1 Bass", 0.2, 0.2], ["b/7 Bass", 0.8, 0.8]])
    assert [(mark.name, mark.x) for mark in landmarks(decoder, 2, 2)] == [("Bass", 0.8)]


@pytest.mark.parametrize(
    ("patch", "name"),
    [
        ("fluidr3/073 Flute", "Flute"),
        ("my flute", "my flute"),
        ("amsynth/Bank/012 ", "012"),
        ("a/808", "808"),
        ("a/1 A very long name of a patch indeed", "A very long name of a…"),
        ("a/1 tab\there", "tab here"),
    ],
)
def test_a_patch_has_a_short_name(patch, name):
    assert short_name(patch) == name


def test_the_chart_shows_each_point_at_its_place(decoder):
    figure = chart_figure(decoder, decoder.chart)
    bright, noise, counts = (axis.images[0].get_array() for axis in figure.axes[:3])
    frames = sounded(decoder, decoder.chart.points[1, 2][None], C4_HZ)
    heard = qualities(frames)
    assert bright[1, 2] == pytest.approx(heard["brightness"][0] + erb_number(C4_HZ)[0])
    assert noise[1, 2] == pytest.approx(max(heard["noise"][0], -60.0))
    assert counts[1, 2] == 6 and counts.mask[0, 0]  # none lie there
    assert {"high", "low"} <= {text.get_text() for text in figure.axes[0].texts}


def test_a_fader_is_drawn_from_0_to_1_beside_its_middle(decoder):
    figure = faders_figure(decoder)
    assert [axis.get_title() for axis in figure.axes[:2]] == ["1 brightness", "2 noise"]
    changes = figure.axes[1].collections[0].get_array().reshape(40, -1)
    ends = [np.maximum(ear_levels(sounded(decoder, np.float32([[0.5, at]]), C4_HZ)), -60.0)[0] for at in (0.5, 1.0)]
    assert not changes[:, changes.shape[1] // 2].any()
    np.testing.assert_allclose(changes[:, -1], ends[1] - ends[0], atol=1e-3)


def test_evenness_shows_a_point_on_every_key(decoder):
    figure = evenness_figure(decoder, decoder.chart)
    titles = [axis.get_title() for axis in figure.axes[:-1]]
    assert all(title.startswith("near ") and title.endswith(" dB a key") for title in titles)
    levels = figure.axes[0].collections[0].get_array().reshape(-1, 61)
    assert levels.mask[0].all()  # nothing sounds below the fundamental
    assert levels.max() <= 0.0
    assert [label.get_text() for label in figure.axes[-2].get_xticklabels()] == ["C2", "C3", "C4", "C5", "C6", "C7"]


def test_any_name_of_a_patch_can_be_written(decoder, tmp_path, monkeypatch):
    names = ["a/1 $\\broken_math", "a/1 --> <b>&", "a/1 \x00\x1b", "a/1 \udcfb", "", "/"]
    monkeypatch.setitem(decoder.info, "places", [[name, place / 5, place / 5] for place, name in enumerate(names)])
    for kind, figure in {"chart": chart_figure, "evenness": evenness_figure}.items():
        path = save(figure(decoder, decoder.chart), tmp_path / f"{kind}.svg")
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize(("validated", "label"), [(True, "mine, validation"), (False, "mine, first training frames")])
def test_losses_are_drawn_over_steps_and_in_db(decoder, validated, label):
    parts = ("loss", "harmonic", "erb", "noise", "stiffness")
    log = [
        {"step": step, **{prefix + part: 10.0 / step for part in parts for prefix in ("", "validation_")}}
        for step in (20, 40)
    ]
    fitted = HarmonicFit(Path("mine"), decoder.topology, [], [], {}, log)
    axes = losses_figure([("mine", fitted, validated)]).axes
    assert [line.get_label() for line in axes[0].lines] == ["mine, training", label]
    drawn = {axis.get_ylabel(): axis.lines[1].get_xydata().tolist() for axis in axes}
    assert drawn["loss"] == drawn["stiffness"] == [[20, 0.5], [40, 0.25]]
    assert drawn["harmonics, dB"] == drawn["noise, dB"] == [[20, 5.0], [40, 2.5]]
