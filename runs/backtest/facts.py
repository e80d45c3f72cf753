"""Where an answer about a spec comes from: which data a run used, with fingerprints, as its manifest says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from letf_instruments import LeveragedFund
from runs.answers.provenance import Provenance, bars_facts, data_facts, fund_facts
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec, unsaid


def run_provenance(
    spec: RunSpec,
    setting: Setting,
    funds: Iterable[LeveragedFund] = (),
    seed: int | None = None,
    **more: Any,
) -> Provenance:
    """Where an answer about a spec on its market comes from.

    Parameters
    ----------
    seed : of what the question itself draws; without one that of the data, where these are simulated.
    more : what else the question records, by key.
    """
    if seed is None and setting.simulated:
        seed = spec.data.seed
    return Provenance(
        spec=spec.resolved(),
        data=run_facts(spec, setting),
        simulated=setting.simulated,
        seed=seed,
        funds=fund_facts(funds),
        more=more,
        defaults=unsaid(),
    )


def run_facts(spec: RunSpec, setting: Setting) -> dict[str, Any]:
    """Which data a run used, and the code of a strategy of the user's own."""
    code = spec.code_facts()
    return setting_facts(setting) | ({} if code is None else {"strategy": code})


def setting_facts(setting: Setting) -> dict[str, Any]:
    """Which data a run used: index, rate, assets, borrow fees, volatility,
    volumes and events, with fingerprints."""
    out = data_facts(setting.bars, setting.rate)
    if setting.history is not None:
        out["before"] = bars_facts(setting.history.bars)
        if setting.history.assets:
            assets = setting.history.assets.items()
            out["before"]["assets"] = {name: bars_facts(bars) for name, bars in assets}
    if setting.assets:
        out["assets"] = {name: bars_facts(bars) for name, bars in setting.assets.items()}
    if setting.follows:
        out["follows"] = dict(setting.follows)
    if setting.traded:
        out["traded"] = {name: bars_facts(own.bars) for name, own in setting.traded.items()}
    if setting.borrow is not None:
        out["borrow"] = {"name": setting.borrow.label, "sha256": setting.borrow.fingerprint()}
    if setting.deposits is not None:
        out["deposits"] = {"source": setting.deposits.source, "sha256": setting.deposits.fingerprint()}
    if setting.volatility is not None:
        volatility = setting.volatility
        out["volatility"] = {"source": volatility.source, "sha256": volatility.fingerprint()}
    if setting.volumes:
        out["volumes"] = {
            name: {"source": volumes.source, "sha256": volumes.fingerprint()}
            for name, volumes in setting.volumes.items()
        }
    if len(setting.events):
        events = setting.events
        out["events"] = {
            "source": events.source,
            "events": len(events),
            "assumed": events.assumed,
            "sha256": events.fingerprint(),
        }
    return out
