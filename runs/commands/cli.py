"""The `letf` command: which commands there are. Each is imported when asked for, so that help needs none."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from letf_instruments.errors import LetfError
from runs.commands.writing import whole_output, write_in_any_letters


class Entry(NamedTuple):
    """A command: where it is ("module:function" under runs.commands, or itself), what it is for in a line of
    the help, and what a person would type first."""

    home: str | Callable[..., None]
    summary: str
    example: str


# Every command by its name, in the groups of the help.
GROUPS = {
    "Run a rule": {
        "run": Entry("run:run", "One backtest and its report.", "letf run rsi_timing --set plan.stop=0.05"),
        "compare": Entry(
            "compare:compare",
            "Several specs on the same data: one table, one chart.",
            "letf compare trend hedge hold",
        ),
        "today": Entry(
            "today:today",
            "What a rule says on the last close, and what to order.",
            "letf today rsi_timing --index nasdaq --as-of 2018-12-28",
        ),
        "alternatives": Entry(
            "alternatives:alternatives",
            "One view as a fund, a short sale, CFDs and options.",
            "letf alternatives rsi_timing",
        ),
        "strategies": Entry(
            "strategies:strategies",
            "The rules and filters, and what each takes.",
            "letf strategies rsi_timing",
        ),
        "view": Entry(
            "view:view", "Results in a browser: search, sort, open, compare.", "letf view runs/output"
        ),
    },
    "Sweep its parameters": {
        "sweep": Entry(
            "sweep:sweep", "Every combination of a spec's [sweep].", "letf sweep rsi_timing_sweep"
        ),
        "top": Entry(
            "top:top",
            "The best cells of a sweep, and their neighbours.",
            "letf top runs/output/sweep_rsi_timing_sweep --by calmar",
        ),
    },
    "Is it an edge?": {
        "robustness": Entry(
            "robustness:robustness",
            "The verdict: robust, fragile, luck, no edge, too few trades.",
            "letf robustness trend",
        ),
        "walkforward": Entry(
            "walkforward:walkforward",
            "Parameters chosen anew in each window, tried on the next.",
            "letf walkforward rsi_timing_sweep --train 3y --test 1y",
        ),
        "starts": Entry(
            "starts:starts", "A rule begun on every day there is.", "letf starts trend --lengths 1,3,5"
        ),
        "luck": Entry("luck:luck", "How much of a rule's result is luck.", "letf luck trend"),
        "montecarlo": Entry(
            "montecarlo:montecarlo",
            "A rule on thousands of other histories of its index.",
            "letf montecarlo rsi_timing --paths 10000",
        ),
        "stress": Entry(
            "stress:stress", "A rule on named paths and in crashes of the past.", "letf stress rsi_timing"
        ),
    },
    "Ask about a fund": {
        "decay": Entry(
            "decay:decay",
            "What compounding, financing and fees made of its promise.",
            "letf decay SOXL --index nasdaq",
        ),
        "flow": Entry(
            "flow:flow",
            "Its trade at the close, and its leverage during the day.",
            "letf flow SOXS --index semis-sim --assets 5e9",
        ),
        "versus": Entry(
            "versus:versus",
            "An index beside its leveraged funds: return, risk, tracking.",
            "letf versus --index nasdaq --multiples 1,3,-3",
        ),
        "whatif": Entry(
            "whatif:whatif",
            "What it does under a stated return and volatility.",
            "letf whatif SOXL SOXS --index nasdaq --return 0 --volatility 0.45 --days 252",
        ),
        "hedge-size": Entry(
            "hedge_size:hedge_size",
            "A hedge in dollars and shares for what you hold.",
            "letf hedge-size --holding NVDA=40000,AMD=30000 --target-beta 0 --index SOXX",
        ),
        "track": Entry(
            "tracking:track",
            "A synthetic fund beside the traded one.",
            "letf track SOXL --index SOX:2021-08-25:SOXX --rates DFF --start 2010-12-31",
        ),
        "calibrate": Entry(
            "tracking:calibrate",
            "The financing spread that makes both compound alike.",
            "letf calibrate SOXL --index SOX:2021-08-25:SOXX --rates DFF --start 2010-04-01",
        ),
    },
    "Data and funds": {
        "data": Entry(
            "data:data_app", "List, check, fetch and update market data.", "letf data check nasdaq"
        ),
        "funds": Entry("funds:funds", "The funds that are known, with today's facts.", "letf funds"),
        "synth": Entry(
            "funds:synth",
            "A synthetic fund's bars as a file.",
            "letf synth SOXS --index nasdaq --out soxs.csv",
        ),
    },
}

STOPPED = 130  # the exit code of what Ctrl-C has ended


def entries() -> dict[str, Entry]:
    """Every command by its name."""
    return {name: entry for commands in GROUPS.values() for name, entry in commands.items()}


class Grouped(TyperGroup):
    """Commands listed by group, each group with an example; Ctrl-C ends each of them with a sentence."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(entries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and cmd_name in entries():
            self.commands[cmd_name] = built(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in entries():  # what was meant is looked for among all commands
            self.commands.update({name: self.get_command(ctx, name) for name in entries()})
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:  # typer would end it without a word
            print(f"letf: {str(stopped) or 'stopped'}", file=sys.stderr)
            raise typer.Exit(STOPPED) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.summary) for name, entry in commands.items()])
                formatter.write_text(f"e.g. {next(iter(commands.values())).example}")


app = typer.Typer(
    name="letf",
    cls=Grouped,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def built(name: str) -> Any:
    """What typer makes of a command, which is imported by this."""
    home, _, example = entries()[name]
    if isinstance(home, str):
        module, _, function = home.partition(":")
        home = getattr(import_module(f"runs.commands.{module}"), function)
    if isinstance(home, typer.Typer):
        alone = home
    else:
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        alone.command()(home)
    command = typer.main.get_command(alone)
    command.name, command.epilog = name, f"Example: {example}"
    return command


def register(command: Callable[..., None], group: str, example: str) -> None:
    """Add a command to the `letf` command, under a group of its help."""
    summary = (command.__doc__ or "").strip().splitlines()[0]
    GROUPS.setdefault(group, {})[command.__name__.replace("_", "-")] = Entry(command, summary, example)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"letf-lab {version('letf-lab')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS."""


def main() -> None:
    """Entry point: an error that a person can mend is one sentence on stderr and exit code 2."""
    # What is imported stays: to look through it for garbage, while it is loaded and at the end, is a tenth of
    # a short command's time.
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
    write_in_any_letters(sys.stdout, sys.stderr)
    try:
        with whole_output():
            app()
    except LetfError as error:
        print(f"letf: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
