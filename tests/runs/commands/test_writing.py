"""Output that cannot be written, and letters that a terminal does not have."""

import io
import os
import subprocess
import sys

import pytest

from runs.commands.writing import write_in_any_letters

MAIN = "from runs.commands.cli import main; main()"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("command", [["strategies"], ["--help"], ["funds"]])
def test_a_full_standard_output_is_one_sentence(command):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "letf: cannot write to standard output: No space left on device\n"


def test_a_reader_who_has_seen_enough_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "strategies"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 1)


def test_a_closed_standard_output_is_no_error():
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" strategies >&-', sys.executable, MAIN], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_of_few_letters_keeps_minus_and_bounds():
    bytes_written = io.BytesIO()
    stream = io.TextIOWrapper(bytes_written, encoding="ascii")
    write_in_any_letters(stream)
    stream.write("−47.5 %, 3 × 5 ≤ 16 … “so” ☃")
    stream.flush()
    assert bytes_written.getvalue() == b'-47.5 %, 3 x 5 <= 16 ... "so" ?'
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "strategies", "rsi_timing"], capture_output=True, env=env, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"<= 100" in done.stdout or b"<=" in done.stdout
