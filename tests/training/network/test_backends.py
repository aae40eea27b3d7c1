"""One network, one objective, one step: TensorFlow, JAX and PyTorch go the same way."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from manned.model.topology import Topology
from training.network.backend import BACKEND
from training.network.fit_folder import read_tensors, write_tensors
from training.network.network import Autoencoder
from training.network.step import TrainingStep
from training.network.vae import VariationalAutoencoder

ROOT = Path(__file__).parents[3]
KINDS = {
    "consistent": (
        Topology(widths=(32, 16), octaves=(3, 4), output="square", skip_every_layer=True),
        Autoencoder,
        {"consistency": 1e-4, "harmonicity": 1e-4, "compressed": 0.1, "evenness": 1e-4},
        0.0,
    ),
    "variational": (
        Topology(widths=(32, 16), bottleneck_activation="linear"),
        VariationalAutoencoder,
        {"consistency": 0.0},
        0.5,
    ),
}
STEPS = 4
ON_A_BACKEND = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_backends import KINDS, run, run_many
for kind in KINDS:
    run(kind, Path(sys.argv[2]))
if sys.argv[3] == "many":
    for kind in KINDS:
        run_many(kind)
"""
QUICKLY_COMPILED = "--xla_backend_optimization_level=0"  # compiling would be most of the time


def batch(topology, seed=5):
    rng = np.random.default_rng(seed)
    conditions = np.zeros((40, topology.conditions), dtype=np.float32)
    conditions[np.arange(40), rng.integers(0, topology.conditions, 40)] = 1.0
    return rng.random((40, topology.bins)).astype(np.float16), conditions


def run(kind, folder):
    """Go on from a stored state by `STEPS` steps, and store the state and what was measured."""
    topology, network, weights, beta = KINDS[kind]
    step = TrainingStep(network(topology), l2=1e-5, seed=7, **weights)
    begun = folder / f"{kind}.begun"
    if not begun.exists():
        write_tensors(begun, step.state(), {})
    step.restore(read_tensors(begun)[0])
    parts = [step.train(*batch(topology), number, 1e-3, beta) for number in range(STEPS)]
    errors, divergences = step.measure(*batch(topology))
    measured = {"errors": errors, "divergences": divergences}
    write_tensors(folder / f"{kind}.{BACKEND}", {**step.state(), **measured}, parts)


def run_many(kind):
    """Run the same steps in one call and one by one."""
    topology, network, weights, beta = KINDS[kind]
    together, alone = (TrainingStep(network(topology), l2=1e-5, seed=7, **weights) for _ in range(2))
    alone.restore(together.state())
    batches = [batch(topology, seed) for seed in range(STEPS)]
    rates, betas = [1e-3, 9e-4, 8e-4, 7e-4], [0.0, beta / 2, beta, beta]
    frames, conditions = map(np.stack, zip(*batches))
    parts = together.train_many(frames, conditions, 3, rates, betas)
    one_by_one = [alone.train(*batches[k], number=3 + k, learning_rate=rates[k], beta=betas[k]) for k in range(STEPS)]
    np.testing.assert_allclose(parts, one_by_one, rtol=1e-5, atol=1e-7)
    for name, value in alone.state().items():
        np.testing.assert_allclose(together.state()[name], value, rtol=1e-5, atol=1e-6, err_msg=f"{kind} {name}")


@pytest.fixture(scope="module")
def on_tensorflow(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backends")
    for kind in KINDS:
        run(kind, folder)
    return folder


@pytest.mark.parametrize(("backend", "many"), [("jax", "many"), ("torch", "")])
def test_a_few_steps_lead_to_the_same_weights_as_on_tensorflow(on_tensorflow, backend, many):
    """On JAX many steps in one call are single ones, too."""
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    result = subprocess.run(
        [sys.executable, "-c", ON_A_BACKEND, Path(__file__).parent, on_tensorflow, many],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": QUICKLY_COMPILED},
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    for kind in KINDS:
        theirs, their_parts = read_tensors(on_tensorflow / f"{kind}.{backend}")
        ours, our_parts = read_tensors(on_tensorflow / f"{kind}.tensorflow")
        np.testing.assert_allclose(their_parts, our_parts, rtol=1e-3, atol=1e-6)
        for name, value in ours.items():
            np.testing.assert_allclose(theirs[name], value, rtol=1e-4, atol=2e-4, err_msg=f"{kind} {name}")


@pytest.mark.parametrize("kind", KINDS)
def test_many_steps_are_single_ones(kind):
    run_many(kind)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_backend_that_cannot_train_is_refused_in_one_sentence(backend):
    if find_spec(backend) and backend != "numpy":
        pytest.skip(f"{backend} is installed")
    result = subprocess.run(
        [sys.executable, "-c", "from training.network import backend"],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert result.returncode == 1
    assert f"TrainingError: KERAS_BACKEND is '{backend}'" in result.stderr
