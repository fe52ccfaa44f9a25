package dev.infuser.converter.tfjs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '@', value = {
        "module.exports = {a: 1, 'b': [-.5, 1e-3, 2.,], \"c\": !0, d: null};  | {\"a\":1,\"b\":[-0.5,0.001,2.0],\"c\":true,\"d\":null}",
        "export default { $x_1 : void 0, y : false } | {\"$x_1\":null,\"y\":false}", "exports.default=`a$b` | \"a$b\"",
        "exports.default='it\\'s \\u0041\\n' | \"it's A\\n\"", "var exports = {}; function f() {} exports.default = [[], {}]; | {}",
        "!function(e){if(\"object\"==typeof exports)module.exports=e();}({1:[function(a,b,c){b.exports={k:[!1,0]}},{}]}) | {\"k\":[false,0]}"})
    void dataIsReadHoweverScriptsSpellIt(String script, String json) {
        JsonElement data = Script.exported(bytes(script));
        assertEquals(json, data == null ? null : data.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '@', value = {"exports.model = {a: b}", "module.exports = {a: 1", "export default `${x}`",
        "exports = function() {}", "nothing", "module.exports = 'open", "module.exports={a:1,b:c()}"})
    void whatHasToBeRunIsNoData(String script) {
        assertNull(Script.exported(bytes(script)));
    }

    @Test
    void nestingAndRepetitionEnd() {
        assertNull(Script.exported(bytes("exports=" + "[".repeat(100_000))));
        assertNull(Script.exported(bytes("exports={".repeat(100_000))));
    }

    private static ExternalData files(String name, String text) {
        return (location, offset, length) -> {
            if (!location.equals(name)) {
                throw new InvalidModelException("missing-external-data", location);
            }
            return bytes(text);
        };
    }

    @Test
    void shardsMayBeScriptsOfTheirName() {
        ByteBuffer shard = new ScriptData(files("w.bin.js", "module.exports='AQIDBA=='")).slice("w.bin", 1, 2);
        assertArrayEquals(new byte[] {2, 3}, new byte[] {shard.get(), shard.get()});
    }

    @Test
    void shardsThatAreMissingOrNoDataAreRefused() {
        assertEquals("missing-external-data", assertThrows(InvalidModelException.class,
                () -> new ScriptData(files("other.js", "")).slice("w", 0, 1)).code());
        assertEquals("bad-script", assertThrows(InvalidModelException.class,
                () -> new ScriptData(files("w.js", "exports=f()")).slice("w", 0, 1)).code());
        assertEquals("truncated-file", assertThrows(InvalidModelException.class,
                () -> new ScriptData(files("w.js", "exports='AQIDBA=='")).slice("w", 2, 4)).code());
    }
}
