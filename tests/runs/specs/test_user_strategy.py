"""Strategies of one's own, from a file beside the spec: run, refused, and their errors with the line."""

import json
import os

import numpy as np
import pytest

from letf_instruments import DataError, OrderError, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.command import letf

HEAD = """\
import numpy as np
import backtrader as bt
from strategies import AllocationRule, RuleParams, Signals, Targets, TradeRule, param

class Mine(RuleParams):
    bars: int = param(20, "bars", "of the breakout", ge=2, le=50)

"""
TRADE = """\
class Rule(TradeRule):
    name = "mine"
    summary = "for tests"
    Params = Mine
    default_instrument = "SOXL"

    def signals(self, market):
        close = market.index.close
        up = np.zeros(len(close), dtype=bool)
        up[self.params.bars:] = close[self.params.bars:] > close[:-self.params.bars]
        return Signals({"up": up}, {"down": ~up})
"""
HOLD = """\
class Rule(AllocationRule):
    name = "mine"
    summary = "for tests"
    Params = Mine
    instruments = ("SOXL", "index")

    def targets(self, market):
        half = np.full(len(market), 0.4)
        return Targets({"SOXL": half, "index": half})
"""
PLAIN = """\
class Rule(bt.Strategy):
    params = (("bars", 20),)

    def __init__(self):
        self.average = bt.ind.SMA(self.data, period=self.p.bars)

    def next(self):
        fund = self.getdatabyname("SOXL")
        if not self.getposition(fund):
            self.buy(data=fund, size=1)
"""
KINDS = {"trade": TRADE, "allocation": HOLD, "plain": PLAIN}


def write(folder, code, tables="", strategy="mine.py:Rule"):
    folder.mkdir(exist_ok=True)
    if code is not None:
        (folder / "mine.py").write_text(HEAD + code)
    (folder / "spec.toml").write_text(f'strategy = "{strategy}"\n[data]\nend = 1999-12-31\n{tables}')
    return folder / "spec.toml"


