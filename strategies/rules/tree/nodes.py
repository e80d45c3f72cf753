"""A tree as it stands in TOML, made into branches and what is held at their ends; every wrong thing is one
sentence that begins with the path of its node."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from letf_instruments import SpecError
from strategies.rules.tree.grammar import (
    INSTRUMENT,
    KINDS,
    Comparison,
    Indicator,
    Numbers,
    condition,
    number,
    score,
    whole,
)

DEEPEST = 30  # a node within nodes
MOST_NODES = 200
MOST_MEMBERS = 100  # of a list
CASH = "cash"
FORMS = {
    "if": ("if", "then", "else"),
    "equal": ("equal",),
    "weights": ("weights",),
    "top": ("top", "by", "of", "inverse_volatility"),
    "bottom": ("bottom", "by", "of", "inverse_volatility"),
    "inverse_volatility": ("inverse_volatility", "of"),
}


@dataclass(frozen=True)
class Fixed:
    """Instruments with their shares of equity; the rest is cash. `words` are for a reason."""

    weights: Mapping[str, float]
    words: str

    @property
    def instruments(self) -> tuple[str, ...]:
        """What may be held."""
        return tuple(self.weights)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """What it is decided by."""
        return ()


@dataclass(frozen=True)
class Picked:
    """Some of a list, or all: ranked by an indicator, weighted equally or by inverse volatility.

    count : how many are held. sign : 1 for those with the highest score, -1 for the lowest.
    scores : of each, None where all are held. volatilities : of each, None where all get the same.
    """

    of: tuple[str, ...]
    count: int
    sign: int
    scores: tuple[Indicator, ...] | None
    volatilities: tuple[Indicator, ...] | None
    words: str

    @property
    def instruments(self) -> tuple[str, ...]:
        """What may be held."""
        return self.of

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """What it is decided by."""
        return (*(self.scores or ()), *(self.volatilities or ()))


@dataclass(frozen=True, eq=False)
class Branch:
    """A condition, what follows where it holds, and what where it does not."""

    condition: Comparison
    where: str  # its path
    then: Node
    otherwise: Node


Node = Branch | Fixed | Picked
Path = tuple[tuple[Branch, bool], ...]


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Fixed | Picked]]:
    """The ends of a tree, each with the branches that lead to it and whether their condition holds there."""
    if isinstance(node, Branch):
        yield from leaves(node.then, (*path, (node, True)))
        yield from leaves(node.otherwise, (*path, (node, False)))
    else:
        yield path, node


def parsed(given: Any, numbers: Numbers) -> Node:
    """The tree of rule.tree.

    Raises
    ------
    SpecError
        One sentence at the first thing that is wrong; also for one of rule.numbers that nothing uses.
    """
    reader = _Reader(numbers)
    tree = reader.node(given, "rule.tree", 0)
    for name in numbers:
        if name not in reader.used:
            near = difflib.get_close_matches(name, reader.used, n=1)
            hint = (
                f"did you mean {near[0]}?" if near else f"it uses {', '.join(sorted(reader.used)) or 'none'}"
            )
            raise SpecError(f"unknown key rule.numbers.{name}; rule.tree does not use it; {hint}")
    return tree


@dataclass
class _Reader:
    numbers: Numbers
    used: set[str] = field(default_factory=set)
    nodes: int = 0

    def node(self, given: Any, where: str, depth: int) -> Node:
        self.nodes += 1
        if depth > DEEPEST:
            raise SpecError(
                f"rule.tree is nested more than {DEEPEST} deep; use a list of ifs, one after another"
            )
        if self.nodes > MOST_NODES:
            raise SpecError(f"rule.tree has more than {MOST_NODES} nodes, the most that a tree may have")
        if isinstance(given, str):
            return Fixed({} if given == CASH else {self.name(given, where): 1.0}, given)
        if isinstance(given, list):
            return self.chain(given, where, depth)
        if not isinstance(given, Mapping) or not given:
            _fail(where, f"is {_short(given)}; it should be {_what()}")
        form = next((form for form in FORMS if form in given), None)
        for key in given:
            allowed = FORMS[form] if form else tuple(dict.fromkeys(sum(FORMS.values(), ())))
            if key not in allowed:
                near = difflib.get_close_matches(str(key), allowed, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it should be {_what()}"
                if form and not near:
                    beside = [each for each in allowed if each != form]
                    hint = f"beside {form} there may be {_listed(beside) if beside else 'nothing'}"
                _fail(where, f"unknown key {key}; {hint}")
        if form is None:
            _fail(where, f"has {_listed(given)}, which makes no node; it should be {_what()}")
        if form == "if":
            return self.branch(given, where, depth)
        if form == "equal":
            return self.equal(given["equal"], where)
        if form == "weights":
            return self.weights(given["weights"], where)
        return self.picked(given, where, form)

    def branch(self, given: Mapping[str, Any], where: str, depth: int) -> Branch:
        for key in ("then", "else"):
            if key not in given:
                _fail(where, f'has if but no {key}; {key} = "cash" holds nothing there')
        compared = self.condition(given["if"], where)
        then = self.node(given["then"], f"{where}.then", depth + 1)
        return Branch(compared, where, then, self.node(given["else"], f"{where}.else", depth + 1))

    def chain(self, given: list[Any], where: str, depth: int) -> Node:
        """A list of {if, then}, one after another, and what is held where none holds."""
        if not given:
            _fail(where, "is an empty list; it should be some {if, then}, and last what is held otherwise")
        steps: list[tuple[Comparison, str, Node]] = []
        for i, each in enumerate(given[:-1]):
            place = f"{where}[{i}]"
            if not (isinstance(each, Mapping) and set(each) == {"if", "then"}):
                _fail(place, f"is {_short(each)}; all of a list but its last should be {{if, then}}")
            self.nodes += 1
            compared = self.condition(each["if"], place)
            steps.append((compared, place, self.node(each["then"], f"{place}.then", depth + 1)))
        last = f"{where}[{len(given) - 1}]"
        if isinstance(given[-1], Mapping) and "if" in given[-1] and "else" not in given[-1]:
            _fail(last, 'is the last of its list and has no else; put "cash" after it to hold nothing')
        found = self.node(given[-1], last, depth + 1)
        for compared, place, then in reversed(steps):
            found = Branch(compared, place, then, found)
        return found

    def condition(self, given: Any, where: str) -> Comparison:
        if not isinstance(given, str):
            _fail(f"{where}.if", f'is {_short(given)}; it should be a text such as "rsi(SOXL, 10) > 79"')
        return condition(given, f"{where}.if", self.numbers, self.used)

    def equal(self, given: Any, where: str) -> Fixed:
        names = self.members(given, f"{where}.equal", cash=True)
        weights = {name: 1.0 / len(names) for name in names if name != CASH}
        return Fixed(weights, f"equal {' '.join(names)}")

    def weights(self, given: Any, where: str) -> Fixed:
        where = f"{where}.weights"
        if not isinstance(given, Mapping) or not 1 <= len(given) <= MOST_MEMBERS:
            _fail(where, f"is {_short(given)}; it should be a table such as {{SOXL = 0.6, index = 0.4}}")
        weights = {self.name(name, where): self.number(w, f"{where}.{name}") for name, w in given.items()}
        for name, weight in weights.items():
            if not 0 <= weight <= 1:
                _fail(f"{where}.{name}", f"is {weight:g}; it must be from 0 to 1")
        if sum(weights.values()) > 1 + 1e-9:
            _fail(where, f"add up to {sum(weights.values()):g}; more than 1 would be on credit")
        words = " ".join(f"{name} {weight:g}" for name, weight in weights.items())
        return Fixed({name: w for name, w in weights.items() if name != CASH}, words)

    def picked(self, given: Mapping[str, Any], where: str, form: str) -> Picked:
        if "of" not in given:
            _fail(where, f"has {form} but no of; it should be a list of instruments")
        of = self.members(given["of"], f"{where}.of")
        scores = volatilities = None
        count, words = len(of), ""
        if form != "inverse_volatility":
            count = self.whole(given[form], 1, len(of), f"{where}.{form}")
            by = given.get("by")
            if not isinstance(by, str):
                _fail(where, f'has {form} but no by; it should be a text such as by = "rsi(10)"')
            kind, bars = score(by, f"{where}.by", self.numbers, self.used)
            scores = tuple(Indicator(kind, name, bars) for name in of)
            words = f"{form} {count} by {kind}({bars})"
        if "inverse_volatility" in given:
            place = f"{where}.inverse_volatility"
            bars = self.whole(given["inverse_volatility"], KINDS["volatility"].least, 2000, place)
            volatilities = tuple(Indicator("volatility", name, bars) for name in of)
            words = f"{words}, inverse volatility({bars})".removeprefix(", ")
        return Picked(of, count, -1 if form == "bottom" else 1, scores, volatilities, words)

    def members(self, given: Any, where: str, cash: bool = False) -> tuple[str, ...]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_MEMBERS:
            _fail(where, f"is {_short(given)}; it should be a list of 1 to {MOST_MEMBERS} instruments")
        names = tuple(self.name(name, f"{where}[{i}]") for i, name in enumerate(given))
        for i, name in enumerate(names):
            if name in names[:i]:
                _fail(where, f"has {name} twice")
            if name == CASH and not cash:
                _fail(f"{where}[{i}]", "is cash, which has no price to be ranked or weighed by")
        return names

    def name(self, given: Any, where: str) -> str:
        if not isinstance(given, str) or not INSTRUMENT.fullmatch(given):
            _fail(where, f"is {_short(given)}; it should be {_what()}")
        return given

    def number(self, given: Any, where: str) -> float:
        """A number, or one of the rule's own by name."""
        right = isinstance(given, (int, float)) and not isinstance(given, bool)
        if not right and not isinstance(given, str):
            _fail(where, f"is {_short(given)}; it should be a number, or the name of one of rule.numbers")

        def fail(why: str) -> NoReturn:
            _fail(where, f"is {_short(given)}: {why}")

        return number(str(given), self.numbers, self.used, fail)

    def whole(self, given: Any, least: int, most: int, where: str) -> int:
        def fail(why: str) -> NoReturn:
            raise SpecError(why)

        return whole(self.number(given, where), least, most, fail, where)


def _fail(where: str, what: str) -> NoReturn:
    raise SpecError(f"{where} {what}" if what.startswith(("is ", "has ", "add ")) else f"{where}: {what}")


def _what() -> str:
    return f'an instrument, "cash", a list of ifs, or a table with one of {_listed(FORMS)}'


def _listed(names: Any) -> str:
    every = [str(name) for name in dict.fromkeys(names)]
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} or {every[-1]}"


def _short(value: Any) -> str:
    """A value on one line, and not all of a large one; a nested one by its kind alone."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if any(isinstance(each, (Mapping, list)) for each in inner):
        return "a nested table" if isinstance(value, Mapping) else "a nested list"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"
