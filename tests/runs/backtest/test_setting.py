"""What [data] names beside the index: where its files may be, their names, and what is kept of them."""

import numpy as np
import pytest

from feeds.volumes import Volumes
from letf_instruments import DataError, SpecError
from runs.backtest.facts import setting_facts
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.conftest import make_bars
from tests.runs.backtest.files import DAYS, N, csv, spec

# -- where the files are -------------------------------------------------------------------------------

ALL = """
assets = ["sub/NVDA.csv"]
events = "dates.csv"
[data.volumes]
SOXS = "soxs-volume.csv"
"""


def test_files_are_beside_the_spec_whatever_folder_the_command_is_given_in(
    folder, monkeypatch, tmp_path_factory
):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    loaded = spec(folder, ALL)
    setting = load_setting(loaded)
    assert list(setting.assets) == ["NVDA"]
    assert list(setting.volumes) == ["SOXS"]
    assert len(setting.events) == 3
    assert loaded.place("assets:sub/NVDA.csv") == str(folder / "sub" / "NVDA.csv")
    assert loaded.data.assets == ("sub/NVDA.csv",)  # what is kept does not depend on where it is
    assert "dates.csv: 2 of its 3 events are within the run" in setting.notes


@pytest.mark.parametrize(
    "data",
    [
        'assets = ["../NVDA.csv"]',
        'assets = ["/etc/NVDA.csv"]',
        'assets = ["sub/NVDA.csv", "sub/../../NVDA.csv"]',
        'events = "../dates.csv"',
        'rates = "../R.csv"',
        'funds = ["../mine.toml"]',
        'volumes = { SOXS = "../v.csv" }',
        'volumes = { index = "/v.parquet" }',
    ],
)
def test_they_may_not_leave_its_folder(folder, data):
    with pytest.raises(SpecError, match=r"run\.toml: data\..* leaves the spec's own folder"):
        spec(folder, data)


def test_a_link_out_of_the_folder_leaves_it_too(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "X.csv"
    csv(outside)
    (folder / "X.csv").symlink_to(outside)
    with pytest.raises(SpecError, match="leaves the spec's own folder"):
        spec(folder, 'assets = ["X.csv"]')


def test_what_the_command_line_names_is_the_caller_s_own(folder, monkeypatch, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    csv(other / "AMD.csv", seed=5)
    monkeypatch.chdir(other)
    setting = load_setting(spec(folder, ALL, ['data.assets=["AMD.csv"]']))
    assert list(setting.assets) == ["AMD"]
    assert list(setting.volumes) == ["SOXS"]  # still beside the spec


def test_a_name_without_an_ending_is_sought_in_the_data_folder(folder):
    csv(folder / "data" / "stocks" / "AMD.csv", seed=6)
    csv(folder / "data" / "SOXS.csv", seed=7)
    setting = load_setting(spec(folder, 'assets = ["AMD"]\nvolumes = { SOXS = "SOXS" }'), folder / "data")
    assert (list(setting.assets), list(setting.volumes)) == (["AMD"], ["SOXS"])


# -- a constant for the short rate ---------------------------------------------------------------------


@pytest.mark.parametrize("line", ['rates = "0.03"', "rates = 0.03", "rates = 3e-2"])
def test_a_number_for_the_rates_is_a_constant_that_the_person_named(folder, line):
    setting = load_setting(spec(folder, line))
    assert setting.rate.label == "constant 3.00% a year"
    assert setting.rate.on(DAYS[:2]).tolist() == [0.03, 0.03]
    assert "short rate: constant 3.00% a year throughout" in setting.notes
    assert not [note for note in setting.notes if "no short rate named" in note]
    assert setting_facts(setting)["short_rate"]["name"] == "constant 3.00% a year"


def test_a_constant_by_its_own_key_is_one_too(folder):
    setting = load_setting(spec(folder, "rate = 0.02"))
    assert setting.rate.on(DAYS[:2]).tolist() == [0.02, 0.02]
    assert "short rate: constant 2.00% a year throughout" in setting.notes


def test_without_a_rate_it_is_fed_funds_by_month_and_said_to_be(folder):
    setting = load_setting(spec(folder, ""))
    assert setting.rate.on(DAYS[:1])[0] == 0.0155  # H.15, January 2020
    said = "no short rate named: Fed funds by month is used, which the project brings along"
    assert said in setting.notes


def test_a_constant_given_on_the_command_line_takes_the_place_of_the_file_s(folder):
    assert load_setting(spec(folder, "rates = 0.03", rates="0.01")).rate.at(0) == 0.01
    assert load_setting(spec(folder, "rates = 0.03", ["data.rates=0.01"])).rate.at(0) == 0.01


def test_a_constant_in_percent_and_a_rate_that_is_no_number_are_refused(folder):
    with pytest.raises(DataError, match=r"short rate is 5; rates are fractions a year, 5 % is 0\.05"):
        load_setting(spec(folder, "rates = 5"))
    with pytest.raises(SpecError, match=r"data\.rates is True; it should be a valid string"):
        spec(folder, "rates = true")


# -- one name for one thing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("SOXL.csv", r"SOXL\.csv is an asset of this run, but SOXL is also its fund"),
        ("soxs.csv", "soxs is also its fund"),
        ("sub/CHIPS.csv", "CHIPS is also its index"),
        ("sub/chips.csv", "chips is also its index"),
        ("index.csv", "index is also its index"),
        ("nvda.csv", "nvda is also its asset already"),
    ],
)
def test_an_asset_that_bears_a_name_already_taken_is_refused(folder, file, says):
    csv(folder / file)
    with pytest.raises(DataError, match=says):
        load_setting(spec(folder, f'assets = ["sub/NVDA.csv", "{file}"]'))


