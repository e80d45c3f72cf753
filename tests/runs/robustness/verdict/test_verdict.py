"""Verdicts on planted cases, one of each kind, and each check against its bar."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

import letf
from analyzers.luck import probabilistic_sharpe
from benchmarks.planted import Case, cases, market
from benchmarks.verdicts import judged, spec_of
from runs.robustness.verdict.neighbours import Neighbour, neighbours_of
from runs.robustness.verdict.study import (
    FEW,
    LUCK,
    NO_EDGE,
    PARAMETERS,
    PERIOD,
    ROBUST,
    Check,
    Judgement,
    _ends,
    _enough,
    _parameters,
    _period,
    family_chance,
)
from runs.robustness.verdict.words import ENDS, headline
from tests.runs.command import letf as command


@pytest.mark.parametrize("rule", ["trend", "both sides", "dip"])
def test_a_strong_planted_edge_is_called_robust(rule):
    values = {"trend": 16, "both sides": 16, "dip": 5}
    case, verdict, _, _ = judged((Case(7, rule, "strong", 9, values[rule], False), 5))
    assert verdict == ROBUST, case


def test_of_noise_none_of_six_is_called_robust():
    of_noise = [case for case in cases(24, 9) if case.strength == "none"]
    assert len(of_noise) == 6
    assert {judged((case, 9))[1] for case in of_noise} <= {LUCK, NO_EDGE, FEW, PERIOD}


def test_the_same_case_is_the_same_market_and_another_is_not():
    one, other = Case(1, "trend", "weak", 6, 12, False), Case(2, "trend", "weak", 6, 12, False)
    assert market(one, 3).equals(market(one, 3))
    assert not market(one, 3).equals(market(other, 3))


def test_neighbours_of_a_sweep_are_the_next_values_beside_ones_own():
    spec = spec_of(Case(3, "trend", "medium", 6, 20, False), 1)
    run = letf.run(spec).result
    found = neighbours_of(spec, run.setting, None)
    assert [(each.key, each.value) for each in found] == [
        ("rule.bars", 16),
        ("rule.bars", 26),
        ("rule.buffer", 0.005),
    ]
    again = letf.run(spec.with_values({"rule.bars": 26, "data.start": str(run.days[0])}))
    assert found[1].sharpe == pytest.approx(again.metrics["sharpe"], abs=1e-8)


def test_without_a_sweep_each_number_is_a_fifth_smaller_and_larger():
    spec = letf.spec("rsi_timing", end="2003-12-31")
    found = neighbours_of(spec, letf.run(spec).result.setting, None)
    beside = {}
    for each in found:
        beside.setdefault(each.key, []).append(each.value)
    own = spec.resolved()
    assert beside["rule.rsi_bars"] == [own["rule"]["rsi_bars"] - 3, own["rule"]["rsi_bars"] + 3]
    assert beside["plan.stop"] == pytest.approx([own["plan"]["stop"] * 0.8, own["plan"]["stop"] * 1.2])
    assert "plan.fraction" not in beside


def test_a_step_that_loses_more_than_half_is_fragile_and_one_that_changes_nothing_is_none():
    own = 1.0
    near = [Neighbour("rule.bars", 9, 0.4), Neighbour("rule.bars", 11, 0.45)]
    idle = [Neighbour("rule.level", 1, own)] * 9
    check = _parameters(own, [*near, *idle])
    assert (check.passed, check.verdict) == (False, PARAMETERS)
    assert check.figure == pytest.approx(0.425)
    assert _parameters(own, [Neighbour("rule.bars", 9, 0.6), Neighbour("rule.bars", 11, 0.5)]).passed
    assert _parameters(own, idle).passed
    assert not _parameters(-1.0, near).passed


@pytest.mark.parametrize(("parts", "passed"), [([1, 1, 1, 1, -1], True), ([3, 3, 3, -0.1, 0.0], False)])
def test_four_of_five_parts_must_have_earned_more_than_cash(parts, passed):
    check = _period([float(part) for part in parts])
    assert (check.passed, check.verdict) == (passed, PERIOD)


def sharpe_of(excess):
    return excess.mean() / excess.std(ddof=1)


@pytest.mark.parametrize(
    ("means", "passed"), [((1, 1, 1, 1, 1), True), ((3, 3, 1, 0, 0), False), ((0, 0, 1, 3, 3), False)]
)
def test_an_edge_that_is_gone_or_only_came_is_fragile_to_period(means, passed):
    noise = 0.01 * np.tile([1.0, -1.0], 100)
    excess = np.concatenate([noise + 0.001 * mean for mean in means])
    check = _ends(excess)
    assert (check.passed, check.verdict) == (passed, PERIOD)
    error = [
        math.sqrt((1 + ratio**2 / 2) / 399) for ratio in (sharpe_of(excess[:400]), sharpe_of(excess[-400:]))
    ]
    sure = [sharpe_of(end) / e for end, e in zip((excess[:400], excess[-400:]), error, strict=True)]
    assert check.figure == pytest.approx(min(norm.cdf(sure)), rel=1e-9)


def test_the_chance_of_the_best_of_many_is_sidaks():
    spec = letf.spec("trend", end="2009-12-31")
    luck = letf.luck(spec, trials=25, draws=100, timings=100).luck
    one = 1 - probabilistic_sharpe(luck.sharpe / math.sqrt(252), 0, luck.periods, luck.skew, luck.kurtosis)
    assert family_chance(luck) == pytest.approx(1 - (1 - one) ** 25, rel=1e-9)
    # and of drawn normals the best of 25 is as good as that as often
    drawn = np.random.default_rng(0).normal(size=(100_000, 25)).max(axis=1)
    assert (drawn >= norm.isf(one)).mean() == pytest.approx(family_chance(luck), abs=0.01)


def test_the_folder_has_the_verdict_its_checks_and_the_other_studies(tmp_path):
    out = tmp_path / "out"
    small = ("--draws", 100, "--timings", 100, "--paths", 100)
    done = command(
        "robustness", "trend", "--start", "2003-01-02", "--end", "2012-12-31", *small, "--out", out
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(":")[0].split(",")[0] in {
        w.upper() for w in (LUCK, ROBUST, FEW, NO_EDGE, PERIOD)
    }
    names = {path.name for path in out.iterdir()}
    assert {"robustness.json", "checks.csv", "neighbours.csv", "report.html", "manifest.json"} <= names
    page = (out / "report.html").read_text()
    for heading in ("The verdict", "Parameters chosen anew", "Begun on any other day", "Other histories"):
        assert heading in page
    assert "Not asked: trend has no [sweep]" in page


def test_what_cannot_be_asked_is_one_sentence(tmp_path):
    done = command("robustness", "trend", "--paths", 3, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "letf: paths is 3; it must be a whole number, 100 to 100,000",
    )


def test_a_step_to_where_the_rule_never_trades_leaves_nothing_of_it():
    spec = letf.spec("rsi_timing", end="2003-12-31").with_values({"rule.overbought": 70})
    spec = spec.model_copy(update={"sweep": {"rule.overbought": [70, 99.99]}})
    (never,) = neighbours_of(spec, letf.run(spec).result.setting, None)
    assert (never.value, never.sharpe, never.refused) == (99.99, 0.0, None)
    assert not _parameters(1.0, [never]).passed


@pytest.mark.parametrize(("days", "said"), [(729, "1.99 years"), (731, "2.0 years")])
def test_a_time_that_is_too_short_does_not_read_as_long_enough(days, said):
    ends = np.array(["2018-01-02", "2018-01-02"], dtype="datetime64[D]") + np.array([0, days])
    check = _enough(SimpleNamespace(days=ends, trades=[None] * 260))
    assert (check.passed, f"260 trades in {said};" in check.said) == (days > 730, True)


def test_the_first_line_does_not_contradict_the_check_it_names():
    """Every part can have earned something, and the beginning or the end still not show an edge."""
    parts, ends = _period([1.0] * 5), Check(ENDS, False, PERIOD, 0.7, 0.9, "0.7; 0.9 is needed")
    line = headline(Judgement(None, None, [], [], [], [parts, ends]))
    assert line == (
        "FRAGILE TO PERIOD, as its edge does not show both at the beginning and at the end of the time: "
        "0.7; 0.9 is needed."
    )
