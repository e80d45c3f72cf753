"""A spec from its TOML file, and what the command line changes of it."""

from __future__ import annotations

import contextlib
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from letf_instruments import LetfError, SpecError
from runs.specs.data import deposits_inside, places_inside, swept_places
from runs.specs.memory import with_memory
from runs.specs.run_spec import RunSpec, check_joint, put
from runs.specs.validation import validated

EXAMPLES = Path(__file__).parent.parent / "examples"
RANGE = ("from", "to", "step", "count", "scale")  # what makes a table of [sweep] a range


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
    return finished(draft_of_file(path), changes, {"data": {k: v for k, v in data.items() if v is not None}})


@dataclass
class Draft:
    """A spec before it is checked.

    raw : its tables. places : where files are that it names, or data in memory, by the keys of
    `RunSpec.place`. file : that it came from. kind : the class of a strategy that stands in a script.
    """

    raw: dict[str, Any]
    places: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None
    kind: type | None = None


def draft_of_file(path: str | Path) -> Draft:
    """The draft in a TOML file, or in the example of that name.

    Raises
    ------
    SpecError
        If it cannot be read, or a path in it leaves its folder.
    """
    file = _spec_file(path)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        nested = flattened(raw.get("sweep"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{file.name} is not valid TOML: {error}") from None
    except RecursionError:
        raise SpecError(f"{file.name}: its values are nested too deeply to be a spec") from None
    except OSError as error:
        raise SpecError(f"{file.name} cannot be read: {error.strerror}") from None
    places = places_inside(raw.get("data"), file) | swept_places(nested, file)
    places |= deposits_inside(raw.get("account"), file)
    raw.setdefault("name", file.stem)
    return Draft(raw, dict(places), file)


def finished(
    draft: Draft,
    changes: Sequence[str] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
) -> RunSpec:
    """The spec of a draft, changed and checked.

    Parameters
    ----------
    changes : as in `load_spec`.
    tables : by the name of a table, keys to replace in it; None takes one out. Paths and data in memory
        given here are the caller's own.

    Raises
    ------
    SpecError
        As `load_spec`.
    """
    raw, places = draft.raw, draft.places
    for change in changes or ():
        _apply(raw, change, draft.kind)
    given = {name: dict(table) for name, table in (tables or {}).items() if table}
    changed = {change.partition("=")[0].strip() for change in changes or ()}
    changed |= {f"{name}.{key}" for name, table in given.items() for key in table}
    places = {key: place for key, place in places.items() if not _is_changed(key, changed)}
    for name, table in given.items():
        if name == "data":
            table, held = with_memory(table)
            places |= held
        for key, value in table.items():
            put(raw, [name, *str(key).split(".")], value, f"{name}.{key}")
    spec: RunSpec = validated(RunSpec, raw, "", draft.file.name if draft.file is not None else "")
    check_joint(spec)
    spec._places.update(places)
    spec._file, spec._raw, spec._class = draft.file, raw, draft.kind
    spec.make_rule()
    return spec


def load_specs(paths: Sequence[str | Path], changes: list[str] | None = None, **data: Any) -> list[RunSpec]:
    """Read several specs as `load_spec` does; a sentence on one of them begins with its name."""
    loaded = []
    for path in paths:
        try:
            loaded.append(load_spec(path, changes, **data))
        except LetfError as error:
            raise type(error)(f"{Path(path).stem}: {error}") from None
    return loaded


def flattened(table: Any, prefix: str = "") -> dict[str, Any]:
    """The [sweep] of a spec by dotted key, as TOML nests what is written plan.stop: key → values or range.

    Raises
    ------
    SpecError
        If a key is given twice ("plan.stop" in quotation marks, and without).
    """
    out: dict[str, Any] = {}
    for key, value in table.items() if isinstance(table, Mapping) else ():
        name = prefix + key
        is_range = isinstance(value, Mapping) and any(
            word in value and not isinstance(value[word], Mapping) for word in RANGE
        )
        nested = (
            flattened(value, name + ".") if isinstance(value, Mapping) and not is_range else {name: value}
        )
        for inner in nested:
            if inner in out:
                raise SpecError(f"sweep.{inner} is given twice")
        out |= nested
    return out


def _is_changed(place: str, changed: set[str]) -> bool:
    """True for the place of a key that the command line gives: a path there is the caller's own."""
    if "=" in place.partition(":")[0]:
        key = place.partition("=")[0]
        return f"data.{key}" in changed or f"sweep.data.{key}" in changed
    table = place.partition(":")[0]
    if table == "deposits":
        return "account.deposits" in changed
    return f"data.{'funds' if table == 'follows' else table}" in changed


def examples() -> dict[str, Path]:
    """The examples that come along, by name: those on daily bars, which can be compared with each other, and
    those on intraday ones."""
    return {file.stem: file for folder in (EXAMPLES, EXAMPLES / "intraday") for file in folder.glob("*.toml")}


def _spec_file(path: str | Path) -> Path:
    file = Path(path)
    with contextlib.suppress(OSError, ValueError):  # a name that no file can have
        if file.is_file():
            return file
        if str(path) in (known := examples()):
            return known[str(path)]
    names = ", ".join(sorted(examples()))
    raise SpecError(f"no spec file {str(path)[:200]!r}; examples that come along: {names}")


def _apply(raw: dict[str, Any], change: str, kind: type | None) -> None:
    if not isinstance(change, str) or "\n" in change:
        raise SpecError(f"a change is {change!r:.80}; it must be text of the form table.key=value")
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise SpecError(f"--set {change!r} is not of the form table.key=value, such as plan.stop=0.08")
    if len(parts) == 1 and parts[0] not in RunSpec.model_fields:
        raise SpecError(f"--set {change!r}: unknown key {parts[0]}; {_tables_of(raw, parts[0], kind)}")
    text = text.strip()
    if text.lower() == "none":
        put(raw, parts, None, f"--set {change!r}")
        return
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    except RecursionError:
        raise SpecError(f"--set {change!r:.60}…: its value is nested too deeply") from None
    put(raw, parts, value, f"--set {change!r}")


def _tables_of(raw: Mapping[str, Any], key: str, kind: type | None) -> str:
    """What a key without its table may have meant: "did you mean rule.overbought?"."""
    models: dict[str, Any] = {
        name: RunSpec.model_fields[name].annotation for name in ("data", "account", "costs", "options")
    }
    with contextlib.suppress(LetfError):
        spec = RunSpec(name="x", strategy=str(raw.get("strategy")))
        spec._class = kind
        found: Any = spec.strategy_class()
        if hasattr(found, "variant"):
            models |= {"rule": found.Params, "plan": found.variant(raw.get("rule") or {}).Plan}
    known = [f"{table}.{name}" for table, model in models.items() for name in model.model_fields]
    exact = [name for name in known if name.endswith(f".{key}")]
    near = exact or difflib.get_close_matches(key, [name.partition(".")[2] for name in known], n=1)
    full = [name for name in known if name in near or name.partition(".")[2] in near]
    return f"did you mean {' or '.join(full)}?" if full else "a key has its table before it: plan.stop=0.08"
