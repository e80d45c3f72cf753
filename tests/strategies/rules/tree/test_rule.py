"""Trees on bars: by hand, against a second evaluation, in both engines, and no later bar seen."""

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.market import Market, Prices
from letf_instruments import FactError, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from runs.sweeps.space.axes import grid_of
from strategies import AllocationPlan, Tree
from tests.conftest import random_bars
from tests.engine.kernel.parity import assert_same, both, lab_of
from tests.engine.kernel.test_weights import fund, wild_bars
from tests.strategies.arrival import assert_sees_no_later_bar
from tests.strategies.causality import market_of_bars

NAN = np.nan


def market_of(**closes):
    """A market of closes; the first name is the index's."""
    n = len(next(iter(closes.values())))
    days = np.datetime64("2020-01-06") + np.arange(n)
    made = {
        name: Prices(name, 1.0, *(np.array(c, dtype=float),) * 4, np.zeros(n)) for name, c in closes.items()
    }
    index, *others = made
    return Market(days.astype("datetime64[m]"), made[index], {name: made[name] for name in others})


def targets(tree, market, **numbers):
    return Tree(Tree.Params(tree=tree, numbers=numbers)).checked_targets(market)


def rows(found):
    return {
        name: [None if np.isnan(w) else round(float(w), 6) for w in each]
        for name, each in found.weights.items()
    }


# -- by hand --------------------------------------------------------------------------------------------

IDX = [100, 102, 101, 99, 104, 105]
# RSI(2) of UP by Wilder. Seed: gains 2 and 0, losses 0 and 1: 1 against .5, 66.67. Then a gain of 3:
# (1 + 3)/2 = 2 against .25, 88.89; a loss of 4: 1 against 2.125, 32; a gain of 2: 1.5 against 1.0625, 58.54.
UP = [50, 52, 51, 54, 50, 52]
DOWN = [80, 78, 79, 75, 76, 70]


def test_an_if_within_an_if():
    # The average of three: 101, 100.67, 101.33, 102.67: the index is above it at 104 and 105 alone.
    tree = {
        "if": "price(IDX) > sma(IDX, 3)",
        "then": {"if": "rsi(UP, 2) < 40", "then": "cash", "else": "UP"},
        "else": {"if": "rsi(UP, 2) > hot", "then": "DOWN", "else": {"weights": {"UP": 0.6, "DOWN": 0.4}}},
    }
    found = targets(tree, market_of(IDX=IDX, UP=UP, DOWN=DOWN), hot=80)
    assert rows(found) == {"UP": [None, None, 0.6, 0, 0, 1], "DOWN": [None, None, 0.4, 1, 0, 0]}
    reasons = ["", *found.states]
    assert [reasons[code] for code in found.state_codes()] == [
        "",
        "",
        "rsi(UP, 2) <= 80",
        "rsi(UP, 2) > 80",
        "rsi(UP, 2) < 40",
        "rsi(UP, 2) >= 40",
    ]


def test_a_list_of_ifs_takes_the_first_that_holds():
    # Returns of two bars: +1 %, −2.94 %, +2.97 %, +6.06 %.
    tree = [
        {"if": "return(IDX, 2) > .05", "then": "UP"},
        {"if": "return(IDX, 2) > .02", "then": {"equal": ["UP", "DOWN", "cash"]}},
        {"if": "return(IDX, 2) < 0", "then": "cash"},
        "DOWN",
    ]
    found = targets(tree, market_of(IDX=IDX, UP=UP, DOWN=DOWN))
    assert rows(found) == {"UP": [None, None, 0, 0, 0.333333, 1], "DOWN": [None, None, 1, 0, 0.333333, 0]}


