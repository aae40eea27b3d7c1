"""The figures: every fit can be drawn, and what is drawn is what was measured."""

import shutil
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import image

from manned.errors import TrainingError
from training.measure import figures, picture, space_figures
from training.measure.mesh import analyse_mesh, sample_mesh
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe


@pytest.fixture(scope="module")
def fits(corpus, topology, tmp_path_factory):
    """A fit of two latents, one without bounds, skip and octaves, and a β-VAE of three latents."""
    folder = tmp_path_factory.mktemp("figures")
    kinds = {
        "flat": (topology, Recipe(learning_rate=3e-3, batch=50, epochs=40, consistency=1e-4)),
        "plain": (
            replace(topology, bottleneck_activation="leaky_relu", skip=False, octaves=()),
            Recipe(learning_rate=3e-3, batch=50, epochs=10),
        ),
        "deep": (
            replace(topology, bottleneck=3, bottleneck_activation="linear"),
            Recipe(learning_rate=3e-3, batch=50, epochs=20, beta=0.1, beta_warmup=0.5),
        ),
    }
    for name, (kind, recipe) in kinds.items():
        fit(corpus, folder / name, kind, recipe)
    return {name: Fitted(folder / name) for name in kinds}


def test_all_that_there_is_to_draw_is_drawn(fits, tmp_path):
    written = list(figures.draw(list(fits.values()), tmp_path, "png", 6))
    assert sorted(path.name for path in written) == sorted(path.name for path in tmp_path.iterdir())
    assert {path.stem for path in written} == {
        "losses", "embeddings", "embedding-deep", "mesh-flat", "confusion-flat", "confusion-deep",
        "reconstructions-flat", "reconstructions-plain", "reconstructions-deep",
    }  # fmt: skip
    for path in written:
        assert image.imread(path)[..., :3].std() > 0.02


def test_a_figure_is_the_same_file_each_time(fits, tmp_path):
    for name in ("once", "twice"):
        picture.save(figures.losses_figure([("flat", fits["flat"])]), tmp_path / f"{name}.svg")
    assert (tmp_path / "once.svg").read_bytes() == (tmp_path / "twice.svg").read_bytes()
    assert ElementTree.parse(tmp_path / "once.svg").getroot().tag.endswith("svg")


def test_the_map_shows_the_class_heard_at_its_place(fits, corpus):
    figure = space_figures.mesh_figure(fits["flat"], corpus, 5, octave=3)
    heard, *_ = analyse_mesh(fits["flat"], 5, np.zeros(2), np.ones(2), 4, 3)
    panel = figure.axes[4].images[0].get_array()
    for place in range(25):
        first, second = divmod(place, 5)
        assert panel[second, first] == heard[place]
    assert figure.axes[4].get_title() == f"E asked for: {np.mean(heard == 4):.1%} match"


def test_pitch_classes_become_lighter_from_c_to_b(fits, corpus):
    lightness = space_figures.CLASS_COLOURS(np.arange(12))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(lightness) > 0.02)


def test_the_confusion_matrix_writes_its_numbers(fits):
    mesh = sample_mesh(fits["flat"], 3, np.zeros(2), np.ones(2))
    figure = space_figures.confusion_figure(mesh)
    written = {tuple(text.get_position()): text.get_text() for text in figure.axes[0].texts}
    assert written[(7, 7)] == f"{100 * mesh['heard'][7][7]:.3g}"


@pytest.mark.parametrize(
    "draw", [space_figures.mesh_figure, lambda fitted, corpus: space_figures.embeddings_figure([("", fitted, corpus)])]
)
def test_a_map_of_three_latents_is_refused(fits, corpus, draw):
    with pytest.raises(TrainingError, match="has 3 latents"):
        draw(fits["deep"], corpus)


def test_two_fits_of_one_name_keep_their_pictures_apart(fits, tmp_path):
    for place in ("a", "b"):
        shutil.copytree(fits["plain"].folder, tmp_path / place / "fit")
    written = figures.draw([Fitted(tmp_path / place / "fit") for place in ("a", "b")], tmp_path / "pictures")
    names = ["losses.svg", "embeddings.svg", "reconstructions-a-fit.svg", "reconstructions-b-fit.svg"]
    assert [path.name for path in written] == names


def test_only_svg_and_png_are_written(fits, tmp_path):
    with pytest.raises(TrainingError, match="svg or png, found 'jpg'"):
        picture.save(figures.losses_figure([("flat", fits["flat"])]), tmp_path / "losses.jpg")
    assert not list(tmp_path.iterdir())
