"""`letf view`: it says where it is, ends by Ctrl-C, and refuses what is no folder."""

import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.runs.command import letf


def hear_ctrl_c():
    """As from a terminal, also where the tests were started in the background and do not hear it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_it_answers_until_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "runs.commands.cli", "view", str(tmp_path), "--port", "0", "--no-open"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    ) as running:
        try:
            said = running.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", said).group()
            with urllib.request.urlopen(address, timeout=20) as answer:
                assert "There are none yet" in answer.read().decode()
            running.send_signal(signal.SIGINT)
            rest, error = running.communicate(timeout=20)
        finally:
            running.kill()
    assert (running.returncode, rest.strip(), error) == (0, "ended", "")


@pytest.mark.parametrize(
    ("given", "words"),
    [((), "is no folder; name one that holds results"), (("--port", "99999"), "65535")],
)
def test_what_cannot_be_shown_is_one_sentence(tmp_path, given, words):
    place = tmp_path / "none" if not given else tmp_path
    done = letf("view", place, "--no-open", *given)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
