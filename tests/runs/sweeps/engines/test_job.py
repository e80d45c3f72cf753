"""Which cells are run, and in which chunks: of the grid, the sample and the engine alone."""

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.sweeps.engines.job import CHUNK, Job, draw_cells
from runs.sweeps.space.grid import Axis, Grid


def grid(signals: int, plans: int) -> Grid:
    return Grid((Axis("rule.a", tuple(range(signals))), Axis("plan.b", tuple(range(plans)))))


def chunks(job: Job) -> list[list[int]]:
    return [job.cells(chunk).tolist() for chunk in range(job.chunks)]


def job(of: Grid, engine: str = "backtrader", sample=None) -> Job:
    return Job(None, of, engine, sample=None if sample is None else np.array(sample))  # type: ignore[arg-type]


def test_cells_with_the_same_signals_stay_together():
    assert CHUNK["backtrader"] == 8
    assert chunks(job(grid(4, 3))) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]  # two blocks of 3 in 8


def test_a_block_beyond_the_limit_is_cut_and_shares_no_chunk():
    assert chunks(job(grid(2, 11))) == [
        list(range(8)),
        [8, 9, 10],
        list(range(11, 19)),
        [19, 20, 21],
    ]


def test_a_sample_is_cut_by_the_blocks_too():
    # blocks of 4: 0..3, 4..7, 8..11; drawn of them 3, 2 and 4: the third does not fit beside the others
    assert chunks(job(grid(3, 4), sample=[0, 1, 3, 4, 7, 8, 9, 10, 11])) == [[0, 1, 3, 4, 7], [8, 9, 10, 11]]
    many = list(range(2, 20))
    assert chunks(job(grid(2, 20), sample=[*many, 21])) == [many[:8], many[8:16], many[16:], [21]]


@pytest.mark.parametrize("engine", CHUNK)
@pytest.mark.parametrize("shape", [(1, 1), (5000, 1), (1, 5000), (70, 61), (3, 2000), (3, 2001)])
def test_chunks_hold_every_cell_once_and_keep_to_their_limit(engine, shape):
    of = grid(*shape)
    for sample in (None, np.arange(of.size)[:: 1 + of.size // 300]):
        found = chunks(job(of, engine, sample))
        flat = [cell for chunk in found for cell in chunk]
        assert flat == (list(range(of.size)) if sample is None else sample.tolist())
        assert max(map(len, found)) <= CHUNK[engine]
        assert min(map(len, found)) >= 1


def test_a_sample_is_drawn_by_its_seed_all_different_and_sorted():
    for size, count in ((1000, 900), (10**15, 1000)):
        of = Grid((Axis("rule.a", range(size)),))  # type: ignore[arg-type]
        one, same, other = (draw_cells(of, count, seed) for seed in (1, 1, 2))
        assert one is not None
        assert one.tolist() == same.tolist() == sorted(set(one.tolist()))
        assert len(one) == count
        assert one.tolist() != other.tolist()
        assert one[0] >= 0
        assert one[-1] < size


def test_every_cell_is_as_likely_to_be_drawn():
    of = Grid((Axis("rule.a", tuple(range(12))),))
    for count in (3, 9):  # by rejection, and by permutation
        drawn = np.concatenate([draw_cells(of, count, seed) for seed in range(4000)])
        share = np.bincount(drawn, minlength=12) / 4000
        assert np.abs(share - count / 12).max() < 0.03  # 4 standard errors: 4·√(¼·¾/4000) = 0.027


def test_as_many_as_there_are_is_the_whole_grid():
    assert draw_cells(grid(2, 3), 6, 1) is None
    assert draw_cells(grid(2, 3), None, 1) is None


def test_a_grid_of_a_billion_asks_for_a_sample():
    of = Grid(tuple(Axis(f"rule.p{i}", tuple(range(1000))) for i in range(3)))
    for count in (None, 6_000_000):
        with pytest.raises(SpecError, match="1,000,000,000 cells; draw some of them with --sample N"):
            draw_cells(of, count, 1)
