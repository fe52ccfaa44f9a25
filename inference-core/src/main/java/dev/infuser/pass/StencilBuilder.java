package dev.infuser.pass;

import dev.infuser.expr.StencilProgram;
import dev.infuser.expr.StencilProgram.Code;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.expr.StencilProgram.Plane;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.pass.StencilValues.Expression;
import dev.infuser.pass.StencilValues.Outside;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a {@link StencilProgram} of expressions: a stage for each value whose neighbours are read, and for each output. */
final class StencilBuilder {

    /** A plane that holds a value, with what is read outside of it, or null where nothing is. */
    private record Held(String value, Outside outside) {
    }

    private final Graph graph;
    private final StencilValues values;
    private final List<Plane> planes = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private final Map<Held, Integer> held = new HashMap<>();
    private final Map<Expression, Integer> made = new IdentityHashMap<>();
    private final Set<String> own = new HashSet<>();

    StencilBuilder(Graph graph, StencilValues values) {
        this.graph = graph;
        this.values = values;
    }

    /** The node that computes those of the values of {@code nodes} that are used elsewhere, or null where lanes cannot hold them. */
    Node build(List<Node> nodes, Set<String> used) {
        List<String> outputs = new ArrayList<>();
        List<Long> types = new ArrayList<>();
        nodes.forEach(node -> own.add(node.output(0)));
        for (Node node : nodes) {
            Expression read = values.get(node.output(0));
            if (read != null && read.outside() != null && plane(read.value(), read.outside()) < 0) {
                return null;
            }
        }
        for (Node node : nodes) {
            String output = node.output(0);
            Expression expression = values.get(output);
            if (expression == null || !used.contains(output)) {
                continue;
            }
            DType type = type(output);
            int plane = add(new Plane(Place.OUTPUT, bits(type), expression.low() < 0, type == DType.BOOL, false, 0));
            if (!stage(expression, plane)) {
                return null;
            }
            made.putIfAbsent(expression, plane);
            outputs.add(output);
            types.add((long) type.number());
        }
        long[] program = new StencilProgram(planes, stages).encode();
        return new Node("", "infuser", "Stencil", inputs, outputs,
                Attributes.of("program", program, "types", types.stream().mapToLong(Long::longValue).toArray()));
    }

    private DType type(String value) {
        return ((ValueType.OfTensor) graph.type(value)).dtype();
    }

    private static int bits(DType type) {
        return type == DType.BOOL ? Byte.SIZE : type.bits();
    }

    private int add(Plane plane) {
        planes.add(plane);
        return planes.size() - 1;
    }

    /** The plane to read a value from, or -1. */
    private int plane(String value, Outside outside) {
        Integer known = held.get(new Held(value, outside));
        if (known != null) {
            return known;
        }
        Expression expression = own.contains(value) ? values.get(value) : null;
        int plane;
        if (expression == null && outside == null) {
            DType type = type(value);
            plane = add(new Plane(Place.INPUT, bits(type), type.isSigned(), type == DType.BOOL, false, 0));
            inputs.add(value);
        } else {
            Expression source = expression != null ? expression
                    : new Expression(Code.LOAD, type(value) == DType.BOOL, StencilValues.low(type(value)), StencilValues.high(type(value)),
                            List.of(), value, 0, 0, null, 0);
            long low = Math.min(source.low(), outside.edge() ? source.low() : outside.fill());
            long high = Math.max(source.high(), outside.edge() ? source.high() : outside.fill());
            int bits = source.truth() ? Byte.SIZE : bits(low, high);
            if (bits == 0) {
                return -1;
            }
            int fill = source.truth() && outside.fill() != 0 ? -1 : outside.fill();
            plane = add(new Plane(Place.ROWS, bits, low < 0, source.truth(), outside.edge(), fill));
            if (!stage(source, plane)) {
                return -1;
            }
            made.putIfAbsent(source, plane);
        }
        held.put(new Held(value, outside), plane);
        return plane;
    }

