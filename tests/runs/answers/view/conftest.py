"""A folder with results in it: two runs of a person, a study, and things that are none."""

import json

import pytest

EVIL = "<script>window.evil = 1</script>"


def result(folder, question, spec, metrics, rows=None, report="<p>report</p>", **more):
    """A result folder as the commands write it."""
    folder.mkdir(parents=True)
    files = {"manifest.json": "", "metrics.json": json.dumps(metrics), "report.html": report}
    if rows is not None:
        files["equity.csv"] = "date,equity\n" + "".join(f"{day},{value}\n" for day, value in rows)
    manifest = {
        "question": question,
        "spec": spec,
        "simulated": False,
        "data": {"index": {"name": spec.get("data", {}).get("index", "")}},
        "versions": {"letf-lab": "0"},
        "times": {"started": "2026-01-01T00:00:00+00:00"},
        "files": list(files),
    } | more
    files["manifest.json"] = json.dumps(manifest)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shelf(tmp_path):
    top = tmp_path / "results"
    rows = [("2020-01-02", 100), ("2020-01-03", 110), ("2020-01-06", 99)]
    base = {"strategy": "trend", "data": {"index": "nasdaq", "start": None}, "plan": {"stop": 0.05}}
    result(top / "one", "run", base | {"name": "one"}, {"sharpe": 1.5, "cagr": 0.1, "verdict": "x"}, rows)
    two = {"name": EVIL, **base, "plan": {"stop": 0.08}}
    later = [("2020-01-03", 50), ("2020-01-06", 100), ("2020-01-07", 75)]
    times = {"times": {"started": "2026-02-01T00:00:00+00:00"}}
    result(
        top / "deep" / "two", "run", two, {"sharpe": 0.5, "total_return": 0.5}, later, simulated=True, **times
    )
    result(top / "decay_SOXL", "decay", {"fund": "SOXL", "index": "nasdaq"}, {"compounding": -3.0})
    (top / "none").mkdir()
    (top / "none" / "manifest.json").write_text("{}")
    (top / "broken").mkdir()
    (top / "broken" / "manifest.json").write_text("{")
    (top / "note.txt").write_text("no result")
    return top
