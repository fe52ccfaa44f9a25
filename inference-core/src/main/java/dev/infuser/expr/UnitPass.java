package dev.infuser.expr;

import java.util.List;

/**
 * A pass over the units of a recurrent layer within one step of time: the products of some gates' recurrent weights with a
 * vector, then expressions for each unit. There are four vectors with an element for each unit: 0 the state before the step,
 * 1 the state after it, 2 what the layer carries besides (an LSTM's cell), 3 free within a step.
 *
 * <p>With G gates, input g of an expression is what the layer's input adds to gate g, G + g the recurrent product, 2G + v the
 * element of vector v, 2G + 4 + e constant e of the unit.
 *
 * @param from    the first gate
 * @param to      the gate behind the last
 * @param source  the vector that is multiplied
 * @param results one after the other; a vector that an earlier one set has the new value
 * @param targets the vectors that results are put into
 */
public record UnitPass(int from, int to, int source, List<Expr> results, List<Integer> targets) {

    public UnitPass {
        results = List.copyOf(results);
        targets = List.copyOf(targets);
    }
}
