package dev.infuser.converter;

import dev.infuser.aot.Standalone;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The files of a model that was compiled ahead of time: the module, its weights where they are beside it, script and types. */
final class StandaloneFiles {

    private final Standalone model;
    private final String name;
    private final boolean inside;
    private final boolean relaxed;

    /** @param inside whether the module holds the weights */
    StandaloneFiles(Standalone model, String name, boolean inside, boolean relaxed) {
        this.model = model;
        this.name = name;
        this.inside = inside;
        this.relaxed = relaxed;
    }

    /** Contents by name. */
    Map<String, byte[]> all() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(name + ".wasm", model.module(inside));
        if (!inside) {
            files.put(name + ".weights", model.weights());
        }
        files.put(name + ".js", filled("module.js"));
        files.put(name + ".d.ts", filled("module.d.ts"));
        return files;
    }

    private byte[] filled(String template) throws IOException {
        String text;
        try (InputStream in = StandaloneFiles.class.getResourceAsStream("standalone/" + template)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("$TITLE", name);
        values.put("$MODEL", JsonText.of(description()));
        values.put("$RELAXED", relaxed ? " and relaxed SIMD" : "");
        values.put("$MEMORY", String.format(Locale.ROOT, "%.1f", model.memoryBytes() / 1e6));
        values.put("$FEEDS", fields(model.inputs(), true));
        values.put("$RESULTS", fields(model.outputs(), false));
        values.put("$WITHOUT", inside ? "" : ", beside it,");
        values.put("$WEIGHTS_PARAMETER", inside ? "" : ",\n  weights = new URL('./" + name + ".weights', import.meta.url)");
        values.put("$WEIGHTS_DOC", inside ? "" : " * @param weights " + name
                + ".weights: bytes, a stream of them, or where they are, beside this script by default\n");
        values.put("$WEIGHTS_TYPE", inside ? "" : ", weights?: BufferSource | ReadableStream<Uint8Array> | Response | URL | string");
        values.put("$TAKE_WEIGHTS\n", inside ? "" : "  await take(weights, memory);\n");
        values.put("$NAME", name);
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace(value.getKey(), value.getValue());
        }
        return (inside ? withoutTake(text) : text).getBytes(StandardCharsets.UTF_8);
    }

    /** The script without the function for weights, where nothing calls it. */
    private static String withoutTake(String text) {
        int start = text.indexOf("/** Copies the weights into memory");
        return start < 0 ? text : text.substring(0, start) + text.substring(text.indexOf("/** Makes an instance of the model"));
    }

    private Map<String, Object> description() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("inputs", ports(model.inputs()));
        map.put("outputs", ports(model.outputs()));
        map.put("memory", model.memoryBytes());
        map.put("stamp", model.stamp());
        if (!inside) {
            byte[] weights = model.weights();
            map.put("weights", Map.of("address", model.weightsStart(), "bytes", weights.length, "sum", sum(weights)));
        }
        Map<String, Object> steps = new LinkedHashMap<>();
        model.labels().forEach((number, label) -> steps.put(Integer.toString(number), label));
        map.put("steps", steps);
        return map;
    }

    /** As {@code take} in the script: each word, added to 31 times the sum before it. */
    private static int sum(byte[] weights) {
        ByteBuffer words = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
        int sum = 0;
        while (words.remaining() >= Integer.BYTES) {
            sum = 31 * sum + words.getInt();
        }
        return sum;
    }

    private static List<Object> ports(List<Standalone.Port> ports) {
        List<Object> list = new ArrayList<>();
        for (Standalone.Port port : ports) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", port.name());
            map.put("type", port.type());
            map.put("dims", Arrays.stream(port.dims()).boxed().toList());
            map.put("address", port.address());
            map.put("bytes", port.bytes());
            list.add(map);
        }
        return list;
    }

    private static String fields(List<Standalone.Port> ports, boolean feeds) {
        StringBuilder text = new StringBuilder();
        for (Standalone.Port port : ports) {
            String array = array(port.type());
            text.append(text.length() == 0 ? "" : "\n").append("  /** ").append(port.type()).append(Arrays.toString(port.dims()))
                    .append(" */\n  ").append(JsonText.of(port.name())).append(": ").append(feeds ? "Feed<" + array + ">" : array)
                    .append(';');
        }
        return text.toString();
    }

    /** The array of JavaScript that holds elements of a type, as in the script. */
    private static String array(String type) {
        return switch (type) {
            case "float32" -> "Float32Array";
            case "float64" -> "Float64Array";
            case "float16", "bfloat16", "uint16" -> "Uint16Array";
            case "int8", "int4", "int2" -> "Int8Array";
            case "int16" -> "Int16Array";
            case "int32" -> "Int32Array";
            case "uint32" -> "Uint32Array";
            case "int64" -> "BigInt64Array";
            case "uint64" -> "BigUint64Array";
            default -> "Uint8Array";
        };
    }
}
