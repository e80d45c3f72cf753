"""Several specs on the same data: the runs, their table, and the files of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from letf_instruments import LetfError, LeveragedFund, SpecError
from letf_instruments.sessions import last_of_each
from runs.answers.words import extrapolated
from runs.backtest.beginning import beginning_on, can_act, first_known, first_possible, warm_up_note
from runs.backtest.metrics import Metrics, performance
from runs.backtest.result import RunResult, run_spec
from runs.backtest.setting import Setting, load_setting
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.specs.run_spec import RunSpec
from runs.studies.comparison.both_ways import BothWays, doubled

# What makes data the same. Events, assets, volumes, splits and watched funds are each spec's own.
SHARED = (
    "index",
    "rates",
    "rate",
    "spreads",
    "start",
    "end",
    "total_return",
    "on_bad_print",
    "seed",
    "calendar",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Finished runs on the same index and sessions, and holding the index beside them.

    labels : a name for each run, all different.
    days : sessions, datetime64[D] of shape (n,). index_close : the index on them.
    index : performance of holding the index.
    notes : what a person should know, a sentence each.
    """

    labels: list[str]
    runs: list[RunResult]
    days: np.ndarray
    index_close: np.ndarray
    index: Metrics
    notes: list[str]
    pairs: list[BothWays] = field(default_factory=list)  # where each ran on synthetic and on traded prices

    @property
    def simulated(self) -> bool:
        """True if any of the prices are not real."""
        return any(run.simulated for run in self.runs)

    @property
    def funds_by_index(self) -> list[tuple[Setting, list[LeveragedFund]]]:
        """The funds that any of the rules may trade, by the index that they follow, each group with the
        market of a run that trades one of them."""
        groups: dict[str | None, tuple[Setting, dict[str, LeveragedFund]]] = {}
        for run in self.runs:
            for fund in run.funds:
                group = groups.setdefault(run.setting.follows.get(fund.ticker), (run.setting, {}))
                group[1].setdefault(fund.ticker, fund)
        return [(setting, list(funds.values())) for setting, funds in groups.values()]

    @property
    def foreign(self) -> list[str]:
        """The caveats of funds on an index that is not theirs, each as the end of a sentence."""
        return [said for each in self.funds_by_index for said in foreign_indexes(*each)]

    @property
    def index_name(self) -> str:
        """What all of them run on."""
        return self.runs[0].bars.name

    @property
    def paid_in(self) -> bool:
        """True if money was paid in or out in any of them."""
        return any(run.paid_in for run in self.runs)

    @property
    def taxed(self) -> bool:
        """True if tax is paid in any of them."""
        return any(run.spec.account.tax is not None for run in self.runs)

    def equity(self, run: RunResult) -> np.ndarray:
        """A run's equity on `days`; its cash before a strategy that starts late, shape (n,)."""
        missing = len(self.days) - len(run.equity)
        return np.concatenate((np.full(missing, run.start), run.equity))

    def worth(self, run: RunResult) -> np.ndarray:
        """The same of what its money at the start became, payments aside."""
        missing = len(self.days) - len(run.worth)
        return np.concatenate((np.full(missing, run.start), run.worth))


def compare_specs(
    specs: Sequence[RunSpec],
    folder: Path | None = None,
    progress: Callable[[str], None] = lambda words: None,
    traded: bool = False,
) -> Comparison:
    """Run specs on the data of the first.

    Parameters
    ----------
    traded : each on synthetic prices of its funds and on traded ones; then a single spec will do.
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.
    progress : called with the name of each spec before it is run.

    Raises
    ------
    LetfError
        One sentence that names the spec, if one cannot be run.
    """
    if len(specs) < (1 if traded else 2):
        raise SpecError("a comparison needs two specs or more, or one with --traded")
    labels = names = _labels(specs)
    if traded:
        specs, labels = doubled(specs, names)
    first = specs[0]
    notes = []
    runs: list[RunResult] = []
    ready = _ready(labels, specs, folder)
    for label, spec, (same, setting) in zip(labels, specs, ready, strict=True):
        progress(label)
        differing = [f"data.{key}" for key in SHARED if getattr(spec.data, key) != getattr(first.data, key)]
        if differing:
            notes.append(f"{label}: run on the data of {labels[0]}, not on its own {', '.join(differing)}")
        with _named(label):
            run = run_spec(same, setting)
        if run.stopped is not None:
            raise SpecError(f"{label}: the strategy stopped the run on {run.stopped}; compare whole runs")
        runs.append(run)
        if run.rule is not None:
            notes += [f"{label}: {note}" for note in warm_up_note(run.rule, run.bars)]
        if run.verdict:
            notes.append(f"{label}: {run.verdict}")
    bars, rate = runs[0].bars, runs[0].short_rate
    last = last_of_each(bars.sessions)
    days, close = bars.sessions[last], bars.held()[last]
    shared = [note for note in runs[0].setting.notes if all(note in run.setting.notes for run in runs)]
    short = extrapolated(days, "CAGR, volatility, Sharpe and alpha")
    own = [
        f"{label}: {note}"
        for label, run in zip(labels, runs, strict=True)
        for note in run.setting.notes
        if note not in shared
    ]
    held = performance(days, close, rate.on(days))
    flows = [(run.start, [(each.day, each.amount) for each in run.payments]) for run in runs]
    if runs[0].paid_in and all(each == flows[0] for each in flows):
        held |= {key: runs[0].held["index"][key] for key in ("put_in", "profit", "money_weighted_return")}
    pairs = [BothWays(*each) for each in zip(names, runs[::2], runs[1::2], strict=True)] if traded else []
    found = Comparison(labels, runs, days, close, held, [*short, *shared, *own, *notes], pairs)
    # The first line has them in short.
    found.notes[:0] = [note for each in found.funds_by_index for note in synthetic_notes(*each)]
    return found


def _ready(
    labels: Sequence[str], specs: Sequence[RunSpec], folder: Path | None
) -> list[tuple[RunSpec, Setting]]:
    """The specs on the data of the first, each with its market: from the first day on which the rules of all
    can act, where one would have to wait for it and there is such a day."""
    found, late = [], []
    for label, spec in zip(labels, specs, strict=True):
        same = spec.on_data_of(specs[0], SHARED)
        with _named(label):
            setting = load_setting(same, folder)
            day = first_possible(setting, [same.make_rule()])
        found.append((same, setting))
        late += [] if day is None else [(day, first_known(setting))]
    if not late:
        return found
    moved = []
    for label, (same, _) in zip(labels, found, strict=True):
        with _named(label):
            moved.append(beginning_on(same, *max(late), folder))
            if not can_act(moved[-1][1], [same.make_rule()]):
                return found
    return moved


@contextmanager
def _named(label: str) -> Iterator[None]:
    """Begins what is wrong with a spec with its name."""
    try:
        yield
    except LetfError as error:
        raise type(error)(f"{label}: {error}") from None


def _labels(specs: Sequence[RunSpec]) -> list[str]:
    """Names that tell the specs apart: a second one of a name gets a number."""
    labels: list[str] = []
    for spec in specs:
        label, count = spec.name, 1
        while label in labels:
            count += 1
            label = f"{spec.name} ({count})"
        labels.append(label)
    return labels
