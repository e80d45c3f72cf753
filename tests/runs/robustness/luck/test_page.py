"""The page of luck: draws, random timings and marks as the frames have them, and what the verdict says."""

from dataclasses import replace

import numpy as np
import pytest

import letf
from runs.answers.closer import Bars, Marks
from runs.robustness.luck.first import verdict_of
from tests.runs.robustness.pages import all_parts, checked_first_screen, closer_of


@pytest.fixture(scope="module")
def answer():
    return letf.luck("pullback", end="2006-12-31", trials=25, draws=200, timings=200)


def test_the_first_screen_has_sharpe_and_what_luck_makes_of_it(answer):
    labels = checked_first_screen(answer, "pullback on nasdaq, 1999-01-04 to 2006-12-29")
    assert labels[:3] == ["Sharpe ratio", "probability of more than luck", "random timings as good"]
    assert answer.figures[1].value == f"{100 * answer.metrics['deflated_sharpe']:.1f} %"
    # One figure, written alike wherever it is said.
    assert f"a probability of {answer.figures[1].value}" in answer.headline
    assert f"has, with {answer.figures[1].value} (deflated" in answer.sections[0].sentences[0]
    assert answer.figures[2].value == f"{100 * answer.metrics['random_timing_as_good']:.1f} %"
    assert answer.figures[4].value == f"{100 * answer.metrics['spa_index']:.1f} %"


@pytest.mark.parametrize(
    ("pane", "column"), [(0, "sharpe_of_days_drawn_again"), (1, "sharpe_of_random_timing")]
)
def test_bars_count_the_draws(answer, pane, column):
    drawn = answer.frames["draws"][column].dropna()
    (bars,) = all_parts(closer_of(answer, "luck"), Bars, pane).values()
    assert bars.heights.sum() == len(drawn)
    counted = [((drawn >= a) & (drawn < b)).sum() for a, b in zip(bars.left, bars.right, strict=True)]
    assert counted == list(bars.heights)


def test_the_rule_luck_alone_and_the_index_are_marked(answer):
    panes = closer_of(answer, "luck")
    marks = all_parts(panes, Marks, 0)
    assert all(panes.x[0] <= part.at[0] <= panes.x[-1] for part in marks.values())
    at = {name.rsplit(" ", 1)[0]: part.at[0] for name, part in marks.items()}
    bands = answer.bands.set_index(["what", "measure"])["measured"]
    assert at["the rule"] == pytest.approx(bands["rule", "sharpe"])
    assert at["nasdaq held"] == pytest.approx(bands["index", "sharpe"])
    assert at["luck alone"] == pytest.approx(answer.metrics["expected_best_sharpe"])


@pytest.mark.parametrize(
    ("sharpe", "sure", "as_good", "word", "tone"),
    [
        (-0.1, 0.99, 0.0, "no edge", "bad"),
        (1.0, 0.94, 0.0, "may be luck", "bad"),
        (1.0, 0.96, 0.2, "may be luck", "bad"),
        (1.0, 0.96, 0.0, "more than luck", "good"),
    ],
)
def test_the_verdict_says_what_luck_found(answer, sharpe, sure, as_good, word, tone):
    assert answer.edge == verdict_of(answer.luck)
    own = np.quantile(answer.luck.timing.sharpe, 1 - as_good) + 1e-9
    timing = replace(answer.luck.timing, own_sharpe=float(own))
    clear = {"cash": 0.01, "index": 0.01}
    found = verdict_of(replace(answer.luck, sharpe=sharpe, deflated=sure, timing=timing, superior=clear))
    assert (found.word, found.tone) == (word, tone)
    if sure == 0.94:
        assert "is more than luck is 94.0 %, and 95 % is needed" in found.said


def test_a_rule_that_beats_cash_and_is_not_shown_to_beat_an_index_is_not_called_more_than_luck(answer):
    timing = replace(answer.luck.timing, own_sharpe=9.9)
    found = replace(answer.luck, sharpe=1.0, deflated=0.96, timing=timing)
    better = replace(found, superior={"cash": 0.01, "index": 0.04})
    assert verdict_of(better).word == "more than luck"
    open_ = verdict_of(replace(found, superior={"cash": 0.01, "index": 0.074, "SOXL": 0.526}))
    assert (open_.word, open_.tone) == ("beats cash", "open")
    assert "not shown to be better than holding nasdaq (p = 0.07) and SOXL (p = 0.53)" in open_.said


def test_a_year_is_that_of_the_run_s_page(answer):
    run = answer.luck.run
    for name, prefix in (("rule", ""), ("index", "hold_index_")):
        for key in ("cagr", "calmar", "total_return"):
            measured = answer.luck.lines[name][key].measured
            assert measured == pytest.approx(run.metrics[prefix + key], rel=1e-9)
    assert answer.metrics["rule_cagr"] == pytest.approx(run.metrics["cagr"], rel=1e-9)