def test_an_asset_must_cover_the_run_and_be_daily(folder):
    csv(folder / "late.csv", DAYS[10:])
    with pytest.raises(DataError, match="it covers 2020-01-20 to"):
        load_setting(spec(folder, 'assets = ["late.csv"]'))
    stamps = np.array([f"{d}T{h:02d}:00" for d in DAYS[:30] for h in (10, 15)])
    csv(folder / "minutes.csv", stamps)
    with pytest.raises(DataError, match=r"minutes\.csv: assets need daily bars"):
        load_setting(spec(folder, 'assets = ["minutes.csv"]'))


# -- volumes -------------------------------------------------------------------------------------------


def test_real_volume_reaches_the_rule_s_market_bar_by_bar_and_whole(folder):
    code = """
import numpy as np
from strategies import RuleParams, Signals, TradeRule

class Rule(TradeRule):
    name, summary, Params, default_instrument = "v", "for tests", RuleParams, "SOXS"
    seen = []

    def signals(self, market):
        Rule.seen.append((market.funds["SOXS"].volume, market.funds["SOXL"].volume, market.index.volume))
        return Signals({"on bar 5": np.arange(len(market)) == 5})
"""
    (folder / "v.py").write_text(code)
    volumes = '[data.volumes]\nSOXS = "soxs-volume.csv"\nindex = "sub/NVDA.csv"\n'
    (folder / "v.toml").write_text(f'strategy = "v.py:Rule"\n[data]\nindex = "CHIPS.csv"\n{volumes}')
    loaded = load_spec(folder / "v.toml")
    result = run_backtest(loaded)
    soxs, soxl, index = max(type(result.rule).seen, key=lambda volumes: len(volumes[0]))
    np.testing.assert_array_equal(soxs, 1_000 + np.arange(N))
    np.testing.assert_array_equal(index, 1 + np.arange(N))
    assert not soxl.any()
    after = result.market()
    np.testing.assert_array_equal(after.funds["SOXS"].volume, soxs)
    np.testing.assert_array_equal(after["index"].volume, index)
    np.testing.assert_array_equal(after.upto(9).funds["SOXS"].volume, soxs[:9])


