package dev.infuser.study;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** Edge detection as a model: ordinary operators of ONNX on planes and their neighbours, and one of our own for hysteresis. */
public final class EdgesGraph {

    private static final DType WORD = DType.UINT32;
    private static final DType NUMBER = DType.INT16;

    private final GraphBuilder builder;
    private final int height;
    private final int width;
    private int names;

    private EdgesGraph(String name, int width, int height) {
        this.builder = new GraphBuilder(name);
        this.width = width;
        this.height = height;
    }

    /**
     * The graph for pictures of a size: {@code rgba}, uint32 [height, width], a word for each pixel with red in its lowest byte, gives
     * {@code painted} of the same type and shape.
     */
    public static Graph of(int width, int height) {
        EdgesGraph g = new EdgesGraph("edges", width, height);
        g.builder.input("rgba", ValueType.tensor(WORD, height, width));
        String luma = g.luma();
        String blurred = g.blurred(luma);
        String around = g.pad(blurred, 1, "edge");
        String falling = g.op("Sub", g.at(around, 1, 1, 1), g.at(around, 1, -1, -1));
        String rising = g.op("Sub", g.at(around, 1, 1, -1), g.at(around, 1, -1, 1));
        String x = g.add(g.op("Sub", falling, rising), g.times(g.op("Sub", g.at(around, 1, 0, 1), g.at(around, 1, 0, -1)), 2));
        String y = g.add(g.add(falling, rising), g.times(g.op("Sub", g.at(around, 1, 1, 0), g.at(around, 1, -1, 0)), 2));
        String mask = g.thin(x, y);
        g.builder.output(g.painted(mask));
        return g.builder.build();
    }

    private String luma() {
        String red = op("BitwiseAnd", "rgba", number(WORD, 255));
        String green = op("BitwiseAnd", right(WORD, "rgba", 8), number(WORD, 255));
        String blue = op("BitwiseAnd", right(WORD, "rgba", 16), number(WORD, 255));
        String sum = add(add(op("Mul", red, number(WORD, 77)), op("Mul", blue, number(WORD, 29))),
                add(op("Mul", green, number(WORD, 150)), number(WORD, 128)));
        return cast(right(WORD, sum, 8), NUMBER);
    }

    /** The sums of 25 products fill 16 bits without a sign. */
    private String blurred(String luma) {
        String rows = pad(luma, 2, "edge");
        String down = cast(add(add(at(rows, 2, -2, 0), at(rows, 2, 2, 0)),
                add(times(add(at(rows, 2, -1, 0), at(rows, 2, 1, 0)), 4), times(luma, 6))), DType.UINT16);
        String columns = pad(down, 2, "edge");
        String sides = add(add(at(columns, 2, 0, -2), at(columns, 2, 0, 2)),
                op("Mul", add(at(columns, 2, 0, -1), at(columns, 2, 0, 1)), number(DType.UINT16, 4)));
        String all = add(add(sides, op("Mul", down, number(DType.UINT16, 6))), number(DType.UINT16, 128));
        return cast(right(DType.UINT16, all, 8), NUMBER);
    }

    /** Where the gradient is a crest of at least 80, joined to one of at least 200. */
    private String thin(String x, String y) {
        String across = op("Abs", x);
        String down = op("Abs", y);
        String size = add(across, down);
        String around = pad(size, 1, "constant");
        String horizontal = op("Less", times(down, 5), times(across, 2));
        String vertical = op("Less", times(across, 5), times(down, 2));
        String falling = op("Equal", op("Less", x, number(NUMBER, 0)), op("Less", y, number(NUMBER, 0)));
        String before = op("Where", horizontal, at(around, 1, 0, -1), op("Where", vertical, at(around, 1, -1, 0),
                op("Where", falling, at(around, 1, -1, -1), at(around, 1, -1, 1))));
        String behind = op("Where", horizontal, at(around, 1, 0, 1), op("Where", vertical, at(around, 1, 1, 0),
                op("Where", falling, at(around, 1, 1, 1), at(around, 1, 1, -1))));
        String crest = op("And", op("Greater", size, before), op("GreaterOrEqual", size, behind));
        String mask = op("And", op("GreaterOrEqual", size, number(NUMBER, 80)), crest);
        String strong = op("And", mask, op("GreaterOrEqual", size, number(NUMBER, 200)));
        builder.add(new Node("", "infuser", "Reconstruct", List.of(strong, mask), List.of("edges"), Attributes.NONE));
        return "edges";
    }

    private String painted(String edges) {
        builder.add(new Node("", "", "Where", List.of(edges, number(WORD, 0xff00ff00L), op("BitwiseOr", "rgba", number(WORD, 0xff000000L))),
                List.of("painted"), Attributes.NONE));
        return "painted";
    }

    private String op(String op, String... inputs) {
        return builder.add(op, inputs);
    }

    private String add(String a, String b) {
        return op("Add", a, b);
    }

    private String times(String x, int factor) {
        return op("Mul", x, number(NUMBER, factor));
    }

    private String right(DType type, String x, int bits) {
        return builder.add("BitShift", Attributes.of("direction", "RIGHT"), x, number(type, bits));
    }

    private String cast(String x, DType type) {
        return builder.add("Cast", Attributes.of("to", type.number()), x);
    }

    private String number(DType type, long value) {
        return builder.constant("number" + names++, Tensor.ofLongs(type, new int[0], new long[] {value}));
    }

    private String pad(String x, int by, String mode) {
        return builder.add("Pad", Attributes.of("mode", mode), x, builder.constant("pads" + names++, Tensor.vector(by, by, by, by)));
    }

    private String at(String padded, int by, int down, int right) {
        String starts = builder.constant("starts" + names++, Tensor.vector(by + down, by + right));
        String ends = builder.constant("ends" + names++, Tensor.vector(by + down + height, by + right + width));
        return op("Slice", padded, starts, ends);
    }
}
