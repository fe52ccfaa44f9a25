package dev.infuser.converter.tflite;

import com.google.flatbuffers.FlexBuffers;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code TFLite_Detection_PostProcess}: boxes, classes and scores of the best detections that do not overlap, and their number, of
 * encoded boxes {@code [1, n, 4]}, scores {@code [1, n, classes]} and anchors {@code [n, 4]}. Rows beyond that number are zero.
 */
final class DetectionRules {

    private static final int PER_CLASS = 100;

    private DetectionRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("TFLite_Detection_PostProcess", new Rule(Rule.Numbers.REAL, DetectionRules::detect));
    }

    /** What the options say. */
    private record Limits(int detections, int classesPerBox, int perClass, boolean regular, float score, float overlap, int classes) {

        static Limits of(Call call, FlexBuffers.Map options) {
            Limits limits = new Limits(options.get("max_detections").asInt(), options.get("max_classes_per_detection").asInt(),
                    options.get("detections_per_class").isNull() ? PER_CLASS : options.get("detections_per_class").asInt(),
                    options.get("use_regular_nms").asBoolean(), (float) options.get("nms_score_threshold").asFloat(),
                    (float) options.get("nms_iou_threshold").asFloat(), options.get("num_classes").asInt());
            if (limits.detections < 1 || limits.classesPerBox < 1 || limits.classes < 1) {
                throw call.ops().unsupported("looks for " + limits.detections + " detections of " + limits.classes + " classes");
            }
            return limits;
        }
    }

    private static String[] detect(Call call) {
        Ops ops = call.ops();
        FlexBuffers.Map options = call.node().map();
        Limits limits = Limits.of(call, options);
        String boxes = boxes(call, options);
        long given = ops.extent(call.in(1), 2);
        if (given < limits.classes || given > limits.classes + 1) {
            throw ops.unsupported("has scores of " + given + " classes, and speaks of " + limits.classes);
        }
        String scores = ops.slice(ops.squeeze(call.in(1), 0), 1, given - limits.classes, given);
        return limits.regular ? byClass(ops, limits, boxes, scores) : byBox(ops, limits, boxes, scores);
    }

    private static String column(Ops ops, String rows, int i) {
        return ops.slice(rows, 1, i, i + 1);
    }

    /** The corners {@code [n, 4]}: the least y and x, the greatest y and x. */
    private static String boxes(Call call, FlexBuffers.Map options) {
        Ops ops = call.ops();
        String codes = ops.squeeze(call.in(0), 0);
        String anchors = call.in(2);
        String[] scales = {"y_scale", "x_scale", "h_scale", "w_scale"};
        List<String> low = new ArrayList<>();
        List<String> high = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String size = column(ops, anchors, i + 2);
            String place = scaled(ops, column(ops, codes, i), options.get(scales[i]).asFloat());
            String middle = ops.op("Add", ops.op("Mul", place, size), column(ops, anchors, i));
            String grown = ops.op("Exp", scaled(ops, column(ops, codes, i + 2), options.get(scales[i + 2]).asFloat()));
            String half = ops.op("Mul", ops.op("Mul", grown, ops.like(grown, 0.5)), size);
            low.add(ops.op("Sub", middle, half));
            high.add(ops.op("Add", middle, half));
        }
        low.addAll(high);
        return ops.concat(1, low);
    }

    private static String scaled(Ops ops, String x, double scale) {
        return ops.op("Div", x, ops.like(x, scale));
    }

    private static String suppressed(Ops ops, Limits limits, String boxes, String scores, int most) {
        return ops.op("NonMaxSuppression", ops.unsqueeze(boxes, 0), scores, ops.vector(most),
                ops.reshape(ops.like(boxes, limits.overlap), 1), ops.reshape(ops.like(boxes, limits.score), 1));
    }

    /** Boxes are compared by their best class, and have several. */
    private static String[] byBox(Ops ops, Limits limits, String boxes, String scores) {
        int classes = Math.min(limits.classesPerBox, limits.classes);
        String[] best = ops.ops("TopK", Attributes.of("axis", 1), 2, scores, ops.vector(classes));
        String most = ops.transpose(ops.slice(best[0], 1, 0, 1), 1, 0);
        String found = suppressed(ops, limits, boxes, ops.unsqueeze(most, 0), limits.detections);
        String place = ops.squeeze(ops.slice(found, 1, 2, 3), 1);
        String kept = ops.op("Gather", Attributes.of("axis", 0), boxes, place);
        String repeated = ops.op("Tile", ops.unsqueeze(kept, 1), ops.vector(1, limits.classesPerBox, 1));
        String kinds = ops.cast(ops.op("Gather", Attributes.of("axis", 0), best[1], place), DType.FLOAT32);
        String values = ops.op("Gather", Attributes.of("axis", 0), best[0], place);
        int rows = limits.detections;
        int all = limits.detections * limits.classesPerBox;
        return new String[] {ops.reshape(filled(ops, repeated, rows, 0), 1, all, 4),
            ops.reshape(filled(ops, kinds, rows, limits.classesPerBox - classes), 1, all),
            ops.reshape(filled(ops, values, rows, limits.classesPerBox - classes), 1, all), count(ops, place)};
    }

    /** Boxes are compared with those of their class. */
    private static String[] byClass(Ops ops, Limits limits, String boxes, String scores) {
        String found = suppressed(ops, limits, boxes, ops.unsqueeze(ops.transpose(scores, 1, 0), 0), limits.perClass);
        String pairs = ops.op("Concat", Attributes.of("axis", 1), ops.slice(found, 1, 2, 3), ops.slice(found, 1, 1, 2));
        String values = ops.op("GatherND", scores, pairs);
        String most = ops.op("Min", ops.op("Shape", values), ops.vector(limits.detections));
        String[] best = ops.ops("TopK", Attributes.of("axis", 0), 2, values, most);
        String chosen = ops.op("Gather", Attributes.of("axis", 0), found, best[1]);
        String place = ops.squeeze(ops.slice(chosen, 1, 2, 3), 1);
        String kinds = ops.cast(ops.squeeze(ops.slice(chosen, 1, 1, 2), 1), DType.FLOAT32);
        String kept = ops.op("Gather", Attributes.of("axis", 0), boxes, place);
        int all = limits.detections * limits.classesPerBox;
        return new String[] {ops.reshape(filled(ops, kept, all, 0), 1, all, 4), ops.reshape(filled(ops, kinds, all, 0), 1, all),
            ops.reshape(filled(ops, best[0], all, 0), 1, all), count(ops, place)};
    }

    private static String count(Ops ops, String places) {
        return ops.cast(ops.op("Shape", places), DType.FLOAT32);
    }

    /** Rows with rows of zeros behind them, up to a number, and so many columns of zeros. */
    private static String filled(Ops ops, String x, int rows, int columns) {
        int rank = ops.rank(x);
        String missing = ops.op("Sub", ops.vector(rows), ops.slice(ops.op("Shape", x), 0, 0, 1));
        long[] before = new long[rank];
        long[] after = new long[rank - 1];
        if (columns > 0) {
            after[0] = columns;
        }
        return ops.op("Pad", x, ops.op("Concat", Attributes.of("axis", 0), ops.vector(before), missing, ops.vector(after)));
    }
}
