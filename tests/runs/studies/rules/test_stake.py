"""The stake at which calls end: to a hundredth, by few runs, and with no more promised than was run."""

import pytest

from runs.studies.rules.stake import stake_without_calls


def tried_until(border):
    """A broker who calls below `border` times the stake; the answer, and every stake that was tried."""
    tried = []

    def is_called(stake):
        tried.append(stake)
        return stake < border

    return stake_without_calls(is_called), tried


@pytest.mark.parametrize(
    ("border", "stake"),
    [(6.8432, 6.85), (6.84, 6.84), (1.0001, 1.01), (1.01, 1.01), (9.999, 10.0), (10.0, 10.0), (2.5, 2.5)],
)
def test_it_is_the_border_rounded_up_to_a_hundredth(border, stake):
    found, tried = tried_until(border)
    assert found == pytest.approx(stake, abs=1e-12)
    assert found in tried
    assert round(found - 0.01, 2) in {*(round(each, 2) for each in tried), 1.0}  # 1 is the run itself
    assert len(tried) <= 11
    assert 1.0 not in tried


def test_beyond_ten_times_there_is_none():
    assert tried_until(10.001) == (None, [10.0])


def test_where_calls_come_and_go_what_is_returned_was_run_on_both_sides():
    """Called up to 2, free to 3, called to 6.5: two borders; either is one, and 3 is none."""
    seen = {}

    def is_called(stake):
        seen[round(stake, 2)] = stake < 2 or 3 <= stake < 6.5
        return seen[round(stake, 2)]

    found = stake_without_calls(is_called)
    assert found in (2.0, 6.5)
    assert not seen[found]
    assert seen[round(found - 0.01, 2)]
    assert all(called == (stake < found) for stake, called in seen.items())
