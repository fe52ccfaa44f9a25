package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.text.Normalizer.Form;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnicodeTest {
    @Test
    void tablesAreWhatHuggingFaceSaysAboutEveryCharacter() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("REMOVED", UnicodeData.REMOVED);
        tables.put("PUNCTUATION", UnicodeData.PUNCTUATION);
        tables.put("NONSPACING", UnicodeData.NONSPACING);
        tables.put("COMBINING", UnicodeData.COMBINING);
        tables.put("WORD", UnicodeData.WORD);
        tables.put("CLASSES", UnicodeData.CLASSES);
        tables.put("LOWER", UnicodeData.LOWER);
        tables.put("DECOMPOSITIONS", UnicodeData.DECOMPOSITIONS);
        tables.put("NOT_COMPOSED", UnicodeData.NOT_COMPOSED);
        tables.put("COMPATIBILITY", UnicodeData.COMPATIBILITY);
        tables.put("NUMERIC", UnicodeData.NUMERIC);
        tables.put("CATEGORIES", UnicodeData.CATEGORIES);
        tables.put("CONTINUES", UnicodeData.CONTINUES);
        tables.put("PREPENDS", UnicodeData.PREPENDS);
        tables.put("CONTROLS", UnicodeData.CONTROLS);
        assertEquals(UnicodeTables.generate(), tables);
    }

    /** The tokenizers decompose by an older version of Unicode, which lacks a few characters beyond the BMP. */
    @Test
    void decomposesLikeThePlatform() {
        int[] parts = new int[4];
        for (int c = 0; c < 0x110000; c++) {
            if (Character.getType(c) != Character.SURROGATE) {
                String self = Character.toString(c);
                String actual = new String(parts, 0, Unicode.decompose(c, parts));
                if (c < 0x10000 || !actual.equals(self)) {
                    String expected = java.text.Normalizer.normalize(self, Form.NFD);
                    assertEquals(expected, actual, Integer.toHexString(c));
                }
            }
        }
    }

    @Test
    void lowersWhatThePlatformKnowsLikeThePlatform() {
        int[] lower = new int[2];
        for (int c = 0; c < 0x110000; c++) {
            if (Character.toLowerCase(c) != c && c != 0x130) {
                assertEquals(1, Unicode.lower(c, lower));
                assertEquals(Character.toLowerCase(c), lower[0], Integer.toHexString(c));
            }
        }
        assertEquals(2, Unicode.lower(0x130, lower));
        assertEquals("i\u0307", new String(lower, 0, 2));
    }

    @Test
    void whiteSpaceIsNeverPartOfAWord() {
        int spaces = 0;
        for (int c = 0; c < 0x110000; c++) {
            spaces += Unicode.isWhitespace(c) ? 1 : 0;
            assertTrue(!Unicode.isWhitespace(c) || !Unicode.isWord(c), Integer.toHexString(c));
        }
        assertEquals(25, spaces);
    }
}
