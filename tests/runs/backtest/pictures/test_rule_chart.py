"""The picture of a rule at work shows the rule's own conditions, levels and weights."""

import numpy as np
import pytest

from runs.answers.canvas import png
from runs.backtest.pictures.rule_chart import has_chart, rule_chart
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest


def words(figure):
    """All that is written in a figure, legends included."""
    texts = [t.get_text() for axis in figure.axes for t in axis.texts]
    for axis in figure.axes:
        legend = axis.get_legend()
        texts += [t.get_text() for t in legend.get_texts()] if legend else []
        texts += [axis.get_ylabel(), axis.get_title()]
    texts += [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    return " | ".join([figure.get_suptitle(), *texts])


@pytest.fixture(scope="module")
def timing():
    return run_backtest(load_spec("rsi_timing", ["data.end=2005-12-31"]))


def test_each_condition_and_exit_of_the_rule_has_its_row(timing):
    shown = words(rule_chart(timing))
    signals = timing.rule.checked_signals(timing.market())
    for name in (*signals.entry, *signals.exit):
        assert name in shown
    assert "dividends in" not in shown  # a rule reads quotes


def test_the_span_shown_is_the_one_with_the_most_trades(timing):
    shown = rule_chart(timing).get_suptitle()
    entries = np.array([t.entry_date for t in timing.trades])
    days = timing.days
    most = max(
        int(((entries >= days[i]) & (entries <= days[min(i + 249, len(days) - 1)])).sum())
        for i in range(len(days))
    )
    assert f"{most} of {len(timing.trades)} trades" in shown


def test_weights_are_drawn_as_they_were_wanted_and_as_they_were():
    run = run_backtest(
        load_spec("trend", ["data.end=2005-12-31", "rule.target_volatility=0.4", "plan.band=0.1"])
    )
    figure = rule_chart(run)
    drawn = [np.asarray(line.get_ydata(), dtype=float) for axis in figure.axes for line in axis.get_lines()]
    target = run.rule.checked_targets(run.market()).weights["SOXL"]
    assert any(len(y) == len(target) and np.array_equal(y, target, equal_nan=True) for y in drawn)
    assert any(len(y) == len(run.equity) and np.allclose(y, run.exposure_net, atol=1e-9) for y in drawn)
    assert "uptrend" in words(figure)


def test_the_same_run_gives_the_same_picture_and_a_plain_strategy_has_none(timing, tmp_path):
    assert png(rule_chart(timing)) == png(rule_chart(timing))
    (tmp_path / "own.py").write_text("import backtrader as bt\n\nclass Own(bt.Strategy):\n    pass\n")
    (tmp_path / "s.toml").write_text('strategy = "own.py:Own"\n[data]\nend = 2001-12-31\n')
    assert has_chart(timing)
    assert not has_chart(run_backtest(load_spec(tmp_path / "s.toml")))