@pytest.mark.parametrize(
    ("which", "held"),
    [
        # Returns of one bar in per cent: IDX +2, −1, −2, +5, +1; UP +4, −1.9, +5.9, −7.4, +4; DOWN −2.5,
        # +1.3, −5.1, +1.3, −7.9.
        ("top", "UP DOWN UP IDX UP"),
        ("bottom", "DOWN UP DOWN UP DOWN"),
    ],
)
def test_the_strongest_and_the_weakest_of_a_list(which, held):
    found = targets(
        {which: 1, "by": "return(1)", "of": ["IDX", "UP", "DOWN"]}, market_of(IDX=IDX, UP=UP, DOWN=DOWN)
    )
    names = list(found.weights)
    matrix = np.array([found.weights[name] for name in names])
    assert np.isnan(matrix[:, 0]).all()
    assert [names[i] for i in matrix[:, 1:].argmax(axis=0)] == held.split()
    assert (matrix[:, 1:].sum(axis=0) == 1).all()


def test_of_equals_the_first_in_the_list_is_picked():
    flat = [100.0] * 4
    found = targets({"top": 2, "by": "rsi(2)", "of": ["B", "A", "IDX"]}, market_of(IDX=flat, A=flat, B=flat))
    assert rows(found) == {
        "B": [None, None, 0.5, 0.5],
        "A": [None, None, 0.5, 0.5],
        "IDX": [None, None, 0, 0],
    }


def test_inverse_volatility_by_hand():
    # Log returns of A are ±a, of B ±2a: its deviation is twice A's, so it gets half of A's weight.
    a = np.exp(0.01 * np.array([0, 1, 0, 1, 0]))
    found = targets({"inverse_volatility": 2, "of": ["A", "B"]}, market_of(IDX=a, A=a, B=a**2))
    assert rows(found) == {"A": [None] * 2 + [0.666667] * 3, "B": [None] * 2 + [0.333333] * 3}


def test_all_goes_to_what_does_not_move():
    a, flat = [100, 101, 100, 101], [50.0] * 4
    found = targets({"inverse_volatility": 2, "of": ["A", "B"]}, market_of(IDX=a, A=a, B=flat))
    assert rows(found)["B"] == [None, None, 1, 1]


def test_volatility_is_annualised():
    # Log returns of +1 and −1 per cent: the deviation of two is √2 per cent, √(2 · 252) a year: 22.45 %.
    a = np.exp(0.01 * np.array([0, 1, 0, 1]))
    assert rows(
        targets({"if": "volatility(A, 2) > .2244", "then": "A", "else": "cash"}, market_of(IDX=a, A=a))
    )["A"] == [None, None, 1, 1]
    assert rows(
        targets({"if": "volatility(A, 2) > .2246", "then": "A", "else": "cash"}, market_of(IDX=a, A=a))
    )["A"] == [None, None, 0, 0]


def test_nothing_is_known_until_every_indicator_is_that_of_a_branch_not_taken_too():
    tree = {
        "if": "price(IDX) > 0",
        "then": "UP",
        "else": {"if": "sma(IDX, 5) > 0", "then": "UP", "else": "cash"},
    }
    assert rows(targets(tree, market_of(IDX=IDX, UP=UP)))["UP"] == [None] * 4 + [1, 1]


def test_a_fund_that_is_wiped_out_does_not_stop_the_tree_and_is_not_picked():
    dead = [10, 11, 10, 0, 0, 0]
    market = market_of(IDX=IDX, UP=UP, DEAD=dead)
    found = targets({"top": 1, "by": "rsi(2)", "of": ["DEAD", "UP"]}, market)
    assert rows(found)["UP"][3:] == [1, 1, 1]
    calm = {"if": "volatility(DEAD, 2) < 1e9", "then": "DEAD", "else": "UP"}
    assert rows(targets(calm, market))["UP"] == [None, None, 0, 1, 1, 1]


# -- another evaluation ---------------------------------------------------------------------------------


def rsi_by_recursion(close, n):
    change = close.diff()
    gain, loss = change.clip(lower=0), -change.clip(upper=0)
    out = pd.Series(NAN, close.index)
    up, down = gain.iloc[1 : n + 1].mean(), loss.iloc[1 : n + 1].mean()
    for t in range(n, len(close)):
        if t > n:
            up, down = (up * (n - 1) + gain.iloc[t]) / n, (down * (n - 1) + loss.iloc[t]) / n
        out.iloc[t] = 100 * up / (up + down)
    return out


