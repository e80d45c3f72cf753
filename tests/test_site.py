"""The docs as a site: every page has its place, every link leads somewhere, no host is asked."""

import importlib
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from docs.site import docstrings, gallery, hooks
from runs.commands.cli import entries
from tests import browser
from tests.conftest import ROOT

DOCS = ROOT / "docs"
BUILT = ROOT / "build" / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "site" not in path.relative_to(DOCS).parts)


class Loader(yaml.SafeLoader):
    """Knows nothing of Python's own tags."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
CONFIG = yaml.load((DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8"), Loader)


def in_navigation(part) -> list[str]:
    if isinstance(part, str):
        return [part]
    return [
        page for each in (part.values() if isinstance(part, dict) else part) for page in in_navigation(each)
    ]


def prose(text: str) -> str:
    """A page without its code."""
    return re.sub(r"^```.*?^```$|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_in_the_navigation_once():
    listed = in_navigation(CONFIG["nav"])
    made = {f"api/{room}.md" for room in hooks.ROOMS} | {
        "notebooks/start.md",
        "gallery/README.md",
        "glossary.md",
    }
    assert sorted(listed) == sorted({path.relative_to(DOCS).as_posix() for path in PAGES} | made)


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(path):
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", prose(path.read_text(encoding="utf-8"))):
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        assert there.is_relative_to(DOCS if path.is_relative_to(DOCS) else ROOT), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("room", sorted(hooks.ROOMS))
def test_every_public_name_is_in_the_api_once(room):
    shown = re.findall(r"^::: (\S+)$", hooks.api_page(room), flags=re.MULTILINE)
    assert sorted(shown) == sorted(f"{room}.{name}" for name in importlib.import_module(room).__all__)
    assert "## The rest" not in hooks.api_page(room)


def test_a_docstring_says_what_a_parameter_is_beside_its_name():
    text = """Sum.

    Parameters
    ----------
    a, *rest : numbers;
        at least one. scale : of the sum.
    All else as in `sum`.

    Raises
    ------
    ValueError
        Without a number.

    Examples
    --------
    >>> add(1)
    1

    And two:

    >>> add(1, 2)
    3
    """
    assert docstrings.as_markdown(text).split("\n") == [
        *("Sum.", "", "**Parameters**", ""),
        *(
            "- `a`, `*rest`: numbers;",
            "    at least one.",
            "- `scale`: of the sum.",
            "",
            "All else as in `sum`.",
            "",
        ),
        *("**Raises**", "", "- `ValueError`:", "    Without a number.", ""),
        *("**Examples**", "", "", "```pycon", ">>> add(1)", "1", "```", "", "And two:", ""),
        *("", "```pycon", ">>> add(1, 2)", "3", "```"),
    ]


def test_lists_are_those_of_github():
    page = "Of two:\n- a\n  goes on\n\n  | x |\n  |---|\n- b\n  - c\n\nEnd.\n\n```\n- d\n  e\n```"
    assert hooks.indented(page) == (
        "Of two:\n\n- a\n    goes on\n\n    | x |\n    |---|\n\n- b\n\n    - c\n\nEnd.\n\n```\n- d\n  e\n```"
    )


def test_the_gallery_has_a_card_for_every_example():
    cards = [card for some in gallery.all_cards().values() for card in some]
    assert len({card.name for card in cards}) == len(cards)
    asked = {card.name for card in gallery.example_cards()}
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "runs/examples").rglob("*.toml")}
    assert asked == {name for name, text in texts.items() if "strategy" in tomllib.loads(text)}
    for card in cards:
        assert card.question.endswith((".", "?")), card.question
        assert card.command.split()[1] in entries()


def built() -> list[Path]:
    if not (BUILT / "index.html").exists():
        pytest.skip("the site is not built: make docs")
    return sorted(BUILT.rglob("*.html"))


def test_the_built_site_asks_no_host_for_anything():
    loading = re.compile(r"<(?:script|link|img|iframe|source|object|embed|video|audio)\b[^>]*>")
    for path in built():
        for tag in loading.findall(path.read_text(encoding="utf-8")):
            assert not re.search(r"""(?:src|href|data)=["']?(?:https?:)?//""", tag), (path.name, tag)
    for path in BUILT.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), (
            path
        )


def test_every_link_of_the_built_site_leads_to_a_file():
    for path in built():
        text = re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in set(re.findall(r"""<[^>]*\s(?:src|href)=["']?([^"'>\s#?]+)""", text)):
            if not re.match(r"[a-z]+:", target):
                assert (path.parent / unquote(target)).exists(), (path.name, target)


def test_the_search_works_from_the_disk_and_no_page_scrolls_sideways():
    names = (
        "index",
        "questions/pullback",
        "rules",
        "metrics",
        "fills",
        "api/letf",
        "gallery/index",
        "glossary",
    )
    pages = [page for page in built() if page.relative_to(BUILT).with_suffix("").as_posix() in names]
    assert len(pages) == len(names)
    why = browser.missing()
    if why is not None:
        pytest.skip(why)
    with browser.browser() as started:
        for width in (browser.WIDE, browser.PHONE):
            for page in pages:
                with browser.opened(started, page.as_uri(), width, dark=width == browser.PHONE) as it:
                    assert it.page.evaluate("document.documentElement.scrollWidth") <= width, page.name
                    assert not it.errors, (page.name, it.errors)
                    assert all(url.startswith(BUILT.as_uri()) for url in it.requests), (
                        page.name,
                        it.requests,
                    )
        with browser.opened(started, (BUILT / "index.html").as_uri() + "?q=hedge_size") as it:
            it.page.wait_for_selector(".md-search-result__item", state="attached")
            found = it.page.eval_on_selector_all(
                ".md-search-result__link", "links => links.map(a => a.pathname)"
            )
            assert any(path.endswith("/api/letf.html") for path in found)
            assert any(path.endswith("/hedging.html") for path in found)
            assert not it.errors
            assert all(url.startswith(BUILT.as_uri()) for url in it.requests)
