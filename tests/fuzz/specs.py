"""Random specs over the whole schema: keys, kinds and bounds are taken from the pydantic models, so that a
new key is in it by itself. Only what names a file or an instrument is said here."""

from __future__ import annotations

import contextlib
import json
import math
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from feeds.market import Market, Prices
from letf_instruments import LetfError, known_fund, known_tickers
from runs.specs.data import DataSpec
from runs.specs.money import AccountSpec, CostSpec, OptionSpec
from strategies import FILTERS, RULES, AllocationPlan, LotPlan, TradePlan, TradeRule
from strategies.plans.lot_plan import Fate
from tests.conftest import random_bars
from tests.fuzz.markets import KINDS, write_bars, write_payments, write_series
from tests.fuzz.trees import condition, tree

INSTRUMENTS = ("SOXL", "SOXS", "TQQQ", "SQQQ", "index", "ASSET")
FILES = (
    "index",
    "rates",
    "borrow",
    "funds",
    "assets",
    "volumes",
    "volatility",
    "events",
    "start",
    "end",
    "calendar",
)
PAYMENTS = "pay.csv"
EVENTS = ("earnings-season", "option-expiry")
SENSIBLE = 0.85  # of cases
USUAL = 0.35  # of optional keys are given
LONGEST = 40  # bars of a window, so that rules come to act


def write_case(folder: Path, rng: np.random.Generator) -> None:
    """Write a spec, s.toml, and the files that it names."""
    n = int(rng.integers(30, 200))
    write_bars(folder / "b.csv", rng, n, str(rng.choice(KINDS)), dividends=rng.random() < 0.3)
    name = str(rng.choice(list(RULES)))
    kind = RULES[name]
    data = _data(folder, rng, n)
    tables = {"rule": _table(kind.Params, rng, name)}
    if name == "tree" and rng.random() < SENSIBLE:
        _make_tree(tables["rule"], rng)
        data["funds"] = ["SOXS", "SOXL"]  # what its conditions read
        data.pop("first_price", None)
    with contextlib.suppress(LetfError):
        plans = kind.variant(tables["rule"]).plans()
        plan = plans[int(rng.integers(len(plans)))][0]
        tables["plan"] = _table(plan, rng, name)
        if issubclass(plan, LotPlan):
            _make_lots(tables["plan"], rng)
            if tables["rule"].get("mode") == "zones" and rng.random() < 0.7:
                tables["plan"].setdefault("each", {})["zone1"] = _table(Fate, rng)
        elif issubclass(plan, TradePlan):
            _make_orders(tables["plan"], plan, name, rng)
        elif issubclass(plan, AllocationPlan) and "schedule" in tables["plan"]:
            tables["plan"].pop("every", None)
    tables["account"], tables["costs"] = _table(AccountSpec, rng), _table(CostSpec, rng)
    if isinstance(tables["account"].get("deposits"), str):
        write_payments(folder / PAYMENTS, rng, n)
    if rng.random() < 0.1:
        tables["options"] = _table(OptionSpec, rng)
    tables["data"] = data
    for label in rng.choice(
        list(FILTERS), int(rng.integers(0, 3)) if rng.random() < 0.3 else 0, replace=False
    ):
        tables[f"filters.{label}"] = _table(FILTERS[label].Params, rng, name)
    if rng.random() < SENSIBLE:
        _make_sensible(tables, "ASSET.csv" in data.get("assets", ()), rng)
    (folder / "s.toml").write_text(as_toml({"name": "case", "strategy": name}, tables))


def _make_tree(rule: dict[str, Any], rng: np.random.Generator) -> None:
    """A tree that may be one, and numbers that it has."""
    rule["tree"] = {"if": condition(rng), "then": tree(rng), "else": "SOXL"}
    if "numbers" in rule:
        rule["numbers"] = {"hot": float(rng.choice([0.0, 50.0, 79.0]))}
        rule["tree"]["if"] = condition(rng, "hot")


def _make_lots(plan: dict[str, Any], rng: np.random.Generator) -> None:
    """What tells a plan of lots from another, and an amount where it has one."""
    plan.setdefault("lots", int(rng.integers(1, 12)))
    plan.pop("amount", None)
    if plan.get("size") == "fixed":
        plan["amount"] = float(10.0 ** rng.uniform(1, 5))


