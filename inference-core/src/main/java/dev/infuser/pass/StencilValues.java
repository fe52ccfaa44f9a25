package dev.infuser.pass;

import dev.infuser.expr.StencilProgram.Code;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values of a graph that are integer arithmetic on planes [H, W], as expressions with their ranges. */
final class StencilValues {

    /** Neighbours are at most this far. */
    private static final int MOST_SHIFT = 15;
    private static final Map<String, Code> BINARY = Map.ofEntries(Map.entry("Add", Code.ADD), Map.entry("Sub", Code.SUB),
            Map.entry("Mul", Code.MUL), Map.entry("Min", Code.MIN), Map.entry("Max", Code.MAX), Map.entry("BitwiseAnd", Code.AND),
            Map.entry("BitwiseOr", Code.OR), Map.entry("BitwiseXor", Code.XOR), Map.entry("And", Code.AND), Map.entry("Or", Code.OR),
            Map.entry("Xor", Code.XOR), Map.entry("Equal", Code.EQ), Map.entry("Less", Code.LT), Map.entry("Greater", Code.GT),
            Map.entry("LessOrEqual", Code.LE), Map.entry("GreaterOrEqual", Code.GE));

    /**
     * An expression.
     *
     * @param value the value of the graph that a LOAD reads, else null
     * @param dy    rows below, where {@code shift} tells what lies outside
     * @param number of a CONSTANT, or the bits of a shift
     */
    record Expression(Code code, boolean truth, long low, long high, List<Expression> operands, String value, int dy, int dx,
            Outside outside, long number) {

        boolean fits(int bits) {
            return low >= 0 ? high < 1L << bits : low >= -(1L << bits - 1) && high < 1L << bits - 1;
        }
    }

    /** What is read beyond the edges: the nearest element, or a number. */
    record Outside(boolean edge, int fill) {
    }

    /** A value with elements around it. */
    private record Padded(String value, long[] pads, Outside outside) {
    }

    private final Graph graph;
    private final Shape shape;
    private final Map<String, Expression> known = new HashMap<>();
    private final Map<String, Integer> levels = new HashMap<>();
    private int level;
    private final Map<String, Padded> padded = new HashMap<>();

    /** The values of {@code shape}. */
    StencilValues(Graph graph, Shape shape) {
        this.graph = graph;
        this.shape = shape;
    }

    /** Looks at the next node in order; whether its output is arithmetic on planes, or a part of it. */
    boolean add(Node node) {
        level = level(node);
        boolean added = compute(node);
        if (!added) {
            for (String value : Subgraphs.captured(node)) {
                level = Math.max(level, levels.getOrDefault(value, 0) + (known.containsKey(value) ? 1 : 0));
            }
            for (String input : node.inputs()) {
                level = Math.max(level, levels.getOrDefault(input, 0) + (known.containsKey(input) || padded.containsKey(input) ? 1 : 0));
            }
        }
        for (String output : node.outputs()) {
            levels.put(output, level);
        }
        return added;
    }

    private int level(Node node) {
        int level = 0;
        for (String input : node.inputs()) {
            level = Math.max(level, levels.getOrDefault(input, 0));
        }
        return level;
    }

    /** How many other nodes lie between inputs of the graph and a value, counted along the way with the most, each after arithmetic on planes. */
    int level(String value) {
        return levels.getOrDefault(value, 0);
    }

    private boolean compute(Node node) {
        if (node.outputs().size() != 1 || !node.domain().isEmpty()) {
            return false;
        }
        String output = node.output(0);
        Padded around = node.is("Pad") ? pad(node) : null;
        if (around != null) {
            padded.put(output, around);
            return true;
        }
        DType type = planeType(output);
        Expression found = type == null ? null : node.is("Slice") ? slice(node, type) : compute(node, type);
        if (found == null || !within(found, type)) {
            return false;
        }
        known.put(output, found);
        return true;
    }

    /** The expression of a value. */
    Expression get(String value) {
        return known.get(value);
    }

    /** The type of a plane of the shape, or null. */
    private DType planeType(String value) {
        return graph.type(value) instanceof ValueType.OfTensor t && shape.equals(t.shape()) && isPlane(t.dtype()) ? t.dtype() : null;
    }

