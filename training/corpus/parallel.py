"""One task for many items, in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from tqdm import tqdm

from manned.errors import CorpusError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_parallel(
    task: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int, title: str, unit: str, done: int = 0
) -> Iterator[_Result]:
    """Results of a task for every item as they come, with a progress bar.

    The first error ends it: what has not begun by then is not begun.

    Parameters
    ----------
    task : callable(item)
        It and the items must be such that another process can be given them.
    items : sequence
    jobs : int
        Processes at the same time.
    title, unit : str
        Of the progress bar.
    done : int
        Items that were finished before, for the progress bar.

    Raises
    ------
    CorpusError
        When a process dies, of too little memory for one.
    """
    if not items:
        return
    # Not forked: a fresh process shares no state of a plugin with its parent.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_follow_parent) as pool:
        futures = [pool.submit(task, item) for item in items]
        try:
            progress = tqdm(
                as_completed(futures), title, total=len(items) + done, initial=done, unit=unit, disable=None
            )
            for future in progress:
                yield future.result()
        except BrokenProcessPool as error:
            raise CorpusError(f"{title}: a process died; start again with fewer --jobs to go on") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent process, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