def test_a_fund_may_be_named_in_any_letter_case_and_gaps_are_said(folder):
    csv(folder / "v.csv", DAYS[10:], volume=np.full(N - 10, 7.0))
    setting = load_setting(spec(folder, 'volumes = { soxl = "v.csv" }'))
    assert setting.volumes["SOXL"].on(DAYS).tolist() == [0.0] * 10 + [7.0] * 50
    said = "data.volumes.soxl: v.csv lacks 10 of 60 sessions; they count as without volume"
    assert any(said in note for note in setting.notes)


@pytest.mark.parametrize(
    ("volumes", "error", "says"),
    [
        ('NVDA = "soxs-volume.csv"', SpecError, r"data\.volumes\.NVDA: NVDA is neither index nor a fund"),
        ('SOXS = "CHIPS.csv"', DataError, r"CHIPS\.csv: it has no volume"),
        ('SOXS = "minutes.csv"', DataError, r"minutes\.csv: a volume by session is needed"),
        ('SOXS = "old.csv"', DataError, r"data\.volumes\.SOXS: old\.csv has none of the sessions"),
        (
            'SOXS = "soxs-volume.csv", soxs = "soxs-volume.csv"',
            SpecError,
            "the volume of SOXS is given twice",
        ),
        ('index = "sub/NVDA.csv", CHIPS = "sub/NVDA.csv"', SpecError, "the volume of index is given twice"),
    ],
)
def test_volumes_that_cannot_be_laid_over_are_refused(folder, volumes, error, says):
    csv(folder / "minutes.csv", np.array([f"{d}T{h:02d}:00" for d in DAYS[:30] for h in (10, 15)]))
    csv(folder / "old.csv", np.busday_offset("1990-01-01", np.arange(20), roll="forward"))
    with pytest.raises(error, match=says):
        load_setting(spec(folder, f"volumes = {{ {volumes} }}"))


def test_nor_may_they_be_laid_over_intraday_bars(folder):
    csv(folder / "CHIPS.csv", np.array([f"{d}T{h:02d}:00" for d in DAYS[:30] for h in (10, 15)]))
    for name in ("SOXS", "index"):
        with pytest.raises(
            DataError, match=rf"data\.volumes\.{name}: a volume by session cannot be laid over"
        ):
            load_setting(spec(folder, f'volumes = {{ {name} = "soxs-volume.csv" }}'))


def test_one_session_s_volume_and_all_of_them_are_the_same():
    bars = make_bars([(1.0,) * 4] * 5)
    volumes = Volumes(bars)
    days = np.arange("2020-01-01", "2020-01-20", dtype="datetime64[D]")
    by_day = [volumes.at(int(day.astype(int))) for day in days]
    assert volumes.on(days).tolist() == by_day == [0.0] * 5 + [1.0] * 5 + [0.0] * 9
    assert volumes.covers(days) == 5


# -- what is kept --------------------------------------------------------------------------------------


def test_every_source_leaves_its_fingerprint(folder):
    volumes = 'assets = ["sub/NVDA.csv"]\nevents = "dates.csv"\n[data.volumes]\nSOXS = "soxs-volume.csv"\n'
    volumes += 'index = "sub/NVDA.csv"\n'
    volumes = f'borrow = "fees.csv"\n{volumes}'
    (folder / "fees.csv").write_text("date,value\n2020-01-02,3.5\n2020-02-03,4.5\n")
    facts = setting_facts(load_setting(spec(folder, volumes)))
    assert facts["assets"]["NVDA"]["bars"] == N
    assert facts["events"]["source"] == "dates.csv"
    assert set(facts["volumes"]) == {"SOXS", "index"}

    def marks():
        found = setting_facts(load_setting(spec(folder, volumes)))
        kinds = [found["assets"]["NVDA"], *found["volumes"].values(), found["events"], found["borrow"]]
        return [kind["sha256"] for kind in kinds]

    first = marks()
    assert marks() == first
    assert len(set(first)) == 5
    for file, old, new in (
        ("sub/NVDA.csv", ",60.0\n", ",61.0\n"),
        ("soxs-volume.csv", ",1059.0\n", ",1.0\n"),
        ("dates.csv", "2020-03-02", "2020-03-03"),
        ("fees.csv", "3.5", "3.6"),
    ):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
    assert all(a != b for a, b in zip(first, marks(), strict=True))
    assert "events" not in setting_facts(load_setting(spec(folder, "")))


