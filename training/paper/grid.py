"""Many experiments at a time: on this machine's cores, or on a cluster of machines.

Each experiment runs in a process of its own (`training.paper.task`), which
`joblib` hands out: to threads that wait for it here, or through its Dask
backend to the workers of a cluster.  Workers must see the same folders under
the same names and have this package installed.  With the same number of
threads and the same kind of processor, results are the serial ones bit for bit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import joblib
from tqdm import tqdm

from manned.errors import TrainingError
from training.paper.task import finished

_THREAD_COUNTS = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
_SHARING_A_GPU = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}  # else the first experiment takes most of its memory
CONNECT_S = 10.0


def run(
    tasks: list[dict[str, Any]], jobs: int = 1, scheduler: str | None = None, threads: int | None = None
) -> list[dict[str, Any]]:
    """Perform tasks that were not performed before.

    Parameters
    ----------
    tasks : list of dict
        From `training.paper.experiments.Experiment.task`.
    jobs : int
        Experiments at the same time on this machine.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; its workers take the experiments.
    threads : int, optional
        Threads of each experiment; by default this machine's cores divided by ``jobs``, and one on a cluster's
        workers.

    Returns
    -------
    list of dict
        Results in the order of the tasks.

    Raises
    ------
    TrainingError
        When the scheduler does not answer, or, once all others have ended, for experiments that failed.
    """
    missing = [task for task in tasks if finished(task) is None]
    if missing:
        if threads is None:
            threads = 1 if scheduler else max(1, (os.cpu_count() or 1) // jobs)
        calls = [joblib.delayed(_in_own_process)(task, threads, jobs == 1 and not scheduler) for task in missing]
        failures = [failure for failure in _performed(calls, jobs, scheduler) if failure]
        if failures:
            more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
            raise TrainingError(failures[0] + more)
    return [result for task in tasks if (result := finished(task)) is not None]


def _performed(calls: list[Any], jobs: int, scheduler: str | None) -> list[str | None]:
    if scheduler is None:
        with joblib.parallel_config(backend="threading", n_jobs=jobs):
            return _watched(calls)
    try:
        from distributed import Client
    except ImportError:
        raise TrainingError(
            "a cluster needs the packages dask and distributed: pip install 'manned[cluster]'"
        ) from None
    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise TrainingError(f"scheduler {scheduler}: does not answer ({error})") from None
    with client, joblib.parallel_config(backend="dask", client=client):
        return _watched(calls)


def _watched(calls: list[Any]) -> list[str | None]:
    # One at a time goes out to each worker: experiments are long, and the last ones should not wait in one queue.
    results = joblib.Parallel(batch_size=1, pre_dispatch="all", return_as="generator")(calls)  # type: ignore[arg-type]
    return list(tqdm(results, desc="experiments", total=len(calls), unit="experiment", disable=None))


def _in_own_process(task: dict, threads: int, shown: bool) -> str | None:
    """Perform a task in a fresh interpreter; returns what went wrong, if anything.

    The child's standard input stays open as long as somebody waits for it.
    """
    environment = {**_SHARING_A_GPU, **os.environ, **dict.fromkeys(_THREAD_COUNTS, str(threads))}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "training.paper.task"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=None if shown else errors,
            env=environment,
            text=True,
        )
        assert child.stdin is not None
        with child.stdin as pipe:
            try:
                pipe.write(json.dumps(task) + "\n")
                pipe.flush()
            except BrokenPipeError:
                pass
            child.wait()
        errors.seek(0)
        messages = [line.strip() for line in errors if line.strip()]
    if child.returncode == 0:
        return None
    return messages[-1] if messages else f"fit {task['folder']}: its process ended with status {child.returncode}"
