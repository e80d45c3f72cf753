"""The README's picture: the first screen of the report that `make demo` writes.

python -m docs.site.picture
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import letf
from tests import browser

FILE = Path(__file__).parents[1] / "report.png"


def main() -> None:
    """Draw it anew."""
    with tempfile.TemporaryDirectory() as folder, browser.browser() as started:
        report = Path(folder) / "report.html"
        report.write_text(letf.run("rsi_timing").to_html(), encoding="utf-8")
        with browser.opened(started, report.as_uri(), 1180) as it:
            it.page.set_viewport_size({"width": 1180, "height": 1010})
            it.page.wait_for_timeout(500)
            it.page.screenshot(path=str(FILE))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
