"""Arrays and parts of them for compiled code, at the cost of a pointer: numba's own count references wherever
they are handed on, with instructions that no other core may interrupt, which for a few arrays on each bar
takes longer than what is done with them. A view is valid as long as what it is a part of.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from letf_instruments.compiled import compiled

_build: Any = cgutils  # numba's helpers have no types
_types: Any = types
FLOATS: Any = _types.CPointer(types.float64)  # the address of some


def _over(kind: Any, builder: Any, context: Any, data: Any, shape: list[Any]) -> Any:
    """An array of a kind over floats from an address on, row by row."""
    size = context.get_constant(types.intp, 8)
    strides = [size] if len(shape) == 1 else [builder.mul(shape[1], size), size]
    out = context.make_array(kind)(context, builder)
    context.populate_array(out, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return out._getvalue()


def _row_upto(typing: Any, matrix: Any, row: Any, end: Any) -> Any:
    kind = types.Array(types.float64, 1, "C", readonly=True)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        _, columns = _build.unpack_tuple(builder, array.shape, 2)
        row = _build.gep(builder, array.data, builder.mul(args[1], columns))
        return _over(kind, builder, context, row, [args[2]])

    return kind(matrix, types.intp, types.intp), build


def _pointer(typing: Any, array: Any) -> Any:
    kind = FLOATS
    if array.dtype != types.float64 or array.layout != "C":
        raise TypingError(f"floats that lie row by row are wanted, not {array}")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return kind(array), build


def _vector(typing: Any, pointer: Any, count: Any) -> Any:
    kind = types.Array(types.float64, 1, "C")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _over(kind, builder, context, args[0], [args[1]])

    return kind(pointer, types.intp), build


def _matrix(typing: Any, pointer: Any, rows: Any, columns: Any) -> Any:
    kind = types.Array(types.float64, 2, "C")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _over(kind, builder, context, args[0], [args[1], args[2]])

    return kind(pointer, types.intp, types.intp), build


def _uncounted(kind: Any, context: Any, builder: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        same = context.make_array(kind)(context, builder, value)
        same.meminfo = context.get_constant_null(_types.MemInfoPointer(types.voidptr))
        same.parent = context.get_constant_null(types.pyobject)
        return same._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts = _build.unpack_tuple(builder, value, len(kind))
        kinds: Any = kind
        made = [_uncounted(own, context, builder, part) for own, part in zip(kinds, parts, strict=True)]
        return context.make_tuple(builder, kind, made)
    return value


def _borrowed(typing: Any, arrays: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _uncounted(signature.args[0], context, builder, args[0])

    return arrays(arrays), build


# borrowed(arrays): the same array, or tuple of arrays and numbers, for as long as its owner has it: a caller,
# or `keep` further down.
borrowed: Any = intrinsic(_borrowed)
# row_upto(matrix, row, end): a row's first elements, read only; of a matrix of floats that lies row by row.
row_upto: Any = intrinsic(_row_upto)
# pointer(array): where its floats begin. vector(pointer, count), matrix(pointer, rows, columns): an array
# over the floats from there on. To hand on an address costs less than the seven words, or more, of an array.
pointer: Any = intrinsic(_pointer)
vector: Any = intrinsic(_vector)
matrix: Any = intrinsic(_matrix)


@compiled(nogil=True)
def keep(arrays: Any) -> None:
    """Arrays are in use until here: numba frees one after the last line that names it, view or not."""
