"""The report: one HTML file that opens offline, pictures and all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runs.backtest import tables
from runs.backtest.plan_words import door_rows, plan_rows

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

TEMPLATE = Path(__file__).parent / "report.html.j2"


def render_report(run: RunResult, pictures: Mapping[str, bytes]) -> str:
    """The report's HTML. Everything that comes from outside is escaped."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    funds = ", ".join(f"{name} ({ledger.fund.multiple:+g}× a day)" for name, ledger in run.ledgers.items())
    return template.render(
        title=f"{run.spec.name} on {run.bars.name}",
        simulated=run.simulated,
        seed=run.spec.data.seed,
        verdict=run.verdict,
        headline=tables.headline(run),
        warnings=run.warnings,
        performance=tables.performance_rows(run),
        account=tables.account_rows(run),
        plan=plan_rows(run),
        doors=door_rows(run),
        about=run.rule.when if run.rule is not None else "",
        drawdowns=tables.drawdown_rows(run),
        decay=tables.decay_rows(run),
        legs=tables.leg_rows(run),
        studies=run.studies,
        fund_note=(
            f"The funds here are synthetic: {funds or 'none'}, built from {run.bars.name} with a daily "
            "reset, financing and fee, created at 100 at the close of the first bar."
        ),
        data={
            "source": run.bars.source,
            "bars": f"{len(run.bars):,}",
            "first": run.days[0],
            "last": run.days[-1],
            "sha256": run.quoted.fingerprint(),
        },
        rate=run.short_rate.label,
        spec=json.dumps(run.spec.resolved(), indent=2, ensure_ascii=False),
        pictures={name: base64.b64encode(png).decode("ascii") for name, png in pictures.items()},
    )
