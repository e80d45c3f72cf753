"""[data] of a spec: which index, rates, funds, assets, events; and where the files are that it names."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from feeds.checking.screen import OnBadPrint
from letf_instruments import SpecError
from letf_instruments.kinds import of_its_field

DATA_SUFFIXES = (".csv", ".parquet")


class Table(BaseModel):
    """Base of a spec's tables: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        return of_its_field(value, cls, str(info.field_name))


def _as_text(value: Any) -> Any:
    """A number as its text, which `rate_of` takes for the same number."""
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _as_traded(value: Any) -> Any:
    """One ticker as a list of it; "all" and "none" are words."""
    if isinstance(value, str) and value != "all":
        return () if value == "none" else (value,)
    names = list(value.values()) if isinstance(value, dict) else value
    listed = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
    if value != "all" and not listed:
        raise ValueError(
            f"data.traded is {value!r}; it should be 'all', tickers as in ['SOXL'], or a table of files by "
            "ticker"
        )
    return value


class DataSpec(Table):
    """[data]: what the market of a run is made of.

    index : by name, file or splice of eras.
    rates, rate : the short rate, a series by name or file, or a constant (fraction a year); `rate` is a
        constant alone, where `rates` is not given. With neither it is the monthly means of Fed funds that the
        project brings along.
    borrow : borrow fees of shorts, a series in percent a year by name or file, in place of
        account.borrow_fee.
    funds : tickers to watch, or .toml files of funds of one's own; what the rule trades is added. A fund that
        follows another index than the run's says which: "TQQQ@QQQ"; that index is held with the assets.
    traded : funds that have their own bars where they were traded: their tickers, each a file of the data
        folder; by ticker a name or file, SOXL = "my_soxl.csv"; or "all" that the data folder has.
    assets : stocks or ETFs to hold beside the funds, by name or file.
    volumes : traded volume from elsewhere, by instrument ("index" or a ticker): SOXS = "SOXS".
    volatility : a volatility index in percent a year, such as the VIX, by name or file; prices options.
    spreads : what funds' swaps cost beyond the short rate: "table" is that of the facts, "fitted" comes from
        the traded prices that the data folder has of them, each year from the years before it.
    events : a calendar of events: a file with a column of dates, or a built-in one.
    splits : "none" leaves the funds' NAV continuous; "issuer" splits them as an issuer would, "actual" as the
        real funds were, so that prices are those at which shares trade.
    first_price : of funds at the first bar, by ticker; 100 where none is given.
    total_return : the index pays dividends, and funds follow it with them put in (and an ETF's own fee back),
        as their swaps see it. Assets pay theirs in any case.
    on_bad_print : what becomes of data with a false print: "refuse" them, "keep" it, or put in its place what
        open and "close" allow.
    """

    index: str = Field("nasdaq", min_length=1)
    rates: Annotated[str | None, BeforeValidator(_as_text)] = Field(None, min_length=1)
    borrow: str | None = Field(None, min_length=1)
    rate: float | None = Field(None, ge=-0.05, le=0.3)
    funds: tuple[str, ...] = ("SOXS", "SOXL")
    assets: tuple[str, ...] = ()
    traded: Annotated[Literal["all"] | tuple[str, ...] | dict[str, str], BeforeValidator(_as_traded)] = ()
    volumes: dict[str, str] = Field(default_factory=dict)
    volatility: str | None = Field(None, min_length=1)
    events: str | None = Field(None, min_length=1)
    spreads: Literal["table", "fitted"] = "table"
    start: datetime.date | None = None
    end: datetime.date | None = None
    splits: Literal["none", "issuer", "actual"] = "none"
    first_price: dict[str, Annotated[float, Field(gt=0, le=1e6)]] = Field(default_factory=dict)
    total_return: bool = True
    on_bad_print: OnBadPrint = "refuse"
    seed: int = Field(1, ge=0)
    calendar: str = "XNYS"


