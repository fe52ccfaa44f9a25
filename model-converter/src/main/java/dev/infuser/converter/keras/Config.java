package dev.infuser.converter.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Locale;

/** What a file says of a layer. */
record Config(JsonObject json) {

    private static final int MOST = 1 << 16;

    /** Whether {@code key} is there, and not null. */
    boolean has(String key) {
        return json.has(key) && !json.get(key).isJsonNull();
    }

    JsonElement get(String key) {
        return json.get(key);
    }

    Config object(String key) {
        return new Config(json.getAsJsonObject(key));
    }

    JsonArray array(String key) {
        return json.getAsJsonArray(key);
    }

    String text(String key, String fallback) {
        return has(key) ? json.get(key).getAsString() : fallback;
    }

    /** One of several words, which may be spelt {@code likeThis} or {@code like_this}: without the difference. */
    String choice(String key, String fallback) {
        return word(text(key, fallback));
    }

    static String word(String text) {
        return text.replace("_", "").toLowerCase(Locale.ROOT);
    }

    boolean flag(String key, boolean fallback) {
        return has(key) ? json.get(key).getAsBoolean() : fallback;
    }

    long integer(String key, long fallback) {
        return has(key) ? json.get(key).getAsLong() : fallback;
    }

    double real(String key, double fallback) {
        return has(key) ? json.get(key).getAsDouble() : fallback;
    }

    /** A number, or a list of them. */
    long[] integers(String key) {
        JsonElement element = json.get(key);
        if (element.isJsonPrimitive()) {
            return new long[] {element.getAsLong()};
        }
        long[] integers = new long[element.getAsJsonArray().size()];
        for (int i = 0; i < integers.length; i++) {
            JsonElement item = element.getAsJsonArray().get(i);
            integers[i] = item.isJsonNull() ? -1 : item.getAsLong();
        }
        return integers;
    }

    /** One positive number for each of {@code n} axes, of which one stands for all. */
    long[] perAxis(String key, int n, long fallback) {
        long[] given = has(key) ? integers(key) : new long[] {fallback};
        long[] all = given;
        if (given.length == 1) {
            all = new long[n];
            Arrays.fill(all, given[0]);
        }
        for (long each : all) {
            if (each < 1 || each > MOST) {
                throw new IllegalArgumentException(key + " is " + json.get(key));
            }
        }
        if (all.length != n) {
            throw new IllegalArgumentException(key + " is " + json.get(key) + ", for " + n + " axes");
        }
        return all;
    }

    /** What goes before and after each of {@code n} axes: one number, one for each axis, or a pair for each. */
    long[][] pairs(String key, int n, long fallback) {
        long[][] pairs = new long[n][2];
        for (int i = 0; i < n; i++) {
            Arrays.fill(pairs[i], fallback);
        }
        if (!has(key)) {
            return pairs;
        }
        JsonElement element = json.get(key);
        for (int i = 0; i < n; i++) {
            JsonElement item = element.isJsonArray() ? element.getAsJsonArray().get(i) : element;
            pairs[i][0] = item.isJsonArray() ? item.getAsJsonArray().get(0).getAsLong() : item.getAsLong();
            pairs[i][1] = item.isJsonArray() ? item.getAsJsonArray().get(1).getAsLong() : item.getAsLong();
            if (Math.min(pairs[i][0], pairs[i][1]) < 0) {
                throw new IllegalArgumentException(key + " is " + element);
            }
        }
        return pairs;
    }
}