def _make_orders(plan: dict[str, Any], kind: type[TradePlan], rule: str, rng: np.random.Generator) -> None:
    """Orders of a trade that go together."""

    def is_now(key: str) -> Any:
        return plan.get(key, kind.model_fields[key].default)

    sides = [plan]
    if rule == "switch" and "other" in plan:
        sides.append(plan["other"])
        plan["other"]["instrument"] = str(rng.choice(("SOXS", "SQQQ")))
    else:
        plan.pop("other", None)
    for side in sides:
        if "amount" in side:
            side.pop("fraction", None)
        if "trailing_stop" in side:
            side.pop("trailing_atr", None)
        if "stop" not in side:
            side.pop("risk", None)
    if is_now("leave_at") not in (None, "open"):
        plan["fill"] = "open"
    entry = is_now("entry")
    if entry != "stop":
        plan.pop("trigger", None)
    elif is_now("trigger") is None:
        plan["trigger"] = float(rng.choice([-0.01, 0.0, 0.01]))
    if entry == "limit":
        plan.setdefault("limit", float(rng.choice([-0.02, 0.0, 0.01])))
    elif (entry, is_now("fill")) != ("market", "close"):
        plan.pop("limit", None)


def _make_sensible(tables: dict[str, dict[str, Any]], asset: bool, rng: np.random.Generator) -> None:
    """Take out what would have a case refused before anything of it is run."""
    plan, account, data = tables.get("plan", {}), tables["account"], tables["data"]
    if "stop" not in plan:
        plan.pop("risk", None)
    if "borrow" in data:
        account.pop("borrow_fee", None)
    if isinstance(account.get("deposits"), dict):
        given = account["deposits"]
        given["amount"] = abs(given["amount"]) if rng.random() < 0.8 else given["amount"] / 10.0
        given["every"] = given.get("every") or int(rng.integers(1, 30))
    if account.get("margin_rate", 1.0) < 0.001:
        account["margin_rate"] = 0.001
    rule = tables["rule"]
    for table in (plan, rule):
        for key, value in list(table.items()):
            if value == "ASSET" and not asset:
                del table[key]
    for key, sign in (("bull", 1), ("bear", -1)):
        if rule.get(key) in known_tickers() and known_fund(rule[key]).multiple * sign <= 0:
            del rule[key]


