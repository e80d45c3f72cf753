"""A strategy of backtrader's own that peeks is found out in a sweep too, and one that does not is not."""

import json

import pytest

from tests.runs.command import letf

STRATEGY = """
import backtrader as bt
class S(bt.Strategy):
    params = (("size", 10),)
    def next(self):
        held = self.getposition(self.data1).size
        if {up} and not held:
            self.buy(data=self.data1, size=self.p.size)
        elif not ({up}) and held:
            self.close(data=self.data1)
"""
SPEC = """
name = "s"
strategy = "own.py:S"
[data]
index = "nasdaq"
funds = ["SOXL"]
end = "2000-06-30"
[sweep]
rule.size = [5, 10, 20]
"""


def swept(folder, up):
    (folder / "own.py").write_text(STRATEGY.format(up=up))
    (folder / "s.toml").write_text(SPEC)
    return letf("sweep", folder / "s.toml", "--workers", 1, "--out", folder / "out")


def test_the_next_bar_is_not_to_be_trusted(tmp_path):
    ahead = "len(self.data0.close.array) > len(self) and self.data0.close[1] > self.data0.close[0]"
    done = swept(tmp_path, ahead)
    assert done.returncode == 2
    assert "own.py:S looks ahead, so its result means nothing" in done.stderr
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["state"] == "not trusted"
    again = letf("top", tmp_path / "out").stdout
    assert "NOT TO BE TRUSTED: cell " in again


@pytest.mark.parametrize("up", ["len(self) > 1 and self.data0.close[0] > self.data0.close[-1]"])
def test_the_last_bar_is_and_how_it_was_seen_is_said(tmp_path, up):
    done = swept(tmp_path, up)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert len(summary["verification"]["arrival"]) == 2
    assert (
        "Run again on bars that arrive one by one: 2 cells, the same fills."
        in (tmp_path / "out" / "report.html").read_text()
    )
