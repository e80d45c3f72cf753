"""The script that draws: BokehJS, which the Bokeh wheel carries. Only its files are used; Python's part of it
is never imported, so that a page costs no second of start-up.

Bokeh, since its script comes with the wheel and stands in a page of its own without a network, at a third of
the size of Plotly's; and since users of backtesting.py know how it feels.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from runs.answers.page.payload import compressed

FILES = ("bokeh.min.js", "bokeh-api.min.js")


@cache
def packed_library() -> str:
    """The library, compressed (gzip, base64): the page's own script unpacks it."""
    spec = find_spec("bokeh")
    assert spec is not None, "bokeh is a dependency"
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "server" / "static" / "js"
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in FILES)
    return compressed(text)
