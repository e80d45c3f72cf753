"""The manifest of a command that has no spec file: its arguments stand in the spec's place."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping
from typing import Any

from feeds.bars import Bars
from letf_instruments import LeveragedFund
from runs.answers.folder import as_json, bars_facts, data_facts, fund_facts, versions
from runs.studies.inputs import Inputs


def command_manifest(
    arguments: Mapping[str, Any],
    inputs: Inputs,
    funds: Iterable[LeveragedFund],
    notes: list[str],
    started: float,
    traded: Bars | None = None,
) -> bytes:
    """What it takes to run the command again: arguments, funds, versions, data fingerprints. And times.

    `arguments` are the command's own name and options; `started` is in seconds since 1970; `traded` are
    the prices that the funds were compared with.
    """
    spec = {
        key: value if value is None or isinstance(value, (int, float, str)) else str(value)
        for key, value in arguments.items()
    }
    return as_json(
        {
            "spec": spec,
            "simulated": inputs.bars.simulated or (traded is not None and traded.simulated),
            "data": {
                **data_facts(inputs.bars, inputs.rate),
                **({} if traded is None else {"traded": bars_facts(traded)}),
            },
            "funds": {fund.ticker: fund_facts(fund) for fund in funds},
            "versions": versions(),
            "notes": notes,
            "times": {
                "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(
                    timespec="seconds"
                ),
                "total_seconds": round(time.time() - started, 3),
            },
        }
    )
