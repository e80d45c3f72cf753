"""The content of files: what a frame, a dict and bytes become."""

import json

import numpy as np
import pandas as pd
import pytest

from letf_instruments import LetfError
from runs.answers.files import content_of, frame_csv, write_file


def test_a_frame_has_its_index_first_and_nothing_where_nothing_is():
    days = pd.DatetimeIndex(["2020-01-06", "2020-01-07"], name="date")
    frame = pd.DataFrame({"a": [1.0 / 3.0, np.nan], "n": [1, 2], "text": ["x, y", None]}, index=days)
    assert frame_csv(frame, False).decode() == (
        'date,a,n,text\n2020-01-06,0.333333333333,1,"x, y"\n2020-01-07,,2,\n'
    )


def test_an_index_without_a_name_is_left_out_and_simulated_data_say_so():
    frame = pd.DataFrame({"a": [1.5]})
    assert frame_csv(frame, True).decode() == "a,data\n1.5,SIMULATED\n"


def test_moments_within_the_day_keep_their_clock():
    stamps = pd.DatetimeIndex(["2020-01-06 09:35", "2020-01-06 16:00"], name="timestamp")
    lines = frame_csv(pd.DataFrame({"a": [1.0, 2.0]}, index=stamps), False).decode().splitlines()
    assert lines[1:] == ["2020-01-06T09:35:00,1", "2020-01-06T16:00:00,2"]


def test_dates_in_columns_that_may_be_missing():
    frame = pd.DataFrame({"day": pd.to_datetime(["2020-01-06", None])})
    assert frame_csv(frame, False).decode() == 'day\n2020-01-06\n""\n'


def test_a_dict_is_json_without_nan_and_bytes_are_themselves():
    assert json.loads(content_of({"a": None, "b": 1}, False)) == {"a": None, "b": 1}
    assert content_of(b"raw", True) == b"raw"
    with pytest.raises(LetfError, match="no finite number comes out of this for a, c: prices or amounts are"):
        content_of({"a": float("nan"), "b": 1.0, "c": float("inf")}, False)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    write_file(tmp_path / "a", b"1")
    with pytest.raises(LetfError, match="cannot write"):
        write_file(tmp_path / "no" / "such", b"2")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