def test_a_second_evaluation_bar_by_bar_says_the_same():
    """A walk by `if` and `else` in Python over indicators of pandas."""
    bars = random_bars(3, 700)
    market = market_of_bars(bars)
    tree = {
        "if": "price(index) > ema(index, 100)",
        "then": [
            {"if": "rsi(SOXL, 10) > hot", "then": "cash"},
            {"if": "rsi(SOXL, 10) > rsi(SOXS, 10)", "then": "SOXL"},
            {"inverse_volatility": 20, "of": ["SOXL", "index"]},
        ],
        "else": {
            "if": "volatility(SOXL, 30) >= .9",
            "then": {"top": 2, "by": "return(15)", "of": ["SOXL", "SOXS", "index"]},
            "else": {"weights": {"SOXS": 0.25, "index": 0.5}},
        },
    }
    found = targets(tree, market, hot=65)
    close = {name: pd.Series(market[name].close) for name in ("index", "SOXL", "SOXS")}
    logs = {name: np.log(c).diff() for name, c in close.items()}
    span = close["index"].rolling(100).mean()
    ema = span.copy()
    for t in range(100, len(ema)):
        ema.iloc[t] = ema.iloc[t - 1] + 2 / 101 * (close["index"].iloc[t] - ema.iloc[t - 1])
    rsi = {name: rsi_by_recursion(close[name], 10) for name in ("SOXL", "SOXS")}
    vol20 = {name: logs[name].rolling(20).std() * 252**0.5 for name in close}
    vol30 = logs["SOXL"].rolling(30).std() * 252**0.5
    gained = {name: c.pct_change(15) for name, c in close.items()}
    seen = set()
    for t in range(len(bars)):
        have = {name: found.weights[name][t] for name in close}
        if t < 99:
            assert np.isnan(list(have.values())).all(), t
            continue
        want = dict.fromkeys(close, 0.0)
        if close["index"][t] > ema[t]:
            if rsi["SOXL"][t] > 65:
                seen.add("hot")
            elif rsi["SOXL"][t] > rsi["SOXS"][t]:
                want["SOXL"] = 1.0
                seen.add("strong")
            else:
                inverse = {name: 1 / vol20[name][t] for name in ("SOXL", "index")}
                want |= {name: each / sum(inverse.values()) for name, each in inverse.items()}
                seen.add("weighed")
        elif vol30[t] >= 0.9:
            for name in sorted(gained, key=lambda name: -gained[name][t])[:2]:
                want[name] = 0.5
            seen.add("wild")
        else:
            want |= {"SOXS": 0.25, "index": 0.5}
            seen.add("calm")
        assert have == pytest.approx(want, abs=1e-9), t
    assert seen == {"hot", "strong", "weighed", "wild", "calm"}


# -- no later bar, both engines, the run ----------------------------------------------------------------

FULL = {
    "if": "price(index) > sma(index, 20)",
    "then": {"if": "rsi(SOXL, 10) > 60", "then": {"equal": ["SOXL", "cash"]}, "else": "SOXL"},
    "else": [
        {"if": "volatility(SOXL, 10) > ema(index, 5)", "then": "cash"},
        {"if": "return(SOXS, 5) > .1", "then": {"inverse_volatility": 10, "of": ["SOXL", "index", "SOXS"]}},
        {"top": 1, "by": "rsi(5)", "of": ["SOXL", "SOXS", "index"]},
    ],
}


def test_a_tree_sees_no_later_bar():
    rule = Tree(Tree.Params(tree=FULL), AllocationPlan(schedule="weekly", band=0.05))
    assert_sees_no_later_bar(rule, random_bars(11, 260))


