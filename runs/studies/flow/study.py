"""What `letf flow` finds: a fund's trade at each close in money, and its leverage until then."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from feeds.bars import Floats
from letf_instruments import (
    FundLedger,
    SessionFlow,
    SpecError,
    move_by_bar,
    multiple_by_bar,
    session_flow,
)
from runs.answers.fact_words import fund_notes
from runs.answers.words import dollars, percent
from runs.studies.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 10
MOST_ASSETS = 1e15


@dataclass(frozen=True, eq=False)
class FlowResult:
    """A fund's flow for constant assets; arrays of shape (m,), a session each."""

    inputs: Inputs
    ledger: FundLedger
    flow: SessionFlow
    assets: float  # dollars, as if brought back to that at every prior close
    traded_value: Floats  # dollars traded in the index source; NaN where there are none
    notes: list[str]

    @property
    def trade(self) -> Floats:
        """Dollars of index exposure bought at the close, sold if negative."""
        return self.flow.trade * self.assets

    @property
    def share_of_traded_value(self) -> Floats:
        """The trade over the index source's traded value that day, signed; NaN where there is none."""
        return self.trade / self.traded_value

    @property
    def largest(self) -> np.ndarray:
        """Positions of the largest trades, the largest first; of equals the earliest."""
        return np.argsort(-np.abs(self.flow.trade), kind="stable")[:LARGEST]


def checked_assets(assets: float) -> float:
    """The assets, if a fund can have them.

    Raises
    ------
    SpecError
        If they are not a number above 0 and up to 1e15.
    """
    right = isinstance(assets, Real) and not isinstance(assets, bool) and math.isfinite(assets)
    if not right or not 0 < assets <= MOST_ASSETS:
        given = f"{assets:g}" if isinstance(assets, Real) else repr(assets)
        raise SpecError(f"assets are {given}; they must be dollars above 0 and at most {MOST_ASSETS:g}")
    return assets


def measure_flow(inputs: Inputs, assets: float) -> tuple[FundLedger, SessionFlow]:
    """The fund's ledger on its index, and its flow."""
    checked_assets(assets)
    ledger = inputs.ledger()
    return ledger, session_flow(ledger, inputs.bars.high, inputs.bars.low)


def flow_result(
    inputs: Inputs, ledger: FundLedger, flow: SessionFlow, assets: float, traded: Floats, said: list[str]
) -> FlowResult:
    """Everything together, with what a person should know of it."""
    b = flow.fund.multiple
    held = f"assets are taken to be brought back to {dollars(assets)} every day; trades grow with them"
    notes = [held, *inputs.notes, *said, *fund_notes([flow.fund], inputs.bars)]
    none = int(np.isnan(traded).sum())
    if 0 < none < len(traded):
        notes.append(f"{none:,} of {len(traded):,} sessions have no traded value to compare with")
    elif none and not any("not money" in note for note in said):
        notes.append("no session has volume, so no trade is compared with traded value")
    if 0 < b <= 1:
        notes.append(f"a {b:g}× fund need not trade with the index: only funds beyond 0× to 1× do")
    if (dead := ledger.wiped_out_at) is not None:
        notes.append(f"{flow.fund.ticker} was wiped out on {ledger.sessions[dead]}; its flow ends there")
    return FlowResult(inputs, ledger, flow, assets, traded, notes)


def flow_metrics(result: FlowResult) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/flow.md."""
    flow, bars = result.flow, result.inputs.bars
    against = flow.against_index
    out: dict[str, Any] = {
        "fund": flow.fund.ticker,
        "multiple": flow.fund.multiple,
        "index": bars.name,
        "simulated": bars.simulated,
        "assets": result.assets,
        "first": str(flow.sessions[0]),
        "last": str(flow.sessions[-1]),
        "sessions": len(flow.sessions),
        "sessions_without_traded_value": int(np.isnan(result.traded_value).sum()),
        "sessions_against_index": int(against.sum()),
        "sessions_against_index_before_carry": int((flow.from_index * flow.index_return < 0).sum()),
        "largest_move_against": float(np.abs(flow.index_return[against]).max()) if against.any() else None,
        "largest_date": str(flow.sessions[result.largest[0]]),
    }
    for key, values in (
        ("trade", result.trade),
        ("share_of_assets", flow.trade),
        ("share_of_traded_value", result.share_of_traded_value),
    ):
        out |= {f"{key}_{name}": value for name, value in _sizes(values).items()}
    for key, values in (
        ("multiple_before_reset", flow.multiple),
        ("multiple_at_high", flow.multiple_at_high),
        ("multiple_at_low", flow.multiple_at_low),
    ):
        out |= {f"{key}_{name}": value for name, value in _spread(values).items()}
    if not bars.daily:
        drift = multiple_by_bar(result.ledger)[np.isfinite(move_by_bar(result.ledger))]
        out |= {f"multiple_by_bar_{name}": value for name, value in _spread(drift).items()}
    if (dead := result.ledger.wiped_out_at) is not None:
        out["wiped_out"] = str(result.ledger.sessions[dead])
    return out


def flow_frame(result: FlowResult) -> pd.DataFrame:
    """By session: the index's return, the trade in dollars, over assets and over traded value, and the
    multiple before the reset; NaN where there is none."""
    import pandas as pd

    flow = result.flow
    columns = {
        "index_return": flow.index_return,
        "trade": result.trade,
        "share_of_assets": flow.trade,
        "share_of_traded_value": result.share_of_traded_value,
        "multiple_before_reset": flow.multiple,
    }
    days = pd.DatetimeIndex(flow.sessions.astype("datetime64[s]"), name="date")
    return pd.DataFrame({name: _finite(values) for name, values in columns.items()}, index=days)


def drift_frame(result: FlowResult) -> pd.DataFrame:
    """By bar of intraday data: the index's move since the reset, and the multiple that the fund held."""
    import pandas as pd

    moves = move_by_bar(result.ledger)
    known = np.isfinite(moves)
    stamps = result.inputs.bars.timestamps[known].astype("datetime64[s]")
    columns = {"index_move": moves[known], "multiple": _finite(multiple_by_bar(result.ledger)[known])}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(stamps, name="timestamp"))


def direction(metrics: dict[str, Any]) -> str:
    """A sentence on whether the fund trades in the index's own direction, as theory says."""
    m = metrics
    if not m["sessions_against_index"]:
        return f"The trade went against the index's direction on none of {m['sessions']:,} sessions."
    said = (
        f"The trade went against the index's direction on {m['sessions_against_index']:,} of "
        f"{m['sessions']:,} sessions"
    )
    if m["sessions_against_index_before_carry"]:
        return f"{said}."
    move = percent(m["largest_move_against"], 3).lstrip("+")
    return f"{said}, on which the index moved by at most {move} and carry and fee decided the sign."


def _sizes(values: Floats) -> dict[str, float | None]:
    size = np.abs(values[np.isfinite(values)])
    if not len(size):
        return dict.fromkeys(("mean", "p95", "p99", "max"))
    p95, p99 = np.percentile(size, (95, 99))
    return {"mean": float(size.mean()), "p95": float(p95), "p99": float(p99), "max": float(size.max())}


def _spread(values: Floats) -> dict[str, float | None]:
    names, finite = ("min", "p5", "median", "p95", "max"), values[np.isfinite(values)]
    if not len(finite):
        return dict.fromkeys(names)
    return dict(zip(names, np.percentile(finite, (0, 5, 50, 95, 100)).tolist(), strict=True))


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
