"""The markets of a sweep, one for each combination of values of [data], and what is known of each."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import LetfError
from runs.answers.words import extrapolated
from runs.backtest.setting import Setting, check_borrow, load_setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.space.axes import shown
from runs.sweeps.space.grid import Grid

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
                self._kept[key] = load_setting(self._base.with_values(picked), self._folder)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

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
        """Which data a sweep uses, with fingerprints, by combination; its notes, and the sum of a strategy's
        own file.

        Raises
        ------
        LetfError
            One sentence that names the combination, if one cannot be loaded.
        """
        from runs.backtest.facts import setting_facts

        facts: dict[str, Any] = {"markets": {}}
        notes: dict[str, None] = {}
        simulated, names = False, []
        for values in self.combinations():
            label = ", ".join(f"{key} = {shown(value)}" for key, value in values.items())
            try:
                setting = self.of(values)
            except LetfError as error:
                raise type(error)(f"sweep: {label}: {error}" if label else str(error)) from None
            facts["markets"][label or "all"] = setting_facts(setting)
            simulated = simulated or setting.simulated
            if setting.bars.name not in names:
                names.append(setting.bars.name)
            days = np.unique(setting.bars.sessions)
            notes |= dict.fromkeys((*extrapolated(days, FIGURES_A_YEAR), *setting.notes))
        code = self._base.code_facts()
        if code is not None:
            facts["strategy"] = code
        return {**facts, "simulated": simulated, "index": names, "notes": list(notes)}
