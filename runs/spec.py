"""What to run: a TOML file, validated; and what the command line changes of it."""

from __future__ import annotations

import contextlib
import datetime
import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from letf_instruments import SpecError, known_tickers
from strategies.rule import TradeRule
from strategies.trade_plan import TradePlan

EXAMPLES = Path(__file__).parent / "examples"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataSpec(_Table):
    """[data]: the index by name, file or splice of eras, the short rate, the funds to watch, the span.

    funds: tickers, or .toml files of funds of one's own.
    total_return: put the index's dividends in (and an ETF's own fee back), as the funds' swaps see it.
    """

    index: str = Field("nasdaq", min_length=1)
    rates: str | None = Field(None, min_length=1)
    rate: float = Field(0.02, ge=-0.05, le=0.3)
    funds: tuple[str, ...] = Field(("SOXS", "SOXL"), min_length=1)
    start: datetime.date | None = None
    end: datetime.date | None = None
    total_return: bool = True
    seed: int = Field(1, ge=0)
    calendar: str = "XNYS"


class AccountSpec(_Table):
    """[account]: money at the start, and whether shares are whole."""

    cash: float = Field(100_000.0, gt=0, le=1e15)
    whole_shares: bool = False


class CostSpec(_Table):
    """[costs]: of every fill; basis points of the traded value, the minimum in money."""

    commission_bps: float = Field(0.0, ge=0, le=1000)
    commission_minimum: float = Field(0.0, ge=0)
    half_spread_bps: float = Field(0.0, ge=0, le=1000)
    slippage_bps: float = Field(0.0, ge=0, le=1000)


