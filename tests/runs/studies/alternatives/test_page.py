"""The page of `letf alternatives`: its curves are those of the frames, and what a broker closed is marked."""

import datetime

import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.closer import Line, Marks


@pytest.fixture(scope="module")
def ways():
    return letf.alternatives("rsi_timing", index="nasdaq", end="2008-12-31")


def parts(answer, pane, kind):
    found = answer.pictures["alternatives"].closer()
    return {part.name: part for part in found.panes[pane].parts if isinstance(part, kind)}


def test_the_first_screen_says_what_each_way_gave(ways):
    table = ways.table
    trades = int(table["trades"].iloc[0])
    assert ways.asked == (
        f"{trades} trades of rsi_timing on nasdaq, 1999-01-04 to 2008-12-31 · 100,000 each way, the same "
        "exposure at entry · SOXS synthetic, option premiums modelled"
    )
    assert [figure.label for figure in ways.figures] == list(table["name"])
    for figure, (key, row) in zip(ways.figures, table.iterrows(), strict=True):
        assert figure.value == f"{100 * row['total_return']:+.1f} %".replace("-", "−")
        money = ways.equity[key]
        fall = 100 * (1.0 - money / money.cummax().clip(lower=100_000.0)).max()
        own = f"of it interest on cash: {row['interest']:+,.0f}; " if row["interest"] else ""
        lost = (
            f"at worst {100 * row['worst_against_stake']:.1f} % of the stake lost, {fall:.1f} % from a high"
        )
        assert figure.beside == own + lost
    assert ways.edge.word == "not asked: luck"
    assert ways.lead == "alternatives"


def test_the_lead_orders_the_ways_by_profit_and_says_how_much_of_it_is_interest(ways):
    """Interest enlarged later positions: profit less it is what no account made, and ranks nothing."""
    table = ways.table
    assert table["interest"].max() > 1_000

    def told(key):
        row = table.loc[key]
        part = f" (of it interest on cash: {row['interest']:+,.0f})" if row["interest"] else ""
        return f"{row['profit']:,.0f}{part}".replace("-", "−")

    best, worst = table["profit"].idxmax(), table["profit"].idxmin()
    assert (
        f"By profit {table['name'][best]} did best, {told(best)}, and {table['name'][worst]} worst, "
        f"{told(worst)}"
    ) in ways.headline
    rows = [row[0] for part in ways.sections for each in part.tables for row in each.rows]
    assert not any("without interest" in said for said in [ways.headline, *rows])


def test_in_words_a_loss_is_of_the_stake_and_from_a_high_and_theta_stands_with_gamma(ways):
    words = next(t for part in ways.sections for t in part.tables if t.words)
    rows = {row[0]: row[1:] for row in words.rows}
    for said, figure in zip(rows["risk"], ways.figures, strict=True):
        assert figure.beside.split("; ")[-1].split(", closed")[0] in said
    with_theta = [said for said in rows["costs"] if "theta" in said]
    assert with_theta
    assert all("gamma of" in said for said in with_theta)


def test_the_curves_are_those_of_the_frame(ways):
    names = dict(zip(ways.table.index, ways.table["name"], strict=True))
    lines, fallen = parts(ways, 0, Line), parts(ways, 1, Line)
    assert list(lines) == list(fallen) == list(names.values())
    for key, name in names.items():
        money = ways.equity[key]
        np.testing.assert_allclose(lines[name].values, money, rtol=1e-12)
        np.testing.assert_allclose(fallen[name].values, money / money.cummax() - 1.0, atol=1e-12)
        assert lines[name].dashed == ("(model)" in name)
    assert not parts(ways, 0, Marks)


def test_what_the_broker_closed_is_marked_on_its_day_and_a_ruin_does_not_flatten_the_rest():
    # An index that doubles within a week ruins whoever is short of it with a tenth of margin.
    days = pd.bdate_range("2015-01-02", periods=200)
    rng = np.random.default_rng(6)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.001, 0.02, 200)))
    close[150:] *= np.exp(np.minimum(np.arange(50), 6) * 0.12)
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=days)
    frame.index.name = "date"
    ways = letf.alternatives(
        "rsi_timing",
        index={"JUMPS": frame},
        rate=0.02,
        size="stake",
        set=["account.margin_rate=0.1", "plan.stop=none", "plan.max_bars=60", "rule.overbought=55"],
    )
    closed = {
        key.rpartition("_liquidation_")[0]: str(said)
        for key, said in reversed(ways.metrics.items())
        if "_liquidation_" in key
    }
    assert closed
    names = dict(zip(ways.table.index, ways.table["name"], strict=True))
    marks = parts(ways, 0, Marks)
    for key, said in closed.items():
        mark = next(own for name, own in marks.items() if name.startswith(f"{names[key]} closed"))
        first = datetime.date.fromisoformat(said[:10])
        assert mark.at[0] == np.datetime64(first)
        assert mark.values[0] == pytest.approx(ways.equity[key][pd.Timestamp(first)])
        assert said[11:] in mark.words[0]
    ruined = [names[key] for key in names if ways.equity[key].min() <= 100.0]
    for name, line in parts(ways, 0, Line).items():
        assert line.scales == (name not in ruined)
