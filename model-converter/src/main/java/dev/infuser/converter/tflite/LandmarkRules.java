package dev.infuser.converter.tflite;

import com.google.flatbuffers.FlexBuffers;
import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators of MediaPipe that cut a region out of an image by the landmarks in it, and bring landmarks of the region back. A
 * region is a matrix {@code [1, 4, 4]} from its pixels to those of the image. Source: MediaPipe,
 * {@code mediapipe/util/tflite/operations}.
 */
final class LandmarkRules {

    private static final int SECOND = 2;
    private static final int MATRIX = 4;

    private LandmarkRules() {
    }

    private static int integer(Call call, FlexBuffers.Map options, String key, int least) {
        int value = options.get(key).asInt();
        if (value < least) {
            throw call.ops().unsupported("has " + key + " " + value);
        }
        return value;
    }

    /** A point of landmarks {@code [.., 3]}: vectors of one element, x and y. */
    private static String[] point(Ops ops, String landmarks, int index) {
        return new String[] {at(ops, landmarks, 3L * index), at(ops, landmarks, 3L * index + 1)};
    }

    private static String at(Ops ops, String vector, long index) {
        return ops.op("Slice", vector, ops.vector(index), ops.vector(index + 1), ops.vector(0));
    }

    /** The region that encloses a set of landmarks, turned so that two of them lie level. */
    static String matrix(Call call) {
        FlexBuffers.Map options = call.node().map();
        return call.node().version() >= SECOND ? second(call, options) : first(call, options);
    }

