package dev.infuser.demo;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import com.google.flatbuffers.FlexBuffersBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.schema.*;

/** Operators that MediaPipe and the detectors of TensorFlow add. */
final class TfliteCustomCases extends TfliteCases {

    @Override
    void add() {
        customs();
    }

    private void customs() {
        for (int kind = 0; kind < 3; kind++) {
            int perBox = kind == 1 ? 2 : 1;
            byte[] options = detection(kind == 2, 4, perBox);
            add("TFLite_Detection_PostProcess " + kind, k -> {
                int[] found = {k.mid(F, 1, 4 * perBox, 4), k.mid(F, 1, 4 * perBox), k.mid(F, 1, 4 * perBox), k.mid(F, 1)};
                k.file().custom("TFLite_Detection_PostProcess", 1, options, s(k.in(-1, 1, 1, 20, 4), k.in(0.2, 1, 1, 20, 4),
                        k.weights(0.1, 0.9, 20, 4)), found);
                k.out(found);
            });
        }
        add("Convolution2DTransposeBias", k -> {
            int y = k.mid(F, 1, 10, 12, 4);
            k.file().custom("Convolution2DTransposeBias", 1, numbers(1, 2, 2), s(k.in(-1, 1, 1, 5, 6, 3), k.weights(-1, 1, 4, 3, 3, 3),
                    k.weights(-1, 1, 4)), y);
            k.out(y);
        });
        add("MaxPoolingWithArgmax2D", k -> {
            int[] found = {k.mid(F, 1, 3, 2, 4), k.mid(F, 1, 3, 2, 4)};
            k.file().custom("MaxPoolingWithArgmax2D", 1, numbers(1, 2, 2, 2, 2, 0, 0), s(k.in(-1, 1, 1, 6, 4, 4)), found);
            int y = k.mid(F, 1, 6, 4, 4);
            k.file().custom("MaxUnpooling2D", 1, numbers(1, 2, 2, 2, 2, 0, 0), found, y);
            // LiteRT.js numbers places by columns, which only these two operators see.
            k.out(found[0], y);
        });
    }

    private static byte[] detection(boolean regular, int most, int classesPerBox) {
        FlexBuffersBuilder options = new FlexBuffersBuilder();
        int map = options.startMap();
        options.putInt("max_detections", most);
        options.putInt("max_classes_per_detection", classesPerBox);
        options.putInt("num_classes", 3);
        options.putBoolean("use_regular_nms", regular);
        options.putFloat("nms_score_threshold", 0.1f);
        options.putFloat("nms_iou_threshold", 0.5f);
        options.putFloat("y_scale", 10f);
        options.putFloat("x_scale", 10f);
        options.putFloat("h_scale", 5f);
        options.putFloat("w_scale", 5f);
        options.endMap(null, map);
        ByteBuffer bytes = options.finish();
        byte[] out = new byte[bytes.remaining()];
        bytes.get(out);
        return out;
    }

    private static byte[] numbers(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }
}
