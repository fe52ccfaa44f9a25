package dev.infuser.demo;

import com.google.flatbuffers.FlexBuffers;
import java.nio.ByteBuffer;
import org.tensorflow.lite.schema.OperatorT;

/** MediaPipe's operators on landmarks, of version 2, as their kernels for processors compute them. */
final class Landmarks {

    private Landmarks() {
    }

    private static FlexBuffers.Map options(OperatorT operator) {
        byte[] bytes = new byte[operator.getCustomOptions().length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) operator.getCustomOptions()[i];
        }
        return FlexBuffers.getRoot(ByteBuffer.wrap(bytes)).asMap();
    }

    private static double[] turned(double x, double y, double angle) {
        return new double[] {x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)};
    }

    private static double[] times(double[] a, double[] b) {
        double[] out = new double[16];
        for (int i = 0; i < 64; i++) {
            out[i / 4 % 4 * 4 + i % 4] += a[i / 4 % 4 * 4 + i / 16] * b[i / 16 * 4 + i % 4];
        }
        return out;
    }

    private static double[] affine(double a, double b, double c, double d, double x, double y) {
        return new double[] {a, b, 0, x, c, d, 0, y, 0, 0, 1, 0, 0, 0, 0, 1};
    }

    /** The region that encloses landmarks, of which two lie level in it. */
    static double[] matrix(OperatorT operator, double[] landmarks) {
        FlexBuffers.Map options = options(operator);
        int left = 3 * options.get("left_rotation_idx").asInt();
        int right = 3 * options.get("right_rotation_idx").asInt();
        double angle = options.get("target_rotation_radians").asFloat()
                - Math.atan2(landmarks[right + 1] - landmarks[left + 1], landmarks[right] - landmarks[left]);
        double[] low = {Double.MAX_VALUE, Double.MAX_VALUE};
        double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE};
        FlexBuffers.Vector subset = options.get("subset_idxs").asVector();
        for (int i = 0; i < subset.size(); i++) {
            int at = 3 * subset.get(i).asInt();
            double[] point = turned(landmarks[at], landmarks[at + 1], angle);
            for (int axis = 0; axis < 2; axis++) {
                low[axis] = Math.min(low[axis], point[axis]);
                high[axis] = Math.max(high[axis], point[axis]);
            }
        }
        double[] middle = turned((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, -angle);
        double width = options.get("output_width").asInt();
        double height = options.get("output_height").asInt();
        double[] region = times(affine(1, 0, 0, 1, middle[0], middle[1]),
                affine(Math.cos(-angle), -Math.sin(-angle), Math.sin(-angle), Math.cos(-angle), 0, 0));
        region = times(region, affine(options.get("scale_x").asFloat() * (high[0] - low[0]) / width, 0, 0,
                options.get("scale_y").asFloat() * (high[1] - low[1]) / height, 0, 0));
        return times(region, affine(1, 0, 0, 1, -width / 2, -height / 2));
    }

    /** Landmarks {@code [n, 2]} by a region. */
    static double[] moved(double[] landmarks, double[] region) {
        double[] out = new double[landmarks.length];
        for (int i = 0; i < out.length; i += 2) {
            out[i] = region[0] * landmarks[i] + region[1] * landmarks[i + 1] + region[3];
            out[i + 1] = region[4] * landmarks[i] + region[5] * landmarks[i + 1] + region[7];
        }
        return out;
    }

    /** A region {@code [h, w, c]} of an image {@code [height, width, c]}. */
    static double[] region(double[] image, int height, int width, double[] region, int h, int w, int c) {
        double[] out = new double[h * w * c];
        for (int i = 0; i < h * w; i++) {
            double column = i % w + 0.5;
            double row = i / w + 0.5;
            double x = region[0] * column + region[1] * row + region[3] - 0.5;
            double y = region[4] * column + region[5] * row + region[7] - 0.5;
            if (x < 0 || x > width - 1 || y < 0 || y > height - 1) {
                continue;
            }
            for (int dy = 0; dy < 2; dy++) {
                for (int dx = 0; dx < 2; dx++) {
                    int px = (int) Math.floor(x) + dx;
                    int py = (int) Math.floor(y) + dy;
                    double share = (dx == 0 ? 1 - x + Math.floor(x) : x - Math.floor(x))
                            * (dy == 0 ? 1 - y + Math.floor(y) : y - Math.floor(y));
                    for (int k = 0; k < c && px < width && py < height; k++) {
                        out[i * c + k] += share * image[(py * width + px) * c + k];
                    }
                }
            }
        }
        return out;
    }
}