def run(folder, code, tables="", **kwargs):
    return run_backtest(load_spec(write(folder, code, tables, **kwargs)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_runs_and_trades(tmp_path, kind):
    result = run(tmp_path, KINDS[kind], "[rule]\nbars = 10\n")
    assert result.trades
    assert (result.rule is None) == (kind == "plain")
    bought = {trade.instrument for trade in result.trades}
    assert bought == ({"SOXL", "nasdaq"} if kind == "allocation" else {"SOXL"})
    assert set(result.instruments) == bought


def test_the_command_runs_it_and_twice_gives_the_same_bytes(tmp_path):
    spec = write(tmp_path, TRADE)
    for out in ("a", "b"):
        done = letf("run", spec, "--out", tmp_path / out, pictures=True)
        assert done.returncode == 0, done.stderr
    for file in (tmp_path / "a").iterdir():
        if file.name != "manifest.json":
            assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["spec"]["strategy"] == "mine.py:Rule"
    assert manifest["spec"]["rule"] == {"bars": 20}
    assert not (tmp_path / "__pycache__").exists()


# -- what goes wrong in the file -----------------------------------------------------------------------

LINE = len(HEAD.splitlines())


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def f(:\n", rf"mine\.py, line {LINE + 1} \(def f\(:\): SyntaxError: invalid syntax"),
        (
            "import nosuch\n",
            rf"line {LINE + 1}, in <module> \(import nosuch\): ModuleNotFoundError: No module",
        ),
        ("raise SystemExit(0)\n", r"in <module> \(raise SystemExit\(0\)\): SystemExit"),
        ('x = "\0"\n', r"mine\.py: SyntaxError: source code string cannot contain null bytes"),
        (
            TRADE.replace("close = market", "close = markt"),
            r"in signals \(close = markt\.index\.close\): NameError",
        ),
        (TRADE + "    def __init__(self, *a):\n        1 / 0\n", r"in __init__ \(1 / 0\): ZeroDivisionError"),
        (
            TRADE + "    @property\n    def warm_up(self):\n        return 1 / 0\n",
            r"in warm_up \(return 1 / 0\)",
        ),
        (TRADE + "    def notes(self, market):\n        return 1 / 0\n", r"in notes \(return 1 / 0\)"),
        (HOLD.replace("0.4)", "0.4 / 0)"), r"in targets \(half = .*\): ZeroDivisionError"),
        (
            PLAIN.replace("if not", "1 / 0; if not").replace("1 / 0; ", "1 / 0\n        "),
            r"in next \(1 / 0\)",
        ),
        (PLAIN.replace("self.p.bars", "self.p.bar"), r"in __init__ \(self\.average = .*\): AttributeError"),
        (PLAIN + "    def stop(self):\n        1 / 0\n", r"in stop \(1 / 0\)"),
        (
            TRADE.replace(
                "ge=2, le=50)",
                "",
            )
            + "    def check_instrument(self, multiple):\n        raise ValueError('no\\nnever')\n",
            r"in check_instrument \(.*\): ValueError: no$",
        ),
    ],
)
def test_an_error_is_one_sentence_with_file_line_and_code(tmp_path, code, says):
    with pytest.raises(SpecError, match=says) as error:
        run(tmp_path, code)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("mine.py")


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_says_it_without_a_traceback_and_ends_with_2(tmp_path, kind):
    where = {"trade": "close = market", "allocation": "half = np", "plain": "fund = self"}[kind]
    spec = write(tmp_path, KINDS[kind].replace(where, where.replace("=", "= nowhere +")))
    done = letf("run", spec, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("letf: mine.py, line ")
    assert "NameError: name 'nowhere' is not defined" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "out").exists()


def test_an_order_that_no_market_takes_is_shown_with_its_line(tmp_path):
    says = r"mine\.py, line 17, in next \(self\.buy\(.*\)\): 1999-\d\d-\d\d: SOXL: order to buy inf: its size"
    with pytest.raises(OrderError, match=says):
        run(tmp_path, PLAIN.replace("size=1", "size=1e400"))


@pytest.mark.parametrize("hook", ["next_open", "nextstart_open", "prenext_open"])
def test_a_hook_that_is_never_called_is_refused_before_the_run(tmp_path, hook):
    spec = load_spec(write(tmp_path, PLAIN), ["name=fine"])
    assert spec.make_rule() is None
    with pytest.raises(SpecError, match=f"mine.py:Rule defines {hook}, which is never called here"):
        load_spec(write(tmp_path, PLAIN + f"\n    def {hook}(self):\n        pass\n"))


def test_an_error_in_a_file_beside_it_names_that_file(tmp_path):
    (tmp_path / "helper.py").write_text("def half(n):\n    return n / 0\n")
    code = "import helper\n" + HOLD.replace("np.full(len(market), 0.4)", "helper.half(len(market))")
    with pytest.raises(SpecError, match=r"helper\.py, line 2, in half \(return n / 0\): ZeroDivisionError"):
        run(tmp_path, code)


# -- what is refused -----------------------------------------------------------------------------------


def class_with(**changes):
    """TRADE with lines of the class replaced by name; None takes one out."""
    lines = TRADE.splitlines()
    for name, value in changes.items():
        at = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{name} ="))
        lines[at : at + 1] = [] if value is None else [f"    {name} = {value}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (TRADE.replace("class Rule", "class Rul"), r"mine\.py has no class Rule; did you mean Rul\?"),
        (TRADE.replace("class Rule(", "class Breakout("), r"has no class Rule; it has Breakout$"),  # not Mine
        ("Other = 3\n", "has no class Rule; it has none"),
        (
            "class Rule: pass\n",
            "is neither a TradeRule, nor an AllocationRule, nor an OptionRule, nor a backtrader",
        ),
        ("def Rule(): pass\n", "is neither a TradeRule"),
        (class_with(summary=None, default_instrument=None), r"Rule lacks default_instrument, summary"),
        (class_with(name="[]"), r"Rule: name is \[\], it must be a text"),
        (class_with(Params="dict"), "Params must be a class derived from RuleParams"),
        (class_with(Params="Mine()"), "Params must be a class derived from RuleParams"),
        (TRADE + "    def warm_up(self):\n        return 3\n", "warm_up is a method; put @property above it"),
        (TRADE + "    warm_up = '3'\n", "warm_up is '3', it must be a whole number of bars"),
        (TRADE + "    def notes(self, market):\n        pass\n", "notes gives None, it must give a list"),
        (HOLD.replace('("SOXL", "index")', '"SOXL"'), "instruments is 'SOXL', it must be names such as"),
        (
            HOLD.replace('{"SOXL": half', '{"NVDA": half'),
            "gives weights for NVDA, index, but its instruments are",
        ),
        (TRADE.replace("return Signals", "Signals"), "signals gives a NoneType, it must give Signals"),
    ],
)
def test_a_class_that_is_no_strategy_is_refused_in_a_sentence(tmp_path, code, says):
    with pytest.raises(SpecError, match=says) as error:
        run(tmp_path, code)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "tables", "says"),
    [
        ("trade", "[rule]\nbar = 3", r"unknown key rule\.bar; did you mean rule\.bars\?"),
        ("trade", "[rule]\nbars = 51", r"rule\.bars is 51; it should be less than or equal to 50"),
        ("trade", "[plan]\nband = 0.1", r"unknown key plan\.band; "),
        ("allocation", "[plan]\nstop = 0.1", r"unknown key plan\.stop; "),
        ("plain", "[rule]\nbar = 3", r"unknown key rule\.bar; did you mean rule\.bars\?"),
        ("plain", "[rule]\nx = 3", r"unknown key rule\.x; its params are bars"),
        ("plain", "[plan]\nstop = 0.1", r"is a backtrader\.Strategy, which has no \[plan\]"),
        ("plain", "[filters.trend]\n", r"is a backtrader\.Strategy, which has no \[filters\]"),
    ],
)
def test_its_parameters_are_checked_like_those_of_ours(tmp_path, kind, tables, says):
    with pytest.raises(SpecError, match=says):
        load_spec(write(tmp_path, KINDS[kind], tables))


