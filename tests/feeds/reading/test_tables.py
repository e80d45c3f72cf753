"""From bytes to a table: encodings, lines above and below, rows that do not fit, and which row is which."""

import pytest

from feeds.deposits import load_deposits
from feeds.events import load_events
from feeds.reading.files import read_bars, read_percent
from feeds.reading.tables import read_table
from letf_instruments import DataError

HEAD = "date,open,high,low,close,volume\n"
ROWS = "2020-03-16,10,11,9,10.5,100\n2020-03-17,10.5,12,10,11,200\n2020-03-18,11,11.5,10.5,11.25,300\n"


def put(folder, content, name="X.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("coding", "notes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["X.csv: read as UTF-16"]),
        ("utf-16-le", ["X.csv: read as UTF-16"]),
        ("utf-16-be", ["X.csv: read as UTF-16"]),
        ("cp1252", ["X.csv: read as Windows-1252"]),
    ],
)
def test_encodings(coding, notes, tmp_path):
    table = read_table(put(tmp_path, (HEAD.replace("volume", "volume,Größe €") + ROWS).encode(coding)))
    assert list(table.frame.columns) == ["date", "open", "high", "low", "close", "volume", "Größe €"]
    assert table.notes == notes


@pytest.mark.parametrize(
    "junk", [b"\0\1\2\3" * 50, bytes(range(256)), b"date,close\n2020-01-06,\x01\n", b"\xff\xfe\x00\xd8"]
)
def test_what_is_no_text_is_refused(junk, tmp_path):
    with pytest.raises(DataError, match=r"X\.csv: this is no text; a table of dates and prices is wanted"):
        read_table(put(tmp_path, junk))


def test_a_folder_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "X.csv").mkdir()
    with pytest.raises(DataError, match=r"X\.csv: cannot be read as csv \(\[Errno 21\] Is a directory"):
        read_table(tmp_path / "X.csv")


def test_rows_are_those_of_the_file_whatever_is_left_out(tmp_path):
    text = "A title\n\n" + HEAD + "\n" + ROWS + "2020-03-19,11,11,11,-1,5\n"
    assert read_table(put(tmp_path, text)).rows.tolist() == [5, 6, 7, 8]
    with pytest.raises(DataError, match=r"X\.csv, row 8 \(2020-03-19\): close is -1"):
        read_bars(put(tmp_path, text))
    lines = (ROWS + "2020-03-19,11,11,11,-1,5\n").splitlines(keepends=True)
    with pytest.raises(DataError, match=r"X\.csv, row 2 \(2020-03-19\): close is -1"):
        read_bars(put(tmp_path, HEAD + "".join(reversed(lines))))


def test_a_first_line_that_names_the_separator_is_heeded(tmp_path):
    table = read_table(put(tmp_path, "sep=;\n" + (HEAD + ROWS).replace(",", ";")))
    assert len(table) == 3
    assert table.notes == ["X.csv: its columns are separated by semicolons"]


@pytest.mark.parametrize("at", [0, 7, 60])
def test_a_zero_byte_does_not_make_utf_16_of_a_file(at, tmp_path):
    raw = (HEAD + ROWS).encode()
    path = put(tmp_path, raw[:at] + b"\0" + raw[at:] if at else b"\0" + raw)
    with pytest.raises(DataError, match=r"X\.csv: this is no text"):
        read_table(path)


@pytest.mark.parametrize("read", [read_bars, read_percent, load_events, load_deposits])
def test_of_headings_that_are_no_words_a_sentence_has_a_few(read, tmp_path):
    path = put(tmp_path, ",".join(f"{i}" + "x" * 1000 for i in range(40)) + "\n" + ",".join("1" * 40) + "\n")
    with pytest.raises(DataError) as refused:
        read(path)
    assert "its headings are 0xxx" in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            HEAD + "2020-03-16,10,11,9,10.5,5,874,887\n",
            r"X\.csv, row 2: 8 fields, but the headings are 6; a number",
        ),
        (HEAD + ROWS + "2020-03-19,1,1,1,1,1,,9\n", r"X\.csv, row 5: 8 fields, but the headings are 6"),
        ("date,rate\n2020-01-02,1,95\n", r"X\.csv, row 2: 3 fields, but the headings are 2"),
    ],
)
def test_a_row_with_more_fields_than_headings_is_refused(text, says, tmp_path):
    for read in (read_bars, read_percent):
        with pytest.raises(DataError, match=says):
            read(put(tmp_path, text))


def test_an_empty_surplus_is_none(tmp_path):
    bars = read_bars(put(tmp_path, HEAD + ROWS.replace("\n", ",, \n")))
    assert bars.volume.tolist() == [100, 200, 300]
    assert bars.notes == ()


@pytest.mark.parametrize("heading", ["close", "Close", "CLOSE*"])
def test_a_heading_twice_is_refused(heading, tmp_path):
    text = HEAD.replace("volume", heading) + ROWS
    with pytest.raises(
        DataError, match=rf"X\.csv: its heading {heading[:5]}\*? comes twice; each is wanted once"
    ):
        read_bars(put(tmp_path, text))


def test_a_heading_that_nothing_reads_may_come_twice(tmp_path):
    text = HEAD.replace("volume", "volume,Plot,Plot") + ROWS.replace("\n", ",1,2\n")
    assert len(read_bars(put(tmp_path, text))) == 3


@pytest.mark.parametrize(
    "text",
    [
        "Price,Close,Close\nTicker,AAA,BBB\nDate,,\n2020-03-16,1,2\n",
        "Ticker,AAA,BBB\nPrice,Close,Close\nDate,,\n2020-03-16,1,2\n",
        "ticker," + HEAD + "AAA,2020-03-16,1,1,1,1,1\nBBB,2020-03-17,1,1,1,1,1\n",
    ],
)
def test_two_tickers_are_refused_by_name(text, tmp_path):
    with pytest.raises(DataError, match=r"X\.csv: it holds 2 tickers \(AAA, BBB\); one at a time is wanted"):
        read_bars(put(tmp_path, text))