    private static long[] subset(Call call, FlexBuffers.Vector list, int count) {
        List<Long> indices = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            FlexBuffers.Reference entry = list.get(i);
            if (entry.isVector() || entry.isTypedVector()) {
                for (long index : subset(call, entry.asVector(), count)) {
                    indices.add(index);
                }
            } else {
                indices.add(entry.asLong());
            }
        }
        for (long index : indices) {
            if (index < 0 || index >= count) {
                throw call.ops().unsupported("takes landmark " + index + " of " + count);
            }
        }
        return indices.stream().mapToLong(Long::longValue).toArray();
    }

    private static String gathered(Ops ops, String flat, long[] subset, int place) {
        long[] places = new long[subset.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = 3 * subset[i] + place;
        }
        return ops.op("Gather", Attributes.of("axis", 0), flat, ops.vector(places));
    }

    private static String extreme(Ops ops, String op, String values) {
        return ops.op(op, Attributes.of("keepdims", 1), values, ops.vector(0));
    }

    private static String times(Ops ops, String x, double factor) {
        return ops.op("Mul", x, ops.like(x, factor));
    }

    private static String plus(Ops ops, String x, double term) {
        return ops.op("Add", x, ops.like(x, term));
    }

    /** Points turned by the angle of a cosine and a sine. */
    private static String[] turned(Ops ops, String x, String y, String cos, String sin) {
        return new String[] {ops.op("Sub", ops.op("Mul", x, cos), ops.op("Mul", y, sin)),
            ops.op("Add", ops.op("Mul", x, sin), ops.op("Mul", y, cos))};
    }

    /** What both versions share: the bounds of the set after the turn, as middle and size. */
    private record Bounds(String middleX, String middleY, String width, String height) {

        static Bounds of(Ops ops, String flat, long[] subset, String cos, String sin) {
            String[] set = turned(ops, gathered(ops, flat, subset, 0), gathered(ops, flat, subset, 1), cos, sin);
            String[] middle = new String[2];
            String[] size = new String[2];
            for (int i = 0; i < 2; i++) {
                String high = extreme(ops, "ReduceMax", set[i]);
                String low = extreme(ops, "ReduceMin", set[i]);
                middle[i] = times(ops, ops.op("Add", high, low), 0.5);
                size[i] = ops.op("Sub", high, low);
            }
            String[] back = turned(ops, middle[0], middle[1], cos, ops.op("Neg", sin));
            return new Bounds(back[0], back[1], size[0], size[1]);
        }
    }

    private static String second(Call call, FlexBuffers.Map options) {
        Ops ops = call.ops();
        String flat = ops.reshape(call.in(0), -1);
        int count = Math.toIntExact(ops.extent(flat, 0) / 3);
        long[] subset = subset(call, options.get("subset_idxs").asVector(), count);
        String[] left = point(ops, flat, landmark(call, options, "left_rotation_idx", count));
        String[] right = point(ops, flat, landmark(call, options, "right_rotation_idx", count));
        double target = options.get("target_rotation_radians").asFloat();
        // The angle is the target's less that of the line, whose cosine and sine are its sides over its length.
        String dx = ops.op("Sub", right[0], left[0]);
        String dy = ops.op("Sub", right[1], left[1]);
        String length = ops.op("Sqrt", ops.op("Add", ops.op("Mul", dx, dx), ops.op("Mul", dy, dy)));
        String none = ops.op("Equal", length, ops.like(length, 0));
        String some = ops.op("Where", none, ops.like(length, 1), length);
        String lineCos = ops.op("Where", none, ops.like(length, 1), ops.op("Div", dx, some));
        String lineSin = ops.op("Div", dy, some);
        String cos = ops.op("Add", times(ops, lineCos, Math.cos(target)), times(ops, lineSin, Math.sin(target)));
        String sin = ops.op("Sub", times(ops, lineCos, Math.sin(target)), times(ops, lineSin, Math.cos(target)));
        Bounds bounds = Bounds.of(ops, flat, subset, cos, sin);
        double width = integer(call, options, "output_width", 1);
        double height = integer(call, options, "output_height", 1);
        String scaleX = times(ops, bounds.width, options.get("scale_x").asFloat() / width);
        String scaleY = times(ops, bounds.height, options.get("scale_y").asFloat() / height);
        return affine(ops, cos, sin, scaleX, scaleY, bounds.middleX, bounds.middleY, -width / 2, -height / 2);
    }

    /**
     * The matrix that moves by the last two numbers, scales, turns by minus the angle, and moves to a point.
     *
     * @param cos of the angle
     */
    private static String affine(Ops ops, String cos, String sin, String scaleX, String scaleY, String x, String y, double moveX,
            double moveY) {
        String a = ops.op("Mul", cos, scaleX);
        String b = ops.op("Mul", sin, scaleY);
        String c = ops.op("Neg", ops.op("Mul", sin, scaleX));
        String d = ops.op("Mul", cos, scaleY);
        String e = ops.op("Add", x, ops.op("Add", times(ops, a, moveX), times(ops, b, moveY)));
        String f = ops.op("Add", y, ops.op("Add", times(ops, c, moveX), times(ops, d, moveY)));
        String zero = ops.constant(Tensor.floats(new int[] {1}, 0));
        String rest = ops.constant(Tensor.floats(new int[] {8}, 0, 0, 1, 0, 0, 0, 0, 1));
        return ops.reshape(ops.concat(0, List.of(a, b, zero, e, c, d, zero, f, rest)), 1, MATRIX, MATRIX);
    }

    private static int landmark(Call call, FlexBuffers.Map options, String key, int count) {
        int index = integer(call, options, key, 0);
        if (index >= count) {
            throw call.ops().unsupported("takes landmark " + index + " of " + count);
        }
        return index;
    }

    private static String first(Call call, FlexBuffers.Map options) {
        Ops ops = call.ops();
        if (integer(call, options, "dimensions", 1) != 3) {
            throw ops.unsupported("has landmarks that are not of 3 dimensions");
        }
        String flat = ops.reshape(call.in(0), -1);
        int count = Math.toIntExact(ops.extent(flat, 0) / 3);
        long[] subset = subset(call, options.get("subset").asVector(), count);
        String[] left = point(ops, flat, landmark(call, options, "left_rotation_idx", count));
        String[] right = point(ops, flat, landmark(call, options, "right_rotation_idx", count));
        double range = integer(call, options, "landmarks_range", 1);
        double bigger = options.get("bbox_size_multiplier").asFloat();
        String angle = ops.op("Neg", ops.op("Atan", ops.op("Div", ops.op("Sub", right[1], left[1]), ops.op("Sub", right[0], left[0]))));
        String cos = ops.op("Cos", angle);
        String sin = ops.op("Sin", angle);
        Bounds bounds = Bounds.of(ops, flat, subset, cos, sin);
        FlexBuffers.Vector input = options.get("input_hw").asVector();
        FlexBuffers.Vector output = options.get("output_hw").asVector();
        double halfH = (input.get(0).asInt() - 1) / 2.0;
        double halfW = (input.get(1).asInt() - 1) / 2.0;
        double outH = output.get(0).asInt() - 1.0;
        double outW = output.get(1).asInt() - 1.0;
        if (outH <= 0 || outW <= 0) {
            throw ops.unsupported("gives a region of " + output.get(0).asInt() + " by " + output.get(1).asInt() + " pixels");
        }
        // From pixels of the region to -1 .. 1, scaled, turned, moved, and from -1 .. 1 to pixels of the image.
        String scaleX = times(ops, bounds.width, bigger / range);
        String scaleY = times(ops, bounds.height, bigger / range);
        String shiftX = plus(ops, times(ops, bounds.middleX, 2 / range), -1);
        String shiftY = plus(ops, times(ops, bounds.middleY, 2 / range), -1);
        String a = ops.op("Mul", cos, scaleX);
        String b = ops.op("Mul", sin, scaleY);
        String c = ops.op("Neg", ops.op("Mul", sin, scaleX));
        String d = ops.op("Mul", cos, scaleY);
        String e = plus(ops, times(ops, ops.op("Sub", shiftX, ops.op("Add", a, b)), halfW), halfW);
        String f = plus(ops, times(ops, ops.op("Sub", shiftY, ops.op("Add", c, d)), halfH), halfH);
        String zero = ops.constant(Tensor.floats(new int[] {1}, 0));
        String rest = ops.constant(Tensor.floats(new int[] {8}, 0, 0, 1, 0, 0, 0, 0, 1));
        return ops.reshape(ops.concat(0, List.of(times(ops, a, 2 / outW * halfW), times(ops, b, 2 / outH * halfW), zero, e,
                times(ops, c, 2 / outW * halfH), times(ops, d, 2 / outH * halfH), zero, f, rest)), 1, MATRIX, MATRIX);
    }

    /** Landmarks {@code [.., 2]} or {@code [.., 3]}, of which the third stays, by the first two rows of a matrix. */
    static String landmarks(Call call) {
        Ops ops = call.ops();
        boolean second = call.node().version() >= SECOND;
        FlexBuffers.Map options = second ? null : call.node().map();
        int rank = ops.rank(call.in(0));
        long dimensions = second ? ops.extent(call.in(0), rank - 1) : integer(call, options, "dimensions", 2);
        if (dimensions != 2 && dimensions != 3) {
            throw ops.unsupported("has landmarks of " + dimensions + " dimensions");
        }
        String points = ops.reshape(call.in(0), -1, dimensions);
        String flat = ops.reshape(call.in(1), -1);
        double scale = second ? 1 : options.get("scale").asFloat();
        String x = ops.slice(points, 1, 0, 1);
        String y = ops.slice(points, 1, 1, 2);
        List<String> columns = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            String sum = ops.op("Add", ops.op("Mul", x, at(ops, flat, MATRIX * row)), ops.op("Mul", y, at(ops, flat, MATRIX * row + 1)));
            columns.add(ops.op("Add", sum, times(ops, at(ops, flat, MATRIX * row + 3), scale)));
        }
        if (dimensions == 3) {
            columns.add(ops.slice(points, 1, 2, 3));
        }
        return ops.op("Reshape", ops.concat(1, columns), ops.op("Shape", call.in(0)));
    }

    /** A region {@code [1, h, w, C]} of an image, interpolated between pixels; zero where it is outside. */
    static String image(Call call) {
        Ops ops = call.ops();
        boolean second = call.node().version() >= SECOND;
        int[] out = call.output(0).shape();
        if (out.length != MATRIX || ops.rank(call.in(0)) != MATRIX) {
            throw ops.unsupported("works on images of four dimensions only");
        }
        int h = out[1];
        int w = out[2];
        long height = ops.extent(call.in(0), 1);
        long width = ops.extent(call.in(0), 2);
        long channels = ops.extent(call.in(0), 3);
        float[] across = new float[w];
        float[] down = new float[h];
        // The second version has the centres of pixels at one half.
        for (int i = 0; i < w; i++) {
            across[i] = second ? i + 0.5f : i;
        }
        for (int i = 0; i < h; i++) {
            down[i] = second ? i + 0.5f : i;
        }
        String column = ops.constant(Tensor.floats(new int[] {1, w}, across));
        String row = ops.constant(Tensor.floats(new int[] {h, 1}, down));
        String flat = ops.reshape(call.in(1), -1);
        String[] at = new String[2];
        for (int i = 0; i < 2; i++) {
            String sum = ops.op("Add", ops.op("Mul", column, at(ops, flat, MATRIX * i)), ops.op("Mul", row, at(ops, flat, MATRIX * i + 1)));
            at[i] = ops.op("Add", sum, second ? plus(ops, at(ops, flat, MATRIX * i + 3), -0.5) : at(ops, flat, MATRIX * i + 3));
        }
        String inside = ops.op("And", ops.op("And", within(ops, at[0], width), within(ops, at[1], height)), ops.op("Not",
                ops.op("Or", ops.op("IsNaN", at[0]), ops.op("IsNaN", at[1]))));
        String pixels = ops.reshape(call.in(0), height * width, channels);
        String x = Arithmetic.clip(ops, at[0], 0, width - 1);
        String y = Arithmetic.clip(ops, at[1], 0, height - 1);
        String left = ops.op("Floor", x);
        String top = ops.op("Floor", y);
        String right = ops.op("Min", plus(ops, left, 1), ops.like(x, width - 1));
        String bottom = ops.op("Min", plus(ops, top, 1), ops.like(y, height - 1));
        String shareX = ops.unsqueeze(ops.op("Sub", x, left), 2);
        String shareY = ops.unsqueeze(ops.op("Sub", y, top), 2);
        String upper = between(ops, pixel(ops, pixels, top, left, width), pixel(ops, pixels, top, right, width), shareX);
        String lower = between(ops, pixel(ops, pixels, bottom, left, width), pixel(ops, pixels, bottom, right, width), shareX);
        String result = between(ops, upper, lower, shareY);
        return ops.unsqueeze(ops.op("Where", ops.unsqueeze(inside, 2), result, ops.like(result, 0)), 0);
    }

    private static String within(Ops ops, String at, long extent) {
        return ops.op("And", ops.op("GreaterOrEqual", at, ops.like(at, 0)), ops.op("LessOrEqual", at, ops.like(at, extent - 1)));
    }

    private static String pixel(Ops ops, String pixels, String y, String x, long width) {
        String place = ops.op("Add", times(ops, y, width), x);
        return ops.op("Gather", Attributes.of("axis", 0), pixels, ops.cast(place, DType.INT32));
    }

    private static String between(Ops ops, String a, String b, String share) {
        return ops.op("Add", ops.op("Mul", a, ops.op("Sub", ops.like(share, 1), share)), ops.op("Mul", b, share));
    }
}
