"""A person's own rule, from a Python file beside the spec: `strategy = "my_rule.py:MyRule"`.

It may follow the plans (a `TradeRule` or an `AllocationRule`) or be any `backtrader.Strategy`. Its code is
run as it is: a spec with such a strategy is a program, to be trusted like one.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from letf_instruments import LetfError, SpecError
from runs.data_spec import inside

_PREFIX = "letf_user_"
_FORM = re.compile(r"^(?P<file>.+\.py):(?P<name>[A-Za-z_][A-Za-z0-9_]*)$")


def is_user_strategy(strategy: str) -> bool:
    """True for a name of the form file.py:Class."""
    return ".py" in strategy


def load_user_strategy(strategy: str, spec_file: Path | None) -> type:
    """The class that `file.py:Class` names; the file is sought beside the spec.

    Raises
    ------
    SpecError
        If the file leaves the spec's folder, is not there, fails on import (with its line), or has no such
        class, or the class is neither a rule nor a `backtrader.Strategy`.
    """
    import backtrader as bt

    from strategies.rule import Rule

    form = _FORM.match(strategy)
    if form is None:
        raise SpecError(f"strategy {strategy!r} is not of the form my_rule.py:MyRule")
    where = spec_file if spec_file is not None else Path("spec.toml")
    if not inside(form["file"], where):
        raise SpecError(f"strategy {strategy!r} leaves the spec's own folder")
    path = (where.parent / form["file"]).resolve()
    if not path.is_file():
        raise SpecError(f"strategy {strategy!r}: there is no file {form['file']} beside the spec")
    module = _module(path)
    kind = getattr(module, form["name"], None)
    if kind is None:
        classes = [
            n for n, v in vars(module).items() if isinstance(v, type) and v.__module__ == module.__name__
        ]
        raise SpecError(f"{path.name} has no class {form['name']}; it has {', '.join(classes) or 'none'}")
    if not (isinstance(kind, type) and issubclass(kind, (Rule, bt.Strategy))):
        raise SpecError(
            f"{strategy} is neither a TradeRule, nor an AllocationRule, nor a backtrader.Strategy"
        )
    if issubclass(kind, Rule):
        missing = sorted(getattr(kind, "__abstractmethods__", ()))
        missing += [name for name in ("name", "summary", "Params") if not hasattr(kind, name)]
        if missing:
            raise SpecError(f"{strategy} lacks {', '.join(missing)}")
    return kind


_LOADED: dict[tuple[Path, int], ModuleType] = {}


def _module(path: Path) -> ModuleType:
    """The file as a module; run again only if the file has changed."""
    key = (path, path.stat().st_mtime_ns)
    if key in _LOADED:
        return _LOADED[key]
    name = f"{_PREFIX}{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pydantic look a class's module up
    sys.path.insert(0, str(path.parent))  # files beside it may be imported
    try:
        with shown_with_line(path):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.path.remove(str(path.parent))
    _LOADED[key] = module
    return module


@contextmanager
def shown_with_line(path: Path | None) -> Iterator[None]:
    """Turn an error that comes from a person's file into one sentence with its line.

    Errors that do not pass through the file are left as they are.
    """
    try:
        yield
    except (LetfError, KeyboardInterrupt):
        raise
    except Exception as error:
        where = None if path is None else _line(error, path)
        if where is None:
            raise
        text = str(error).splitlines()[0] if str(error) else ""
        raise SpecError(f"{where}: {type(error).__name__}{': ' if text else ''}{text}") from error


def _line(error: Exception, path: Path) -> str | None:
    """Where in the file the error came from: the last of its lines that was being run."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == path:
        return f"{path.name}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).resolve() == path]
    if not mine:
        return None
    at = mine[-1]
    code = f" ({at.line})" if at.line else ""
    return f"{path.name}, line {at.lineno}, in {at.name}{code}"


def file_of(kind: Any) -> Path | None:
    """The file that a loaded user class came from, None for one of ours."""
    module = sys.modules.get(getattr(kind, "__module__", ""), None)
    name = getattr(module, "__file__", None)
    return Path(name).resolve() if name and str(kind.__module__).startswith(_PREFIX) else None
