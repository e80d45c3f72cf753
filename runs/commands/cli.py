"""The `letf` command. Heavy imports happen inside the commands, so that help answers at once."""

from __future__ import annotations

import atexit
import gc
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from letf_instruments.errors import LetfError
from runs.commands.alternatives import alternatives
from runs.commands.compare import compare
from runs.commands.data import data_app
from runs.commands.decay import decay
from runs.commands.flow import flow
from runs.commands.funds import funds, synth
from runs.commands.hedge_size import hedge_size
from runs.commands.luck import luck
from runs.commands.montecarlo import montecarlo
from runs.commands.robustness import robustness
from runs.commands.run import run
from runs.commands.starts import starts
from runs.commands.strategies import strategies
from runs.commands.stress import stress
from runs.commands.sweep import sweep
from runs.commands.today import today
from runs.commands.top import top
from runs.commands.tracking import calibrate, track
from runs.commands.versus import versus
from runs.commands.view import view
from runs.commands.walkforward import walkforward
from runs.commands.whatif import whatif
from runs.commands.writing import whole_output, write_in_any_letters

# Every command: its group in the help, and what a person would type first.
GROUPS = {
    "Run a rule": {
        run: "letf run rsi_timing --set plan.stop=0.05",
        compare: "letf compare trend hedge hold",
        today: "letf today rsi_timing --index nasdaq --as-of 2018-12-28",
        alternatives: "letf alternatives rsi_timing",
        strategies: "letf strategies rsi_timing",
        view: "letf view runs/output",
    },
    "Sweep its parameters": {
        sweep: "letf sweep rsi_timing_sweep",
        top: "letf top runs/output/sweep_rsi_timing_sweep --by calmar",
    },
    "Is it an edge?": {
        robustness: "letf robustness trend",
        walkforward: "letf walkforward rsi_timing_sweep --train 3y --test 1y",
        starts: "letf starts trend --lengths 1,3,5",
        luck: "letf luck trend",
        montecarlo: "letf montecarlo rsi_timing --paths 10000",
        stress: "letf stress rsi_timing",
    },
    "Ask about a fund": {
        decay: "letf decay SOXL --index nasdaq",
        flow: "letf flow SOXS --index semis-sim --assets 5e9",
        versus: "letf versus --index nasdaq --multiples 1,3,-3",
        whatif: "letf whatif SOXL SOXS --index nasdaq --return 0 --volatility 0.45 --days 252",
        hedge_size: "letf hedge-size --holding NVDA=40000,AMD=30000 --target-beta 0 --index SOXX",
        track: "letf track SOXL --index SOX:2021-08-25:SOXX --rates DFF --start 2010-12-31",
        calibrate: "letf calibrate SOXL --index SOX:2021-08-25:SOXX --rates DFF --start 2010-04-01",
    },
    "Data and funds": {
        data_app: "letf data check nasdaq",
        funds: "letf funds",
        synth: "letf synth SOXS --index nasdaq --out soxs.csv",
    },
}

STOPPED = 130  # the exit code of what Ctrl-C has ended


class Grouped(TyperGroup):
    """Commands listed by group, each group with an example; Ctrl-C ends each of them with a sentence."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:  # typer would end it without a word
            print(f"letf: {str(stopped) or 'stopped'}", file=sys.stderr)
            raise typer.Exit(STOPPED) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for title, commands in GROUPS.items():
            names = ["data" if each is data_app else each.__name__.replace("_", "-") for each in commands]
            rows = [
                (name, command.get_short_help_str(formatter.width - 16))
                for name in names
                if (command := self.get_command(ctx, name)) is not None
            ]
            with formatter.section(title):
                formatter.write_dl(rows)
                formatter.write_text(f"e.g. {next(iter(commands.values()))}")


app = typer.Typer(
    name="letf",
    cls=Grouped,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def register(command: Any, group: str, example: str) -> None:
    """Add a command to the `letf` command, under a group of its help."""
    GROUPS.setdefault(group, {})[command] = example
    if isinstance(command, typer.Typer):
        app.add_typer(command, name="data", epilog=f"Example: {example}")
    else:
        app.command(epilog=f"Example: {example}")(command)


for title, commands in list(GROUPS.items()):
    for each, example in list(commands.items()):
        register(each, title, example)


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
