"""The server: on this machine alone, only what was found, and a report is shut in."""

import http.client
import json
import socket

import pytest

from letf_instruments import LetfError
from runs.answers.view import View, results_in
from tests.runs.answers.view.conftest import EVIL, result


@pytest.fixture
def view(shelf):
    shown = View(shelf)
    shown.start()
    yield shown
    shown.close()


def get(view, path, host=None):
    line = http.client.HTTPConnection("127.0.0.1", view.port, timeout=10)
    line.request("GET", path, headers={} if host is None else {"Host": host})
    answer = line.getresponse()
    return answer, answer.read().decode("utf-8")


def test_it_listens_on_this_machine_alone(view):
    assert view.address.startswith("http://127.0.0.1:")
    assert view._server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:80"])
def test_another_name_that_leads_here_is_not_answered(view, host):
    answer, text = get(view, "/", host)
    assert answer.status == 403
    assert "results" not in text


def test_the_page_names_every_result_as_text(view):
    answer, text = get(view, "/", f"localhost:{view.port}")
    assert answer.status == 200
    assert EVIL not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_report_is_given_whole_and_shut_in(view):
    one = results_in(view.folder)[1]
    answer, text = get(view, f"/report/{one.id}")
    assert text == "<p>report</p>"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts allow-downloads; default-src 'none';")
    assert "connect-src" not in policy  # so that of default-src holds: none
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/report/../one/report.html",
        "/report/one",
        "/report/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/one/report.html",
        "/report/",
        "/etc/passwd",
        "//evil.example/",
        "/side-by-side/x",
    ],
)
def test_nothing_else_is_given(view, path):
    answer, text = get(view, path)
    assert answer.status in (400, 404)
    assert "root:" not in text
    assert "<p>report</p>" not in text


def test_several_are_laid_over_each_other(view):
    two, one, decay = results_in(view.folder)
    answer, text = get(view, f"/side-by-side?id={two.id}&id={one.id}")
    found = json.loads(text)
    assert answer.status == 200
    assert found["names"] == ["deep/two", "one"]
    assert found["differences"] == [["plan.stop", "0.08", "0.05"]]
    assert found["picture"]["kind"] == "panes"
    answer, text = get(view, f"/side-by-side?id={decay.id}")
    assert answer.status == 400
    assert json.loads(text)["error"].startswith("decay_SOXL has no equity.csv")


def test_what_is_gone_or_new_is_so_at_the_next_look(view):
    gone = results_in(view.folder)[1]
    for file in gone.folder.iterdir():
        file.unlink()
    assert get(view, f"/report/{gone.id}")[0].status == 400
    new = result(view.folder / "new", "run", {"name": "new"}, {})
    found = next(one for one in results_in(view.folder) if one.folder == new)
    assert get(view, f"/report/{found.id}")[0].status == 200


def test_what_is_no_get_is_not_answered(view):
    for method in ("POST", "PUT", "DELETE"):
        line = http.client.HTTPConnection("127.0.0.1", view.port, timeout=10)
        line.request(method, "/")
        assert line.getresponse().status == 501


def test_a_port_that_is_taken_is_one_sentence(shelf):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LetfError, match=r"cannot be used .*; --port 0 takes any that is free"):
            View(shelf, taken.getsockname()[1])
