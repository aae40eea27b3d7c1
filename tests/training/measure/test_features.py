"""Every combination of feature, skip and octaves goes all the way: a step, an evaluation, a decoder file."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from manned.model.decoder_file import load_decoder
from manned.model.forward import decode
from manned.model.topology import AUGMENTATIONS
from training.export import export
from training.measure.evaluate import evaluate
from training.measure.report import report
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe

EVERY = list(itertools.product(AUGMENTATIONS, (False, True), ((), (3, 4))))


@pytest.mark.parametrize(("augmentation", "skip", "octaves"), EVERY)
def test_from_one_step_to_a_decoder(corpus, topology, tmp_path, augmentation, skip, octaves):
    kind = replace(topology, augmentation=augmentation, skip=skip, octaves=octaves)
    fit(corpus, tmp_path / "fit", kind, Recipe(steps=1))
    fitted = Fitted(tmp_path / "fit")
    measures = evaluate(fitted, corpus, mesh_length=3)
    assert (measures["train_frames"], measures["validation_frames"], measures["test_frames"]) == (192, 48, 48)
    assert ("mesh" in measures) == skip
    assert f"{measures['validation_mse']:.3e}" in report(measures)
    export(fitted, corpus, tmp_path / "any.safetensors", "any")
    frame = decode(load_decoder(tmp_path / "any.safetensors"), [0.2, 0.7], 4, 3)
    assert frame.shape == (2049,) and np.isfinite(frame).all()
