"""Whether a strategy of a person's own decides by what has arrived: asked of a rule's arrays on data that are
cut off, and of a `backtrader.Strategy` by running it on bars that arrive one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from analyzers import LoggedFill
from feeds.market import Market
from letf_instruments import LetfError, SpecError
from runs.backtest.files_read import files_read
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from strategies import Rule
from strategies.lookahead import looks_ahead

SAME = 1e-9  # of a price or a size


def refuse_ahead(spec: RunSpec, rule: Rule, market: Market) -> list[str]:
    """Refuse a rule of a person's own that looks ahead; a note for each file that it reads, of which nothing
    can be told.

    Raises
    ------
    SpecError
        One sentence with the day on which it shows.
    """

    def again() -> Rule:
        made = spec.make_rule(anew=True)
        assert made is not None
        return made

    with files_read() as files:
        where = looks_ahead(rule, market, again=again)
    if where is not None:
        raise SpecError(f"{spec.strategy} looks ahead, so its result means nothing: {where}")
    return _said(spec, files)


def refuse_before_arrival(
    spec: RunSpec,
    setting: Setting,
    fills: Sequence[LoggedFill],
    again: Callable[[bool], Sequence[LoggedFill]],
) -> list[str]:
    """Refuse a `backtrader.Strategy` whose fills differ once bars arrive one by one; notes as in
    `refuse_ahead`.

    Parameters
    ----------
    again : runs the strategy once more, from its file, and gives its fills; where bars arrive one by one if
        True.

    A strategy that does otherwise when it is run twice on the same bars is not accused: a note says so.

    Raises
    ------
    SpecError
        One sentence with the first fill that differs.
    """
    with files_read() as files:
        said = _differs(setting, fills, lambda: again(True))
    if said is None:
        return _said(spec, files)
    if _differs(setting, fills, lambda: again(False)) is not None:
        return [
            f"{spec.strategy} trades otherwise when it is run again on the same bars, so whether it looks "
            "ahead cannot be told; a seed makes it the same",
            *_said(spec, files),
        ]
    raise SpecError(f"{spec.strategy} looks ahead, so its result means nothing: {said}")


def _differs(
    setting: Setting, fills: Sequence[LoggedFill], run: Callable[[], Sequence[LoggedFill]]
) -> str | None:
    """Where another run of the same strategy parts from these fills, in words; None if nowhere."""
    try:
        again = run()
    except LetfError as error:
        return f"where bars arrive one by one it fails ({error})"
    except Exception as error:  # whatever a person's own code raises on bars that are not there
        return f"where bars arrive one by one it fails with {type(error).__name__}: {error}"
    for one, other in zip(fills, again, strict=False):
        if _key(one) != _key(other) or not _close(one, other):
            return f"{_words(setting, one)}, but where bars arrive one by one {_words(setting, other)}"
    if len(fills) != len(again):
        longer = fills if len(fills) > len(again) else again
        extra = _words(setting, longer[min(len(fills), len(again))])
        which = "where all bars are known" if longer is fills else "where bars arrive one by one"
        return f"{extra} {which} only"
    return None


def _key(fill: LoggedFill) -> tuple[int, str]:
    return fill.bar, fill.instrument


def _close(one: LoggedFill, other: LoggedFill) -> bool:
    pairs = ((one.price, other.price), (one.size, other.size))
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in pairs)


def _words(setting: Setting, fill: LoggedFill) -> str:
    verb = "bought" if fill.size > 0 else "sold"
    return f"{abs(fill.size):g} {fill.instrument} were {verb} on {setting.bars.sessions[fill.bar]}"


def _said(spec: RunSpec, files: Sequence[Any]) -> list[str]:
    return [
        f"{spec.strategy} reads {name} itself: what it takes from there cannot be checked for looking ahead"
        for name in dict.fromkeys(files)
    ]
