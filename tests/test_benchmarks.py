"""What the benchmark of the sweep rests on: the same fills, and a comparison that sees what differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.account_sweep import GRIDS, measure
from benchmarks.bare import bare_fills
from benchmarks.cluster import collect, jobs
from benchmarks.cluster import measure as on_workers
from benchmarks.sweep_case import Part, check_same, our_fills, sweep_case
from runs.sweeps.engines.local import run_chunks


def test_the_bare_loop_has_the_fills_of_the_kernel_in_every_cell():
    case = sweep_case(bars=2_000, every=23)
    mine, theirs = our_fills(case), bare_fills(case)
    assert len(mine) == 44
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
    assert [grid.size for grid in GRIDS.values()] == [10_000, 10_000]
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
    monkeypatch.setattr(montecarlo, "FRACTION", 0.51)
    monkeypatch.setattr(montecarlo, "_compiled", [])
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