@pytest.mark.parametrize("seed", range(5))
def test_orders_fills_and_equity_are_the_same_in_both_engines(seed):
    rng = np.random.default_rng(seed)
    lab = lab_of(wild_bars("TEST", rng, 200, 0.03), [fund(3, "SOXL"), fund(-3, "SOXS")], short_rate=0.02)
    rule = Tree(Tree.Params(tree=FULL), AllocationPlan(band=0.1))
    reference, here = both(lab, rule)
    assert len(reference[0]) > 5
    assert_same(reference, here)


def test_the_branch_taken_is_the_reason_of_a_trade():
    run = run_backtest(load_spec("tree"))
    reasons = {trade.exit_reason for trade in run.trades}
    assert {
        "rsi(SOXL, 10) > 79",
        "rsi(SOXL, 10) < 31",
        "volatility(index, 20) <= 0.4: top 1 by rsi(10)",
    } <= reasons


def test_what_a_condition_reads_must_be_in_the_run(tmp_path):
    (tmp_path / "s.toml").write_text(
        'strategy = "tree"\n[rule]\ntree = {if = "rsi(TQQQ, 10) > 79", then = "cash", else = "SOXL"}\n'
    )
    says = (
        r"rule\.tree reads rsi\(TQQQ, 10\), but the market has no 'TQQQ'; it has .*; name TQQQ in data\.funds"
    )
    with pytest.raises(SpecError, match=says):
        run_backtest(load_spec(tmp_path / "s.toml"))
    with pytest.raises(FactError, match="no fund named 'FOO'"):
        run_backtest(load_spec(tmp_path / "s.toml", ["rule.tree.else=FOO"]))


def test_a_condition_that_decides_nothing_is_noted():
    tree = {
        "if": "return(IDX, 1) > 5",
        "then": "UP",
        "else": {"if": "price(UP) > 0", "then": "UP", "else": "cash"},
    }
    said = Tree(Tree.Params(tree=tree)).notes(market_of(IDX=IDX, UP=UP))
    assert said == [
        "rule.tree.if: return(IDX, 1) > 5 holds on no bar of this run",
        "rule.tree.else.if: price(UP) > 0 holds on every bar of this run",
    ]


# -- specs, sweeps --------------------------------------------------------------------------------------


CONDITION = 'if = "rsi(SOXL, 10) > 79"'
INLINE = f'{{{CONDITION}, then = "cash", else = '
DEEP = {
    "tables": f"[rule.tree{'.else' * 3_000}]\n{CONDITION}\n",
    "inline": f'[rule]\ntree = {INLINE * 3_000}"cash"{"}" * 3_000}',
}


@pytest.mark.parametrize("form", DEEP)
def test_a_tree_nested_3_000_deep_is_refused_in_a_sentence(form, tmp_path):
    (tmp_path / "s.toml").write_text(f'strategy = "tree"\n{DEEP[form]}')
    with pytest.raises(SpecError, match=r"nested too deeply|rule\.tree has else, which makes no node"):
        load_spec(tmp_path / "s.toml")


def test_one_from_a_script_too():
    deep = "cash"
    for _ in range(3_000):
        deep = {"if": "rsi(SOXL, 10) > 79", "then": "cash", "else": deep}
    with pytest.raises(SpecError, match="nested too deeply"):
        letf.run("tree", rule={"tree": deep})


def test_a_sweep_varies_the_numbers_of_a_tree():
    grid = grid_of(load_spec("tree"))
    assert [axis.key for axis in grid.axes] == ["rule.numbers.hot", "rule.numbers.cold"]
    for change, says in {
        "sweep.rule.numbers={hott=[70, 80]}": r"unknown key rule\.numbers\.hott; .*did you mean hot\?",
        'sweep.rule.numbers={hot=["a", 80]}': r"sweep\.rule\.numbers\.hot: rule\.numbers\.hot is 'a'; it sh",
    }.items():
        with pytest.raises(SpecError, match=says):
            grid_of(load_spec("tree", [change]))