    private static int bits(long low, long high) {
        Expression range = new Expression(Code.CONSTANT, false, low, high, List.of(), null, 0, 0, null, 0);
        return range.fits(8) ? 8 : range.fits(16) ? 16 : range.fits(32) ? 32 : 0;
    }

    /** One term on its way: what it computes, and the terms it reads. */
    private record Draft(Expression expression, int plane, int[] operands) {
    }

    private boolean stage(Expression root, int plane) {
        List<Draft> drafts = new ArrayList<>();
        if (draft(root, drafts, new IdentityHashMap<>()) < 0) {
            return false;
        }
        for (int bits = planes.get(plane).bits(); bits <= 32; bits *= 2) {
            if (fits(drafts, bits)) {
                List<Term> terms = new ArrayList<>();
                for (Draft draft : drafts) {
                    terms.add(term(draft, bits));
                }
                stages.add(new Stage(bits, terms, plane));
                return true;
            }
        }
        return false;
    }

    private int draft(Expression e, List<Draft> drafts, Map<Expression, Integer> places) {
        Integer known = places.get(e);
        if (known != null) {
            return known;
        }
        Integer from = made.get(e);
        int[] operands = {0, 0, 0};
        int plane = -1;
        Expression drafted = e;
        if (from != null) {
            plane = from;
            drafted = new Expression(Code.LOAD, e.truth(), e.low(), e.high(), List.of(), null, 0, 0, null, 0);
        } else if (e.code() == Code.LOAD) {
            plane = plane(e.value(), e.outside());
            if (plane < 0) {
                return -1;
            }
        } else {
            for (int i = 0; i < e.operands().size(); i++) {
                operands[i] = draft(e.operands().get(i), drafts, places);
                if (operands[i] < 0) {
                    return -1;
                }
            }
        }
        drafts.add(new Draft(drafted, plane, operands));
        places.put(e, drafts.size() - 1);
        return drafts.size() - 1;
    }

    private boolean fits(List<Draft> drafts, int bits) {
        for (Draft draft : drafts) {
            Expression e = draft.expression;
            Code code = e.code();
            boolean shifts = code == Code.SHL || code == Code.SHR || code == Code.MUL;
            if (!e.truth() && !e.fits(bits) || bits == 8 && shifts || code == Code.LOAD && planes.get(draft.plane).bits() > bits) {
                return false;
            }
            if (compares(code) && !e.operands().get(0).truth()) {
                Expression a = e.operands().get(0);
                Expression b = e.operands().get(1);
                Expression both = new Expression(code, false, Math.min(a.low(), b.low()), Math.max(a.high(), b.high()), List.of(), null, 0, 0,
                        null, 0);
                if (!both.fits(bits)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean compares(Code code) {
        return code.compareTo(Code.EQ) >= 0 && code.compareTo(Code.GE) <= 0 || code == Code.MIN || code == Code.MAX;
    }

    private static Term term(Draft draft, int bits) {
        Expression e = draft.expression;
        Code code = e.code();
        int[] o = draft.operands;
        if (code == Code.LOAD) {
            return new Term(code, false, draft.plane, e.dy(), e.dx());
        }
        if (code == Code.CONSTANT) {
            return new Term(code, false, (int) e.number(), 0, 0);
        }
        boolean signed = code == Code.NOT ? !e.truth() : e.operands().stream().anyMatch(operand -> operand.low() < 0);
        if (code == Code.SHL || code == Code.SHR) {
            return new Term(code, signed, o[0], (int) e.number(), 0);
        }
        if (code == Code.MUL && bits == 32 && short15(e)) {
            code = Code.MUL15;
        }
        return new Term(code, signed, o[0], code.isBinary() ? o[1] : 0, code == Code.SELECT ? o[2] : 0);
    }

    /** Whether the products of the halves of 32-bit lanes are those of the lanes. */
    private static boolean short15(Expression e) {
        Expression a = e.operands().get(0);
        Expression b = e.operands().get(1);
        return a.high() < 1 << 15 && b.high() < 1 << 15 && a.low() >= -(1 << 15) && b.low() >= -(1 << 15) && (a.low() >= 0 || b.low() >= 0);
    }
}
