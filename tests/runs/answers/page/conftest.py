"""A browser, and a page with a picture of each kind in it."""

import pytest

from tests import browser as chromium
from tests.runs.answers.page.made import made


@pytest.fixture(scope="module")
def started():
    with chromium.browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(made().to_html(), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(started, address):
    with chromium.opened(started, address) as it:
        yield it.page
    assert it.errors == []