    static boolean isPlane(DType type) {
        return type == DType.BOOL || type.isInteger() && type.bits() >= 8 && type.bits() <= 32;
    }

    static long low(DType type) {
        return type == DType.BOOL || !type.isSigned() ? 0 : -(1L << type.bits() - 1);
    }

    static long high(DType type) {
        return type == DType.BOOL ? 1 : type.isSigned() ? (1L << type.bits() - 1) - 1 : (1L << type.bits()) - 1;
    }

    /** Whether arithmetic of the type does not wrap, or wraps as lanes of 32 bits do. */
    private static boolean within(Expression e, DType type) {
        return e.low >= low(type) && e.high <= high(type);
    }

    private Expression operand(String value) {
        Expression own = known.get(value);
        if (own != null && levels.get(value) == level) {
            return own;
        }
        Tensor constant = graph.constants().get(value);
        if (constant != null) {
            boolean number = constant.size() == 1 && isPlane(constant.dtype()) && constant.dtype() != DType.BOOL;
            return number ? number(constant.getLong(0)) : null;
        }
        DType type = planeType(value);
        return type == null ? null : new Expression(Code.LOAD, type == DType.BOOL, low(type), high(type), List.of(), value, 0, 0, null, 0);
    }

    private static Expression number(long number) {
        return new Expression(Code.CONSTANT, false, number, number, List.of(), null, 0, 0, null, number);
    }

    private Expression compute(Node node, DType type) {
        Expression a = operand(node.input(0));
        Expression b = node.inputs().size() > 1 ? operand(node.input(1)) : null;
        if (a == null || node.inputs().size() > 1 && b == null) {
            return null;
        }
        if (node.is("Where")) {
            Expression c = operand(node.input(2));
            return c == null ? null : new Expression(Code.SELECT, b.truth, Math.min(b.low, c.low), Math.max(b.high, c.high), List.of(b, c, a),
                    null, 0, 0, null, 0);
        }
        if (node.is("BitShift")) {
            return shift(node, a, b, type);
        }
        if (node.is("Cast")) {
            return cast(a, type);
        }
        if (b != null) {
            Code code = BINARY.get(node.op());
            return code == null || node.inputs().size() > 2 ? null : binary(code, a, b, type);
        }
        return switch (node.op()) {
            case "Abs" -> a.low >= 0 ? a : unary(Code.ABS, a, a.high <= 0 ? -a.high : 0, Math.max(Math.abs(a.low), Math.abs(a.high)));
            case "Neg" -> unary(Code.NEG, a, -a.high, -a.low);
            case "Not" -> unary(Code.NOT, a, 0, 1);
            case "BitwiseNot" -> type.isSigned() ? unary(Code.NOT, a, ~a.high, ~a.low) : binary(Code.XOR, a, number(high(type)), type);
            default -> null;
        };
    }

    private static Expression unary(Code code, Expression a, long low, long high) {
        return new Expression(code, a.truth, low, high, List.of(a), null, 0, 0, null, 0);
    }

    private static Expression cast(Expression a, DType type) {
        if (type == DType.BOOL) {
            return a.truth ? a : binary(Code.NE, a, number(0), type);
        }
        if (a.truth) {
            return new Expression(Code.NUMBER, false, 0, 1, List.of(a), null, 0, 0, null, 0);
        }
        return within(a, type) ? a : type.isSigned() || a.low < 0 && type.bits() == 32 ? null : binary(Code.AND, a, number(high(type)), type);
    }

    private static Expression shift(Node node, Expression a, Expression b, DType type) {
        if (b.code != Code.CONSTANT || b.number < 0 || b.number >= type.bits() || a.low < 0) {
            return null;
        }
        int bits = (int) b.number;
        boolean left = node.attributes().string("direction", "").equals("LEFT");
        return new Expression(left ? Code.SHL : Code.SHR, false, left ? a.low << bits : a.low >> bits, left ? a.high << bits : a.high >> bits,
                List.of(a), null, 0, 0, null, bits);
    }

