"""The gallery of the docs: every example and some questions, asked through `import letf`.

    python -m docs.site.gallery

writes build/gallery: of each answer the report and a small picture, and the page of cards. A question is
asked again when it or anything in the project's rooms has changed.
"""

from __future__ import annotations

import hashlib
import html
import json
import multiprocessing
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from runs.answers.answer import Answer

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "runs" / "examples"
FOLDER = ROOT / "build" / "gallery"
ROOMS = ("letf", "letf_instruments", "feeds", "strategies", "engine", "analyzers", "runs")
WIDTH = 640  # of a small picture, pixels


class Card(NamedTuple):
    """What is asked, in a sentence, as a command, and as a call."""

    name: str
    question: str
    command: str
    ask: Callable[[Any], Answer]


def example_cards() -> list[Card]:
    """A card an example, with the first sentence that the spec says of itself."""
    cards = []
    for path in sorted(EXAMPLES.rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if "strategy" not in tomllib.loads(text):  # a fund
            continue
        said = " ".join(line.lstrip("# ") for line in re.match(r"(?:#.*\n)+", text)[0].splitlines())
        question = re.split(r"(?<=[.?!])\s", said)[0]
        if path.stem.endswith("_sweep"):
            ask = lambda letf, path=path: letf.sweep(path, sample=2000)  # noqa: E731
            cards.append(Card(path.stem, question, f"letf sweep {path.stem} --sample 2000", ask))
        else:
            ask = lambda letf, path=path: letf.run(path)  # noqa: E731
            cards.append(Card(path.stem, question, f"letf run {path.stem}", ask))
    return cards


QUESTIONS = [
    Card(
        "decay-soxl",
        "What became of SOXL's promise of three times the index?",
        "letf decay SOXL --index nasdaq",
        lambda letf: letf.decay("SOXL", index="nasdaq"),
    ),
    Card(
        "decay-2000",
        "What would SOXL have done in 2000?",
        "letf decay SOXL --index nasdaq --start 2000-01-03 --end 2002-12-31",
        lambda letf: letf.decay("SOXL", index="nasdaq", start="2000-01-03", end="2002-12-31"),
    ),
    Card(
        "flow-soxs",
        "What must SOXS buy at the close?",
        "letf flow SOXS --index semis-sim --assets 5e9",
        lambda letf: letf.flow("SOXS", index="semis-sim", assets=5e9),
    ),
    Card(
        "versus",
        "How do the index and its funds fare side by side?",
        "letf versus --index nasdaq --multiples 1,3,-3",
        lambda letf: letf.versus(index="nasdaq", multiples=(1, 3, -3)),
    ),
    Card(
        "whatif",
        "Flat for a year at 45 %: what does it cost?",
        "letf whatif SOXL SOXS --index nasdaq --return 0 --volatility 0.45",
        lambda letf: letf.whatif(["SOXL", "SOXS"], index="nasdaq", total_return=0.0, volatility=0.45),
    ),
    Card(
        "hedge-size",
        "How much SQQQ hedges what I hold?",
        "letf hedge-size --holding nasdaq=70000 --index nasdaq --fund SQQQ",
        lambda letf: letf.hedge_size({"nasdaq": 70_000}, index="nasdaq", fund="SQQQ"),
    ),
    Card(
        "compare",
        "A trend filter, a hedge, or just holding?",
        "letf compare trend hedge hold",
        lambda letf: letf.compare(["trend", "hedge", "hold"]),
    ),
    Card(
        "today",
        "What does the rule say on the last close?",
        "letf today rsi_timing --as-of 2018-09-05 --price SOXS=9.85",
        lambda letf: letf.today("rsi_timing", as_of="2018-09-05", price={"SOXS": 9.85}),
    ),
    Card(
        "alternatives",
        "The same trades as a short sale, a contract or an option?",
        "letf alternatives rsi_timing",
        lambda letf: letf.alternatives("rsi_timing"),
    ),
    Card(
        "stress",
        "What does the rule do on paths that one fears?",
        "letf stress trend",
        lambda letf: letf.stress("trend"),
    ),
    Card(
        "starts",
        "And if I had begun on another day?",
        "letf starts trend --every 21",
        lambda letf: letf.starts("trend", every=21),
    ),
    Card(
        "montecarlo",
        "And if the index had gone another way?",
        "letf montecarlo rsi_timing --paths 500",
        lambda letf: letf.montecarlo("rsi_timing", paths=500),
    ),
    Card(
        "robustness",
        "Is it an edge?",
        "letf robustness trend --paths 100",
        lambda letf: letf.robustness("trend", paths=100),
    ),
]


def all_cards() -> dict[str, list[Card]]:
    """Heading -> its cards."""
    return {"Rules": example_cards(), "Questions": QUESTIONS}


def fingerprint() -> str:
    """Of everything in the rooms that an answer may come from."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in {".py", ".csv", ".toml", ".j2"} and "output" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def make(name: str, mark: str) -> float:
    """Ask one card's question, and write its report, picture and headline; the seconds that it took."""
    began = time.perf_counter()
    card = next(each for cards in all_cards().values() for each in cards if each.name == name)
    import letf

    answer = card.ask(letf)
    (FOLDER / f"{name}.html").write_text(answer.to_html(), encoding="utf-8")
    if answer.pictures:
        figure = answer.plot()
        figure.savefig(FOLDER / f"{name}.png", dpi=WIDTH / figure.get_figwidth())
    # Last, and so a sign that all before it is whole.
    (FOLDER / f"{name}.json").write_text(
        json.dumps({"mark": mark, "headline": answer.headline}), encoding="utf-8"
    )
    return time.perf_counter() - began


def marked(card: Card, rooms: str) -> str:
    """What an answer rests on."""
    return hashlib.sha256(f"{rooms} {card.command} {WIDTH}".encode()).hexdigest()


def _made(name: str) -> dict[str, str]:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]|~^#])", r"\\\1", html.escape(text, quote=False))


