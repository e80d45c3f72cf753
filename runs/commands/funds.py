"""`letf funds` and `letf synth`: what funds are known, and a fund's history as a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from letf_instruments.errors import DataError, LetfError, SpecError
from runs.answers.terminal import print_table, status_line
from runs.commands.options import (
    DataDir,
    End,
    Fund,
    IndexNeeded,
    Rates,
    Seed,
    Splits,
    Spreads,
    Start,
    date_of,
)


def funds(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Fund files (.toml) of your own to list too.")
    ] = None,
) -> None:
    """List the funds that are known, with the facts in force today."""
    import numpy as np

    from letf_instruments import known_fund, known_tickers
    from letf_instruments.fund_file import load_fund_file

    today = np.datetime64("today", "D")
    listed = [known_fund(ticker) for ticker in known_tickers()] + [load_fund_file(f) for f in files or []]
    rows = [
        [
            fund.ticker,
            f"{fund.multiple:+g}",
            str(fund.inception or ""),
            f"{fund.fees.at(today):.2%}",
            f"{fund.spreads.at(today):.2%}",
            fund.indexes.at(today),
            fund.name,
        ]
        for fund in listed
    ]
    print_table(["fund", "multiple", "since", "fee", "spread", "index", "name"], rows)


def synth(
    fund: Fund,
    index: IndexNeeded,
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    rates: Rates = None,
    spreads: Spreads = None,
    splice: Annotated[
        str | None, typer.Option(help="Prices of the traded fund: real bars from its first day on.")
    ] = None,
    splits: Splits = "none",
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    data_dir: DataDir = None,
) -> None:
    """Write a synthetic fund's bars and ledger; close is total return, like a traded fund's adj_close. With
    splits, open to close are as traded; the ledger stays that of a share that is never split."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise SpecError(f"--out {out} must end in .csv or .parquet")
    for given in (index, splice, rates, spreads):
        if given is not None and Path(given).resolve() == out.resolve():
            raise SpecError(f"--out {out} is also what is read; name another file")
    if splice and splits != "none":
        raise SpecError("--splits cannot go with --splice: real bars bring their own splits, if any")
    with status_line("synthesising"):
        import numpy as np
        import pandas as pd

        from feeds.sources import load_bars
        from feeds.total_return import adjusted
        from letf_instruments.splits import split_factors, split_policy
        from runs.studies.inputs import load_inputs, spread_file

        inputs = load_inputs(
            fund, index, rates, data_dir, date_of(start), date_of(end), 1 if seed is None else seed
        )
        known = spread_file(spreads, inputs.fund) if spreads else inputs.fund
        ledger, bars = inputs.ledger(known), inputs.bars
        factor, _ = split_factors(split_policy(splits, known), ledger.sessions, ledger.nav)
        columns = {
            "date": bars.sessions if bars.daily else bars.timestamps,
            "open": ledger.open * factor,
            "high": ledger.high * factor,
            "low": ledger.low * factor,
            "close": ledger.close * factor,
            "nav": ledger.nav,
            "notional": ledger.notional,
            "financing": ledger.financing + ledger.cash_yield,
            "fee": ledger.fee,
            "rebalance": ledger.rebalance,
        }
        if splits != "none":
            columns["split_factor"] = factor
        if bars.simulated:
            columns["data"] = np.full(len(bars), "SIMULATED")
        frame = pd.DataFrame({k: v.astype("datetime64[s]") if k == "date" else v for k, v in columns.items()})
        if splice:
            real = adjusted(load_bars(splice, data_dir)).between(None, date_of(end))
            frame = _spliced(frame, real)
            if bars.simulated or real.simulated:
                frame["data"] = "SIMULATED"
    _write(frame, out, daily=bars.daily)
    for note in inputs.notes:
        typer.echo(f"note: {note}")
    dead = ledger.wiped_out_at
    if dead is not None:
        typer.echo(
            f"note: {known.ticker} is wiped out on {bars.sessions[dead]} and worth nothing from then on"
        )
    mark = ", SIMULATED" if "data" in frame.columns else ""
    typer.echo(f"{out}: {len(frame):,} bars of {known.ticker} on {bars.name}{mark}")


def _spliced(frame, real):  # type: ignore[no-untyped-def]
    """Synthetic to the real fund's first bar, real from its second on; the ledger is scaled to meet it."""
    import pandas as pd

    days = frame["date"].to_numpy().astype("datetime64[D]")
    seam = real.sessions[0]
    joint = (days == seam).nonzero()[0]
    if not len(joint):
        raise DataError(
            f"{real.source} begins on {seam}, which is no session of the synthetic fund "
            f"({days[0]} to {days[-1]}); they cannot be joined"
        )
    before = frame.iloc[: joint[0] + 1].copy()
    if not before["close"].iloc[-1] > 0:
        raise DataError(f"the synthetic fund is wiped out before {seam}; it cannot be joined to real prices")
    numbers = [c for c in before.columns if c not in ("date", "data")]
    before[numbers] *= real.close[0] / before["close"].iloc[-1]
    after = pd.DataFrame(
        {
            "date": real.timestamps[1:].astype("datetime64[s]"),
            **{c: getattr(real, c)[1:] for c in ("open", "high", "low", "close")},
        }
    )
    return pd.concat([before, after], ignore_index=True)


def _write(frame, out: Path, daily: bool) -> None:  # type: ignore[no-untyped-def]
    """Write whole or not at all."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
            partial = Path(work) / out.name
            if out.suffix.lower() == ".csv":
                style = "%Y-%m-%d" if daily else "%Y-%m-%d %H:%M:%S"
                frame.to_csv(partial, index=False, float_format="%.12g", date_format=style)
            else:
                frame.to_parquet(partial, index=False)
            partial.replace(out)
    except OSError as error:
        raise LetfError(f"cannot write {out}: {error.strerror or error}") from None
