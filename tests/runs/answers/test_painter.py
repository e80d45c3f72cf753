"""Pictures drawn in another process: they are what this one draws, whatever becomes of the other."""

import os
import signal
from functools import partial

import numpy as np
import pytest

from runs.answers import painter as module
from runs.answers.beside import COPIES
from runs.answers.canvas import new_figure
from runs.answers.drawing import drawn
from runs.answers.painter import Painter
from runs.answers.parts import Picture


def line(values):
    figure, (axis,) = new_figure("a line", False)
    axis.plot(values)
    return figure


def torn():
    raise ArithmeticError("no such line")


PICTURES = {
    "line": Picture("a line", partial(line, np.arange(3.0))),
    "torn": Picture("none", torn),
    "extra": Picture("a line", partial(line, np.arange(4.0)), extra=True),
}


@pytest.fixture(scope="module")
def painter():
    with Painter() as started:
        yield started


@pytest.mark.parametrize(("kinds", "many"), [(("png",), 1), (("png", "svg"), 2), (("png", "svg", "all"), 4)])
def test_the_files_and_the_words_on_what_is_missing_are_the_same(painter, kinds, many):
    here, there = drawn(PICTURES, kinds=kinds), painter.begin(PICTURES, kinds).pictures()
    assert (there.files, there.pictures, there.missing) == (here.files, here.pictures, here.missing)
    assert "no such line" in there.missing["torn"]
    assert len(there.files) == many


def in_a_process_that_draws_nothing(monkeypatch):
    """So that what comes was drawn here."""
    monkeypatch.setattr(Painter, "_submitted", lambda *_: pytest.fail("it has travelled"))


def test_what_cannot_travel_is_drawn_here(painter, monkeypatch):
    in_a_process_that_draws_nothing(monkeypatch)
    own = {"line": Picture("a line", lambda: line(np.arange(3.0)))}
    assert painter.begin(own, ("png",)).pictures().files == drawn(PICTURES).files


def test_what_is_too_large_to_travel_is_drawn_here(painter, monkeypatch):
    in_a_process_that_draws_nothing(monkeypatch)
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert painter.begin(PICTURES, ("png",)).pictures() == drawn(PICTURES)


def test_what_the_other_process_cannot_read_is_drawn_here(painter, monkeypatch):
    monkeypatch.setattr(module, "_packed", lambda pictures: b"no parcel")
    assert painter.begin(PICTURES, ("png",)).pictures() == drawn(PICTURES)


def test_if_the_process_dies_this_one_draws():
    with Painter() as dying:
        begun = dying.begin(PICTURES, ("png",))
        for worker in dying._pool._processes:
            os.kill(worker, signal.SIGKILL)
        assert begun.pictures() == drawn(PICTURES)
        assert dying.begin(PICTURES, ("png",)).pictures() == drawn(PICTURES)


def line_here_alone(process):
    return line(np.arange(5.0)) if os.getpid() == process else os._exit(1)


@pytest.mark.skipif(not COPIES, reason="no process is a copy of another here")
def test_two_processes_draw_what_one_does_in_the_same_order():
    many = {f"{i}.{i}": Picture("a line", partial(line, np.arange(i + 2.0))) for i in range(3)} | PICTURES
    for kinds in (("png",), ("png", "svg", "all")):
        two, one = module._by_two(many, kinds), drawn(many, kinds=kinds)
        assert two == one
        assert [list(kept) for kept in (two.files, two.pictures)] == [list(one.files), list(one.pictures)]


@pytest.mark.skipif(not COPIES, reason="no process is a copy of another here")
def test_if_the_copy_dies_the_painter_draws_its_half():
    many = {"line": PICTURES["line"], "once": Picture("a line", partial(line_here_alone, os.getpid()))}
    assert module._by_two(many, ("png",)) == drawn(many)


def test_no_process_is_left():
    with Painter() as started:
        (worker,) = started._pool._processes.values()
        assert worker.is_alive()
    assert not worker.is_alive()
