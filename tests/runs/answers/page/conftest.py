"""A browser, and pages with a picture of each kind or with one."""

import pytest

from tests import browser as chromium
from tests.runs.answers.page.made import made


@pytest.fixture(scope="package")
def started():
    with chromium.browser() as found:
        yield found


@pytest.fixture(scope="package")
def address_of(tmp_path_factory):
    """The address of a page with the pictures of these names, or with all; a file that is written once."""
    written = {}

    def of(*names):
        if names not in written:
            file = tmp_path_factory.mktemp("page") / "report.html"
            file.write_text(made(*names).to_html(), encoding="utf-8")
            written[names] = file.as_uri()
        return written[names]

    return of


@pytest.fixture(scope="package")
def address(address_of):
    return address_of()


@pytest.fixture(scope="module")
def pictures():
    """Which pictures `page` has; none means all. A module that asks for few says so by one of its own."""
    return ()


@pytest.fixture
def page(started, address_of, pictures):
    """A page of the test's own."""
    with chromium.opened(started, address_of(*pictures)) as it:
        yield it.page
    assert it.errors == []
