"""The first sentence of a page is read at a glance, on a phone too; what it leaves out stands below it."""

import pytest

import letf
from tests import browser as chromium

MOST = 5  # lines

ASKED = {
    "whatif": lambda: letf.whatif(["SOXL", "SOXS"], index="nasdaq", volatility=0.45, paths=300),
    "stress": lambda: letf.stress("rsi_timing", index="nasdaq"),
    "montecarlo": lambda: letf.montecarlo(
        "rsi_timing", index="nasdaq", end="2003-12-31", paths=50, workers=1
    ),
}


@pytest.fixture(scope="module", params=ASKED)
def answer(request):
    return ASKED[request.param]()


@pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))
def test_it_takes_five_lines_of_a_phone(answer, tmp_path):
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.browser() as started:
        address = (tmp_path / "report.html").as_uri()
        with chromium.opened(started, address, chromium.PHONE) as it:
            lines = it.page.locator(".lead").evaluate(
                "lead => lead.getBoundingClientRect().height / parseFloat(getComputedStyle(lead).lineHeight)"
            )
    assert round(lines) <= MOST, answer.headline


def test_what_it_leaves_out_stands_below(answer):
    said = " ".join(sentence for part in answer.sections for sentence in part.sentences)
    left = {
        "whatif": ["SOXL, +3 × the index 0.0 %: ", "by the closed form at exactly 45 % volatility"],
        "stress": ["Cash made more than it on "],
        "montecarlo": ["reshuffled in blocks of ", " years each."],
    }
    assert all(words in said for words in left[answer.question])