    private static Expression binary(Code code, Expression a, Expression b, DType type) {
        if (a.truth != b.truth) {
            return null;
        }
        long[] range = switch (code) {
            case ADD -> new long[] {a.low + b.low, a.high + b.high};
            case SUB -> new long[] {a.low - b.high, a.high - b.low};
            case MUL -> extremes(a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high);
            case MIN -> new long[] {Math.min(a.low, b.low), Math.min(a.high, b.high)};
            case MAX -> new long[] {Math.max(a.low, b.low), Math.max(a.high, b.high)};
            case AND -> a.truth ? new long[] {0, 1} : a.low >= 0 || b.low >= 0
                    ? new long[] {0, a.low < 0 ? b.high : b.low < 0 ? a.high : Math.min(a.high, b.high)} : bits(a, b);
            case OR, XOR -> a.truth ? new long[] {0, 1} : bits(a, b);
            default -> new long[] {0, 1};
        };
        boolean compares = code.compareTo(Code.EQ) >= 0 && code.compareTo(Code.GE) <= 0;
        return new Expression(code, a.truth || compares, range[0], range[1], List.of(a, b), null, 0, 0, null, 0);
    }

    private static long[] extremes(long... values) {
        long low = values[0];
        long high = values[0];
        for (long value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        return new long[] {low, high};
    }

    /** What combinations of bits can be at most. */
    private static long[] bits(Expression a, Expression b) {
        long most = Math.max(Math.max(a.high, b.high), Math.max(~a.low, ~b.low));
        long all = most <= 0 ? 0 : (Long.highestOneBit(most) << 1) - 1;
        return new long[] {a.low < 0 || b.low < 0 ? ~all : 0, all};
    }

    private Padded pad(Node node) {
        Attributes attributes = node.attributes();
        DType type = planeType(node.input(0));
        Tensor pads = graph.constants().get(node.input(1));
        String mode = attributes.string("mode", "constant");
        Tensor fill = node.input(2).isEmpty() ? null : graph.constants().get(node.input(2));
        if (type == null || graph.constants().containsKey(node.input(0)) || pads == null || pads.size() != 4 || !node.input(3).isEmpty()
                || !mode.equals("edge") && !mode.equals("constant") || !node.input(2).isEmpty() && fill == null) {
            return null;
        }
        for (long pad : pads.toLongs()) {
            if (pad < 0 || pad > MOST_SHIFT) {
                return null;
            }
        }
        return new Padded(node.input(0), pads.toLongs(), new Outside(mode.equals("edge"), fill == null ? 0 : (int) fill.getLong(0)));
    }

    private Expression slice(Node node, DType type) {
        Padded from = level(node.input(0)) == level ? padded.get(node.input(0)) : null;
        Tensor starts = graph.constants().get(node.input(1));
        Tensor axes = node.input(3).isEmpty() ? Tensor.vector(0, 1) : graph.constants().get(node.input(3));
        Tensor steps = node.input(4).isEmpty() ? null : graph.constants().get(node.input(4));
        if (from == null || starts == null || axes == null || starts.size() != axes.size() || !node.input(4).isEmpty() && steps == null) {
            return null;
        }
        long[] start = new long[2];
        for (int i = 0; i < axes.size(); i++) {
            long axis = axes.getLong(i) < 0 ? axes.getLong(i) + 2 : axes.getLong(i);
            if (axis < 0 || axis > 1 || starts.getLong(i) < 0 || steps != null && steps.getLong(i) != 1) {
                return null;
            }
            start[(int) axis] = starts.getLong(i);
        }
        int dy = (int) (start[0] - from.pads[0]);
        int dx = (int) (start[1] - from.pads[1]);
        if (Math.abs(dy) > MOST_SHIFT || Math.abs(dx) > MOST_SHIFT) {
            return null;
        }
        Expression own = operand(from.value);
        if (own == null) {
            return null;
        }
        long low = from.outside.edge ? own.low : Math.min(own.low, from.outside.fill);
        long high = from.outside.edge ? own.high : Math.max(own.high, from.outside.fill);
        return dy == 0 && dx == 0 ? own
                : new Expression(Code.LOAD, own.truth, low, high, List.of(), from.value, dy, dx, from.outside, 0);
    }

    /** Whether a value is only there to be sliced. */
    boolean isPadded(String value) {
        return padded.containsKey(value);
    }
}
