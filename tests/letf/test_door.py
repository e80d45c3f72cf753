"""`import letf`: light, complete, and in one sentence when something beside the script hides it."""

import inspect
import re
import subprocess
import sys

import pytest

import letf
from tests.conftest import ROOT


def python(code, cwd):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd)


def test_importing_it_loads_nothing_heavy(tmp_path):
    code = (
        "import letf, sys\n"
        "heavy = ('backtrader', 'pandas', 'numpy', 'matplotlib', 'numba', 'pydantic', 'rich', 'typer')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = python(code, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_everything_it_names_is_there():
    for name in letf.__all__:
        assert getattr(letf, name) is not None
    assert set(letf.__all__) <= set(dir(letf))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        letf.runn  # noqa: B018


@pytest.mark.parametrize("name", ["strategies", "feeds", "engine", "runs", "analyzers"])
def test_a_folder_or_file_beside_the_script_that_hides_a_room_is_named(tmp_path, name):
    folder = tmp_path / "a"
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    (folder / "s.py").write_text("import letf\n")
    done = subprocess.run([sys.executable, "s.py"], capture_output=True, text=True, cwd=folder)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: the folder {folder / name} hides the part of letf")
    assert "rename it" in last
    other = tmp_path / "b"
    other.mkdir()
    (other / f"{name}.py").write_text("")
    (other / "s.py").write_text("import letf\n")
    done = subprocess.run([sys.executable, "s.py"], capture_output=True, text=True, cwd=other)
    assert f"the file {other / name}.py hides" in done.stderr


def test_a_plain_folder_of_that_name_hides_nothing(tmp_path):
    (tmp_path / "runs").mkdir()
    done = python("import letf; print(letf.rules().loc['hold', 'kind'])", tmp_path)
    assert done.stdout.strip() == "rule", done.stderr


def functions():
    return [
        value for name in letf.__all__ if inspect.isfunction(value := getattr(letf, name)) and name != "param"
    ]


@pytest.mark.parametrize("function", functions(), ids=lambda f: f.__name__)
def test_every_function_says_what_it_takes_gives_and_raises_with_an_example(function):
    text = inspect.getdoc(function)
    assert "Returns\n-------" in text or function.__name__ in ("check", "spec", "top")
    if function.__name__ not in ("sources", "rules"):
        assert "Raises\n------" in text
    if function.__name__ not in ("fetch", "update"):  # which need a network
        assert ">>> import letf" in text
    described = set(re.findall(r"[a-z_]+", text))
    for name, parameter in inspect.signature(function).parameters.items():
        if (
            parameter.kind is not parameter.VAR_KEYWORD
            and "others as in" not in text
            and "All as in" not in text
        ):
            assert name in described, name


def test_the_commands_and_the_functions_are_the_same_words():
    from runs.commands.cli import entries

    commands = {name.replace("-", "_") for name in entries()}
    same = {
        "run",
        "compare",
        "today",
        "alternatives",
        "sweep",
        "top",
        "decay",
        "flow",
        "versus",
        "montecarlo",
        "track",
        "calibrate",
        "walkforward",
        "starts",
        "whatif",
        "stress",
        "hedge_size",
        "luck",
        "robustness",
    }
    assert commands == same | {"strategies", "data", "funds", "synth", "view"}
    assert same | {"rules", "bars", "check", "fetch", "update", "sources", "funds", "fund"} <= set(
        letf.__all__
    )


def test_the_package_is_typed_and_shipped():
    assert (ROOT / "letf" / "py.typed").is_file()
