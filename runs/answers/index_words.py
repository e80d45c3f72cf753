"""What is said of funds that are made from an index which is not their own: once, for all questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from letf_instruments import LeveragedFund
from letf_instruments.families import DAY, Era, eras, short_name
from runs.answers.words import listed

if TYPE_CHECKING:
    from feeds.bars import Bars

MOSTLY = 0.5  # of the sessions: from there on a foreign index stands in the first sentence


def not_its_index(funds: Iterable[LeveragedFund], bars: Bars) -> list[str]:
    """The caveats of funds on an index that is known not to be theirs in at least half of the sessions, each
    as the end of a sentence and as short as a first sentence needs it; else none. What the index stands for
    and what the funds follow is in `index_notes`."""
    alike: dict[tuple[str, str], list[str]] = {}
    for found in _foreign(funds, bars, _of_one_source):
        if found.share >= MOSTLY:
            alike.setdefault((found.when, found.source), []).extend(found.funds)
    return [_short(when, source, names) for (when, source), names in alike.items()]


def index_notes(funds: Iterable[LeveragedFund], bars: Bars) -> list[str]:
    """What there is to know of the index from which funds are made, a sentence each: where it is not theirs,
    with both names and the dates, and that it is a simulation of theirs."""
    funds = list(funds)
    said = [found.sentence for found in _foreign(funds, bars, _of_one_index)]
    if not bars.simulated:
        return said
    own: dict[str, dict[str, None]] = {}
    for fund in funds:
        for era in _eras(fund, bars):
            if era.own is not None and era.own == era.index:
                own.setdefault(short_name(era.own), {})[fund.ticker] = None
    return said + [
        f"{bars.name} is simulated: it stands for the {index}, which {listed(list(names))} "
        f"{_verb('follow', names)}, and is not that index"
        for index, names in own.items()
    ]


def _eras(fund: LeveragedFund, bars: Bars) -> tuple[Era, ...]:
    return eras(fund, bars.names, bars.sessions[0], bars.sessions[-1])


@dataclass(frozen=True)
class _Foreign:
    """A span in which an index is not that of some funds, and the share of all sessions in which it is not
    theirs, this span or another."""

    when: str
    source: str
    index: str
    funds: tuple[str, ...]
    own: str
    share: float

    @property
    def sentence(self) -> str:
        names, made = listed(self.funds), "is made" if len(self.funds) == 1 else "are made"
        return (
            f"{_short(self.when, self.source, self.funds)}, which {made} from it here: {self.source} stands "
            f"for the {self.index}, {names} {_verb('follow', self.funds)} {self.own}"
        )


def _short(when: str, source: str, funds: Sequence[str]) -> str:
    return f"{when}{source} is not the index of {listed(funds)}"


def _foreign(
    funds: Iterable[LeveragedFund], bars: Bars, alike_in: Callable[[Era], object]
) -> Iterator[_Foreign]:
    """The spans in which an index is not that of some funds; one as long as its eras are alike in that."""
    days = bars.sessions
    alike: dict[tuple[Era, ...], dict[str, None]] = {}
    for fund in funds:
        found = tuple(era for era in _eras(fund, bars) if era.foreign)
        alike.setdefault(found, {})[fund.ticker] = None
    for found, names in alike.items():
        share = sum(float(np.mean((days >= era.first) & (days <= era.last))) for era in found)
        for span in _spans(found, alike_in):
            own = [f"the {short_name(era.own or '')}" for era in span]
            own[1:] = [f"from {era.first} on {name}" for era, name in zip(span[1:], own[1:], strict=True)]
            when = f"from {span[0].first} " if span[0].first > days[0] else ""
            when += f"to {span[-1].last} " if span[-1].last < days[-1] else "on " if when else ""
            index = short_name(span[0].index or "")
            yield _Foreign(when, span[0].source, index, tuple(names), " and ".join(own), share)


def _of_one_index(era: Era) -> object:
    """In a sentence that names both indexes only the fund's own may change."""
    return era.source, era.index


def _of_one_source(era: Era) -> object:
    """In the first sentence no index is named, so that a source may change its own too, as SMH did."""
    return era.source


def _spans(found: Iterable[Era], alike_in: Callable[[Era], object]) -> list[list[Era]]:
    """Eras that follow one another and are alike, together."""
    spans: list[list[Era]] = []
    for era in found:
        before = spans[-1][-1] if spans else None
        joined = before is not None and before.last + DAY == era.first
        if joined and before is not None and alike_in(before) == alike_in(era):
            spans[-1].append(era)
        else:
            spans.append([era])
    return spans


def _verb(verb: str, names: Iterable[str]) -> str:
    return verb if len(list(names)) > 1 else f"{verb}s"
