package dev.infuser.text;

import dev.infuser.tensor.Decimals;
import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a JSON document (RFC 8259), with the place where it began.
 *
 * <p>The reader is strict: UTF-8 only, one value, no lone surrogates, nesting of at most {@value #MAX_DEPTH}.
 * Of several members with one name the last counts. A missing member reads as null. Every accessor that finds
 * a value of another kind throws {@link InvalidModelException} with the offset in bytes.
 */
public final class Json {
    private static final int MAX_DEPTH = 128;

    private static final int OBJECT = 0;
    private static final int ARRAY = 1;
    private static final int STRING = 2;
    private static final int NUMBER = 3;
    private static final int TRUTH = 4;
    private static final String[] KINDS = {"object", "array", "string", "number", "true or false", "null"};

    private final Object value;
    private final int offset;

    private Json(Object value, int offset) {
        this.value = value;
        this.offset = offset;
    }

    /**
     * Reads a document.
     *
     * @throws InvalidModelException with code {@code json} where it is not JSON
     */
    public static Json parse(byte[] utf8) {
        Reader reader = new Reader(utf8);
        Json json = reader.value(0);
        reader.space();
        if (reader.at < utf8.length) {
            throw error("end of document", reader.at);
        }
        return json;
    }

    /** Whether this is null or missing. */
    public boolean isNull() {
        return value == null;
    }

    /** Whether this is an object. */
    public boolean isObject() {
        return value instanceof Map;
    }

    /** Whether this is a string. */
    public boolean isString() {
        return value instanceof String;
    }

    /** The member of this object with the name, null where there is none. */
    public Json get(String name) {
        Json member = members().get(name);
        return member == null ? new Json(null, offset) : member;
    }

    /** The members of this object in the order of the document. */
    @SuppressWarnings("unchecked")
    public Map<String, Json> members() {
        return (Map<String, Json>) as(OBJECT);
    }

    /** The elements of this array. */
    @SuppressWarnings("unchecked")
    public List<Json> list() {
        return (List<Json>) as(ARRAY);
    }

    /** This string, or what stands for null. */
    public String string(String otherwise) {
        return isNull() ? otherwise : string();
    }

    /** This string. */
    public String string() {
        return (String) as(STRING);
    }

    /** This number. */
    public double number() {
        return (Double) as(NUMBER);
    }

    /** This number, which is a whole one of 32 bits. */
    public int integer() {
        double number = number();
        if (number != (int) number) {
            throw error("32-bit integer", offset);
        }
        return (int) number;
    }

    /** This number, which is a whole one from 0 to 2^31-1, or what stands for null. */
    public int count(int otherwise) {
        return isNull() ? otherwise : count();
    }

    /** This number, which is a whole one from 0 to 2^31-1. */
    public int count() {
        int count = integer();
        if (count < 0) {
            throw error("number of at least 0", offset);
        }
        return count;
    }

    /** This truth value, or what stands for null. */
    public boolean bool(boolean otherwise) {
        return isNull() ? otherwise : (Boolean) as(TRUTH);
    }

    private Object as(int kind) {
        int actual = value instanceof Map ? OBJECT : value instanceof List ? ARRAY : value instanceof String ? STRING
                : value instanceof Double ? NUMBER : value instanceof Boolean ? TRUTH : KINDS.length - 1;
        if (actual != kind) {
            throw error(KINDS[kind] + " rather than " + KINDS[actual], offset);
        }
        return value;
    }

    private static InvalidModelException error(String expected, int offset) {
        return new InvalidModelException("json", "expected " + expected + " at offset " + offset + " of the JSON");
    }

    private static final class Reader {
        private final byte[] bytes;
        private char[] units = new char[64];
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        Json value(int depth) {
            space();
            int start = at;
            int c = peek();
            if (c == '{' || c == '[') {
                if (depth == MAX_DEPTH) {
                    throw error("nesting of at most " + MAX_DEPTH, at);
                }
                at++;
                return new Json(c == '{' ? object(depth + 1) : array(depth + 1), start);
            }
            if (c == '"') {
                return new Json(string(), start);
            }
            if (c == 't' || c == 'f' || c == 'n') {
                return new Json(word(c == 't' ? "true" : c == 'f' ? "false" : "null"), start);
            }
            return new Json(number(), start);
        }

        private Map<String, Json> object(int depth) {
            Map<String, Json> members = new LinkedHashMap<>();
            space();
            if (skip('}')) {
                return members;
            }
            do {
                space();
                String name = string();
                space();
                expect(':');
                members.put(name, value(depth));
                space();
            } while (skip(','));
            expect('}');
            return members;
        }

        private List<Json> array(int depth) {
            List<Json> elements = new ArrayList<>();
            space();
            if (skip(']')) {
                return elements;
            }
            do {
                elements.add(value(depth));
                space();
            } while (skip(','));
            expect(']');
            return elements;
        }

        private Boolean word(String word) {
            for (int i = 0; i < word.length(); i++) {
                expect(word.charAt(i));
            }
            return word.equals("null") ? null : (Boolean) word.equals("true");
        }

        private Double number() {
            int start = at;
            skip('-');
            if (!skip('0')) {
                digits();
            }
            boolean whole = true;
            if (skip('.')) {
                whole = false;
                digits();
            }
            if (skip('e') || skip('E')) {
                whole = false;
                if (!skip('-')) {
                    skip('+');
                }
                digits();
            }
            if (whole && at - start < 10 && bytes[start] != '-') {
                int number = 0;
                for (int i = start; i < at; i++) {
                    number = number * 10 + bytes[i] - '0';
                }
                return (double) number;
            }
            StringBuilder text = new StringBuilder();
            for (int i = start; i < at; i++) {
                text.append((char) bytes[i]);
            }
            return Decimals.parse(text.toString());
        }

        private void digits() {
            int start = at;
            while (peek() >= '0' && peek() <= '9') {
                at++;
            }
            if (at == start) {
                throw error("value", at);
            }
        }

        private String string() {
            expect('"');
            int count = 0;
            while (!skip('"')) {
                int start = at;
                int c = peek();
                if (c >= ' ' && c < 0x80 && c != '\\') {
                    at++;
                } else {
                    c = character();
                }
                if (c < 0 || c > 0x10FFFF || c >= 0xD800 && c <= 0xDFFF) {
                    throw error("character", start);
                }
                if (count + 2 > units.length) {
                    char[] more = new char[units.length * 2];
                    System.arraycopy(units, 0, more, 0, count);
                    units = more;
                }
                if (c > 0xFFFF) {
                    units[count++] = (char) (0xD7C0 + (c >> 10));
                    units[count++] = (char) (0xDC00 + (c & 0x3FF));
                } else {
                    units[count++] = (char) c;
                }
            }
            return new String(units, 0, count);
        }

        private int character() {
            int c = next();
            if (c == '\\') {
                return escape();
            }
            if (c < 0x80) {
                return c < ' ' ? -1 : c;
            }
            int length = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
            int point = c & 0x3F >> length;
            for (int i = 0; i < length; i++) {
                int follower = next();
                if ((follower & 0xC0) != 0x80) {
                    return -1;
                }
                point = point << 6 | follower & 0x3F;
            }
            boolean tooLong = length == 0 || length == 2 && point < 0x800 || length == 3 && point < 0x10000;
            return tooLong ? -1 : point;
        }

        private int escape() {
            int c = next();
            int known = "\"\\/bfnrt".indexOf(c);
            if (known >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(known);
            }
            if (c != 'u') {
                return -1;
            }
            int unit = hex();
            if (unit >= 0xD800 && unit <= 0xDBFF && skip('\\')) {
                expect('u');
                int low = hex();
                return low >= 0xDC00 && low <= 0xDFFF ? (unit - 0xD800 << 10) + low - 0xDC00 + 0x10000 : -1;
            }
            return unit;
        }

        private int hex() {
            int unit = 0;
            for (int i = 0; i < 4; i++) {
                int digit = Character.digit((char) next(), 16);
                if (digit < 0) {
                    throw error("hexadecimal digit", at - 1);
                }
                unit = unit << 4 | digit;
            }
            return unit;
        }

        void space() {
            while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
                at++;
            }
        }

        private int peek() {
            return at < bytes.length ? bytes[at] & 0xFF : -1;
        }

        private int next() {
            if (at == bytes.length) {
                throw error("end of string", at);
            }
            return bytes[at++] & 0xFF;
        }

        private boolean skip(int c) {
            if (peek() != c) {
                return false;
            }
            at++;
            return true;
        }

        private void expect(int c) {
            if (!skip(c)) {
                throw error("'" + (char) c + "'", at);
            }
        }
    }
}
