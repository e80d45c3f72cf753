"""The markets of a sweep, one for each combination of values of [data], and what is known of each."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import LetfError, LeveragedFund
from runs.answers.words import extrapolated
from runs.backtest.beginning import moved
from runs.backtest.setting import Setting, check_borrow, load_setting
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.waiting import slowest
from runs.sweeps.space.axes import label_of, shown
from runs.sweeps.space.grid import Grid
from strategies import Rule

FIGURES_A_YEAR = "CAGR, volatility, Sharpe, Sortino, Calmar and alpha"

KEPT = 4  # in memory at a time


class Markets:
    """The settings of a sweep's cells, loaded when first asked for. Several threads may ask.

    Parameters
    ----------
    folder : the data folder; None for the default one.
    loaded : settings that are there already, each with its values of [data]; all are kept.
    """

    def __init__(
        self,
        base: RunSpec,
        grid: Grid,
        folder: Path | None,
        loaded: Sequence[tuple[dict[str, Any], Setting]] = (),
    ) -> None:
        self._base, self._folder = base, folder
        self._grid = grid
        self._rules: list[Rule] | None = None
        self._axes = [axis for axis in grid.axes if axis.rank == 0]
        self._kept: OrderedDict[tuple[str, ...], Setting] = OrderedDict()
        self._lock = threading.Lock()
        self._most = max(KEPT, len(loaded))
        for values, setting in loaded:
            self._kept[self._key(values)] = setting

    def combinations(self) -> list[dict[str, Any]]:
        """All combinations of values of [data], by key; a single empty one where none is swept."""
        every = itertools.product(*(axis.values for axis in self._axes))
        return [dict(zip((axis.key for axis in self._axes), values, strict=True)) for values in every]

    def of(self, values: dict[str, Any]) -> Setting:
        """The setting of a cell, or of a combination; other keys than those of [data] are ignored.

        Raises
        ------
        LetfError
            One sentence, if it cannot be loaded.
        """
        picked = {axis.key: values[axis.key] for axis in self._axes}
        key = self._key(values)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._load(self._base.with_values(picked))
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _load(self, spec: RunSpec) -> Setting:
        """A market from the first day on which the rules of all cells can act."""
        setting = load_setting(spec, self._folder)
        if self._rules is None:
            self._rules = slowest(self._base, self._grid)
        return moved(spec, setting, self._rules, self._folder)[1]

    def _key(self, values: dict[str, Any]) -> tuple[str, ...]:
        return tuple(shown(values[axis.key]) for axis in self._axes)

    def spec(self, values: dict[str, Any]) -> RunSpec:
        """The spec of a cell, with what a loaded market no longer checks.

        Raises
        ------
        SpecError
            One sentence, if these values cannot be together.
        """
        spec = self._base.with_values(values)
        check_borrow(spec)
        return spec

    def facts(self) -> dict[str, Any]:
        """Which data a sweep uses, with fingerprints, by combination; its notes, what
        of them belongs into the first sentence, and the sum of a strategy's own file.

        Raises
        ------
        LetfError
            One sentence that names the combination, if one cannot be loaded.
        """
        from runs.backtest.facts import setting_facts

        facts: dict[str, Any] = {"markets": {}, "begins": {}}
        notes: dict[str, None] = {}
        caveats: dict[str, None] = {}
        simulated, names = False, []
        for values in self.combinations():
            label = label_of(values)
            try:
                setting = self.of(values)
            except LetfError as error:
                raise type(error)(f"sweep: {label}: {error}" if label else str(error)) from None
            facts["markets"][label or "all"] = setting_facts(setting)
            if setting.known_from is not None:
                facts["begins"][label or "all"] = str(setting.bars.sessions[0])
            simulated = simulated or setting.simulated
            if setting.bars.name not in names:
                names.append(setting.bars.name)
            funds, bars = self._traded(values, setting), setting.bars
            notes |= dict.fromkeys((*extrapolated(np.unique(bars.sessions), FIGURES_A_YEAR), *setting.notes))
            notes |= dict.fromkeys(synthetic_notes(setting, funds))
            caveats |= dict.fromkeys(foreign_indexes(setting, funds))
        code = self._base.code_facts()
        if code is not None:
            facts["strategy"] = code
        about = {"simulated": simulated, "index": names, "notes": list(notes), "caveats": list(caveats)}
        return {**facts, **about}

    def _traded(self, values: dict[str, Any], setting: Setting) -> list[LeveragedFund]:
        """The funds that the cells of a combination may trade: words among the parameters, such as a side,
        choose them. Of a strategy that is no rule of ours, those that it is given."""
        words = [axis for axis in self._grid.axes if axis.rank == 1 and not axis.is_ordered]
        # Whatever number a parameter has, the instrument is the same.
        picked = values | {axis.key: axis.values[0] for axis in self._grid.axes if axis.key not in values}
        found: dict[str, LeveragedFund] = {}
        for choice in itertools.product(*(axis.values for axis in words)):
            own = {axis.key: value for axis, value in zip(words, choice, strict=True)}
            with contextlib.suppress(LetfError):  # a cell that will be refused trades nothing
                rule = self._base.with_values(picked | own).make_rule()
                if rule is None:
                    return list(setting.funds.values())
                for name in rule.instruments:
                    if not setting.is_index(name) and name not in setting.assets:
                        found[name] = setting.fund(name)
        return list(found.values())
