"""Throughput: what a fit did, against what the machine can do."""

import re

import pytest

from manned.model.topology import Topology
from training.network.fit import fit
from training.network.fit_folder import CHECKPOINT, read_facts, read_tensors, write_tensors
from training.network.recipe import Recipe
from training.network.step import TrainingStep
from training.network.throughput import matrix_peak, read_devices, report, training_flops


def test_operations_are_counted_layer_by_layer():
    topology = Topology(widths=(4,), bottleneck=2, augmentation="none", skip=False, n_fft=16)
    products = 9 * 4 + 4 * 2 + 2 * 4 + 4 * 9
    assert training_flops(topology, 10) == 2 * 10 * (3 * products - 9 * 4)


@pytest.mark.parametrize("bfloat16", [False, True])
def test_the_peak_is_that_of_a_machine(bfloat16):
    assert 1e8 < matrix_peak(bfloat16) < 1e16


def test_a_fit_is_reported_as_a_share_of_the_peak(corpus, topology, tmp_path):
    fit(corpus, tmp_path, topology, Recipe(batch=50, epochs=3))
    facts = read_facts(tmp_path / CHECKPOINT)
    assert facts["frames"] == 3 * len(corpus.rows("train", topology.octaves)) and facts["seconds"] > 0
    found = re.fullmatch(
        r"(\d+) s, (\d+) frames/s, (\d+) GFLOP/s: (\d+) % of this machine's matrix-product peak "
        r"\((\d+) GFLOP/s in float32\)",
        report(tmp_path),
    )
    assert found and 0 <= int(found[4]) <= 100


def test_time_goes_on_after_a_stop(corpus, topology, tmp_path, monkeypatch):
    recipe = Recipe(batch=50, epochs=2)
    train, stopped_at = TrainingStep.train, 5

    def stop(self, frames, conditions, number, *rates):
        if number == stopped_at:
            raise KeyboardInterrupt
        return train(self, frames, conditions, number, *rates)

    with monkeypatch.context() as context:
        context.setattr(TrainingStep, "train", stop)
        with pytest.raises(KeyboardInterrupt):
            fit(corpus, tmp_path, topology, recipe)
    tensors, facts = read_tensors(tmp_path / CHECKPOINT)
    assert 0 < facts["step"] <= stopped_at and facts["seconds"] < 1000
    assert read_devices(tmp_path) == ["cpu"]
    write_tensors(tmp_path / CHECKPOINT, tensors, {**facts, "seconds": 1000.0, "devices": ["NVIDIA H200"]})
    fit(corpus, tmp_path, topology, recipe)
    after = read_facts(tmp_path / CHECKPOINT)
    assert after["step"] > stopped_at and 1000 < after["seconds"] < 2000
    assert read_devices(tmp_path) == ["NVIDIA H200", "cpu"]
