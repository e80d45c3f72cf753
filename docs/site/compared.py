"""The pictures of docs/compared.md: one run on our page, in quantstats' sheet and in backtesting.py's plot.

python -m docs.site.compared [--backtesting-python PATH]

backtesting.py is no dependency: the option names a Python that has it (0.6.6 with bokeh < 3.10); without
it that picture stays as it is. What the runs have in common is told as it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

import letf
from runs.backtest.answer import Run
from strategies.indicators import rsi
from tests import browser

DOCS = Path(__file__).parents[1]
WIDE, HIGH = 1180, 1400
PLOT_HIGH = 710  # backtesting.py's plot ends here
MOST = 200_000  # bytes


def main() -> None:
    """Draw them anew."""
    asked = argparse.ArgumentParser(description="the pictures of docs/compared.md")
    asked.add_argument("--backtesting-python", type=Path, help="a Python that has backtesting.py")
    other: Path | None = asked.parse_args().backtesting_python
    run = letf.run("rsi_timing", index="nasdaq")
    with tempfile.TemporaryDirectory() as folder, browser.browser() as started:
        there = Path(folder)
        (there / "ours.html").write_text(run.to_html(), encoding="utf-8")
        picture(started, there / "ours.html", "compared-ours.png")
        quantstats_sheet(run, there / "quantstats.html")
        picture(started, there / "quantstats.html", "compared-quantstats.png")
        if other is not None:
            told = in_backtesting(run, there, other)
            picture(started, there / "plot.html", "compared-backtesting.png", PLOT_HIGH)
            print("\n".join(told))


def picture(started: Any, page: Path, name: str, high: int = HIGH) -> None:
    """The first screens of a page, in few colours."""
    file = DOCS / name
    with browser.opened(started, page.as_uri(), WIDE) as it:
        it.page.set_viewport_size({"width": WIDE, "height": high})
        it.page.wait_for_timeout(1500)
        it.page.screenshot(path=str(file))
    Image.open(file).convert("RGB").quantize(96).save(file, optimize=True)
    size = file.stat().st_size
    assert size < MOST, f"{file} has {size:,} bytes"
    print(f"{file.name}: {size:,} bytes; the page has {page.stat().st_size:,}")


def quantstats_sheet(run: Run, file: Path) -> None:
    """quantstats' whole report, with the index held as the benchmark."""
    import quantstats

    index = run.equity["hold_index"].pct_change().fillna(0.0).rename("nasdaq held")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantstats.reports.html(run.returns, index, output=str(file), title=run.name)


def in_backtesting(run: Run, folder: Path, python: Path) -> list[str]:
    """The same trades there, from the fund's bars, the days on which our rule decided, and its plan.

    Returns what the two runs have in common, a sentence each.
    """
    fund, spec, trades = letf.fund("SOXS", index="nasdaq"), run.result.spec, run.trades
    bars = fund[["open", "high", "low", "close"]].rename(columns=str.capitalize)
    index = run.result.bars
    bars["Volume"], bars["rsi"] = index.volume, rsi(index.close, 14)
    bars.to_csv(folder / "bars.csv")
    entered = bars.index.get_indexer(pd.DatetimeIndex(trades["entry_date"]))
    costs = spec.costs
    plan = {name: getattr(run.result.rule.plan, name) for name in ("fraction", "stop", "target", "max_bars")}
    plan |= {
        "decided": [str(day) for day in bars.index[entered - 1]],
        "cash": spec.account.cash,
        "costs": (costs.commission_bps + costs.half_spread_bps + costs.slippage_bps) / 1e4,
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    program = Path(__file__).parent / "compared_backtesting.py"
    inline = os.environ | {"BOKEH_RESOURCES": "inline"}  # else its page loads Bokeh from a host
    subprocess.run([str(python), str(program), str(folder)], check=True, env=inline)
    found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    days = [[f"{day:%Y-%m-%d}" for day in trades[name]] for name in ("entry_date", "exit_date")]
    same = (np.array(days) == np.array([found["entered"], found["left"]])).all(axis=0).sum()
    prices = np.concatenate((trades["entry_price"], trades["exit_price"]))
    without = letf.run("rsi_timing", index="nasdaq", account={"cash_spread": 0.3})
    return [
        f"trades: {len(trades)} and {len(found['entered'])}, {same} of them on the same days",
        f"prices differ by {np.abs(np.array(found['at']) / prices - 1).max():.1e} at most",
        f"returns differ by {np.abs(np.array(found['returns']) - trades['return']).max():.1e} at most",
        f"final equity: {run.metrics['final_equity']:,.2f} and {found['final']:,.2f}",
        f"ours without interest on cash: {without.metrics['final_equity']:,.2f}",
        f"costs: {without.metrics['costs_paid']:,.2f} without interest and {found['commissions']:,.2f}",
        f"theirs: {', '.join(found['stats'])}",
    ]


if __name__ == "__main__":
    main()
