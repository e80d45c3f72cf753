"""An `AccountRule`'s step as the compiled loop calls it: one signature for all rules.

The step is compiled by numba as its author wrote it, and a thin function around it, of a fixed signature,
gives it its arguments by name and writes its orders down as numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numba
from numba import types
from numba.core.errors import NumbaError
from numba.np.unsafe import ndarray

from engine.kernel.views import FLOATS, matrix, row_upto, vector
from engine.kernel.waiting import FILL_COLUMNS, ORDER_COLUMNS
from letf_instruments import SpecError
from letf_instruments.compiled import compiled
from strategies.account_orders import (
    ACCOUNT_NUMBERS,
    RAISED,
    TOO_MANY,
    Account,
    StepOrder,
    order_of,
    wrong_order,
)
from strategies.account_rule import GATE, MOST_ARRAYS, AccountRule, arrays_type, params_type
from strategies.lots import LotCarrier

_fixed: Any = ndarray.to_fixed_tuple  # numba's helpers have no types
KEPT, LEFT_OUT = 0, -1  # what becomes of an order in which nothing is wrong

# The bar; the account, the fills since the decision before and how many, the arrays and how long they are,
# the rule's numbers, its memory, and room for orders.
SIGNATURE = types.int64(types.int64, FLOATS, FLOATS, types.int64, FLOATS, types.int64, FLOATS, FLOATS, FLOATS)


class CompiledStep(types.WrapperAddressProtocol):
    """A step that the loop takes as any other of the same signature, so that it is compiled for none of them
    anew."""

    def __init__(self, function: Any) -> None:
        self._function = function  # kept, or its machine code would go

    def __wrapper_address__(self) -> int:
        return int(self._function.address)

    def signature(self) -> Any:
        """Of all steps."""
        return SIGNATURE


def _rows(count: int) -> Callable[[Any], Any]:
    """The first rows of a matrix up to an element, as a tuple of so many arrays."""
    if count == 1:
        return numba.njit(lambda a, end: (row_upto(a, 0, end),))  # type: ignore[no-any-return]
    before: Any = _rows(count - 1)
    return numba.njit(lambda a, end: (*before(a, end), row_upto(a, count - 1, end)))  # type: ignore[no-any-return]


def adapted(rule: AccountRule, names: tuple[str, ...]) -> Any:
    """The compiled step of a rule.

    Parameters
    ----------
    names : of its arrays, in the order of the rows that the loop gives.

    Raises
    ------
    SpecError
        One sentence with the line, if numba cannot compile the step: then backtrader runs it.
    """
    assert 1 <= len(names) <= MOST_ARRAYS
    try:
        return _compiled(
            rule.write_orders if isinstance(rule, LotCarrier) else rule.step,
            isinstance(rule, LotCarrier),
            names,
            tuple(rule.numbers()) or ("none",),
            len(rule.reason_names),
            rule.lots,
            rule.memory_size,
            rule.most_orders,
            names.index(GATE) if rule.filters else -1,
        )
    except NumbaError as error:
        raise SpecError(f"rule {rule.name}: numba cannot compile its step: {_first_line(error)}") from None


@lru_cache(maxsize=64)
def _compiled(
    own: Callable[..., Any],
    writing: bool,
    names: tuple[str, ...],
    numbers: tuple[str, ...],
    reasons: int,
    lots: int,
    memory_size: int,
    most: int,
    gate: int,
) -> CompiledStep:
    arrays, params = arrays_type(names), params_type(numbers)
    rows: Any = _rows(len(names))
    depth, count = len(names), len(numbers)
    # Without the check an index beyond an array would read what lies behind it, as a rule: the next bar. The
    # step of lots is always of the same types, so that it is compiled once for all and kept on disk.
    compile_ = compiled if writing else numba.njit
    step = compile_(error_model="numpy", boundscheck=True, forceinline=True)(own)

    @numba.njit(forceinline=True)
    def verdict(order: StepOrder, closed: bool) -> int:
        wrong = wrong_order(order, reasons, lots)
        if wrong > 0:
            return wrong
        buys = order.money > 0.0 or (order.money == 0.0 and order.size > 0.0)
        is_none = order.size == 0.0 and order.money == 0.0
        return LEFT_OUT if is_none or (closed and buys) else KEPT

    @numba.njit(forceinline=True)
    def account_of(numbers: Any, fills: Any, filled: int) -> Account:
        told = _fixed(vector(numbers, ACCOUNT_NUMBERS), ACCOUNT_NUMBERS)
        return Account(*told, matrix(fills, filled, FILL_COLUMNS))  # type: ignore[call-arg]

    def gives(
        bar: int,
        account: Any,
        fills: Any,
        filled: int,
        given: Any,
        length: int,
        values: Any,
        memory: Any,
        sheet: Any,
    ) -> int:
        of_bars, orders = matrix(given, depth, length), matrix(sheet, most, ORDER_COLUMNS)
        try:
            found = step(
                bar,
                account_of(account, fills, filled),
                arrays(*rows(of_bars, bar + 1)),
                params(*_fixed(vector(values, count), count)),
                vector(memory, memory_size),
            )
        except Exception:  # numba knows no narrower one
            return -RAISED
        closed = gate >= 0 and of_bars[gate, bar] < 0.5
        if len(found) > most:
            return -TOO_MANY
        n = 0
        for order in found:
            said = verdict(order, closed)
            if said > 0:
                return -said
            if said == LEFT_OUT:
                continue
            orders[n, 0], orders[n, 1], orders[n, 2] = order.kind, order.size, order.money
            orders[n, 3], orders[n, 4], orders[n, 5] = order.price, order.reason, order.lot
            n += 1
        return n

    def writes(
        bar: int,
        account: Any,
        fills: Any,
        filled: int,
        given: Any,
        length: int,
        values: Any,
        memory: Any,
        sheet: Any,
    ) -> int:
        of_bars, orders = matrix(given, depth, length), matrix(sheet, most, ORDER_COLUMNS)
        try:
            written = step(
                bar,
                account_of(account, fills, filled),
                of_bars[0, bar],
                of_bars[1, bar],
                of_bars[2, bar],
                vector(values, count),
                vector(memory, memory_size),
                orders,
            )
        except Exception:
            return -RAISED
        closed = gate >= 0 and of_bars[gate, bar] < 0.5
        n = 0
        for i in range(written):
            said = verdict(order_of(orders[i]), closed)
            if said > 0:
                return -said
            if said == LEFT_OUT:
                continue
            if n < i:
                orders[n] = orders[i]
            n += 1
        return n

    return CompiledStep(numba.cfunc(SIGNATURE)(writes if writing else gives))


def _first_line(error: Exception) -> str:
    """What numba says, and where, in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    where = next((line for line in lines if line.startswith("File ") and "step_adapter" not in line), "")
    said = next((line for line in lines if not line.startswith(("Failed", "During"))), lines[0])
    return f"{said[:160]} ({where})" if where else said[:160]
