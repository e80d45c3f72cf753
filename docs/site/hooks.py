"""What the site has beside the pages of docs/: API, notebook, glossary and gallery, made as it is built."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
GALLERY = ROOT / "build" / "gallery"

# A page a room: what leads it, and its headings with the modules whose public names stand under each; a dot
# at the end is for all below. Names of no module that is listed come last.
ROOMS: dict[str, tuple[str, dict[str, str]]] = {
    "letf": (
        "The door for scripts and notebooks: a function a question, with the words of the `letf` command.",
        {
            "Run a rule": "letf.runs",
            "Sweep its parameters": "letf.sweeps",
            "Is it an edge?": "letf.verdicts letf.periods letf.histories",
            "Ask about a fund": "letf.questions letf.scenarios letf.tracking",
            "Data and funds": "letf.data",
            "Errors": "letf_instruments.errors",
            "For rules of one's own": "strategies",
        },
    ),
    "strategies": (
        "The rules, the plans that carry them out, and what a rule of one's own is made of.",
        {
            "For rules of one's own": "strategies.parameters strategies.trade_rule "
            "strategies.allocation_rule strategies.account_rule strategies.option_rule strategies.rule "
            "strategies.conditions",
            "Plans": "strategies.plans.",
            "Rules": "strategies.rules. strategies",
            "Filters": "strategies.filters",
            "In backtrader": "strategies.carriers.",
        },
    ),
    "feeds": ("Market data in, and the backtrader feeds that make a fund from an index.", {}),
    "engine": (
        "How orders fill: the broker, costs, margin, tax. The rules are in [how orders fill](../fills.md).",
        {},
    ),
    "analyzers": ("What a run tells; all analyzers are backtrader's.", {}),
    "letf_instruments": ("What the products are. Arrays in, arrays out; rates are fractions a year.", {}),
}


def public_names(room: str) -> dict[str, str]:
    """Public name -> module that it comes from, read without importing."""
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    homes = {
        alias.name: node.module or room
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    (listed,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    )
    return {
        name: homes.get(name, room)
        for name in sorted(listed, key=lambda name: _place(name, homes.get(name, room)))
    }


@cache
def _defined(module: str) -> dict[str, int]:
    """Name -> line in a module's file."""
    path = ROOT / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _place(name: str, module: str) -> tuple[str, int]:
    """As a reader of the source meets it: by module, then by line."""
    return module, _defined(module).get(name, 0)


def api_page(room: str) -> str:
    """The page of one room, in Markdown for mkdocstrings."""
    lead, headings = ROOMS[room]
    left = public_names(room)
    lines = [f"# `{room}`", "", lead, ""]
    for heading, modules in headings.items():
        own = [
            name
            for module in modules.split()
            for name, home in left.items()
            if home == module or (module.endswith(".") and home.startswith(module))
        ]
        lines += [f"## {heading}", "", *_entries(room, own, 3)]
        left = {name: home for name, home in left.items() if name not in own}
    rest = _entries(room, list(left), 3 if headings else 2)
    return "\n".join(lines + (["## The rest", ""] if headings and rest else []) + rest)


def _entries(room: str, names: list[str], level: int) -> list[str]:
    lines = []
    for name in names:
        lines += [f"::: {room}.{name}", "    options:", f"      heading_level: {level}", ""]
    return lines


def notebook_page(path: Path) -> str:
    """A notebook's cells, one after another."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells)
    shown = (
        text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"
        for cell, text in zip(cells, texts, strict=True)
    )
    return "# A notebook\n\n" + "\n\n".join(shown) + f"\n\nThe notebook itself: [{path.name}]({path.name}).\n"


def glossary_page(path: Path) -> str:
    """The words that reports explain where the pointer rests, by letter."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["terms"]
    lines = [
        "# Glossary",
        "",
        "What the words of reports and tables mean. A report says it where the pointer rests.",
    ]
    for name in sorted(entries, key=str.lower):
        also = ", ".join(entries[name].get("also", ()))
        lines += ["", f"## {name}", "", entries[name]["means"] + (f" Also: {also}." if also else "")]
    return "\n".join(lines) + "\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file of docs/ holds."""
    pages = {f"api/{room}.md": api_page(room) for room in ROOMS}
    pages["notebooks/start.md"] = notebook_page(DOCS / "notebooks" / "start.ipynb")
    pages["glossary.md"] = glossary_page(ROOT / "runs" / "answers" / "page" / "glossary.toml")
    if not (GALLERY / "README.md").exists():
        pages["gallery/README.md"] = "# Gallery\n\nIt was not made with this site; `make docs` makes both.\n"
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    for made in sorted(path for path in GALLERY.glob("*.*") if path.suffix != ".json"):
        files.append(File.generated(config, f"gallery/{made.name}", abs_src_path=str(made)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links that show a file's name show the page's; and lists as GitHub reads them."""
    folder = (DOCS / page.file.src_uri).parent
    named = re.sub(
        r"\[[\w./-]+\.md\]\(([\w./-]+\.md)(#[^)]*)?\)",
        lambda found: f"[{_title(folder / found[1])}]({found[1]}{found[2] or ''})",
        markdown,
    )
    return indented(named)


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")


def indented(markdown: str) -> str:
    """Lists as GitHub takes them: two columns, here four, belong to an item; an item ends a paragraph."""
    lines: list[str] = []
    fenced = listed = loose = False
    for line in markdown.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        indent = len(line) - len(line.lstrip())
        before = bool(lines and lines[-1].strip())
        item = not fenced and bool(re.match(r" {0,3}([-*]|\d+\.) ", line))
        if item and before and (loose or not listed):
            lines.append("")
        if not fenced and line.strip() and indent == 0:
            listed, loose = item or (listed and before), loose and (item or before)
        loose |= listed and not line.strip()
        lines.append(" " * indent + line if listed and not fenced and indent in (2, 3) else line)
    return "\n".join(lines)


def on_page_content(html: str, page: Page, files: Files, **_: Any) -> str:
    """Functions of `letf` named in a page lead to the API, and pages named in a docstring to the page."""
    if page.file.src_uri.startswith("api/"):
        return re.sub(
            r"(?<![/\w])docs/([a-z-]+)\.md",
            lambda found: _link(page, files, f"{found[1]}.md", "", found[0]),
            html,
        )
    names = "|".join(sorted(public_names("letf")))
    pieces = re.split(r"(<a\b.*?</a>|<pre\b.*?</pre>|<h\d.*?</h\d>)", html, flags=re.DOTALL)
    for i in range(0, len(pieces), 2):
        pieces[i] = re.sub(
            rf"<code>letf\.({names})\b[^<]*</code>",
            lambda found: _link(page, files, "api/letf.md", f"#letf.{found[1]}", found[0]),
            pieces[i],
        )
    return "".join(pieces)


def _link(page: Page, files: Files, target: str, anchor: str, shown: str) -> str:
    found = files.get_file_from_path(target)
    if found is None:
        raise ValueError(f"{page.file.src_uri} names {target}, which is no page")
    return f'<a href="{get_relative_url(found.url, page.url)}{anchor}">{shown}</a>'


def on_post_build(config: MkDocsConfig) -> None:
    """Without the page of a server that finds nothing: there is none, and its links would lead nowhere."""
    (Path(config.site_dir) / "404.html").unlink()
