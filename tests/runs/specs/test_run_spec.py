"""Specs: what is taken, what is refused, and the sentence."""

import pytest

from letf_instruments import SpecError
from runs.specs.reading import load_spec


def spec(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


MINIMAL = 'strategy = "rsi_timing"\n'


def test_a_minimal_spec_gets_its_name_from_the_file_and_defaults_for_the_rest(tmp_path):
    loaded = load_spec(spec(tmp_path, MINIMAL))
    assert (loaded.name, loaded.data.index, loaded.account.cash) == ("mine", "nasdaq", 100_000.0)
    assert loaded.resolved()["rule"]["overbought"] == 65.0


def test_the_mark_that_windows_editors_begin_a_file_with_is_read_over(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'\xef\xbb\xbfstrategy = "rsi_timing"\n[data]\nrate = 0.03\n')
    assert load_spec(path).data.rate == 0.03


def test_the_example_comes_along_by_name():
    assert load_spec("rsi_timing").make_rule().plan.stop == 0.08


def test_changes_from_the_command_line(tmp_path):
    path = spec(tmp_path, MINIMAL + "[plan]\nstop = 0.08\ntarget = 0.2\n")
    changes = ["plan.stop=0.05", "plan.target=none", "rule.side=bull", "data.start=2001-02-03"]
    loaded = load_spec(path, changes, index="SOX", end=None)
    plan = loaded.make_rule().plan
    assert (plan.stop, plan.target, loaded.rule["side"]) == (0.05, None, "bull")
    assert str(loaded.data.start) == "2001-02-03"
    assert loaded.data.index == "SOX"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "strategy is missing"),
        ("strategy = ", "not valid TOML"),
        ('strategy = "rsi"', "strategy 'rsi' is not known; "),
        ('strategy = "rsi_timin"', "did you mean 'rsi_timing'"),
        (MINIMAL + "[dat]\n", r"unknown key dat; did you mean data\?"),
        (MINIMAL + "[plan]\nstopp = 0.1", r"unknown key plan.stopp; did you mean plan.stop\?"),
        (MINIMAL + "[rule]\nrsi_bar = 14", r"unknown key rule.rsi_bar; did you mean rule.rsi_bars\?"),
        (MINIMAL + "[plan]\nstop = 1.5", "plan.stop is 1.5; it should be less than 1"),
        (MINIMAL + "[plan]\nfraction = 2", "plan.fraction is 2; it should be less than or equal to 1"),
        (MINIMAL + "[plan]\nmax_bars = 1.5", "plan.max_bars is 1.5; it should be a valid integer"),
        (MINIMAL + "[rule]\noversold = 70", r"oversold \(70\) must be below overbought \(65\)"),
        (MINIMAL + '[rule]\nside = "long"', "rule.side is 'long'; it should be 'bear' or 'bull'"),
        (MINIMAL + "[data]\nrate = 5", "data.rate is 5; it should be less than or equal to 0.3"),
        (MINIMAL + "[data]\nstart = 2020-01-01\nend = 2019-01-01", "must be before data.end"),
        (MINIMAL + "[account]\ncash = 0", "account.cash is 0; it should be greater than or equal to 0.01"),
        (MINIMAL + "[costs]\nslippage_bps = -1", "costs.slippage_bps is -1; it should be greater than or"),
        (
            MINIMAL + '[plan]\nleave_at = "noon"',
            'plan.leave_at must be "open", "session end" or a time of day',
        ),
        (
            MINIMAL + '[plan.other]\ninstrument = "SOXL"\nstap = 0.1',
            r"unknown key plan\.other\.stap; did you mean plan\.other\.stop\?",
        ),
        (
            MINIMAL + '[plan.other]\ninstrument = "SOXL"\nfill = "close"',
            r"unknown key plan\.other\.fill; known are fraction, amount, risk, stop",
        ),
        (
            MINIMAL + '[plan.other]\ninstrument = "SOXL"\nrisk = 0.1',
            r"plan\.other\.risk sizes a trade by the distance of its stop, so plan\.other\.stop must be set",
        ),
        (
            MINIMAL + "[account.deposits]\namount = 5\nevery = 'month'\nday = 3",
            r"unknown key account\.deposits\.day; (did you mean|known are) ",
        ),
        ("data = 3\n" + MINIMAL, "data is 3; it should be a table"),
        ('name = "../up"\n' + MINIMAL, "name is '../up'; it should match"),
        (MINIMAL + "[account]\ncash = inf", "account.cash is inf; it should be a finite number"),
    ],
)
def test_a_wrong_spec_is_one_sentence(tmp_path, text, says):
    with pytest.raises(SpecError, match=says) as error:
        load_spec(spec(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("change", ["plan", "=3", "plan.=3", "name.x=3"])
def test_a_change_that_is_none_is_refused(tmp_path, change):
    with pytest.raises(SpecError, match="--set"):
        load_spec(spec(tmp_path, 'name = "x"\n' + MINIMAL), [change])


def test_a_path_in_a_spec_is_relative_to_it_and_may_not_leave_its_folder(tmp_path):
    text = MINIMAL + '[data]\nindex = "sub/SOX.csv"\n'
    loaded = load_spec(spec(tmp_path, text))
    assert loaded.place("index") == str(tmp_path / "sub" / "SOX.csv")
    assert loaded.data.index == "sub/SOX.csv"  # results do not depend on where the command was given
    for path in ("../SOX.csv", "/etc/SOX.csv", "sub/../../SOX.csv", "a\\u0000.csv"):
        with pytest.raises(SpecError, match="leaves the spec's own folder"):
            load_spec(spec(tmp_path, MINIMAL + f'[data]\nindex = "{path}"\n'))
    eras = load_spec(spec(tmp_path, MINIMAL + '[data]\nindex = "a.csv:2020-01-01:SOXX:2021-01-01:b.csv"'))
    assert eras.place("index") == f"{tmp_path / 'a.csv'}:2020-01-01:SOXX:2021-01-01:{tmp_path / 'b.csv'}"
    with pytest.raises(SpecError, match="leaves the spec's own folder"):
        load_spec(spec(tmp_path, MINIMAL + '[data]\nindex = "a.csv:2020-01-01:../b.csv"'))
    for given in ({"index": "../SOX.csv"}, {"changes": ["data.index=../SOX.csv"]}):
        assert load_spec(spec(tmp_path, text), **given).place("index") == "../SOX.csv"


def test_a_file_that_is_not_there_is_answered_with_the_examples():
    with pytest.raises(SpecError, match=r"examples that come along: .*rsi_timing"):
        load_spec("nowhere.toml")
