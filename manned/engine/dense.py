"""The inner product of a dense layer, written in vectors.

A layer's outputs are cut into tiles of `TILE` columns; the weights of a tile lie
together, one row of `TILE` numbers per input.  Each output is
``bias + x[0] w[0] + x[1] w[1] + …``, one fused multiply-add after the other: the
same bits for one row or for many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

TILE = 32
WIDTH = 8
PARTS = TILE // WIDTH
GROUP = 4


def _tile_product(rows: int) -> Callable:
    """An intrinsic that computes one tile for ``rows`` rows at once."""

    @intrinsic
    def product(
        typingctx: Any,
        x: Any,
        x_at: Any,
        y: Any,
        y_at: Any,
        stride: Any,
        weights: Any,
        weight_at: Any,
        bias_at: Any,
        inputs: Any,
    ) -> Any:
        signature = types.void(x, types.intp, y, types.intp, types.intp, weights, types.intp, types.intp, types.intp)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            x, x_at, y, y_at, stride, weights, weight_at, bias_at, inputs = args
            x_data = make_array(signature.args[0])(context, builder, x).data
            y_data = make_array(signature.args[2])(context, builder, y).data
            w_data = make_array(signature.args[5])(context, builder, weights).data
            vector = ir.VectorType(ir.FloatType(), WIDTH)
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
            fma = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{WIDTH}f32"
            )
            undefined = ir.Constant(vector, ir.Undefined)
            zero = ir.Constant(ir.IntType(32), 0)

            def at(data: Any, index: Any) -> Any:
                return builder.gep(data, [index])

            def load(data: Any, index: Any) -> Any:
                return builder.load(builder.bitcast(at(data, index), vector.as_pointer()), align=4)

            def offset(index: Any, count: int) -> Any:
                return builder.add(index, ir.Constant(index.type, count))

            totals = [[cgutils.alloca_once(builder, vector) for _ in range(PARTS)] for _ in range(rows)]
            for part in range(PARTS):
                bias = load(w_data, offset(bias_at, part * WIDTH))
                for row in range(rows):
                    builder.store(bias, totals[row][part])
            starts = [builder.mul(stride, ir.Constant(stride.type, row)) for row in range(rows)]
            with cgutils.for_range(builder, inputs) as loop:
                here = builder.add(weight_at, builder.mul(loop.index, ir.Constant(loop.index.type, TILE)))
                columns = [load(w_data, offset(here, part * WIDTH)) for part in range(PARTS)]
                for row in range(rows):
                    value = builder.load(at(x_data, builder.add(builder.add(x_at, starts[row]), loop.index)))
                    spread = builder.shuffle_vector(builder.insert_element(undefined, value, zero), undefined, lanes)
                    for part in range(PARTS):
                        total = builder.call(fma, [spread, columns[part], builder.load(totals[row][part])])
                        builder.store(total, totals[row][part])
            for row in range(rows):
                for part in range(PARTS):
                    target = at(y_data, offset(builder.add(y_at, starts[row]), part * WIDTH))
                    builder.store(
                        builder.load(totals[row][part]), builder.bitcast(target, vector.as_pointer()), align=4
                    )
            return context.get_dummy_value()

        return signature, codegen

    return product


tile_product_one = _tile_product(1)
tile_product_group = _tile_product(GROUP)
