"""A process that draws the pictures of an answer as files while this one makes its page and its tables. It
gets ready (matplotlib takes its time) while the answer is found."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property, partial
from multiprocessing.connection import Connection
from typing import TypeVar

from runs.answers.beside import COPIES, Beside, cores, leave_with_parent
from runs.answers.drawing import Drawn, drawn, warm_up
from runs.answers.parts import Picture

T = TypeVar("T")
MOST_BYTES = 1 << 25  # of an answer that travels; a larger one is drawn here


class Painter(Beside):
    """Draws when asked. Use it as a context."""

    get_ready = staticmethod(warm_up)

    def begin(
        self,
        pictures: Mapping[str, Picture],
        kinds: Collection[str],
        say: Callable[[str], None] = lambda words: None,
    ) -> Canvas:
        """Have pictures drawn as `drawn` does; they are there when asked for."""
        here = partial(drawn, pictures, say, kinds)
        parcel = _packed(pictures)
        return Canvas(here, None if parcel is None else self._submitted(_draw, parcel, tuple(kinds)))


class Canvas:
    """Pictures that are being drawn. here : draws them, if the other process has died or cannot."""

    def __init__(self, here: Callable[[], Drawn], there: Future[Drawn | None] | None = None) -> None:
        self._here, self._there = here, there

    def pictures(self) -> Drawn:
        """The pictures, once they are done."""
        return self._pictures

    @cached_property
    def _pictures(self) -> Drawn:
        found = None
        if self._there is not None:
            with contextlib.suppress(BrokenProcessPool):
                found = self._there.result()
        return self._here() if found is None else found


class _Bounded(io.BytesIO):
    def write(self, content: object) -> int:
        if self.tell() + len(memoryview(content)) > MOST_BYTES:  # type: ignore[arg-type]
            raise OverflowError
        return super().write(content)  # type: ignore[arg-type]


def _packed(pictures: Mapping[str, Picture]) -> bytes | None:
    """Pictures as they travel; None of what cannot, such as a rule's that stands in a script."""
    parcel = _Bounded()
    try:
        pickle.dump(dict(pictures), parcel, protocol=5)
    except Exception:  # whatever a person's own objects raise
        return None
    return parcel.getvalue()


# -- in the other process -------------------------------------------------------------------------


def _draw(parcel: bytes, kinds: tuple[str, ...]) -> Drawn | None:
    """The pictures; None if what arrives cannot be read, such as of a rule in a file of a person's own."""
    try:
        pictures = pickle.loads(parcel)
    except Exception:
        return None
    if COPIES and cores() > 1 and len(pictures) > 1:
        return _by_two(pictures, kinds)
    return drawn(pictures, kinds=kinds)


def _by_two(pictures: Mapping[str, Picture], kinds: tuple[str, ...]) -> Drawn:
    """Every other picture is drawn by a copy of this process, which has all that it takes."""
    names = list(pictures)
    other = {name: pictures[name] for name in names[1::2]}
    how = multiprocessing.get_context("fork")
    receiver, sender = how.Pipe(duplex=False)
    copy = how.Process(target=_send_drawn, args=(sender, other, kinds))
    copy.start()
    sender.close()
    mine = drawn({name: pictures[name] for name in names[::2]}, kinds=kinds)
    try:
        theirs = pickle.loads(receiver.recv_bytes())
    except EOFError:  # it has died
        theirs = drawn(other, kinds=kinds)
    copy.join()

    def in_order(a: Mapping[str, T], b: Mapping[str, T]) -> dict[str, T]:
        both = {**a, **b}
        return {key: both[key] for name in names for key in both if name in (key, key.rpartition(".")[0])}

    return Drawn(
        in_order(mine.pictures, theirs.pictures),
        in_order(mine.missing, theirs.missing),
        in_order(mine.files, theirs.files),
    )


def _send_drawn(sender: Connection, pictures: Mapping[str, Picture], kinds: tuple[str, ...]) -> None:
    threading.Thread(target=leave_with_parent, daemon=True).start()
    sender.send_bytes(pickle.dumps(drawn(pictures, kinds=kinds)))
