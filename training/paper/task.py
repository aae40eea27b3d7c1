"""One experiment, performed in a process of its own: ``python -m training.paper.task``.

The task is read as JSON from standard input.  A process of its own gives each
experiment the same seeds, threads and memory wherever it runs, so that a result
does not depend on what ran beside it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from manned.errors import MannedError
from manned.model.topology import Topology
from training.corpus.corpus import INFO
from training.corpus.split import SETS
from training.files import read_json, write_json

RESULT = "result.json"


def perform(task: dict[str, Any]) -> dict[str, Any]:
    """Fit and evaluate, or only what is missing of it.

    Parameters
    ----------
    task : dict
        From `training.paper.experiments.Experiment.task`.

    Returns
    -------
    dict
        ``task``, ``frames`` of the three sets, ``seconds`` of training, ``devices`` that it ran on, ``step`` of the
        weights that were kept and ``evaluation``.
    """
    from training.corpus.corpus import Corpus

    corpus, folder = Corpus(task["corpus"]), Path(task["folder"])  # what fails at once comes before TensorFlow
    from training.measure.evaluate import evaluate
    from training.network.fit import fit
    from training.network.fit_folder import Fitted
    from training.network.recipe import Recipe
    from training.network.throughput import read_devices, read_seconds

    fit(corpus, folder, Topology.from_dict(task["topology"]), Recipe(**task["training"]))
    fitted = Fitted(folder)
    result = {
        "task": task,
        "digest": corpus.info["digest"],
        "frames": {name: len(corpus.rows(name)) for name in SETS},
        "seconds": read_seconds(folder),
        "devices": read_devices(folder),
        "evaluation": evaluate(fitted, corpus, task["mesh"]),
    }
    write_json(folder / RESULT, result)
    return result


def finished(task: dict[str, Any]) -> dict[str, Any] | None:
    """The result of a task that was performed before on the same corpus, else None."""
    try:
        result = read_json(Path(task["folder"]) / RESULT)
        corpus = read_json(Path(task["corpus"]) / INFO)
        same = result["task"] == json.loads(json.dumps(task)) and result["digest"] == corpus["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if same else None


def _stop_with_parent() -> None:
    """End as Ctrl-C would, everything saved, when whoever holds the other end of standard input is gone."""

    def watch() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Perform the task on standard input's first line; its result goes to standard output."""
    task = json.loads(sys.stdin.readline())
    _stop_with_parent()
    try:
        print(json.dumps(perform(task)))
    except MannedError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
