"""The server of the local page: on 127.0.0.1 alone, and nothing is served but the page and the reports of the
results that were found. A report is shut in: its scripts see no other page and reach no address."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from letf_instruments import LetfError
from runs.answers.folder import REPORT
from runs.answers.page.library import packed_library
from runs.answers.page.page import page_file, page_script
from runs.answers.page.payload import packed, payload
from runs.answers.view.headings import headings_of
from runs.answers.view.overlay import Unsaid, differences, overlay
from runs.answers.view.shelf import Found, results_in

if TYPE_CHECKING:
    from jinja2 import Template

HOST = "127.0.0.1"
SHUT = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; "
OWN = SHUT + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
REPORTS = "sandbox allow-scripts allow-downloads; " + SHUT + "base-uri 'none'; form-action 'none'"
HERE = Path(__file__).parent


class View:
    """A server over a folder of results.

    Parameters
    ----------
    folder : with results in it or below. port : 0 takes any that is free.
    unsaid : of a spec, by table what is so where nothing is said, which is no difference between two.

    Raises
    ------
    LetfError
        If there is no such folder, or the port is taken.
    """

    def __init__(self, folder: Path, port: int = 0, unsaid: Unsaid = lambda spec: {}) -> None:
        results_in(folder)  # refuses what is no folder
        self.folder = folder
        self.unsaid = unsaid
        try:
            self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        except (OSError, OverflowError) as error:
            raise LetfError(
                f"port {port} cannot be used ({error}); --port 0 takes any that is free"
            ) from None
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{HOST}:{self.port}/"

    def serve(self) -> None:
        """Answer until `close` is called or Ctrl-C is pressed."""
        self._server.serve_forever(poll_interval=0.2)

    def start(self) -> None:
        """Answer in a thread of its own, until `close` is called."""
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    # -- what is answered ---------------------------------------------------------------------------

    def page(self) -> str:
        """The page: every result, the latest first."""
        found = results_in(self.folder)
        headings = [asdict(heading) for heading in headings_of(one.metrics for one in found)]
        return _template().render(
            folder=str(self.folder),
            count=len(found),
            rows=packed({"rows": [_row(one) for one in found], "headings": headings}),
            style=page_file("style.css") + (HERE / "view.css").read_text(encoding="utf-8"),
            scripts=page_script(drawing=True) + (HERE / "view.js").read_text(encoding="utf-8"),
            library=packed_library(),
        )

    def side_by_side(self, ids: list[str]) -> dict[str, Any]:
        """The picture of several results, and where their specs differ."""
        chosen = self.results(ids)
        return {
            "names": [one.place for one in chosen],
            "differences": differences(chosen, self.unsaid),
            "picture": payload(overlay(chosen)),
        }

    def report(self, id_: str) -> bytes:
        """The report of a result."""
        (one,) = self.results([id_])
        if not one.report:
            raise LetfError(f"{one.place} has no report")
        return (one.folder / REPORT).read_bytes()

    def results(self, ids: list[str]) -> list[Found]:
        """The results of these ids, from one look at the folder.

        Raises
        ------
        LetfError
            If one is not there; it may have been before.
        """
        known = {one.id: one for one in results_in(self.folder)}
        if not known.keys() >= set(ids):
            raise LetfError("there is no such result, or no longer")
        return [known[each] for each in ids]


def _row(one: Found) -> dict[str, Any]:
    return {
        "id": one.id,
        "place": one.place,
        "question": one.question,
        "whose": one.whose,
        "name": one.name,
        "rule": one.rule,
        "index": one.index,
        "started": one.started[:16].replace("T", " "),
        "mark": one.mark,
        "made_up": one.made_up,
        "metrics": dict(one.metrics),
        "report": one.report,
        "equity": one.equity,
    }


def _handler(view: View) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "letf"
        sys_version = ""
        timeout = 30

        def do_GET(self) -> None:
            # Another site's name that leads here (DNS rebinding) is not answered.
            if self.headers.get("Host") not in (f"{HOST}:{view.port}", f"localhost:{view.port}"):
                self._answer(HTTPStatus.FORBIDDEN, b"this page is for this machine alone", "text/plain")
                return
            asked = urlsplit(self.path)
            parts = [part for part in asked.path.split("/") if part]
            try:
                if not parts:
                    self._answer(HTTPStatus.OK, view.page().encode("utf-8"), "text/html", OWN)
                elif parts == ["side-by-side"]:
                    found = view.side_by_side(parse_qs(asked.query).get("id", []))
                    self._json(HTTPStatus.OK, found)
                elif len(parts) == 2 and parts[0] == "report":
                    self._answer(HTTPStatus.OK, view.report(parts[1]), "text/html", REPORTS)
                else:
                    self._answer(HTTPStatus.NOT_FOUND, b"there is no such page", "text/plain")
            except LetfError as error:
                self._json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            except (BrokenPipeError, ConnectionResetError):
                pass
            except OSError as error:
                self._json(HTTPStatus.BAD_REQUEST, {"error": f"a result cannot be read: {error.strerror}"})

        def _json(self, status: HTTPStatus, value: Any) -> None:
            self._answer(status, json.dumps(value).encode("utf-8"), "application/json")

        def _answer(self, status: HTTPStatus, content: bytes, kind: str, policy: str = OWN) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@cache
def _template() -> Template:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, loader=jinja2.FileSystemLoader(HERE)
    )
    environment.filters["own"] = Markup  # of what this project wrote itself
    return environment.get_template("view.html.j2")