def as_toml(head: dict[str, Any], tables: dict[str, dict[str, Any]]) -> str:
    """A spec as text."""
    lines = [f"{key} = {_toml(value)}" for key, value in head.items()]
    for title, table in tables.items():
        lines += ["", f"[{title}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value)


def _data(folder: Path, rng: np.random.Generator, n: int) -> dict[str, Any]:
    chance = rng.random
    data: dict[str, Any] = {"index": "b.csv", "on_bad_print": "keep"}
    data["funds"] = [str(t) for t in rng.choice(known_tickers(), int(rng.integers(0, 3)), replace=False)]
    if chance() < 0.3:
        write_bars(folder / "ASSET.csv", rng, n, str(rng.choice(KINDS[:6])))
        data["assets"] = ["ASSET.csv"]
    if chance() < 0.3:
        write_series(folder / "r.csv", rng, n, 6.0)
        data["rates"] = "r.csv"
    if chance() < 0.3:
        write_series(folder / "bo.csv", rng, n, 90.0)
        data["borrow"] = "bo.csv"
    if chance() < 0.2:
        write_series(folder / "v.csv", rng, n, 60.0)
        data["volatility"] = "v.csv"
    if chance() < 0.8:
        data["events"] = str(rng.choice(EVENTS))
    rest = _table(DataSpec, rng, leave_out=(*FILES, "on_bad_print"))
    if "first_price" in rest:
        rest["first_price"] = {t: float(10.0 ** rng.uniform(-3, 3)) for t in data["funds"]}
    return data | rest


def _table(
    model: type[BaseModel], rng: np.random.Generator, rule: str = "", leave_out: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Some keys of a model, with values that it may have."""
    out = {}
    for key, field in model.model_fields.items():
        if key in leave_out or (not field.is_required() and rng.random() > USUAL):
            continue
        value = _value(key, field, rng, rule)
        if value is not None:
            out[key] = value
    return out


def _value(key: str, field: FieldInfo, rng: np.random.Generator, rule: str) -> Any:
    return _of(key, field.annotation, list(field.metadata), rng, rule)


def _of(key: str, annotation: Any, metadata: list[Any], rng: np.random.Generator, rule: str) -> Any:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        more = [m for each in inner[1:] for m in (each.metadata if isinstance(each, FieldInfo) else [each])]
        return _of(key, inner[0], [*metadata, *more], rng, rule)
    if origin in (Union, UnionType):
        kinds = [each for each in inner if each is not NoneType]
        return _of(key, kinds[int(rng.integers(len(kinds)))], metadata, rng, rule)
    if origin is Literal:
        return inner[int(rng.integers(len(inner)))]
    if annotation is bool:
        return bool(rng.random() < 0.5)
    if annotation is str:
        return _word(key, rng, rule)
    if annotation in (int, float):
        return _number(annotation, metadata, rng)
    if origin is tuple:
        if get_origin(inner[0]) is Literal:
            choices = get_args(inner[0])
            return list(rng.permutation(choices)[: int(rng.integers(1, len(choices) + 1))])
        if inner[0] is float:  # edges, which mostly rise
            edges = rng.random(int(rng.integers(1, 4)))
            return [round(float(edge), 3) for edge in (np.sort(edges) if rng.random() < 0.9 else edges)]
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _table(annotation, rng, rule)
    if (origin is dict and inner[1] in (float, int)) or origin is dict:
        shares = rng.dirichlet(np.ones(4))
        names = rng.choice(INSTRUMENTS, 3, replace=False)
        return {str(name): round(float(share), 3) for name, share in zip(names, shares, strict=False)}
    return None


def _number(kind: type, metadata: list[Any], rng: np.random.Generator) -> float | int:
    low, high = -math.inf, math.inf
    opened = [False, False]
    for bound in metadata:
        for name, value in ((n, getattr(bound, n, None)) for n in ("ge", "gt", "le", "lt")):
            if value is None:
                continue
            if name[0] == "g":
                low, opened[0] = float(value), name == "gt"
            else:
                high, opened[1] = float(value), name == "lt"
    if kind is int:
        first = int(low) + opened[0] if low > -math.inf else 0
        last = min(int(high) - opened[1] if high < math.inf else LONGEST, max(first, LONGEST))
        return int(rng.choice([first, int(rng.integers(first, last + 1))], p=[0.15, 0.85]))
    reach = high if high < math.inf and high <= 1e3 else 1e3
    if low == -math.inf:
        low = -reach
    match rng.integers(6):
        case 0 if not opened[0]:
            return low
        case 1 if not opened[1] and high <= 1e3:
            return high
        case 2 | 3:  # round numbers, at which ties lie
            step = rng.choice([0.01, 0.05, 0.25, 0.5])
            value = round(float(rng.integers(1, 40)) * step, 10)
            return float(min(max(value, low + 1e-3 * opened[0]), reach * (1.0 - 1e-3 * opened[1])))
        case _:
            least = max(low, 1e-4) if low >= 0 else 1e-4
            value = float(np.exp(rng.uniform(np.log(least), np.log(max(reach * 0.999, least * 1.01)))))
            return max(-value, low) if low < 0 and rng.random() < 0.5 else value


def _word(key: str, rng: np.random.Generator, rule: str) -> str | None:
    if key == "deposits":
        return PAYMENTS
    levels, of_index = _levels(rule)
    if key == "rebound":
        return str(rng.choice(of_index)) if of_index else None
    if key == "leave_at":
        return str(rng.choice(["open", "session end", "session end", "15:45"]))
    if key in ("stop", "target", "limit", "trigger"):
        return str(rng.choice(levels)) if levels else None
    return str(rng.choice(INSTRUMENTS))


@cache
def _levels(rule: str) -> tuple[list[str], list[str]]:
    """The levels that a rule gives, asked of itself: of its instrument, and of the index."""
    kind = RULES.get(rule)
    if kind is None or not issubclass(kind, TradeRule):
        return [], []
    prices = Prices.of_bars(random_bars(1, 300))
    funds = {
        name: Prices(name, m, *(getattr(prices, c) for c in ("open", "high", "low", "close", "volume")))
        for name, m in (("SOXL", 3.0), ("SOXS", -3.0))
    }
    try:
        given = kind().signals(Market(random_bars(1, 300).timestamps, prices, funds))
    except LetfError:
        return [], []
    return list(given.levels), list(given.index_levels)