class RunSpec(_Table):
    """A whole run. `rule` is checked by the strategy's own parameters."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)
    strategy: str
    data: DataSpec = Field(default_factory=DataSpec)
    rule: dict[str, Any] = Field(default_factory=dict)
    plan: TradePlan = Field(default_factory=TradePlan)
    account: AccountSpec = Field(default_factory=AccountSpec)
    costs: CostSpec = Field(default_factory=CostSpec)
    _places: dict[str, str] = PrivateAttr(default_factory=dict)

    def make_rule(self) -> TradeRule:
        """The rule with its parameters and plan.

        Raises
        ------
        SpecError
            If the strategy is not known or a parameter is wrong.
        """
        from strategies import rule_named

        kind = rule_named(self.strategy)
        plan, name = self.plan, self.plan.instrument
        if name and name.upper() in known_tickers():
            plan = plan.model_copy(update={"instrument": name.upper()})
        return kind(_validated(kind.Params, self.rule, "rule."), plan)

    def place(self, key: Literal["index", "rates"]) -> str:
        """Where data.index or data.rates is to be read from: a path in the file, resolved; else as named."""
        return self._places.get(key) or getattr(self.data, key)

    def fund_file(self, name: str) -> str:
        """Where a fund file that data.funds names is to be read from."""
        return self._places.get(f"funds:{name}", name)

    def resolved(self) -> dict[str, Any]:
        """The spec with every default filled in, ready for JSON."""
        out = self.model_dump(mode="json")
        out["rule"] = self.make_rule().params.model_dump(mode="json")
        return out


def load_spec(path: str | Path, changes: list[str] | None = None, **data: Any) -> RunSpec:
    """Read a spec.

    Parameters
    ----------
    path : a TOML file, or the name of an example that comes along ("rsi_timing").
    changes : "table.key=value" with a TOML value, a bare word, or `none` to take a key out.
    data : keys of [data] to replace; None leaves a key as it is. A path given here is the caller's own;
        one inside the file is relative to the file's folder and may not leave it.

    Raises
    ------
    SpecError
        One sentence: an unreadable file, an unknown key (with the nearest right one), a wrong value.
    """
    file = _spec_file(path)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{file.name} is not valid TOML: {error}") from None
    except OSError as error:
        raise SpecError(f"{file.name} cannot be read: {error.strerror}") from None
    places = _places_inside(raw, file)
    for change in changes or []:
        _apply(raw, change)
    table = raw.setdefault("data", {})
    if isinstance(table, dict):
        table.update({key: value for key, value in data.items() if value is not None})
        changed = {c.partition("=")[0].strip() for c in changes or []} | {
            f"data.{k}" for k in data if data[k]
        }
        places = {
            key: place for key, place in places.items() if f"data.{key.partition(':')[0]}" not in changed
        }
    raw.setdefault("name", file.stem)
    spec: RunSpec = _validated(RunSpec, raw, "", file.name)
    if spec.data.start and spec.data.end and spec.data.start >= spec.data.end:
        raise SpecError(f"data.start ({spec.data.start}) must be before data.end ({spec.data.end})")
    spec.make_rule()
    spec._places.update(places)
    return spec


def _spec_file(path: str | Path) -> Path:
    file = Path(path)
    with contextlib.suppress(OSError, ValueError):  # a name that no file can have
        if file.is_file():
            return file
        example = EXAMPLES / f"{path}.toml"
        if file.name == str(path) and example.is_file():
            return example
    names = sorted(p.stem for p in EXAMPLES.glob("*.toml"))
    raise SpecError(f"no spec file {str(path)[:200]!r}; examples that come along: {', '.join(names)}")


def _places_inside(raw: dict[str, Any], file: Path) -> dict[str, str]:
    """Where the files are that a spec names: relative to its own folder, which they may not leave."""
    places: dict[str, str] = {}
    table = raw.get("data")
    if not isinstance(table, dict):
        return places
    home = file.resolve().parent
    for key in ("index", "rates"):
        value = table.get(key)
        if not isinstance(value, str):
            continue
        eras = re.split(r"(:\d{4}-\d\d-\d\d:)", value)  # names at even places, dates between them
        files = [Path(era).suffix.lower() in (".csv", ".parquet") for era in eras]
        if not any(files):
            continue
        for era, is_file in zip(eras, files, strict=True):
            if is_file and ("\0" in era or not (home / era).resolve().is_relative_to(home)):
                raise SpecError(
                    f"{file.name}: data.{key} {era!r} leaves the spec's own folder; "
                    f"name such a file on the command line, with --{key}"
                )
        places[key] = "".join(
            str(file.parent / era) if is_file else era for era, is_file in zip(eras, files, strict=True)
        )
    for name in table["funds"] if isinstance(table.get("funds"), list) else []:
        if isinstance(name, str) and name.lower().endswith(".toml"):
            if "\0" in name or not (home / name).resolve().is_relative_to(home):
                raise SpecError(f"{file.name}: data.funds {name!r} leaves the spec's own folder")
            places[f"funds:{name}"] = str(file.parent / name)
    return places


def _apply(raw: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise SpecError(f"--set {change!r} is not of the form table.key=value, such as plan.stop=0.08")
    text = text.strip()
    table = raw
    for part in parts[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise SpecError(f"--set {change!r}: {part} is a value, not a table")
    if text.lower() == "none":
        table.pop(parts[-1], None)
        return
    try:
        table[parts[-1]] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[parts[-1]] = text


def _validated(model: type[BaseModel], raw: dict[str, Any], prefix: str, source: str = "") -> Any:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        where = f"{source}: " if source else ""
        raise SpecError(where + _sentence(error, model, raw, prefix)) from None


def _sentence(error: ValidationError, model: type[BaseModel], raw: dict[str, Any], prefix: str) -> str:
    """The first error as one sentence; of a key that may be several things, the one that fits best."""
    problems = error.errors()
    first = problems[0]
    key = _key(first["loc"], raw)
    for other in problems[1:]:
        numeric = isinstance(other["input"], (int, float))
        if _key(other["loc"], raw) == key and first["type"].startswith("string") and numeric:
            first = other
    name = prefix + ".".join(key)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key[-1], _fields(model, key[:-1]), n=1, cutoff=0.5)
        known = ", ".join(_fields(model, key[:-1]))
        hint = f"did you mean {prefix + '.'.join([*key[:-1], near[0]])}?" if near else f"known are {known}"
        return f"unknown key {name}; {hint}"
    if first["type"] == "missing":
        return f"{name} is missing"
    message = re.sub(r"^(Input|String) should", "it should", first["msg"].removeprefix("Value error, "))
    message = re.sub(r"a valid dictionary.*", "a table", message)
    if not name or first["type"] == "value_error":
        return message
    return f"{name} is {first['input']!r}; {message}"


def _key(location: tuple[int | str, ...], raw: Any) -> list[str]:
    """The part of pydantic's location that names keys, without its marks for members of a union."""
    names: list[str] = []
    for part in location:
        if isinstance(raw, dict) and part in raw:
            raw = raw[part]
        elif names and not isinstance(raw, dict):
            break
        names.append(str(part))
    return names


def _fields(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)