# -- the index as an instrument ----------------------------


@pytest.mark.parametrize("name", ["index", "CHIPS"])
def test_the_index_may_be_held_under_either_name(folder, name):
    result = run_backtest(spec(folder, "", [f"rule.instrument={name}"]))
    assert result.instruments == ("CHIPS",)
    assert [trade.instrument for trade in result.trades] == ["CHIPS"]
    assert set(result.held) == {"index"}  # once is enough
    assert result.market()[name] is not None


def test_an_asset_may_be_held_and_is_measured_against_itself(folder):
    result = run_backtest(spec(folder, 'assets = ["sub/NVDA.csv"]', ["rule.instrument=NVDA"]))
    asset = result.setting.assets["NVDA"]
    assert result.metrics["hold_NVDA_total_return"] == pytest.approx(asset.close[-1] / asset.close[0] - 1)
    # Bought at the open after the first close.
    assert result.trades[0].entry_price == pytest.approx(asset.open[1], rel=1e-14)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ("np.full(n, np.nan)", "its weights were never known, so the data are too short for it"),
        (
            "np.where(np.arange(n) % 2, np.nan, 0.5)",
            "its weights were never known",
        ),  # together with the other's
        ("np.zeros(n)", "its target weights were 0 throughout"),
        (f"np.where(np.arange(n) == {N} - 1, 0.5, 0.0)", "it wanted something on the last bar only"),
    ],
)
def test_an_allocation_that_never_trades_says_why(folder, weights, says):
    other = "np.where(np.arange(n) % 2, 0.0, np.nan)" if "%" in weights else "np.zeros(n)"
    code = f"""
import numpy as np
from strategies import AllocationRule, RuleParams, Targets

class Rule(AllocationRule):
    name, summary, Params, instruments = "r", "for tests", RuleParams, ("SOXL", "SOXS")

    def targets(self, market):
        n = len(market)
        return Targets({{"SOXL": {weights}, "SOXS": {other}}})
"""
    (folder / "r.py").write_text(code)
    (folder / "r.toml").write_text('strategy = "r.py:Rule"\n[data]\nindex = "CHIPS.csv"\n')
    verdict = run_backtest(load_spec(folder / "r.toml")).verdict
    assert says in verdict
    assert "short-rate" not in verdict


def test_too_dear_a_share_is_why_it_never_traded(folder):
    changes = ["account.whole_shares=true", "account.cash=20"]
    result = run_backtest(spec(folder, "", changes))
    assert "The rule never traded although it wanted to on 60 bars: 2020-01-06: 100% of 20.00 is not one" in (
        result.verdict
    )


def test_notes_of_the_data_come_before_those_of_the_rule_and_of_the_run(folder):
    code = (
        "import numpy as np\nfrom strategies import AllocationRule, RuleParams, Targets\n"
        "class Rule(AllocationRule):\n"
        "    name, summary, Params, instruments = 'r', 'for tests', RuleParams, ('SOXL',)\n"
        "    def notes(self, market):\n        return ['a note of the rule']\n"
        "    def targets(self, market):\n        return Targets({'SOXL': np.full(len(market), 5.0)})\n"
    )
    (folder / "r.py").write_text(code)
    text = 'strategy = "r.py:Rule"\n[data]\nindex = "CHIPS.csv"\n[plan]\nschedule = "daily"\n'
    (folder / "r.toml").write_text(text)
    result = run_backtest(load_spec(folder / "r.toml"))
    notes = result.warnings
    at = notes.index("a note of the rule")
    assert notes[:at] == result.setting.notes
    assert "are less than a year" in notes[at + 1]
    assert all(note.startswith("2020-") for note in notes[at + 2 :])
    assert sum("cash allows no more" in note for note in notes) <= 3  # five times its money wanted every day


