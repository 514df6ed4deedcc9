# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads of one task. Private to this collection; no stable interface."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable, Iterable, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREAD_NAME = "huaweicloud.vpn"


class Pool:
    """Threads that run what is submitted.

    The interpreter joins those of concurrent.futures before it ends, so a task that was told to end would have to wait.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._submitted: queue.Queue[tuple[Callable[..., None], tuple[Any, ...]] | None] = queue.Queue()
        for _number in range(size):
            threading.Thread(target=self._run, name=THREAD_NAME, daemon=True).start()

    def submit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have a function called by one of the threads, after what was submitted before."""
        self._submitted.put((function, arguments))

    def close(self) -> None:
        """Let the threads end once there is nothing left to do."""
        for _number in range(self.size):
            self._submitted.put(None)

    def _run(self) -> None:
        for function, arguments in iter(self._submitted.get, None):
            function(*arguments)


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
    """Return what a function makes of each item, in their order; several threads call it.

    Once a call has failed, or this thread is interrupted, no further one is begun, and the others are not waited for.

    Args:
        work: The function, which only reads.
        items: What it is called with.
        threads: How many calls there may be at a time.

    Raises:
        BaseException: What the first call that failed raised.
    """
    waiting = list(items)
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    ended = threading.Event()

    def call(number: int) -> None:
        if ended.is_set():
            return
        try:
            done.put((number, work(waiting[number]), None))
        except BaseException as error:  # pylint: disable=broad-except
            done.put((number, None, error))

    pool = Pool(min(threads, len(waiting)))
    results: dict[int, Any] = {}
    try:
        for number in range(len(waiting)):
            pool.submit(call, number)
        while len(results) < len(waiting):
            number, result, error = done.get()
            if error is not None:
                raise error
            results[number] = result
    finally:
        ended.set()
        pool.close()
    return [results[number] for number in range(len(waiting))]
