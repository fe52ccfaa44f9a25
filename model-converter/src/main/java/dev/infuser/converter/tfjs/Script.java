package dev.infuser.converter.tfjs;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a script module exports where that is data: {@code module.exports = …}, {@code exports.default = …} or
 * {@code export default …} with an object, array, string or number as scripts spell them, also when it has been made smaller
 * ({@code !0} for true) or wrapped by a bundler. Nothing is run.
 */
final class Script {

    private static final String[] MARKS = {"exports", "export default"};
    private static final int DEEPEST = 256;
    private static final int MOST = 1000;

    private final String text;
    private int at;

    private Script(String text, int at) {
        this.text = text;
        this.at = at;
    }

    /** The first data that is exported, or null where there is none. */
    static JsonElement exported(ByteBuffer script) {
        String text = StandardCharsets.UTF_8.decode(script.duplicate()).toString();
        for (String mark : MARKS) {
            int found = text.indexOf(mark);
            for (int tried = 0; found >= 0 && tried < MOST; tried++) {
                JsonElement data = at(text, found + mark.length(), mark.equals(MARKS[0]));
                if (data != null) {
                    return data;
                }
                found = text.indexOf(mark, found + 1);
            }
        }
        return null;
    }

    private static JsonElement at(String text, int from, boolean assigned) {
        Script script = new Script(text, from);
        try {
            if (assigned) {
                script.skip(".default");
                script.space();
                if (!script.skip("=")) {
                    return null;
                }
            }
            JsonElement data = script.value(0);
            return data.isJsonNull() ? null : data;
        } catch (InvalidModelException | NumberFormatException e) {
            return null;
        }
    }

    private InvalidModelException wrong() {
        return new InvalidModelException("bad-script", "the script has no data at character " + at);
    }

    private boolean skip(String word) {
        boolean found = text.startsWith(word, at);
        at += found ? word.length() : 0;
        return found;
    }

    private void space() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char next() {
        space();
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private JsonElement value(int depth) {
        if (depth > DEEPEST) {
            throw wrong();
        }
        char c = next();
        if (c == '{') {
            return object(depth);
        }
        if (c == '[') {
            return array(depth);
        }
        if (c == '"' || c == '\'' || c == '`') {
            return new JsonPrimitive(string());
        }
        if (skip("!0") || skip("true")) {
            return new JsonPrimitive(true);
        }
        if (skip("!1") || skip("false")) {
            return new JsonPrimitive(false);
        }
        if (skip("null") || skip("void 0") || skip("undefined")) {
            return JsonNull.INSTANCE;
        }
        return number();
    }

    private JsonElement object(int depth) {
        JsonObject object = new JsonObject();
        at++;
        while (next() != '}') {
            char c = next();
            String key = c == '"' || c == '\'' ? string() : word();
            if (next() != ':') {
                throw wrong();
            }
            at++;
            object.add(key, value(depth + 1));
            comma('}');
        }
        at++;
        return object;
    }

    private JsonElement array(int depth) {
        JsonArray array = new JsonArray();
        at++;
        while (next() != ']') {
            array.add(value(depth + 1));
            comma(']');
        }
        at++;
        return array;
    }

    private void comma(char end) {
        char c = next();
        if (c == ',') {
            at++;
        } else if (c != end) {
            throw wrong();
        }
    }

    private String word() {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "_$".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw wrong();
        }
        return text.substring(start, at);
    }

    private JsonElement number() {
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || "+-.eE".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        String digits = text.substring(start, at);
        boolean whole = digits.indexOf('.') < 0 && digits.indexOf('e') < 0 && digits.indexOf('E') < 0;
        return whole ? new JsonPrimitive(Long.parseLong(digits)) : new JsonPrimitive(Double.parseDouble(digits));
    }

    private String string() {
        char quote = text.charAt(at++);
        int start = at;
        while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\\' && text.charAt(at) != '$') {
            at++;
        }
        if (at >= text.length()) {
            throw wrong();
        }
        if (text.charAt(at) == quote) {
            return text.substring(start, at++);
        }
        at = start;
        StringBuilder out = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            if (quote == '`' && c == '$' && text.startsWith("{", at)) {
                throw wrong();
            }
            out.append(c == '\\' ? escaped() : String.valueOf(c));
        }
        at++;
        return out.toString();
    }

    private String escaped() {
        if (at >= text.length()) {
            throw wrong();
        }
        char c = text.charAt(at++);
        int place = "ntrbfv0".indexOf(c);
        if (place >= 0) {
            return String.valueOf("\n\t\r\b\f\u000B\0".charAt(place));
        }
        int digits = c == 'u' ? 4 : c == 'x' ? 2 : 0;
        if (digits == 0) {
            return c == '\n' ? "" : String.valueOf(c);
        }
        if (at + digits > text.length()) {
            throw wrong();
        }
        at += digits;
        return String.valueOf((char) Integer.parseInt(text.substring(at - digits, at), 16));
    }
}