def test_a_path_may_not_leave_the_folder_not_even_by_a_link(tmp_path):
    write(tmp_path / "out", TRADE)
    for path in ("../out/mine.py", str(tmp_path / "out" / "mine.py"), "link.py", "sub/link/mine.py"):
        spec = write(tmp_path / "in", None, strategy=f"{path}:Rule")
        (tmp_path / "in" / "sub").mkdir(exist_ok=True)
        for link, target in (("link.py", "out/mine.py"), ("sub/link", "out")):
            if not (tmp_path / "in" / link).is_symlink():
                os.symlink(tmp_path / target, tmp_path / "in" / link)
        with pytest.raises(SpecError, match="leaves the spec's own folder"):
            load_spec(spec)
    for strategy, says in (
        ("mine.py", "is not of the form my_rule.py:MyRule"),
        ("no.py:R", "there is no file no.py"),
    ):
        with pytest.raises(SpecError, match=says):
            load_spec(write(tmp_path / "in", None, strategy=strategy))


# -- odd, but in order ---------------------------------------------------------------------------------


def test_files_of_the_same_name_in_two_folders_are_two_and_so_are_those_beside_them(tmp_path):
    code = "from share import SHARE\n" + HOLD.replace("0.4)", "SHARE)")
    equity = {}
    for name, share in (("a", 0.1), ("b", 0.3)):
        spec = write(tmp_path / name, code)
        (tmp_path / name / "share.py").write_text(f"SHARE = {share}\n")
        equity[name] = run_backtest(load_spec(spec))
    exposures = [equity[name].exposure_net[5:].mean() for name in "ab"]
    assert exposures == pytest.approx([0.2, 0.6], abs=0.1)


def test_a_file_that_has_changed_is_read_again_and_one_that_has_not_is_not(tmp_path):
    first = load_spec(write(tmp_path, HOLD)).strategy_class()
    assert load_spec(tmp_path / "spec.toml").strategy_class() is first
    write(tmp_path, HOLD.replace("0.4)", "0.2)"))
    os.utime(tmp_path / "mine.py", (2e9, 2e9))
    assert load_spec(tmp_path / "spec.toml").strategy_class() is not first


def test_indicators_of_its_own_may_start_late_and_waiting_counts_as_cash(tmp_path):
    result = run(tmp_path, PLAIN, "[rule]\nbars = 100\n")
    n = len(result.bars)
    assert len(result.days) == len(result.equity) == n
    assert result.trades[0].entry_date == result.days[100]  # the average is known on bar 99
    held = result.bars.as_swapped().close[-1] / result.bars.close[0] - 1  # a yield, and no fee
    assert result.metrics["hold_index_total_return"] == pytest.approx(held)
    with pytest.raises(
        DataError, match=rf"{n} bars are too few; mine\.py:Rule has an indicator that needs 900"
    ):
        run(tmp_path, PLAIN, "[rule]\nbars = 900\n")
    for bars in (n + 1, n):
        spec = load_spec(write(tmp_path, PLAIN, f"[rule]\nbars = {bars}\n"))
        if bars > n:
            with pytest.raises(DataError, match="bars are too few"):
                run_backtest(spec)
        else:
            assert run_backtest(spec).verdict == (
                "The strategy never traded: its one order was sent on the last bar, too late to be filled."
            )


def test_one_that_never_trades_says_so_and_one_that_declines_to_run_too(tmp_path):
    assert run(tmp_path, PLAIN.replace("size=1", "size=0")).verdict.startswith("The strategy never traded")
    assert "“up” was never true" in run(tmp_path, TRADE.replace('"up": up', '"up": up & ~up')).verdict
    with pytest.raises(SpecError, match="declined to run"):
        run(tmp_path, PLAIN.replace("self.average = ", "raise bt.StrategySkipError; self.average = "))


STRANGE = "<b>$x_{$ & ../.. ünï"


def test_a_strange_name_reaches_the_report_escaped_and_no_rule_of_ours_is_taken_for_it(tmp_path):
    code = class_with(name=f'"{STRANGE}"').replace('"down"', '"<i>$\\\\frac{"')
    spec = write(tmp_path, code, "[filters.trend]\nbars = 5\n")
    done = letf("run", spec, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "out" / "report.html").read_text()
    assert "<i>$" not in report
    assert "&lt;i&gt;$" in report
    for name in ("rsi_timing", "hold"):
        assert run(tmp_path, class_with(name=f'"{name}"')).studies == []


def test_its_notes_are_kept_if_they_are_sentences(tmp_path):
    code = PLAIN.replace("self.average =", "self.notes = ['mind the gap', 3, None]\n        self.average =")
    assert [w for w in run(tmp_path, code).warnings if "gap" in str(w)] == ["mind the gap"]
    assert all(isinstance(w, str) for w in run(tmp_path, code).warnings)
    assert run(tmp_path, code.replace("['mind the gap', 3, None]", "'x'")).trades


def test_the_same_run_twice_in_one_process_is_the_same(tmp_path):
    one, other = (run(tmp_path, TRADE) for _ in range(2))
    np.testing.assert_array_equal(one.equity, other.equity)
    assert one.metrics == other.metrics
