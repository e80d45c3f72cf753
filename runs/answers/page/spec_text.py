"""What was asked, as TOML to copy: a spec reads as the same spec when it is pasted into a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runs.answers.provenance import Provenance

SWEPT = ("sweep", "walkforward")  # where a question records the axes that it tried
KEPT = {"account": ("kind", "cash"), "data": ("index", "funds")}  # said even where it goes without saying


def spec_texts(provenance: Provenance) -> list[tuple[str, str]]:
    """The specs that an answer rests on, each by its name and as TOML; what was asked, where that is none."""
    several = {
        str(name): spec
        for name, spec in provenance.spec.items()
        if isinstance(spec, Mapping) and "strategy" in spec
    }
    if "strategy" not in provenance.spec and len(several) == len(provenance.spec) > 1:
        return [(name, _toml(spec, provenance.defaults)) for name, spec in several.items()]
    title = "The spec, to copy (TOML)" if "strategy" in provenance.spec else "What was asked"
    return [(title, spec_toml(provenance))]


def spec_toml(provenance: Provenance) -> str:
    """All that was asked as TOML. What has no value is left out, and of a spec what goes without saying."""
    whole = dict(provenance.spec)
    asked = next((provenance.more[key] for key in SWEPT if key in provenance.more), None)
    if "strategy" in whole and isinstance(asked, Mapping):
        whole["sweep"] = asked.get("axes", asked)
    return _toml(whole, provenance.defaults)


def _toml(spec: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> str:
    import tomli_w

    if "strategy" in spec:
        spec = {
            name: _told(name, own, defaults[name]) if name in defaults and isinstance(own, Mapping) else own
            for name, own in spec.items()
        }
    return str(tomli_w.dumps(_without_none(spec)))


def _told(name: str, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A table of a spec without what is so where nothing is said. A preset fills in other values than those,
    so that all stays with one."""
    if "preset" in table and table["preset"] != defaults.get("preset"):
        return dict(table)
    kept = KEPT.get(name, ())
    return {key: value for key, value in table.items() if key in kept or value != defaults.get(key, _UNSAID)}


_UNSAID = object()


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {str(key): _without_none(own) for key, own in value.items() if own is not None}
        return {key: own for key, own in kept.items() if own != {}}
    if isinstance(value, (list, tuple)):
        return ["none" if own is None else _without_none(own) for own in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)
