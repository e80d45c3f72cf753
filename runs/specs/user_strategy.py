"""A person's own rule, from a Python file beside the spec: `strategy = "my_rule.py:MyRule"`.

It may follow the plans (a `TradeRule` or an `AllocationRule`) or be any `backtrader.Strategy`. Its code is
run as it is: a spec with such a strategy is a program, to be trusted like one.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from letf_instruments import LetfError, OrderError, SpecError
from runs.specs.data import inside

_PREFIX = "letf_user_"
_FORM = re.compile(r"^(?P<file>.+\.py):(?P<name>[A-Za-z_][A-Za-z0-9_]*)$")


def is_user_strategy(strategy: str) -> bool:
    """True for a name of the form file.py:Class."""
    return ".py" in strategy


def own_file(strategy: str, spec_file: Path | None) -> Path | None:
    """The file that a strategy of the form file.py:Class is in; None for one of ours.

    Raises
    ------
    SpecError
        If the form is wrong, or the file leaves the spec's folder or is not there.
    """
    if not is_user_strategy(strategy):
        return None
    form = _FORM.match(strategy)
    if form is None:
        raise SpecError(f"strategy {strategy!r} is not of the form my_rule.py:MyRule")
    where = spec_file if spec_file is not None else Path("spec.toml")
    if not inside(form["file"], where):
        raise SpecError(f"strategy {strategy!r} leaves the spec's own folder")
    path = (where.parent / form["file"]).resolve()
    if not path.is_file():
        raise SpecError(f"strategy {strategy!r}: there is no file {form['file']} beside the spec")
    return path


def load_user_strategy(strategy: str, spec_file: Path | None, anew: bool = False) -> type:
    """The class that `file.py:Class` names; the file is sought beside the spec, and run once more if `anew`.

    Raises
    ------
    SpecError
        If the file leaves the spec's folder, is not there, fails on import (with its line), or has no such
        class, or the class is neither a rule nor a `backtrader.Strategy`, or a rule without what makes one.
    """
    import backtrader as bt

    from strategies.rule import Rule

    path = own_file(strategy, spec_file)
    assert path is not None
    module, wanted = _module(path, anew), strategy.rpartition(":")[2]
    kind = getattr(module, wanted, None)
    if kind is None:
        usable = [
            name
            for name, value in vars(module).items()
            if isinstance(value, type)
            and issubclass(value, (Rule, bt.Strategy))
            and value.__module__ == module.__name__
        ]
        near = difflib.get_close_matches(wanted, usable, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(usable) or 'none'}"
        raise SpecError(f"{path.name} has no class {wanted}; {hint}")
    return checked_class(strategy, kind)


def checked_class(strategy: str, kind: Any) -> type:
    """A class, if it can be run as a strategy.

    Raises
    ------
    SpecError
        If it is neither a rule nor a `backtrader.Strategy`, or a rule without what makes one.
    """
    import backtrader as bt

    from strategies.rule import Rule

    if not (isinstance(kind, type) and issubclass(kind, (Rule, bt.Strategy))):
        raise SpecError(
            f"{strategy} is neither a TradeRule, nor an AllocationRule, nor an OptionRule, nor a "
            "backtrader.Strategy"
        )
    if issubclass(kind, Rule):
        _check_class(strategy, kind)
    return kind


def code_facts(name: str, file: Path | None, kind: type | None) -> dict[str, str] | None:
    """What tells a strategy of the user's own from one that was changed since: its file, or the class of a
    script, with a fingerprint. None for one of ours.

    Of a class the code of its methods counts, and of those it inherits from; not what they call beside it.
    """
    if kind is not None:
        return {"class": name, "sha256": hashlib.sha256("\n".join(_code_of(kind)).encode()).hexdigest()}
    if file is None:
        return None
    return {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


_OURS = ("strategies", "backtrader", "builtins", "abc", "pydantic", "typing")


def _code_of(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in _OURS:
            continue
        for key, value in sorted(vars(base).items()):
            code = getattr(getattr(value, "fget", value), "__code__", None)
            if code is not None:
                yield f"{base.__qualname__}.{key} {_written(code)}"
            elif not key.startswith("__") and isinstance(value, (str, int, float, tuple)):
                yield f"{base.__qualname__}.{key} = {value!r}"


def _written(code: CodeType) -> str:
    """A function's code without what differs between two loadings of the same text."""
    inner = [_written(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {inner}"


def file_of_class(kind: type) -> Path | None:
    """Where the code of a class stands: its script, or the name that a notebook gives its cell; None if it
    has no code of its own."""
    for value in vars(kind).values():
        code = getattr(getattr(value, "fget", value), "__code__", None)
        if code is not None:
            return Path(code.co_filename).resolve()
    return None


def _check_class(strategy: str, kind: Any) -> None:
    from strategies.parameters import RuleParams

    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    missing += [name for name in ("name", "summary", "Params") if not hasattr(kind, name)]
    if missing:
        raise SpecError(f"{strategy} lacks {', '.join(missing)}")
    for name in ("name", "summary", "when"):
        if not isinstance(getattr(kind, name), str):
            raise SpecError(f"{strategy}: {name} is {getattr(kind, name)!r}, it must be a text")
    if not (isinstance(kind.Params, type) and issubclass(kind.Params, RuleParams)):
        raise SpecError(f"{strategy}: Params must be a class derived from RuleParams")


def check_own_rule(strategy: str, rule: Any) -> None:
    """Refuse a rule whose properties are not what a run reads.

    Raises
    ------
    SpecError
        If `instruments` are not names, or `warm_up` is not a number of bars.
    """
    for name in ("instrument", "instruments", "warm_up"):
        if callable(getattr(rule, name, None)):
            raise SpecError(f"{strategy}: {name} is a method; put @property above it")
    names = rule.instruments
    if not (isinstance(names, (tuple, list)) and all(isinstance(name, str) for name in names)):
        raise SpecError(f'{strategy}: instruments is {names!r}, it must be names such as ("SOXL", "SOXS")')
    if not isinstance(rule.warm_up, int):
        raise SpecError(f"{strategy}: warm_up is {rule.warm_up!r}, it must be a whole number of bars")


_LOADED: dict[tuple[Path, int], ModuleType] = {}


def _module(path: Path, anew: bool = False) -> ModuleType:
    """The file as a module; run again only if the file has changed, or if `anew`, which no one else sees."""
    key = (path, path.stat().st_mtime_ns)
    if key in _LOADED and not anew:
        return _LOADED[key]
    name = f"{_PREFIX}{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    module = ModuleType(name)
    module.__file__ = str(path)
    before, kept = set(sys.modules), sys.modules.get(name)
    sys.modules[name] = module  # dataclasses and pydantic look a class's module up
    sys.path.insert(0, str(path.parent))  # files beside it may be imported
    try:
        with shown_with_line(path, loading=True):
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.path.remove(str(path.parent))
        _forget_siblings(path, set(sys.modules) - before - {name})
    if anew and kept is not None:
        sys.modules[name] = kept
    else:
        _LOADED[key] = module
    return module


def _forget_siblings(path: Path, imported: set[str]) -> None:
    """Another spec's folder may have a file of the same name, which must not be taken for this one."""
    for name in imported:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).resolve().parent == path.parent:
            del sys.modules[name]


@contextmanager
def shown_with_line(path: Path | None, loading: bool = False) -> Iterator[None]:
    """Turn an error that comes from a person's file, or one beside it, into one sentence with its line.

    Errors that do not pass through these files are left as they are, unless the file is being loaded. So are
    those that say themselves what is wrong, but for an order's, which gets the line that gave it.
    """
    try:
        yield
    except OrderError as error:
        where = None if path is None else _line(error, path)
        if where is None:
            raise
        raise OrderError(f"{where}: {error}") from error
    except (LetfError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        where = None if path is None else _line(error, path)
        if where is None and loading and path is not None:
            where = path.name
        if where is None:
            raise
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        text = said.splitlines()[0] if said else ""
        raise SpecError(f"{where}: {type(error).__name__}{': ' if text else ''}{text}") from error


def _line(error: BaseException, path: Path) -> str | None:
    """Where in the file, or one beside it, the error came from: the last of their lines that was run."""

    def is_own(name: str | None) -> bool:
        return name is not None and Path(name).resolve().parent == path.parent

    if isinstance(error, SyntaxError) and is_own(error.filename):
        code = f" ({error.text.strip()})" if error.text and error.text.strip() else ""
        return f"{Path(str(error.filename)).name}, line {error.lineno or 1}{code}"
    mine = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename)]
    if not mine:
        return None
    at = mine[-1]
    code = f" ({at.line})" if at.line else ""
    return f"{Path(at.filename).name}, line {at.lineno}, in {at.name}{code}"
