package dev.infuser.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {

    @Test
    void everyCodePointGoesThereAndBack() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point == 0xD800) {
                point = 0xE000;
            }
            String text = "a" + Character.toString(point) + "z";
            byte[] bytes = text.getBytes(UTF_8);
            assertArrayEquals(bytes, Utf8.encode(text));
            assertEquals(text, Utf8.decode(bytes, 0, bytes.length));
        }
    }

    @Test
    void refusesWhatTheJdkRefuses() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(6)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) (random.nextInt(4) == 0 ? random.nextInt(128) : 128 + random.nextInt(128));
            }
            String expected;
            try {
                expected = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException e) {
                expected = null;
            }
            assertEquals(expected, Utf8.decode(bytes, 0, bytes.length));
        }
    }

    @Test
    void refusesHalfASurrogatePair() {
        for (String text : new String[] {"\uD800", "a\uDC00", "\uD800\uD800\uDC00", "\uDC00\uD800"}) {
            assertNull(Utf8.encode(text));
        }
    }
}
