"""Experiments: the paper's, run alone, side by side and on a cluster, and the page of what came out."""

import json
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import pytest

from manned.errors import ConfigError, TrainingError
from training.measure.posterior import verdict as posterior_verdict
from training.network.fit_folder import read_tensors
from training.paper import grid
from training.paper.experiments import MODELS as MODELS_FILE
from training.paper.experiments import PAPER as PAPER_FILE
from training.paper.experiments import SHIPPED, read_experiments, read_toml
from training.paper.findings import verdict
from training.paper.page import render_page
from training.paper.reproduce import reproduce
from training.paper.results import best_known
from training.paper.task import finished, perform

ROOT = Path(__file__).parents[3]

MODELS = """
[recipes.paper]
title = "the paper's recipe"
training = { batch = 50, epochs = 4 }

[recipes.better]
title = "the better recipe"
training = { batch = 50, epochs = 4, learning_rate = 2e-3, cosine = true, consistency = 1e-4 }
topology = { output = "square" }

[corpora.tones]
sounds = "tones.toml"

[models.plain]
corpus = "tones"
topology = { widths = [32, 16], skip = false }

[models.skip]
corpus = "tones"
topology = { widths = [32, 16] }
mesh = 4

[models.vae]
recipes = ["paper"]
corpus = "tones"
topology = { widths = [32, 16], bottleneck_activation = "linear", augmentation = "none", skip = false }
training = { beta = 1.0, epochs = 2 }
"""

PAPER = """
[table2]
title = "Table II: two rows"
shows = "errors"
rows = [
  { model = "plain", label = "no skip", error = 3.0e-4, minutes = 8 },
  { model = "skip", label = "skip", error = 3.3e-4, minutes = 9 },
]

[table5]
title = "Table V: one row"
shows = "matches"
[[table5.rows]]
model = "skip"
label = "2 latents"
mesh = 350
match = [0.8, nan, nan, nan, 0.9, nan, nan, 0.7, nan, nan, nan, nan]

[collapse]
title = "Section VI: one β-VAE"
shows = "collapse"
rows = [{ model = "vae", label = "β = 1" }]

[figure2]
title = "Figure 2: two embeddings"
shows = "embeddings"
rows = [{ model = "plain", label = "no skip" }, { model = "skip", label = "skip" }]

[figure4]
title = "Figure 4: one map"
shows = "mesh"
rows = [{ model = "skip", label = "skip" }]

[[findings]]
says = "The skip costs a little error."
measure = "error"
pairs = [["plain", "skip"]]
"""


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """A folder of two small models and a paper that reports on them."""
    folder = tmp_path_factory.mktemp("experiments")
    (folder / "models.toml").write_text(MODELS)
    (folder / "paper.toml").write_text(PAPER)
    return folder


