"""What the benchmark of the sweep rests on: the same fills, and a comparison that sees what differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import __main__ as whole
from benchmarks.account_sweep import GRIDS, measure
from benchmarks.bare import bare_fills
from benchmarks.cluster import collect, jobs
from benchmarks.cluster import measure as on_workers
from benchmarks.figures import HEADS, KEPT, Figure, table, tell
from benchmarks.sweep_case import BARS, Part, check_same, our_fills, sweep_case
from runs.sweeps.engines.local import run_chunks


@pytest.mark.parametrize(
    ("bars", "every", "cells"),
    [(2_000, 23, 44), (BARS, 123, 9)],  # the latter down to tens of millions of shares, as it is measured
)
def test_the_bare_loop_has_the_fills_of_the_kernel_in_every_cell(bars, every, cells):
    case = sweep_case(bars=bars, every=every)
    mine, theirs = our_fills(case), bare_fills(case)
    assert len(mine) == cells
    assert len({len(fills) for fills, _ in mine}) > 1  # the cells are not all one and the same
    for cell in range(len(case)):
        check_same("bare", cell, theirs[cell], mine[cell])


FILLS = [(3, 100.0, 50.0), (5, 110.0, -50.0)]


@pytest.mark.parametrize(
    ("fills", "final", "says"),
    [
        ([(4, 100.0, 50.0), FILLS[1]], 1e6, "fill 0"),
        ([FILLS[0], (5, 110.0 + 1e-6, -50.0)], 1e6, "fill 1"),
        ([(3, 100.0, 51.0), FILLS[1]], 1e6, "fill 0"),
        (FILLS[:1], 1e6, "1 fills there and 2 here"),
        (FILLS, 1e6 + 0.01, "it ends with"),
    ],
)
def test_a_fill_or_an_end_that_is_not_the_same_is_said(fills, final, says):
    check_same("peer", 7, (FILLS, 1e6), (FILLS, 1e6))
    with pytest.raises(Part, match=f"peer, cell 7: {says}"):
        check_same("peer", 7, (fills, final), (FILLS, 1e6))


def test_a_case_in_which_an_entry_bar_meets_a_stop_is_refused():
    case = sweep_case(bars=2_000, every=500)
    with pytest.raises(Part, match="a stop or target is met"):
        type(case)(case.bars, case.ledger, case.stops * 0.1, case.targets, case.longest)


def test_the_sweeps_of_rules_that_see_their_account_have_10_000_cells_and_some_are_verified():
    assert [grid.size for grid in GRIDS.values()] == [10_000] * 3
    found = measure("tranches", cells=20, verified=1)
    assert (found.cells, found.verified) == (20, 1)
    assert found.fills > 100
    assert found.there > found.here > 0


def test_vectorbt_ends_each_path_with_the_same_money(monkeypatch):
    pytest.importorskip("vectorbt")
    from benchmarks import montecarlo

    monkeypatch.setattr(montecarlo, "SOME", 6)
    work = montecarlo.job(6)
    assert montecarlo.check(work) == 6
    monkeypatch.setattr(montecarlo, "CASH", 1.000_001 * montecarlo.CASH)  # of vectorbt's account alone
    with pytest.raises(montecarlo.Part, match="path 0 ends with"):
        montecarlo.check(work)


def test_a_cluster_s_rows_are_those_of_one_process_and_its_time_is_counted(tmp_path):
    pytest.importorskip("distributed")
    some = replace(jobs()["quick cells"], sample=np.arange(0, 134_400, 40))
    alone = collect(some, run_chunks(some, range(some.chunks), 1), str(tmp_path))
    found, total = on_workers(some, 2)
    assert total == alone
    assert found.chunks == some.chunks > 1
    assert min(found.cells, found.start, found.collecting, found.clock) > 0


@pytest.mark.parametrize(
    ("figure", "ratio", "held"),
    [
        (
            Figure("a run", 60.0, "ms", "backtrader 1.9", 480.0, 8.0, most=False),
            8.0,
            True,
        ),  # as fast at least
        (Figure("a run", 60.0, "ms", "backtrader 1.9", 479.0, 8.0, most=False), 479 / 60, False),
        (Figure("orders", 6.0, "s", "backtrader 1.9", 2.0, 3.0), 3.0, True),  # so many times as long at most
        (Figure("orders", 6.1, "s", "backtrader 1.9", 2.0, 3.0), 3.05, False),
        (Figure("help", 0.09, "s", limit=0.1), None, True),
        (Figure("help", 0.11, "s", limit=0.1), None, False),
        (Figure("a file", 3.0, "s", "a copy", 1.5), 2.0, None),
    ],
)
def test_a_bound_is_on_the_ratio_where_there_is_a_peer_and_on_the_value_where_not(figure, ratio, held):
    assert figure.ratio == (None if ratio is None else pytest.approx(ratio))
    assert figure.held is held
    assert figure.row()[-1] == {True: "held", False: "NOT HELD", None: ""}[held]


def test_what_is_told_is_kept_where_it_is_asked_for_and_comes_back_whole(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv(KEPT, str(tmp_path / "kept"))
    told = tell("a run", 60.0, "ms", "backtrader 1.9", 480.0, limit=8, most=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said == "a run 60 ms backtrader 1.9 480 ms 8 × ≥ 8 × held"
    monkeypatch.setattr(whole.subprocess, "run", lambda *_, env, **__: tell_there(env, told))
    assert whole.measured(["one_run", "sweep"]) == ([told, told], ["one_run", "sweep"])


def tell_there(env, figure):
    """As a benchmark in a process of its own, which fails at its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEPT, env[KEPT])
        tell(*figure)
    return type("Done", (), {"returncode": 1})


def test_columns_are_as_wide_as_their_longest_cell():
    rows = [HEADS, Figure("help", 0.05, "s", limit=0.1).row()]
    lines = table(rows).splitlines()
    assert lines[0].startswith("what  letf-lab")
    assert lines[1].split() == ["help", "0.05", "s", "≤", "0.1", "held"]
    assert (
        len({line.index(word) + len(word) for line, word in zip(lines, ("letf-lab", "0.05 s"), strict=True)})
        == 1
    )


def test_what_is_slower_than_at_the_last_commit_on_such_a_machine_is_marked(monkeypatch, tmp_path):
    monkeypatch.setattr(whole, "RESULTS", tmp_path / "results.csv")
    for commit, machine, value in (("aaa", "here", 2.0), ("bbb", "here", 1.0), ("bbb", "there", 0.1)):
        whole.keep([Figure("a run", value, "s")], commit, machine)
    kept = whole.read()
    found = whole.before("a run", kept, "here", "ccc+")
    assert found == ("bbb", 1.0)
    assert whole.before("a run", kept, "here", "bbb+") == ("aaa", 2.0)
    assert whole.before("another", kept, "here", "ccc") is None
    assert whole.slip(Figure("a run", 1.1, "s"), found) == ""
    assert whole.slip(Figure("a run", 1.3, "s"), found) == "SLIPPED: 1 s at bbb, 1.30 × now"


def test_a_benchmark_that_is_not_there_is_one_sentence(capsys):
    assert whole.main(["two_runs"]) == 2
    assert capsys.readouterr().err.startswith("no benchmark two_runs; there are starts, one_run")
