"""The tables of `letf alternatives`: the comparison in words, the figures behind it, and as frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzers import underwater
from runs.answers.words import MINUS, listed, number, percent, share, times, with_caveats
from runs.backtest.spans import foreign_indexes
from runs.studies.alternatives.metrics import PARTS
from runs.studies.alternatives.view import Alternatives, Outcome

if TYPE_CHECKING:
    import pandas as pd

Rows = tuple[list[str], list[list[str]]]

PART_WORDS = {
    "index_move": "index, at fixed size",
    "compounding": "compounding (decay if negative)",
    "fund_financing": "financing inside the fund",
    "fund_fee": "fee inside the fund",
    "interest": "interest on cash and debt",
    "financing": "overnight financing",
    "borrow": "borrow fee",
    "trading_costs": "commission, spread, slippage",
    "protection": "borne by the provider",
    "option_delta": "option: delta",
    "option_gamma": "option: gamma",
    "option_theta": "option: theta",
    "option_vega": "option: vega",
    "option_rest": "option: rest",
}


def alternatives_headline(found: Alternatives) -> str:
    """The first lines: what was traded, and which way ended best and worst."""
    view = found.view
    mark = "SIMULATED data. " if found.simulated else ""
    name, index = found.spec.name, found.setting.bars.name
    fund = found.outcomes[0]
    closed = [f"{o.expression.name} {len(o.liquidations)}×" for o in found.outcomes if o.liquidations]
    said = (
        f"{mark}The {len(view.trades):,} trades of {name} on {index}, {found.days[0]} to {found.days[-1]}, "
        f"each way with {number(found.spec.account.cash, 0)}{_paid(fund)}. {_order(found)}"
    )
    said = with_caveats(said, foreign_indexes(found.setting, [view.fund]))
    shut = f" Closed by broker or provider: {listed(closed)}." if closed else ""
    return f"{said}{shut} Options have modelled premiums, not a market's."


def _order(found: Alternatives) -> str:
    """Which way ended best and worst by profit, and how much of either is interest: a fund's buyer is paid it
    on idle cash, and the holder of a CFD is not. Interest has enlarged later positions too, so a profit less
    it is what no account would have made, and ranks nothing."""

    def ended(outcome: Outcome) -> float:
        return float(outcome.metrics["profit"])  # type: ignore[arg-type]

    def told(outcome: Outcome) -> str:
        part = interest_in(outcome)
        return f"{number(ended(outcome), 0)}{f' ({part})' if part else ''}"

    best, worst = max(found.outcomes, key=ended), min(found.outcomes, key=ended)
    return (
        f"By profit {best.expression.name} did best, {told(best)}, and {worst.expression.name} worst, "
        f"{told(worst)}."
    )


def interest_in(outcome: Outcome) -> str:
    """How much of the profit cash earned, or debt cost, in money; "" where there is none."""
    interest = float(outcome.metrics["interest"])  # type: ignore[arg-type]
    if round(interest) == 0:
        return ""
    signed = f"{interest:+,.0f}".replace("-", MINUS)
    return f"of it interest on {'cash' if interest > 0 else 'debt'}: {signed}"


def _paid(outcome: Outcome) -> str:
    """What was paid in beside the stake, on balance."""
    if "put_in" not in outcome.metrics:
        return ""
    paid = outcome.metrics["final_equity"] - outcome.metrics["profit"] - outcome.stake  # type: ignore[operator]
    return f" and {number(paid, 0)} paid in while it ran, on balance"


def word_rows(found: Alternatives) -> Rows:
    """The founding comparison, short sale against fund, with CFDs beside it and numbers in it."""
    rows = {
        "borrow shares": _borrow,
        "trade": _trade,
        "leverage": _leverage,
        "risk": lambda o: _risk(o, found),
        "costs": lambda o: _costs(o, found.spec.account.cash),
    }
    return (
        ["", *(o.expression.name for o in found.outcomes)],
        [[name, *(say(o) for o in found.outcomes)] for name, say in rows.items()],
    )


def _borrow(outcome: Outcome) -> str:
    way = outcome.expression
    return "yes" if way.account == "cash" and way.side < 0 else "no"


def _trade(outcome: Outcome) -> str:
    way = outcome.expression
    if way.option is not None:
        return f"buy a {way.option}, premium modelled"
    if way.account == "cfd":
        return f"a contract, {'bought' if way.side > 0 else 'sold'}"
    return "short sale" if way.side < 0 else "buy an ETF"


def _leverage(outcome: Outcome) -> str:
    way, m = outcome.expression, outcome.metrics
    used = f"; {number(m['exposure_average'])}× used"  # type: ignore[arg-type]
    if way.option is not None:
        return f"{abs(m['total_multiple']):.3g}× the premium at purchase, mean; changes with the price{used}"  # type: ignore[arg-type]
    if way.account == "cfd":
        fund = "" if way.multiple == 1 else f" × {abs(way.multiple):g} = {abs(way.total_multiple):g}×"
        return f"up to {way.leverage:.4g}×{fund}{used}"
    if way.side < 0:
        return f"optional, up to {way.leverage:.4g}×{used}"
    return f"fixed {abs(way.multiple):g}× a day{used}" if way.multiple != 1 else f"none{used}"


def _risk(outcome: Outcome, found: Alternatives) -> str:
    way, m = outcome.expression, outcome.metrics
    if way.account == "cfd":
        protected = found.spec.account.negative_balance_protection
        bound = "limited to the stake by protection" if protected else "beyond the stake by gap"
    elif way.option is not None:
        bound = "limited to the premium of each trade"
    else:
        bound = "unlimited in theory" if way.side < 0 else "limited to the stake"
    beyond = m["beyond_stake"]
    said = f"{bound}; at worst {share(m['worst_against_stake'])} of the stake lost, {fallen(outcome)}"  # type: ignore[arg-type]
    return f"{said}, {number(beyond, 0)} beyond" if beyond else said  # type: ignore[arg-type]


def fallen(outcome: Outcome) -> str:
    """The worst drawdown, payments aside: what was won and lost again is no loss of the stake."""
    worth = np.concatenate(([outcome.stake], outcome.worth))
    return f"{share(-float(underwater(worth).min()))} from a high"


COST_WORDS = {
    "fund_fee": "fee",
    "fund_financing": "financing in the fund",
    "financing": "financing",
    "borrow": "borrow fee",
    "compounding": "decay",
    "option_theta": "theta",
    "option_gamma": "gamma",  # what theta is paid for: neither says much alone
    "trading_costs": "trading",
}
SLIGHT = 1e-4  # of the stake: less is not worth a word


def _costs(outcome: Outcome, stake: float) -> str:
    m, way = outcome.metrics, outcome.expression
    said = []
    if way.account == "cash" and way.side < 0 and not m["borrow"]:
        said.append("borrow fee 0 (account.borrow_fee)")
    for key, word in COST_WORDS.items():
        cost = -float(m[key])  # type: ignore[arg-type]
        if abs(cost) >= SLIGHT * stake:
            said.append(f"{word} {_whole(cost)}" if cost > 0 else f"{word} of {_whole(-cost)} gained")
    return ", ".join(said) or "none"


def figure_rows(found: Alternatives) -> Rows:
    """A column an expression: capital, losses, parts of the profit, liquidations, what is left."""
    figures: list[tuple[str, Callable[[Outcome], str]]] = [
        ("capital tied up, mean while held", lambda o: share(o.metrics["capital_average"])),  # type: ignore[arg-type]
        ("capital tied up, peak", lambda o: share(o.metrics["capital_peak"])),  # type: ignore[arg-type]
        ("multiple of that capital", lambda o: times(round(o.metrics["total_multiple"], 1))),  # type: ignore[arg-type]
        ("exposure to the index, mean while held", lambda o: f"{number(o.metrics['exposure_average'])}×"),  # type: ignore[arg-type]
        ("worst loss from a high, money", _money("worst_loss")),
        ("worst loss of the stake", lambda o: share(o.metrics["worst_against_stake"])),  # type: ignore[arg-type]
        ("loss beyond the stake", _money("beyond_stake")),
        ("margin calls", lambda o: f"{o.metrics['margin_calls']}"),
        ("stop-outs", lambda o: f"{o.metrics['stop_outs']}"),
        ("options expired", lambda o: f"{o.metrics['expired']}"),
        ("… before the rule left", lambda o: f"{o.metrics['expired_early']}"),
        *((PART_WORDS[part], _money(part)) for part in PARTS),
        ("profit", _money("profit")),
        *(
            [
                ("put in", _money("put_in")),
                ("money-weighted return a year", lambda o: percent(o.metrics["money_weighted_return"])),  # type: ignore[arg-type]
            ]
            if "put_in" in found.outcomes[0].metrics
            else []
        ),
        ("final equity", _money("final_equity")),
        ("total return", lambda o: percent(o.metrics["total_return"])),  # type: ignore[arg-type]
    ]
    return (
        ["money; shares are of the stake", *(o.expression.name for o in found.outcomes)],
        [[name, *(say(o) for o in found.outcomes)] for name, say in figures],
    )


def _money(key: str) -> Callable[[Outcome], str]:
    return lambda outcome: _whole(outcome.metrics[key])


def _whole(value: object) -> str:
    return number(round(float(value)) + 0.0, 0)  # type: ignore[arg-type]  # no −0


def figures(found: Alternatives) -> dict[str, Any]:
    """One flat dict: every number of every expression, and its liquidations."""
    return {
        "simulated": found.simulated,
        "sizing": found.sizing,
        "view_trades": len(found.view.trades),
        "view_instrument": found.view.fund.ticker,
        **{
            f"{outcome.expression.key}_{key}": value
            for outcome in found.outcomes
            for key, value in outcome.metrics.items()
        },
        **{
            f"{outcome.expression.key}_liquidation_{i}": f"{day} {reason}"
            for outcome in found.outcomes
            for i, (day, reason) in enumerate(outcome.liquidations, 1)
        },
    }


def figures_frame(found: Alternatives) -> pd.DataFrame:
    """A row an expression, by its key: its name, then its numbers."""
    import pandas as pd

    keys = list(found.outcomes[0].metrics)
    rows = [[o.expression.name, *(o.metrics[key] for key in keys)] for o in found.outcomes]
    names = pd.Index([o.expression.key for o in found.outcomes], name="expression")
    return pd.DataFrame(rows, columns=["name", *keys], index=names)


def equity_frame(found: Alternatives) -> pd.DataFrame:
    """By session: the equity of each expression in money."""
    import pandas as pd

    days = pd.DatetimeIndex(found.days.astype("datetime64[s]"), name="date")
    return pd.DataFrame({o.expression.key: o.equity for o in found.outcomes}, index=days)
