package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.infuser.tensor.InvalidModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "false", "0", "-0", "12", "-2147483648", "1234567890123", "1.5e3", "2E-2",
        "0.1", "1e400", "\"\"", "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\uD83D\\uDE00\"",
        "\"\u00e9\u4e2d\uD83D\uDE00\"", "[]", "{}", " [ 1 , [ ] , { } ] ", "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"\":3}",
        "\t\r\n{ \"x\" : 1 }\n", "\"\u007F\uFFFF\""})
    void readsWhatGsonReads(String text) {
        assertSame(JsonParser.parseString(text), parse(text));
    }

    static List<byte[]> malformed() {
        List<String> texts = List.of(
                "", " ", "nul", "truE", "+1", "01", "1.", ".5", "1e", "-", "0x1", "NaN", "'a'", "\"a", "\"\\x\"",
                "\"\\u12G4\"", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\u0041\"", "\"a\nb\"", "[", "[1", "[1,",
                "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
                "]", "1 2", "[]x", "// c\n1", "\"\\", "\"\\u12", "\uFEFF1", "[".repeat(100_000),
                "{\"a\":".repeat(129) + "1" + "}".repeat(129));
        List<byte[]> all = new ArrayList<>();
        texts.forEach(text -> all.add(text.getBytes(StandardCharsets.UTF_8)));
        int[][] bytes = {{0x80}, {0xC0, 0x80}, {0xC1, 0xBF}, {0xE0, 0x80, 0x80}, {0xED, 0xA0, 0x80},
            {0xF0, 0x80, 0x80, 0x80}, {0xF4, 0x90, 0x80, 0x80}, {0xF5, 0x80, 0x80, 0x80}, {0xFF}, {0xC3},
            {0xE4, 0xB8}, {0xC3, 0x28}};
        for (int[] wrong : bytes) {
            byte[] quoted = new byte[wrong.length + 2];
            quoted[0] = '"';
            quoted[quoted.length - 1] = '"';
            for (int i = 0; i < wrong.length; i++) {
                quoted[i + 1] = (byte) wrong[i];
            }
            all.add(quoted);
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource
    void malformed(byte[] text) {
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> Json.parse(text));
        assertEquals("json", e.code());
        assertTrue(e.getMessage().contains(" at offset "), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\": tru}   | expected 'e' at offset 9 of the JSON",
        "[1, 2          | expected ']' at offset 5 of the JSON",
        "<!DOCTYPE html>| expected value at offset 0 of the JSON",
        "{\"a\": \"\\q\"} | expected character at offset 7 of the JSON"})
    void errorsSayWhatWasExpectedAndWhere(String text, String message) {
        assertEquals(message, assertThrows(InvalidModelException.class, () -> parse(text.trim())).getMessage());
    }

    @Test
    void accessorsRefuseOtherKinds() {
        Json json = parse("{\"s\": \"x\", \"n\": 1.5, \"neg\": -1, \"big\": 3e9, \"a\": [], \"z\": null}");
        for (Runnable access : List.<Runnable>of(() -> json.get("s").number(), () -> json.get("n").integer(),
                () -> json.get("neg").count(), () -> json.get("big").integer(), () -> json.get("a").members(),
                () -> json.get("s").list(), () -> json.get("a").string(), () -> json.get("missing").string(),
                () -> json.get("z").count(), () -> json.get("s").bool(true), () -> json.list())) {
            assertThrows(InvalidModelException.class, access::run);
        }
        assertEquals(7, json.get("z").count(7));
        assertEquals("y", json.get("missing").string("y"));
        assertTrue(json.get("missing").bool(true));
        assertEquals(-1, json.get("neg").integer());
    }

    @Test
    void theLastOfSeveralMembersWithOneNameCounts() {
        assertEquals(2, parse("{\"a\": 1, \"a\": 2}").get("a").integer());
    }

    private static Json parse(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertSame(JsonElement expected, Json actual) {
        if (expected.isJsonNull()) {
            assertTrue(actual.isNull());
        } else if (expected.isJsonArray()) {
            assertEquals(expected.getAsJsonArray().size(), actual.list().size());
            for (int i = 0; i < actual.list().size(); i++) {
                assertSame(expected.getAsJsonArray().get(i), actual.list().get(i));
            }
        } else if (expected.isJsonObject()) {
            assertEquals(expected.getAsJsonObject().keySet(), actual.members().keySet());
            for (Map.Entry<String, JsonElement> member : expected.getAsJsonObject().entrySet()) {
                assertSame(member.getValue(), actual.get(member.getKey()));
            }
        } else if (expected.getAsJsonPrimitive().isString()) {
            assertEquals(expected.getAsString(), actual.string());
        } else if (expected.getAsJsonPrimitive().isBoolean()) {
            assertEquals(expected.getAsBoolean(), actual.bool(!expected.getAsBoolean()));
        } else {
            assertEquals(expected.getAsDouble(), actual.number());
        }
    }
}
