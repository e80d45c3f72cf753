"""Chunks on a Dask cluster: `letf sweep --scheduler tcp://HOST:8786`.

Workers need this program in the same version, and nothing else: the market travels with the sweep. (A
strategy from a file of one's own must lie at the same path on each.) A worker that is lost costs the chunks
it had in hand, which the scheduler gives to others.
"""

from __future__ import annotations

import re
import socket
import threading
import uuid
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import islice
from typing import Any

from letf_instruments import LetfError, SpecError
from runs.sweeps.engines.choice import engine_of
from runs.sweeps.engines.engine import Engine, Evaluated, Work

PATIENCE = 20.0  # seconds, for the scheduler to answer and for a first worker
AHEAD = 2  # chunks sent for each thread of the cluster, so that none waits for the next


def run_chunks(job: Work, chunks: Iterable[int], address: str) -> Iterator[tuple[int, Evaluated]]:
    """Run chunks of a job on a cluster and yield each with its number, in the order in which they are done.

    What a chunk yields is what it yields anywhere. Closing the generator cancels what is under way.

    Parameters
    ----------
    address : of the scheduler, as Dask takes it.

    Raises
    ------
    LetfError
        One sentence, if there is no scheduler, no worker, another version on one, or if workers die of the
        same chunk again and again.
    """
    try:
        from distributed import KilledWorker, as_completed
    except ImportError:
        raise SpecError(
            "--scheduler needs Dask's distributed, which is not installed: pip install 'letf-lab[cluster]'"
        ) from None
    waiting = iter(chunks)
    with _connected(address) as client:
        threads = _check_workers(client, address)
        # A task, not scattered data: if the worker that holds it is lost, it can be made again.
        parcel = client.submit(_unpack, (uuid.uuid4().hex, job.parcel()), pure=False)
        running: dict[Any, int] = {}

        def send(chunk: int) -> Any:
            future = client.submit(_run, parcel, chunk, pure=False)
            running[future.key] = chunk
            return future

        first = [send(chunk) for chunk in islice(waiting, AHEAD * threads)]
        done = as_completed(first, loop=client.loop)
        for future in done:
            chunk = running.pop(future.key)
            try:
                found = future.result()
            except KilledWorker as error:
                cells = job.cells(chunk)
                raise LetfError(
                    f"workers of {address} died {error.allowed_failures + 1} times over {job.unit} "
                    f"{cells[0]} to {cells[-1]} (killed, or out of memory)"
                ) from None
            yield chunk, found
            for following in islice(waiting, 1):
                done.add(send(following))


class _connected:
    """A client of the scheduler, closed at the end with all that it asked for."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> Any:
        from distributed import Client

        # A client that cannot connect is never quite gone, and may later hang the process; so first ask.
        found = re.fullmatch(r"(?:tcp|tls)://\[?([^\[\]/]+)\]?:(\d{1,5})", self._address)
        try:
            if not found:
                raise ValueError("it is not of the form tcp://HOST:PORT")
            socket.create_connection((found[1], int(found[2])), timeout=PATIENCE).close()
            self._client = Client(self._address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, OverflowError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SpecError(f"no Dask scheduler answers at {self._address!r}: {said}") from None
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close(timeout=PATIENCE)


def _check_workers(client: Any, address: str) -> int:
    """The cluster's threads, once there is a worker; all must have this version of the program."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise SpecError(
            f"the scheduler at {address} has no workers; start one with: dask worker {address}"
        ) from None
    own = version("letf-lab")
    try:
        versions = client.run(_version, on_error="return")
    except OSError as error:
        raise SpecError(f"the workers of {address} do not answer: {error}") from None
    for worker, theirs in versions.items():
        if theirs != own:
            raise SpecError(f"the worker {worker} has letf-lab {theirs}, here it is {own}; install the same")
    return max(sum(client.nthreads().values()), 1)


# -- on a worker ---------------------------------------------------------------------------------

_Parcel = tuple[str, Work]
_lock = threading.Lock()
_engines: dict[str, Engine] = {}  # the newest sweep's, by its token


def _version() -> str:
    return version("letf-lab")


def _unpack(parcel: _Parcel) -> _Parcel:
    return parcel


def _run(parcel: _Parcel, chunk: int) -> Evaluated:
    token, job = parcel
    with _lock:
        if token not in _engines:
            _engines.clear()
            _engines[token] = engine_of(job)
        engine = _engines[token]
    return engine.evaluate(job.cells(chunk))
