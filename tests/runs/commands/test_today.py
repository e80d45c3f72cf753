"""`letf today`: exit codes, JSON, and the same bytes as the function's."""

import json
import pickle

import pytest

import letf
from tests.conftest import ROOT
from tests.runs.command import letf as command

LATE = ("--start", "2017-01-03")
ORDERS = ("today", "rsi_timing", *LATE, "--as-of", "2018-09-05")
NONE = ("today", "rsi_timing", *LATE, "--as-of", "2018-09-04")
ORDER_KEYS = {
    "side",
    "shares",
    "instrument",
    "contract",
    "kind",
    "price",
    "limit",
    "from_fill",
    "trail",
    "trail_amount",
    "after_entry",
    "from_last_close",
    "value",
    "reason",
}
KEYS = {
    "spec",
    "strategy",
    "index",
    "index_close",
    "session",
    "next_session",
    "simulated",
    "synthetic",
    "to_do",
    "equity",
    "own_account",
    "orders",
    "standing",
    "positions",
    "overdue",
    "doors",
    "weights",
    "schedule_due",
    "conditions",
    "next_close",
    "notes",
}


def test_the_exit_code_says_whether_there_is_something_to_do(tmp_path):
    done = command(*NONE, "--out", tmp_path / "a")
    assert done.returncode == 0, done.stderr
    assert "nothing to do on 2018-09-05; held: nothing" in done.stdout
    done = command(*ORDERS, "--out", tmp_path / "b", pictures=True)
    assert done.returncode == 10, done.stderr
    assert "on 2018-09-06 buy" in done.stdout
    assert "stop 8.0 % below the fill and target 15.0 % above the fill" in done.stdout
    assert {p.name for p in (tmp_path / "b").iterdir()} == {
        "conditions.csv",
        "manifest.json",
        "orders.csv",
        "report.html",
        "today.json",
        "today.png",
    }


def test_json_is_one_object_alone_and_nothing_is_written(tmp_path):
    done = command(*ORDERS, "--json", "--equity", 25_000, "--price", "SOXS=9.85", cwd=tmp_path)
    assert done.returncode == 10
    found = json.loads(done.stdout)
    assert set(found) == KEYS
    assert list(tmp_path.iterdir()) == []
    assert (found["session"], found["next_session"]) == ("2018-09-05", "2018-09-06")
    entry, stop, target = found["orders"]
    assert set(entry) == ORDER_KEYS
    assert (entry["side"], entry["kind"], entry["reason"]) == ("buy", "market", "entry")
    assert entry["value"] == pytest.approx(12_500)
    assert entry["shares"] == pytest.approx(12_500 / 9.85)
    assert (stop["from_fill"], target["from_fill"]) == (-0.08, 0.15)
    assert stop["price"] == pytest.approx(9.85 * 0.92)
    assert stop["after_entry"]
    rsi, average, oversold = found["conditions"]
    assert (rsi["name"], rsi["holds"]) == ("RSI(14) falls back through 65", True)
    assert rsi["measured"][0]["level"] == 65
    assert average["holds_at_next_close"][0][0] is None
    assert oversold["kind"] == "exit"
    assert [row["decides"] for row in found["next_close"]] == [
        "target sells SOXS",
        "sell SOXS: oversold",
        "nothing",
        "stop sells SOXS",
    ]


def test_the_page_names_every_key():
    page = (ROOT / "docs" / "today.md").read_text(encoding="utf-8")
    assert [key for key in (*KEYS, *ORDER_KEYS) if f"`{key}`" not in page] == []


def test_json_is_written_too_where_a_folder_is_named(tmp_path):
    done = command(*ORDERS, "--json", "--out", tmp_path / "a")
    assert json.loads(done.stdout) == json.loads((tmp_path / "a" / "today.json").read_text())


def test_stale_data_are_refused():
    done = command("today", "rsi_timing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("letf: nasdaq: the data end on 2018-12-31, but the session of ")
    assert "--as-of 2018-12-31" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--holding", "SOXS"), "letf: holding 'SOXS' cannot be read"),
        (("--holding", "SOXS=1@9,2018-09-03"), "say at which it closed, with --price SOXS="),
        (("--equity", "-5"), "letf: equity is -5.0; it must be a number from 0.01 to 1e+15"),
        (("--price", "SOXS=-1"), "letf: price of SOXS is -1; it must be above 0"),
    ],
)
def test_what_cannot_be_is_one_sentence(options, says):
    done = command(*NONE, *options)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_the_function_gives_the_frames_and_takes_tables():
    says = letf.today(
        "rsi_timing",
        start="2017-01-03",
        as_of="2018-09-11",
        holding={"SOXS": (120, 9.7, "2018-09-06")},
        price={"SOXS": 9.85},
    )
    assert not says.to_do
    assert says.orders["standing"].tolist() == [True, True]
    assert says.orders["price"].tolist() == pytest.approx([9.7 * 0.92, 9.7 * 1.15])
    assert says.conditions["name"].tolist()[-1] == "oversold"
    assert says.as_dict()["positions"][0]["shares"] == 120
    assert pickle.loads(pickle.dumps(says)).as_dict() == says.as_dict()
    assert says.plot().get_suptitle().startswith("rsi_timing on nasdaq: close of 2018-09-11")


@pytest.mark.parametrize("name", ["trend", "event_options", "timing_confirmed", "hold"])
def test_every_kind_of_rule_has_its_words_and_its_picture(name):
    says = letf.today(name, start="2017-01-03", as_of="2018-07-13")
    assert says.headline.startswith(f"{name} on nasdaq, close of 2018-07-13: ")
    assert "today" in says.pictures
    assert says.to_html()
