"""Decay of every fund held or watched: where its return went, beside what its multiple promised."""

from __future__ import annotations

import backtrader as bt

from feeds.backtrader_feeds import FundFeed
from letf_instruments import Attribution, FundLedger, attribute


class DecayAnalyzer(bt.Analyzer):
    """For each `FundFeed` in the run: its ledger and the exact split of its log return.

    `get_analysis()` is a dict from the fund's name to its `Attribution`.
    """

    def stop(self) -> None:
        self.ledgers: dict[str, FundLedger] = {
            data._name: data.ledger() for data in self.datas if isinstance(data, FundFeed)
        }
        self.rets: dict[str, Attribution] = {name: attribute(ledger) for name, ledger in self.ledgers.items()}
