"""`letf today`: what a rule says on the last close, and the orders for the next session."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.answers.answer import Answer
from runs.answers.fact_words import fund_notes
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.facts import run_provenance
from runs.backtest.fund_feeds import funds_of
from runs.specs.arguments import number
from runs.specs.run_spec import RunSpec
from runs.studies.today import plain, words
from runs.studies.today.first import asked_line, key_figures
from runs.studies.today.holdings import owned, prices
from runs.studies.today.study import Today, today

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TodaySays(Answer):
    """What a rule says on a close.

    Attributes
    ----------
    found : positions, orders, conditions and what the next close decides, as records.
    """

    found: Today

    @property
    def to_do(self) -> bool:
        """True if there are orders to send for the next session."""
        return bool(self.found.orders)

    @property
    def orders(self) -> pd.DataFrame:
        """A row an order for the next session: side, shares, instrument, kind, price, …; `standing` is True
        for those that have been in the market."""
        return self.frames["orders"]

    @property
    def conditions(self) -> pd.DataFrame:
        """A row a condition and what it compares: kind, name, holds, what, value, level."""
        return self.frames["conditions"]

    def as_dict(self) -> dict[str, Any]:
        """What `letf today --json` prints."""
        return plain.as_dict(self.found)


def ask(
    spec: RunSpec,
    equity: float | None = None,
    holding: Any = None,
    price: Any = None,
    as_of: datetime.date | None = None,
    folder: Path | None = None,
    say: Say = no_words,
    now: datetime.datetime | None = None,
) -> TodaySays:
    """Ask what a spec's rule says on the last close.

    Parameters
    ----------
    holding, price : in words or as tables; see `holdings`.

    Raises
    ------
    LetfError
        As `today`.
    """
    money = None if equity is None else number("equity", equity, 0.01, 1e15)
    owns, closes = owned(holding), prices(price)
    say("running up to the last close")
    found = today(spec, folder, money, owns, closes, as_of, now)
    funds = funds_of(found.setting, found.rule)
    frames = Frames(
        {"orders": partial(_orders_frame, found), "conditions": partial(_conditions_frame, found)}
    )
    return TodaySays(
        question="today",
        name=spec.name,
        title=f"{spec.name} on {found.index}, close of {found.day}",
        headline=words.headline(found),
        sections=_sections(found),
        provenance=run_provenance(
            found.spec,
            found.setting,
            funds,
            session=str(found.day),
            equity=money,
            holding=None if owns is None else [str(each) for each in owns],
            prices=closes,
        ),
        metrics={
            "to_do": bool(found.orders),
            "orders": len(found.orders),
            "standing": len(found.standing),
            "positions": len(found.positions),
            "equity": found.equity,
            "index_close": found.close,
        },
        frames=frames,
        asked=asked_line(found),
        figures=key_figures(found),
        files={
            "today.json": partial(plain.as_dict, found),
            "orders.csv": partial(frames.__getitem__, "orders"),
            "conditions.csv": partial(frames.__getitem__, "conditions"),
        },
        notes=[*words.scale_notes(found), *fund_notes(funds, found.setting.bars), *found.notes],
        made=[words.ORDERS_MEAN, words.NEXT_BAR],
        found=found,
    )


def _sections(found: Today) -> list[Section]:
    from runs.studies.today import charts, closer

    orders = [
        Table(f"For {found.next_day}", *words.order_rows(found.orders), words=True),
        Table("In the market already", *words.order_rows(found.standing), words=True),
    ]
    parts = [
        Section("Orders", sentences=words.order_sentences(found), tables=orders),
        Section(
            "Position",
            sentences=words.door_sentences(found),
            tables=[Table("", *words.position_rows(found)), Table("", *words.weight_rows(found))],
        ),
    ]
    if found.rule is not None:
        pictures = {
            "today": Picture(
                f"The last {closer.SEEN} bars, levels of plan and next close, and what conditions compare",
                partial(charts.today_chart, found),
                partial(closer.today_closer, found),
            )
        }
        decides = Table("What the next close decides", *words.decision_rows(found), words=True)
        states = Table("", *words.state_rows(found), words=True)
        parts.append(Section("Conditions", tables=[states, decides], pictures=pictures))
    return parts


def _orders_frame(found: Today) -> pd.DataFrame:
    import pandas as pd

    every = [(each, False) for each in found.orders] + [(each, True) for each in found.standing]
    rows = [{**plain.as_order(each), "standing": standing} for each, standing in every]
    columns = [*plain.ORDER_KEYS, "standing"]
    return pd.DataFrame(rows, columns=columns)


def _conditions_frame(found: Today) -> pd.DataFrame:
    import pandas as pd

    rows = [
        [each.condition.kind, each.condition.key, each.condition.holds, *measure]
        for each in found.states
        for measure in ([m[:3] for m in each.measured] or [("", None, None)])
    ]
    return pd.DataFrame(rows, columns=["kind", "name", "holds", "what", "value", "level"])
