package dev.infuser.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Normalizers of kind {@code Precompiled} with maps made for a test, in the double-array format of Darts. */
final class PrecompiledMaps {
    private final List<Integer> units = new ArrayList<>();
    private final ByteArrayOutputStream replacements = new ByteArrayOutputStream();

    private PrecompiledMaps() {
    }

    /**
     * A map of every first byte to one character, which so takes the place of every short grapheme.
     *
     * @param except the characters of ASCII that stay
     */
    static String firstBytes(char replacement, String except) {
        Map<List<Integer>, String> map = new HashMap<>();
        for (int b = 1; b < 0xF5; b++) {
            if (except.indexOf(b) < 0 && (b < 0x80 || b > 0xC1)) {
                map.put(List.of(b), "" + replacement);
            }
        }
        return json(map);
    }

    /** A map of strings. */
    static String of(Map<String, String> strings) {
        Map<List<Integer>, String> map = new HashMap<>();
        strings.forEach((from, to) -> {
            List<Integer> key = new ArrayList<>();
            for (byte b : from.getBytes(StandardCharsets.UTF_8)) {
                key.add(b & 0xFF);
            }
            map.put(key, to);
        });
        return json(map);
    }

    private static String json(Map<List<Integer>, String> map) {
        PrecompiledMaps maps = new PrecompiledMaps();
        maps.grow(256);
        maps.units.set(0, maps.fill(map) << 10);
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * maps.units.size() + maps.replacements.size());
        bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(4 * maps.units.size());
        maps.units.forEach(bytes::putInt);
        bytes.put(maps.replacements.toByteArray());
        return "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
                + Base64.getEncoder().encodeToString(bytes.array()) + "\"}";
    }

    private void grow(int count) {
        for (int i = 0; i < count; i++) {
            units.add(0x80000000);
        }
    }

    /** Writes the units that follow a string, in 256 of their own, and gives where these begin. */
    private int fill(Map<List<Integer>, String> rest) {
        int base = units.size();
        grow(256);
        Map<Integer, Map<List<Integer>, String>> byFirst = new TreeMap<>();
        rest.forEach((key, value) -> {
            if (key.isEmpty()) {
                units.set(base, 0x80000000 | replacements.size());
                replacements.writeBytes((value + "\0").getBytes(StandardCharsets.UTF_8));
            } else {
                byFirst.computeIfAbsent(key.get(0), first -> new HashMap<>())
                        .put(key.subList(1, key.size()), value);
            }
        });
        byFirst.forEach((first, more) -> {
            int child = fill(more);
            int leaf = more.containsKey(List.<Integer>of()) ? 1 << 8 : 0;
            units.set(base + first, (base + first ^ child) << 10 | leaf | first);
        });
        return base;
    }
}