@pytest.fixture(scope="module")
def work(corpus, tmp_path_factory):
    """A folder to work in, whose corpus stands already."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "corpora").mkdir()
    (folder / "corpora" / "tones").symlink_to(corpus.folder)
    return folder


@pytest.fixture(scope="module")
def serial(described, work):
    """Results of four experiments, one after another, in this process: TensorFlow is here already."""
    for task in tasks(described, work):
        perform(task)
    return [finished(task) for task in tasks(described, work)]


@pytest.fixture(scope="module")
def page(serial, described, work, tmp_path_factory):
    """The page of all results."""
    perform(read_experiments(["vae"], described, recipes=["paper"])[0].task(work / "corpora", work / "models"))
    return reproduce(["all"], work, tmp_path_factory.mktemp("results"), threads=1, folder=described)


def tasks(described, work, **cut):
    experiments = read_experiments(["plain", "skip"], described, **cut)
    return [experiment.task(work / "corpora", work / "models") for experiment in experiments]


def elsewhere(some_tasks, folder):
    """The same tasks, to be done anew in another folder."""
    return [{**task, "folder": str(folder / Path(task["folder"]).name)} for task in some_tasks]


def same(task, other):
    """Whether two fits came to the same weights, log and evaluation, bit for bit."""
    first, second = Path(task["folder"]), Path(other["folder"])
    weights, theirs = (read_tensors(folder / "best.safetensors")[0] for folder in (first, second))
    return (
        all(weights[name].tobytes() == theirs[name].tobytes() for name in weights)
        and (first / "log.csv").read_bytes() == (second / "log.csv").read_bytes()
        and finished(task)["evaluation"] == finished(other)["evaluation"]
    )


class TestThePapersExperiments:
    def test_are_all_there_with_the_papers_recipe(self):
        paper = read_toml(SHIPPED / PAPER_FILE)
        names = [name for name in paper if name != "findings"]
        assert names == [f"table{k}" for k in range(1, 6)] + [f"figure{k}" for k in range(2, 6)] + ["collapse"]
        models = {row["model"] for name in names for row in paper[name]["rows"] if name != "collapse"}
        experiments = read_experiments(models)
        counts = [
            sum(experiment.recipe == recipe for experiment in experiments) for recipe in ("paper", "better", "many")
        ]
        assert counts == [17, 17, 3] and len(models) == 17
        for experiment in experiments:
            if experiment.recipe == "paper":
                expected = {"learning_rate": 5e-4, "l2": 1e-7, "batch": 200, "epochs": 300}
                assert experiment.training == expected and experiment.topology.output == "relu"

    def test_compare_only_models_that_the_paper_reports(self):
        paper = read_toml(SHIPPED / PAPER_FILE)
        rows = [row for name, table in paper.items() if name != "findings" for row in table["rows"]]
        for finding in paper["findings"]:
            in_words = isinstance(finding["measure"], list) or finding["measure"] in ("correlation", "evenness")
            for model in chain(*finding["pairs"]):
                assert any(row["model"] == model and (in_words or finding["measure"] in row) for row in rows)

    def test_agree_with_the_papers_own_numbers(self):
        """What the paper finds follows from what it reports."""
        page = render_page(read_toml(SHIPPED / PAPER_FILE), {"paper": "p", "better": "b"},
                           {"corpora": {}, "results": {}, "figures": {}})  # fmt: skip
        rows = [line.split(" | ") for line in page.splitlines() if line.endswith("| not measured |")]
        assert len(rows) == len(read_toml(SHIPPED / PAPER_FILE)["findings"])
        ratios = [float(number) for row in rows for number in row[1].split(", ") if number != "in words"]
        assert all(ratio < 1 for ratio in ratios)


class TestExperiments:
    def test_can_be_cut_openly(self, described):
        whole, cut, share = (
            read_experiments(["skip"], described, **options)[0] for options in ({}, {"epochs": 3}, {"share": 0.25})
        )
        assert (whole.training["epochs"], cut.training["epochs"], share.training["epochs"]) == (4, 3, 1)
        assert (whole.name, cut.name, share.name) == ("skip-paper", "skip-paper-3-epochs", "skip-paper-1-epochs")
        assert cut.epochs == share.epochs == 4
        assert read_experiments(["skip"], described, epochs=9)[0].name == "skip-paper"

    def test_ask_for_consistency_only_where_a_class_can_be_asked_for(self, described):
        plain, skip = (read_experiments([model], described)[1] for model in ("plain", "skip"))
        assert "consistency" not in plain.training and skip.training["consistency"] == 1e-4
        assert plain.topology.output == skip.topology.output == "square"

    def test_take_another_corpus_where_the_recipe_says_so(self):
        corpora = [
            experiment.corpus for experiment in read_experiments(["one-octave-2-sigmoid-skip", "violin-2-sigmoid"])
        ]
        assert corpora == ["one-octave"] * 3 + ["one-octave-many"] + ["violin"] * 2
        assert [experiment.recipe for experiment in read_experiments(["violin-2-leaky"], recipes=["better"])] == [
            "better"
        ]

    def test_are_only_of_the_models_that_a_recipe_names(self):
        skip, plain = (read_experiments([f"one-octave-3-sigmoid{suffix}"]) for suffix in ("-skip", ""))
        assert [experiment.recipe for experiment in skip] == ["paper", "better", "transposed", "many"]
        assert [experiment.recipe for experiment in plain] == ["paper", "better"]
        assert [experiment.training.get("transpose", False) for experiment in skip] == [False, False, True, False]

    def test_that_are_not_described_are_refused(self, described, tmp_path):
        with pytest.raises(ConfigError, match="no model 'other', allowed are plain, skip"):
            read_experiments(["other"], described)
        with pytest.raises(ConfigError, match="no recipe 'other', allowed are paper, better"):
            read_experiments(["skip"], described, recipes=["other"])
        with pytest.raises(ConfigError, match="models.toml: cannot be read"):
            read_experiments(["skip"], tmp_path)
        (tmp_path / "models.toml").write_text("[models.skip]\ncorpus = 'tones'\n")
        with pytest.raises(ConfigError, match="models.toml: .*recipes"):
            read_experiments(["skip"], tmp_path)

    def test_are_never_done_twice(self, serial, described, work):
        paths = [path for task in tasks(described, work) for path in Path(task["folder"]).iterdir()]
        before = {path: path.stat().st_mtime_ns for path in paths}
        assert grid.run(tasks(described, work), threads=1) == serial
        assert {path: path.stat().st_mtime_ns for path in paths} == before

    def test_side_by_side_give_the_same_bit_for_bit_and_tell_of_those_that_fail(
        self, serial, described, work, tmp_path
    ):
        bad, *others = elsewhere(tasks(described, work)[:3], tmp_path)
        bad["corpus"] = str(tmp_path / "nowhere")
        with pytest.raises(TrainingError, match="nowhere: corpus.json is missing"):
            grid.run([bad, *others], jobs=2, threads=1)
        assert all(same(task, other) for task, other in zip(tasks(described, work)[1:], others))

    def test_on_a_cluster_give_the_same_bit_for_bit(self, serial, described, work, tmp_path):
        from distributed import Client, LocalCluster

        others = elsewhere(tasks(described, work)[2:], tmp_path)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
        ) as cluster:
            grid.run(others, scheduler=cluster.scheduler_address)
            with Client(cluster.scheduler_address) as client:
                done = client.run(lambda dask_worker: dask_worker.state.executed_count)
        assert len(done) == 2 and min(done.values()) > 0
        assert all(same(task, other) for task, other in zip(tasks(described, work)[2:], others))

    def test_need_a_scheduler_that_answers(self, described, work, tmp_path, monkeypatch):
        monkeypatch.setattr(grid, "CONNECT_S", 0.5)
        with pytest.raises(TrainingError, match="scheduler tcp://127.0.0.1:9: does not answer"):
            grid.run(elsewhere(tasks(described, work), tmp_path), scheduler="tcp://127.0.0.1:9")

    def test_end_when_nobody_waits_for_them_any_more(self, described, work, tmp_path):
        task = elsewhere(tasks(described, work), tmp_path)[0]
        task["training"] = {**task["training"], "epochs": 100_000}
        child = subprocess.Popen(
            [sys.executable, "-m", "training.paper.task"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        child.stdin.write(json.dumps(task) + "\n")
        child.stdin.flush()
        while not (tmp_path / Path(task["folder"]).name / "log.csv").exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.stdin.close()
        assert child.wait(60) == 128 + signal.SIGTERM
        assert "run the same command to go on" in child.stderr.read()


class TestThePage:
    def test_in_the_documentation_is_what_its_results_make(self):
        """Results of version 0.1 are read, and nothing on the page was typed in by hand."""
        folder = ROOT / "docs" / "results"
        titles = {name: recipe["title"] for name, recipe in read_toml(SHIPPED / MODELS_FILE)["recipes"].items()}
        page = render_page(read_toml(SHIPPED / PAPER_FILE), titles, json.loads((folder / "results.json").read_text()))
        assert page == (folder / "README.md").read_text()

    def test_sets_the_papers_numbers_beside_ours(self, page, serial):
        text = page.read_text()
        errors = [f"{1e4 * result['evaluation']['test_mse']:.3f}" for result in serial]
        assert f"| no skip | 3.000 | {errors[0]} | {errors[1]} |" in text
        assert f"| skip | 3.300 | {errors[2]} | {errors[3]} |" in text
        assert "| 2 latents | paper | 350 | 0.800 | – |" in text
        assert "`manned-train reproduce table2`" in text and "| tones | 192 | 48 | 48 |" in text
        assert "Epochs were cut" not in text

    def test_says_which_findings_hold(self, page, serial):
        ratio = serial[0]["evaluation"]["test_mse"] / serial[2]["evaluation"]["test_mse"]
        assert f"| The skip costs a little error. | 0.91 | {verdict([ratio])} |" in page.read_text()

    def test_says_which_latents_of_a_vae_have_collapsed(self, page, described, work):
        vae = read_experiments(["vae"], described, recipes=["paper"])[0].task(work / "corpora", work / "models")
        measures = finished(vae)["evaluation"]["posterior"]
        assert f"- β = 1: {posterior_verdict(measures)}." in page.read_text()
        assert f"in all of its models: here {int(not all(measures['active']))} of 1 have it" in page.read_text()
        assert len(measures["class_changes"]) == 2 and all(0 <= share <= 1 for share in measures["class_changes"])

    def test_shows_the_longest_fit_and_float32_before_bfloat16(self):
        results = {
            "a/paper": {"epochs": 3},
            "a/paper/bfloat16": {"epochs": 9},
            "b/paper": {"epochs": 3},
            "b/paper/bfloat16": {"epochs": 3},
        }
        assert best_known(results) == {("a", "paper"): "a/paper/bfloat16", ("b", "paper"): "b/paper"}

    def test_sets_float32_beside_bfloat16(self, described, work, tmp_path):
        for mixed_bfloat16 in (True, False):
            text = reproduce(
                ["table5"], work, tmp_path, recipes=["paper"], epochs=1, threads=1, mixed_bfloat16=mixed_bfloat16,
                folder=described,
            ).read_text()  # fmt: skip
            assert ("1 of the 1 fits computed their wide layers in bfloat16" in text) == mixed_bfloat16
            assert ("reproduce table5 --epochs 1 --mixed-bfloat16`" in text) == mixed_bfloat16
        assert "| skip | the paper's recipe |" in text.split("## Float32 and bfloat16")[1]

    def test_says_what_other_than_a_processor_trained(self, page, described):
        kept = json.loads((page.parent / "results.json").read_text())
        titles = {"paper": "p", "better": "b"}
        assert all(result["devices"] == ["cpu"] for result in kept["results"].values())
        assert "trained on this device" not in page.read_text()
        for result, devices in zip(kept["results"].values(), (["NVIDIA H200"], ["NVIDIA H200"], ["B", "cpu"])):
            result["devices"] = devices
        text = render_page(read_toml(described / "paper.toml"), titles, kept)
        count = len(kept["results"])
        assert f"2 of the {count} fits were trained on this device: NVIDIA H200." in text
        assert f"1 of the {count} fits were trained on this device: B and cpu." in text

    def test_shows_the_figures_by_both_recipes(self, page):
        for name in ("figure2-paper.svg", "figure2-better.svg", "figure4-paper.svg", "figure4-better.svg"):
            assert f"]({name})" in page.read_text() and (page.parent / name).read_text().startswith("<?xml")

    def test_says_openly_that_epochs_were_cut(self, described, work, tmp_path):
        text = reproduce(
            ["table5"], work, tmp_path, recipes=["paper"], epochs=1, threads=1, folder=described
        ).read_text()
        assert "**Epochs were cut:** 1 of the 1 fits" in text
        assert "`manned-train reproduce table5 --epochs 1`" in text

    def test_shows_a_dash_for_what_an_older_version_did_not_measure(self, page, described):
        kept = json.loads((page.parent / "results.json").read_text())
        paper, titles = read_toml(described / "paper.toml"), {"paper": "p", "better": "b"}

        def row():
            return next(
                line for line in render_page(paper, titles, kept).splitlines() if line.startswith("| 2 latents | p |")
            )

        assert not row().endswith("– |")
        for result in kept["results"].values():
            del result["evaluation"]["test_partials"]
            result["evaluation"].get("mesh", {}).pop("partials_of", None)
        assert row().endswith("| – | – | – |")

    def test_drops_results_of_other_sounds_and_says_so(self, page, described, work, tmp_path):
        kept = json.loads((page.parent / "results.json").read_text())
        for result in kept["results"].values():
            result.update(digest="another", epochs=123456)
        for figure in kept["figures"].values():
            figure["of"][0][0] = "another"
        (tmp_path / "results.json").write_text(json.dumps(kept))
        messages = []
        text = reproduce(
            ["skip"], work, tmp_path, recipes=["paper"], threads=1, folder=described, log=messages.append
        ).read_text()
        assert messages == [
            f"corpus {work}/corpora/tones: holds other sounds than the page's tones; 5 results of that left the page"
        ]
        assert list(json.loads((tmp_path / "results.json").read_text())["results"]) == ["skip/paper"]
        assert "123456" not in text and "svg" not in text

    def test_says_how_many_meshes_are_harmonic_enough(self, page, serial):
        share = serial[3]["evaluation"]["mesh"]["harmonic_share"]
        assert f"{share:.1%} to {share:.1%} of the energy" in page.read_text()
        assert f"{int(share >= 0.95)} of 1 meshes reach 95%" in page.read_text()

    def test_can_be_filled_model_by_model(self, page, described, work, tmp_path):
        for model in ("plain", "skip"):
            one = reproduce([model], work, tmp_path, threads=1, folder=described)
        table = page.read_text().split("## Table II: two rows")[1].split("##")[0]
        assert table in one.read_text()

    def test_keeps_the_longer_fit(self, page, described, work):
        before = page.read_text()
        after = reproduce(
            ["table5"], work, page.parent, recipes=["paper"], epochs=1, threads=1, folder=described
        ).read_text()
        assert after == before

    def test_of_a_table_that_is_not_in_the_paper_is_refused(self, work, tmp_path, described):
        known = "table2, table5, collapse, figure2, figure4 and all, .* plain, skip"
        with pytest.raises(ConfigError, match=f"no 'table9' in the paper, allowed are {known}"):
            reproduce(["table9"], work, tmp_path, folder=described)

    def test_that_was_damaged_is_refused(self, page, described, work, tmp_path):
        (tmp_path / "results.json").write_text("{")
        with pytest.raises(TrainingError, match="results.json: cannot be read"):
            reproduce(["table2"], work, tmp_path, threads=1, folder=described)


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ([0.8, 0.9], "**holds** (0.80, 0.90)"),
        ([0.8, 1.0], "**holds** (0.80, 1.00)"),
        ([1.2, 1.0], "**does not hold** (1.20, 1.00)"),
        ([0.99, 1.01], "**too close to tell** (0.99, 1.01)"),
        ([0.8, 1.2, 1.0], "**holds in part**: 1 agree, 1 disagree, 1 too close (0.80, 1.20, 1.00)"),
        ([], "not measured"),
    ],
)
def test_a_finding_holds_when_all_its_comparisons_do(ratios, words):
    assert verdict(ratios) == words