def test_a_series_of_borrow_fees_is_paid_by_shorts(tmp_path):
    (tmp_path / "B.csv").write_text("date,value\n1998-01-01,4\n2019-12-31,4\n")
    changes = ["data.end=2001-12-31", "account.borrow_fee=0"]
    series = run_backtest(load_spec("decay_harvest", [*changes, "data.borrow=B"]), tmp_path)
    constant = run_backtest(load_spec("decay_harvest", [*changes, "account.borrow_fee=0.04"]))
    assert series.metrics["borrow_paid"] == pytest.approx(constant.metrics["borrow_paid"]) != 0
    with pytest.raises(SpecError, match="are two answers to one question"):
        run_backtest(load_spec("decay_harvest", ["account.borrow_fee=0.04", "data.borrow=B"]), tmp_path)


# -- what was done in reading --------------------------------------------------------------------------


def turned(path):
    """The same file newest first."""
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(lines)]) + "\n")


def test_what_was_done_in_reading_is_noted_once_a_file(folder):
    (folder / "R.csv").write_text("DATE,SOFR\n2020-01-02,1.5\n2020-01-20,.\n2020-06-01,1.25\n")
    (folder / "V.csv").write_text("DATE,VIXCLS\n2020-01-02,15\n2020-01-20,.\n2020-06-01,20\n")
    (folder / "F.csv").write_text("DATE,FEE\n2020-01-02,3\n2020-01-20,.\n2020-06-01,4\n")
    plain = load_setting(spec(folder, ALL))
    for name in ("CHIPS.csv", "sub/NVDA.csv", "soxs-volume.csv"):
        turned(folder / name)
    more = "rates = 'R.csv'\nvolatility = 'V.csv'\nborrow = 'F.csv'\n"
    setting = load_setting(spec(folder, more + ALL))
    assert setting.bars.fingerprint() == plain.bars.fingerprint()
    done = [note for note in setting.notes if "turned round" in note or "have no value" in note]
    holds = "1 of 3 days have no value, first 2020-01-20; the last one before holds on"
    assert sorted(done) == [
        "CHIPS.csv: newest first, turned round",
        f"F.csv: {holds}",
        "NVDA.csv: newest first, turned round",
        f"R.csv: {holds}",
        f"V.csv: {holds}",
        "soxs-volume.csv: newest first, turned round",
    ]


def test_an_index_as_quoted_that_holds_dividends_is_not_said_to_be_without(folder):
    text = (folder / "CHIPS.csv").read_text().splitlines()
    lines = [f"{text[0]},Dividends,Stock Splits", *(f"{line},0.1,0" for line in text[1:])]
    (folder / "CHIPS.csv").write_text("\n".join(lines))
    notes = load_setting(spec(folder, "total_return = false")).notes
    assert [note for note in notes if "dividends" in note] == [
        "CHIPS.csv: its closes hold dividends already, as its columns Dividends and Stock Splits tell, "
        "with no adjusted close beside them; none are added",
        "CHIPS.csv: taken as it is, as data.total_return is false, but with the dividends that it holds",
    ]


def test_a_run_refuses_closes_alone_as_its_index_and_takes_them_as_an_asset(folder):
    closes = "\n".join(f"{day},{10 + i}" for i, day in enumerate(DAYS))
    (folder / "C.csv").write_text("date,close\n" + closes)
    assert "C.csv: 60 rows have no open, high or low; their close stands for them" in (
        load_setting(spec(folder, 'assets = ["C.csv"]')).notes
    )
    with pytest.raises(DataError, match=r"C\.csv: no column for open, high or low; .* bars are needed here"):
        load_setting(spec(folder, "", [f"data.index={folder / 'C.csv'}"]))
