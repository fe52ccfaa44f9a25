package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What the operators become that take parts of images, and the rare ones on windows. */
final class ImageRules {

    private ImageRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("CropAndResize", Rule.one(ImageRules::cropAndResize));
        rules.put("ImageProjectiveTransformV3", Rule.one(ImageRules::project));
        rules.put("MaxPoolWithArgmax", ImageRules::poolWithPlaces);
        rules.put("Dilation2D", Rule.one(ImageRules::dilate));
    }

    /** Numbers from 0 to before {@code count}, a float32 vector. */
    private static String counted(Ops ops, String count) {
        String zero = ops.constant(Tensor.longs(new int[0], 0));
        String one = ops.constant(Tensor.longs(new int[0], 1));
        return ops.cast(ops.op("Range", zero, ops.reshape(count), one), DType.FLOAT32);
    }

    /** Extent {@code axis} of an image, a float32 scalar. */
    private static String extent(Ops ops, String image, int axis) {
        String extents = ops.op("Shape", image);
        return ops.cast(ops.op("Gather", Attributes.of("axis", 0), extents, ops.constant(Tensor.longs(new int[0], axis))),
                DType.FLOAT32);
    }

    /** Elements at places {@code [n, h, w]} of rows and columns, those outside being zero, or the nearest. */
    private static String sample(Ops ops, String image, String y, String x, boolean linear, boolean edge) {
        String grid = Arrays.pack(ops, List.of(share(ops, x, extent(ops, image, 2)), share(ops, y, extent(ops, image, 1))), -1);
        String sampled = ops.op("GridSample", Attributes.of("align_corners", 1, "mode", linear ? "linear" : "nearest",
                "padding_mode", edge ? "border" : "zeros"), ops.transpose(image, 0, 3, 1, 2), grid);
        return ops.transpose(sampled, 0, 2, 3, 1);
    }

    /** A place from -1 for the first element to 1 for the last. */
    private static String share(Ops ops, String at, String extent) {
        String last = ops.op("Max", ops.op("Sub", extent, ops.like(extent, 1)), ops.like(extent, 1));
        return ops.op("Sub", ops.op("Div", ops.op("Mul", at, ops.like(at, 2)), last), ops.like(at, 1));
    }

    /** Boxes {@code [n, 4]} of images, each in the same size. */
    private static String cropAndResize(Call call) {
        Ops ops = call.ops();
        String images = ops.op("Gather", Attributes.of("axis", 0), ops.cast(call.in(0), DType.FLOAT32), call.in(2));
        long[] size = ops.longs(call.in(3), "size");
        String y = places(ops, images, 1, call.in(1), 0, 2, size[0]);
        String x = places(ops, images, 2, call.in(1), 1, 3, size[1]);
        String rows = ops.unsqueeze(y, 2);
        String columns = ops.unsqueeze(x, 1);
        String zeros = ops.op("Mul", ops.op("Add", rows, columns), ops.like(rows, 0));
        boolean linear = !call.node().string("method", "bilinear").equals("nearest");
        String half = ops.like(rows, 0.5);
        String atRow = linear ? rows : ops.op("Floor", ops.op("Add", rows, half));
        String atColumn = linear ? columns : ops.op("Floor", ops.op("Add", columns, half));
        String found = sample(ops, images, ops.op("Add", atRow, zeros), ops.op("Add", atColumn, zeros), linear, true);
        String inside = ops.op("And", inside(ops, images, 1, rows), inside(ops, images, 2, columns));
        return ops.op("Where", ops.unsqueeze(inside, 3), found,
                ops.like(found, call.node().real("extrapolation_value", 0)));
    }

    private static String inside(Ops ops, String images, int axis, String at) {
        String last = ops.op("Sub", extent(ops, images, axis), ops.like(at, 1));
        return ops.op("And", ops.op("GreaterOrEqual", at, ops.like(at, 0)), ops.op("LessOrEqual", at, last));
    }

    /** Where the rows or columns of boxes are taken, {@code [n, count]}. */
    private static String places(Ops ops, String images, int axis, String boxes, int first, int last, long count) {
        String span = ops.op("Sub", extent(ops, images, axis), ops.like(boxes, 1));
        String start = ops.slice(boxes, 1, first, first + 1);
        String end = ops.slice(boxes, 1, last, last + 1);
        if (count == 1) {
            return ops.op("Mul", ops.op("Mul", ops.op("Add", start, end), ops.like(boxes, 0.5)), span);
        }
        String step = ops.op("Div", ops.op("Mul", ops.op("Sub", end, start), span), ops.like(boxes, count - 1));
        String numbers = counted(ops, ops.constant(Tensor.longs(new int[0], count)));
        return ops.op("Add", ops.op("Mul", start, span), ops.op("Mul", step, ops.unsqueeze(numbers, 0)));
    }

    /** Images whose place (x, y) comes from the one to which eight numbers of each image project it. */
    private static String project(Call call) {
        Ops ops = call.ops();
        String mode = call.node().string("fill_mode", "CONSTANT").toUpperCase(java.util.Locale.ROOT);
        if (!mode.equals("CONSTANT") && !mode.equals("NEAREST")) {
            throw ops.unsupported("fills with " + mode);
        }
        String count = ops.slice(ops.op("Shape", call.in(0)), 0, 0, 1);
        String numbers = ops.unsqueeze(ops.op("Expand", call.in(1), ops.concat(0, List.of(count, ops.vector(8)))), 2, 3);
        String y = ops.unsqueeze(counted(ops, ops.slice(ops.longs(call.in(2)), 0, 0, 1)), 0, 2);
        String x = ops.unsqueeze(counted(ops, ops.slice(ops.longs(call.in(2)), 0, 1, 2)), 0, 1);
        String scale = ops.op("Add", line(ops, numbers, 6, x, y), ops.like(x, 1));
        String column = ops.op("Div", ops.op("Add", line(ops, numbers, 0, x, y), number(ops, numbers, 2)), scale);
        String row = ops.op("Div", ops.op("Add", line(ops, numbers, 3, x, y), number(ops, numbers, 5)), scale);
        boolean linear = call.node().string("interpolation", "BILINEAR").equalsIgnoreCase("BILINEAR");
        if (!linear) {
            column = ops.op("Floor", ops.op("Add", column, ops.like(column, 0.5)));
            row = ops.op("Floor", ops.op("Add", row, ops.like(row, 0.5)));
        }
        String fill = call.inputs().size() > 3 ? call.in(3) : ops.like(call.in(0), 0);
        boolean edge = mode.equals("NEAREST");
        String shifted = edge ? call.in(0) : ops.op("Sub", call.in(0), fill);
        String found = sample(ops, shifted, row, column, linear, edge);
        return edge ? found : ops.op("Add", found, fill);
    }

    private static String number(Ops ops, String numbers, int i) {
        return ops.squeeze(ops.slice(numbers, 1, i, i + 1), 1);
    }

    private static String line(Ops ops, String numbers, int first, String x, String y) {
        return ops.op("Add", ops.op("Mul", number(ops, numbers, first), x), ops.op("Mul", number(ops, numbers, first + 1), y));
    }

    /** The greatest elements of windows, and their places as if an image, or the whole batch, were one row. */
    private static String[] poolWithPlaces(Call call) {
        Ops ops = call.ops();
        String pooled = Rules.of("MaxPool").apply(call)[0];
        long[] size = call.spatial(call.node().integers("ksize"));
        if (call.window().padding().equals("SAME")) {
            throw ops.unsupported("tells places in padded windows");
        }
        long channels = ops.extent(call.in(0), 3);
        String[] both = ops.ops("MaxPool", Attributes.of("kernel_shape", size, "strides", call.window().strides()), 2,
                ops.transpose(call.in(0), 0, 3, 1, 2));
        // ONNX counts through [N, C, H, W]; within an image and channel, TensorFlow counts the same places in steps of channels.
        String area = ops.op("ReduceProd", Attributes.of("keepdims", 1), ops.slice(ops.op("Shape", call.in(0)), 0, 1, 3));
        String planes = ops.op("Div", both[1], area);
        String within = ops.op("Sub", both[1], ops.op("Mul", planes, area));
        String channel = ops.op("Mod", planes, ops.vector(channels));
        String place = ops.op("Add", ops.op("Mul", within, ops.vector(channels)), channel);
        if (call.node().flag("include_batch_in_index")) {
            String image = ops.op("Div", planes, ops.vector(channels));
            place = ops.op("Add", place, ops.op("Mul", image, ops.op("Mul", area, ops.vector(channels))));
        }
        return new String[] {pooled, ops.cast(ops.transpose(place, 0, 2, 3, 1), DType.INT32)};
    }

    /** The greatest sum of elements of a window and a filter of its size. */
    private static String dilate(Call call) {
        Ops ops = call.ops();
        long[] strides = call.spatial(call.node().integers("strides"));
        long[] rates = call.spatial(call.node().integers("rates"));
        int rows = (int) ops.extent(call.in(1), 0);
        int columns = (int) ops.extent(call.in(1), 1);
        String x = call.in(0);
        long[] pads = new long[4];
        if (call.node().string("padding", "VALID").equals("SAME")) {
            for (int i = 0; i < 2; i++) {
                long extent = ops.extent(x, i + 1);
                long reach = (ops.extent(call.in(1), i) - 1) * rates[i] + 1;
                long total = Math.max(0, ((extent + strides[i] - 1) / strides[i] - 1) * strides[i] + reach - extent);
                pads[i] = total / 2;
                pads[i + 2] = total - total / 2;
            }
            x = ops.op("Pad", x, ops.vector(pads), ops.like(x, -Float.MAX_VALUE), ops.vector(1, 2));
        }
        String best = null;
        for (int i = 0; i < rows * columns; i++) {
            long row = i / columns * rates[0];
            long column = i % columns * rates[1];
            String part = ops.op("Slice", x, ops.vector(row, column), ops.vector(
                    end(row, (rows - 1) * rates[0]), end(column, (columns - 1) * rates[1])), ops.vector(1, 2),
                    ops.vector(strides));
            String weight = ops.reshape(ops.op("Slice", call.in(1), ops.vector(i / columns, i % columns),
                    ops.vector(i / columns + 1, i % columns + 1), ops.vector(0, 1)), -1);
            String sum = ops.op("Add", part, weight);
            best = best == null ? sum : ops.op("Max", best, sum);
        }
        return best;
    }

    private static long end(long from, long last) {
        return from == last ? Long.MAX_VALUE : from - last;
    }
}
