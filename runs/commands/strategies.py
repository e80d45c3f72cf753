"""`letf strategies`: the rules, and what can be set of each."""

from __future__ import annotations

from typing import Annotated

import typer


def strategies(
    rule: Annotated[
        str | None, typer.Argument(help="A rule (or filter) by name: its parameters in full.")
    ] = None,
) -> None:
    """List the rules and filters, or the parameters of one."""
    from runs.answers.parts import Table
    from runs.answers.terminal import print_table
    from strategies.listing import FILTER_LIST, RULE_LIST

    if rule is None:
        rules = [[name, listed.summary] for name, listed in RULE_LIST.items()]
        print_table(Table('rules (strategy = "NAME" in a spec):', [], rows=rules, words=True))
        filters = [[name, summary] for name, summary in FILTER_LIST.items()]
        print_table(Table("filters (a table [filters.NAME] gates any rule):", [], filters, words=True))
        typer.echo("`letf strategies NAME` shows parameters with units, bounds and defaults;")
        typer.echo('a rule of your own: strategy = "my_rule.py:MyRule", a file beside the spec.')
    else:
        from runs.specs.catalogue import check_name

        check_name(rule)
        if rule in RULE_LIST:
            _print_rule(rule)
        if rule in FILTER_LIST:  # one name may be both
            _print_filter(rule)


def _print_rule(name: str) -> None:
    from runs.answers.parts import Table
    from runs.answers.terminal import print_table
    from runs.specs.parameters import HEADINGS, parameter_rows
    from strategies import rule_named

    kind = rule_named(name)
    typer.echo(f"{name}: {kind.summary}\n")
    if kind.when:
        typer.echo(f"{kind.when}\n")
    print_table(Table("its parameters:", HEADINGS, parameter_rows(kind.Params, "rule."), words=True))
    for plan, words in kind.plans():
        print_table(Table(f"its plan{words}:", HEADINGS, parameter_rows(plan, "plan."), words=True))
    typer.echo(f"an example that runs as it is: letf run {name}")


def _print_filter(name: str) -> None:
    from runs.answers.parts import Table
    from runs.answers.terminal import print_table
    from runs.specs.parameters import HEADINGS, parameter_rows
    from strategies import filter_named

    kind = filter_named(name)
    typer.echo(f"filter {name}: {kind.summary}\n")
    print_table(
        Table("its parameters:", HEADINGS, parameter_rows(kind.Params, f"filters.{name}."), words=True)
    )
