package dev.infuser.op;

import dev.infuser.expr.StencilProgram;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.expr.StencilProgram.Plane;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code infuser.Stencil}: a {@link StencilProgram}, the attribute {@code program}, over planes [H, W] of integers of at most 32 bits or
 * truth values. Inputs and outputs are the program's, in its order; {@code types} are those of the outputs.
 */
final class Stencil implements Operator {

    @Override
    public String name() {
        return "Stencil";
    }

    @Override
    public String domain() {
        return "infuser";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        long[] numbers = c.attributes().ints("program");
        StencilProgram program = numbers == null ? null : StencilProgram.decode(numbers);
        long[] types = c.attributes().ints("types");
        if (program == null || types == null || program.planes(Place.INPUT).size() != c.inputs()
                || program.planes(Place.OUTPUT).size() != types.length) {
            throw c.fail("its program is damaged, or does not fit inputs and types");
        }
        for (int i = 0; i < c.inputs(); i++) {
            check(c, i, c.dtype(i), program.planes().get(program.planes(Place.INPUT).get(i)));
            if (!c.shape(i).equals(c.shape(0)) || c.rank(0) != 2) {
                throw c.fail("takes planes of equal extents, found " + c.shape(0) + " and " + c.shape(i));
            }
        }
        List<ValueType> out = new ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            DType type = DType.ofNumber((int) types[i]);
            check(c, i, type, program.planes().get(program.planes(Place.OUTPUT).get(i)));
            out.add(ValueType.tensor(type, c.shape(0)));
        }
        return out;
    }

    private static void check(InferContext c, int i, DType type, Plane plane) {
        boolean integer = type != null && (type.isInteger() || type == DType.BOOL);
        if (!integer || type.bytes() * 8 != plane.bits() || plane.truth() != (type == DType.BOOL)) {
            throw c.fail("plane " + i + " of " + plane.bits() + " bits is not of " + (type == null ? "any type" : type.label()));
        }
    }

    @Override
    public Lowering lower(InferContext c) {
        Shape shape = c.shape(0);
        return shape.isConstant() ? new Lowering.Stencil(StencilProgram.decode(c.attributes().ints("program"))) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        StencilProgram program = StencilProgram.decode(c.attributes().ints("program"));
        long[] types = c.attributes().ints("types");
        int[] dims = c.tensor(0).dims();
        int[][] planes = new int[program.planes().size()][];
        int input = 0;
        for (int plane : program.planes(Place.INPUT)) {
            Tensor x = c.tensor(input++);
            planes[plane] = new int[x.size()];
            for (int i = 0; i < x.size(); i++) {
                planes[plane][i] = (int) x.getLong(i);
            }
        }
        for (Stage stage : program.stages()) {
            planes[stage.plane()] = run(program, stage, planes, dims[0], dims[1]);
        }
        List<Datum> out = new ArrayList<>();
        for (int plane : program.planes(Place.OUTPUT)) {
            DType type = DType.ofNumber((int) types[out.size()]);
            long[] values = new long[planes[plane].length];
            for (int i = 0; i < values.length; i++) {
                values[i] = planes[plane][i] & (type == DType.UINT32 ? 0xffffffffL : -1);
            }
            out.add(Tensor.ofLongs(type, dims, values));
        }
        return out;
    }

    private static int[] run(StencilProgram program, Stage stage, int[][] planes, int height, int width) {
        List<Term> terms = stage.terms();
        int[] values = new int[terms.size()];
        int[] out = new int[height * width];
        for (int i = 0; i < out.length; i++) {
            for (int t = 0; t < values.length; t++) {
                Term term = terms.get(t);
                values[t] = switch (term.code()) {
                    case LOAD -> load(program.planes().get(term.a()), planes[term.a()], height, width, i / width + term.b(), i % width + term.c());
                    case CONSTANT -> term.a();
                    case SELECT -> values[term.c()] != 0 ? values[term.a()] : values[term.b()];
                    default -> compute(term, values[term.a()], term.code().isBinary() ? values[term.b()] : term.b(), stage.bits());
                };
            }
            out[i] = values[values.length - 1];
        }
        return out;
    }

    private static int load(Plane plane, int[] data, int height, int width, int y, int x) {
        if (!plane.edge() && (y < 0 || y >= height || x < 0 || x >= width)) {
            return plane.truth() ? truth(plane.fill() != 0) : plane.fill();
        }
        return data[Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))];
    }

    private static int compute(Term term, int a, int b, int bits) {
        boolean unsigned = bits == 32 && !term.signed();
        int order = unsigned ? Integer.compareUnsigned(a, b) : Integer.compare(a, b);
        return switch (term.code()) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL, MUL15 -> a * b;
            case MIN -> order <= 0 ? a : b;
            case MAX -> order >= 0 ? a : b;
            case ABS -> Math.abs(a);
            case NEG -> -a;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case NOT -> term.signed() ? ~a : a == 0 ? 1 : 0;
            case SHL -> a << b;
            case SHR -> unsigned ? a >>> b : a >> b;
            case EQ -> truth(a == b);
            case NE -> truth(a != b);
            case LT -> truth(order < 0);
            case GT -> truth(order > 0);
            case LE -> truth(order <= 0);
            case GE -> truth(order >= 0);
            default -> a;
        };
    }

    private static int truth(boolean value) {
        return value ? 1 : 0;
    }
}