def fund_and_index(name: str) -> tuple[str, str | None]:
    """An entry of `funds`: the fund, and the index that it is said to follow."""
    fund, at, index = name.partition("@")
    return fund, index if at else None


def is_data_file(name: str) -> bool:
    """True for a path of prices or dates, False for the name of a source."""
    return Path(name).suffix.lower() in DATA_SUFFIXES


def places_inside(table: Any, file: Path) -> dict[str, str]:
    """Where the files are that a spec's [data] names: relative to its own folder, which they may not
    leave. Keys are "index", "rates", "borrow", "volatility", "events", "funds:NAME", "follows:NAME",
    "assets:NAME", "traded:NAME", "volumes:NAME".

    Raises
    ------
    SpecError
        If one leaves the folder.
    """
    places: dict[str, str] = {}
    if not isinstance(table, dict):
        return places
    for key in ("index", "rates", "borrow", "volatility", "events"):
        value = table.get(key)
        if isinstance(value, str):
            hint = (
                f"; name such a file on the command line, with --{key}" if key in ("index", "rates") else ""
            )
            if any(is_data_file(era) for era in _eras(value)):
                places[key] = _eras_inside(value, f"data.{key}", file, hint)
    funds = [name for name in _listed(table.get("funds")) if isinstance(name, str)]
    for _, index in map(fund_and_index, funds):
        if index and any(is_data_file(era) for era in _eras(index)):
            places[f"follows:{index}"] = _eras_inside(index, "data.funds", file)
    lists = {
        "funds": (
            [fund for fund, _ in map(fund_and_index, funds)],
            lambda name: name.lower().endswith(".toml"),
        ),
        "assets": (table.get("assets"), is_data_file),
        "traded": (_listed(table.get("traded")), is_data_file),
        "volumes": (_listed(table.get("volumes")), is_data_file),
    }
    for key, (names, is_file) in lists.items():
        for name in names if isinstance(names, list) else []:
            if isinstance(name, str) and is_file(name):
                places[f"{key}:{name}"] = _inside(name, f"data.{key}", file)
    return places


def deposits_inside(table: Any, file: Path) -> dict[str, str]:
    """Where the file of account.deposits is, likewise; the key is "deposits".

    Raises
    ------
    SpecError
        If it leaves the folder.
    """
    value = table.get("deposits") if isinstance(table, dict) else None
    if not (isinstance(value, str) and is_data_file(value)):
        return {}
    return {"deposits": _inside(value, "account.deposits", file)}


def _listed(value: Any) -> list[Any]:
    """The names in a list, or those that a table gives to its keys."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def _eras(name: str) -> list[str]:
    """The names of a splice at even places, the dates between them at odd ones."""
    return re.split(r"(:\d{4}-\d\d-\d\d:)", name)


def _eras_inside(name: str, key: str, file: Path, hint: str = "") -> str:
    return "".join(_inside(era, key, file, hint) if is_data_file(era) else era for era in _eras(name))


def swept_places(axes: Mapping[str, Any], file: Path) -> dict[str, str]:
    """The same for the values that a sweep gives to keys of [data]; those of a key that names one source are
    told apart as "index=VALUE".

    Raises
    ------
    SpecError
        If one leaves the folder.
    """
    places: dict[str, str] = {}
    for key, values in axes.items():
        name = key.removeprefix("data.")
        if name == key or not isinstance(values, list):
            continue
        for value in values:
            table, _, ticker = name.partition(".")
            for place, path in places_inside({table: {ticker: value} if ticker else value}, file).items():
                places[place if ":" in place else f"{place}={value}"] = path
    return places


def inside(name: str, file: Path) -> bool:
    """True if a path named in a spec stays in the spec's own folder."""
    home = file.resolve().parent
    return "\0" not in name and (home / name).resolve().is_relative_to(home)


def _inside(name: str, key: str, file: Path, hint: str = "") -> str:
    if not inside(name, file):
        raise SpecError(f"{file.name}: {key} {name!r} leaves the spec's own folder{hint}")
    return str(file.parent / name)