def card_of(card: Card) -> str:
    """One card, in Markdown."""
    picture = FOLDER / f"{card.name}.png"
    lines = ['<div class="card" markdown>', ""]
    if picture.exists():
        lines += [f"[![{_plain(card.question)}]({card.name}.png)]({card.name}.html)", ""]
    lines += [
        f"**{_plain(card.question)}**",
        "",
        _plain(_made(card.name)["headline"]),
        "",
        f"`{card.command}`",
        "",
        f"[The report]({card.name}.html)",
        "",
        "</div>",
        "",
    ]
    return "\n".join(lines)


def page() -> str:
    """The page of all cards."""
    lines = [
        "---",
        "hide: [toc]",
        "---",
        "# Gallery",
        "",
        "What every example says, and the answers to some questions, each by the command below its picture.",
        "All of it was made with this site, by `make docs`; the reports are whole, pictures inside.",
        "",
    ]
    for heading, cards in all_cards().items():
        lines += [f"## {heading}", "", '<div class="cards" markdown>', "", *map(card_of, cards), "</div>", ""]
    return "\n".join(lines)


def main() -> None:
    """Make what is not there yet, and the page."""
    began = time.perf_counter()
    FOLDER.mkdir(parents=True, exist_ok=True)
    rooms = fingerprint()
    cards = [card for some in all_cards().values() for card in some]
    for path in FOLDER.iterdir():  # what is asked no longer
        if path.stem not in {"README", *(card.name for card in cards)}:
            path.unlink()
    todo = {
        card.name: marked(card, rooms)
        for card in cards
        if _made(card.name).get("mark") != marked(card, rooms)
    }
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        asked = {pool.submit(make, name, mark): name for name, mark in todo.items()}
        for done in as_completed(asked):
            print(f"gallery: {asked[done]}, {done.result():.1f} s", file=sys.stderr)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    took = time.perf_counter() - began
    print(f"gallery: {len(todo)} of {len(cards)} answers made, {took:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
