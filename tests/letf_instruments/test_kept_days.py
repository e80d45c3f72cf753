"""Days kept on disk: what is read is what was reckoned, and a file that is not whole is reckoned anew."""

import os
import subprocess
import sys

import numpy as np
import pytest

from letf_instruments import kept_days as module
from letf_instruments.kept_days import kept_days

DAYS = np.array(["1999-12-31", "2000-01-03", "2024-02-29"], dtype="datetime64[D]")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "own_folder", lambda name: tmp_path)
    return tmp_path


def never():
    raise AssertionError("it was reckoned, though it is kept")


def test_the_next_process_reads_what_this_one_reckoned(folder):
    assert kept_days("days", lambda: DAYS) is DAYS
    again = kept_days("days", never)
    assert again.dtype == DAYS.dtype
    assert again.tolist() == DAYS.tolist()
    assert len(list(folder.iterdir())) == 1


def test_another_version_of_a_library_reckons_anew(monkeypatch):
    kept_days("days", lambda: DAYS)
    monkeypatch.setattr(module, "version", lambda library: "0.0.1")
    assert kept_days("days", lambda: DAYS[:2]).tolist() == DAYS[:2].tolist()


@pytest.mark.parametrize("harm", ["cut", "empty", "flipped", "text"])
def test_a_file_that_is_not_whole_is_reckoned_anew(folder, harm):
    kept_days("days", lambda: DAYS)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    flipped = bytes([*whole[:-8], whole[-8] ^ 1, *whole[-7:]])
    file.write_bytes({"cut": whole[:-9], "empty": b"", "flipped": flipped, "text": b"no array at all"}[harm])
    assert kept_days("days", lambda: DAYS).tolist() == DAYS.tolist()
    assert file.read_bytes() == whole


def test_where_nothing_can_be_written_it_is_reckoned(folder, monkeypatch):
    (folder / "file").write_text("")
    for place in (None, folder / "file"):
        monkeypatch.setattr(module, "own_folder", lambda name, place=place: place)
        assert kept_days("days", lambda: DAYS) is DAYS


def test_new_york_s_days_are_those_of_the_library(folder):
    """In a process of its own with a cache of its own: reckoned first, then read without the library."""
    code = (
        "import sys, numpy as np\n"
        "from feeds.calendars import sessions_between\n"
        "from letf_instruments.settlement import settlement_dates\n"
        "span = np.datetime64('1993-01-29'), np.datetime64('2025-12-31')\n"
        "days = sessions_between('XNYS', *span)\n"
        "settled = settlement_dates(days)\n"
        "print('exchange_calendars' in sys.modules, hash((days.tobytes(), settled.tobytes())), days[-1])"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(folder), "PYTHONHASHSEED": "1"}
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )
    assert first.split()[0] == "True"
    assert second.split()[0] == "False"
    assert first.split()[1:] == second.split()[1:]
