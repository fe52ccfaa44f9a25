package dev.infuser.text;

import java.util.Random;

/** Strings made to find differences between tokenizers; the same for the same seed. */
final class VariedText {
    /** First and last code points of the stretches of Unicode that characters are drawn from. */
    private static final int[][] SCRIPTS = {
        {0x20, 0x7E}, {0x61, 0x7A}, {0xA0, 0xFF}, {0x100, 0x24F}, {0x250, 0x2AF}, {0x370, 0x3FF}, {0x400, 0x52F},
        {0x531, 0x58F}, {0x591, 0x5F4}, {0x600, 0x6FF}, {0x700, 0x74F}, {0x780, 0x7BF}, {0x900, 0x97F},
        {0x980, 0x9FF}, {0xA00, 0xA7F}, {0xB80, 0xBFF}, {0xC00, 0xC7F}, {0xD00, 0xD7F}, {0xD80, 0xDFF},
        {0xE00, 0xE7F}, {0xE80, 0xEFF}, {0xF00, 0xFFF}, {0x1000, 0x109F}, {0x10A0, 0x10FF}, {0x1100, 0x11FF},
        {0x1200, 0x137F}, {0x13A0, 0x13FF}, {0x1780, 0x17FF}, {0x1800, 0x18AF}, {0x1C90, 0x1CBF},
        {0x1E00, 0x1EFF}, {0x1F00, 0x1FFF}, {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2100, 0x218F},
        {0x2190, 0x22FF}, {0x2C00, 0x2DFF}, {0x2E00, 0x2E7F}, {0x3000, 0x303F}, {0x3041, 0x30FF},
        {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA640, 0xA69F}, {0xA720, 0xA7FF}, {0xAB70, 0xABBF},
        {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFB00, 0xFDFF}, {0xFE00, 0xFEFF}, {0xFF00, 0xFFEF},
        {0x10400, 0x1044F}, {0x11000, 0x110CF}, {0x118A0, 0x118FF}, {0x16E40, 0x16E9F}, {0x1D15E, 0x1D1FF},
        {0x1D400, 0x1D7FF}, {0x1E900, 0x1E95F}, {0x1F000, 0x1FAFF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2EBE0},
        {0x2F800, 0x2FA1D}, {0x30000, 0x3134A}, {0xE0000, 0xE01EF}, {0xE000, 0xE010}, {0xF0000, 0xF0010},
    };
    private static final int[][] MARKS = {{0x300, 0x36F}, {0x591, 0x5C7}, {0x64B, 0x65F}, {0xE31, 0xE4E},
        {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20F0}, {0x3099, 0x309A}, {0xFE20, 0xFE2F}, {0x1D165, 0x1D182}};
    private static final String[] PIECES = {"[SEP]", "[CLS]", "[PAD]", "[MASK]", "[UNK]", "[sep]", "[SEP", "##ing",
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66", "\uD83C\uDDE9\uD83C\uDDEA",
        "\uD83D\uDC4D\uD83C\uDFFD", "\u2764\uFE0F", "1\uFE0F\u20E3",
        "\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC7F",
        "don't", "U.S.A.", "3.14159", "e-mail@example.org", "https://example.org/a?b=c&d=%20", "C++", "ΟΔΟΣ",
        "İstanbul", "ǅungla", "straße", "ﬁne", "한국어", "日本語", "ภาษาไทย", "العربية", "हिन्दी", "Tiếng Việt",
        "naïve café",
        "\uD800", "\uDC00", "\uDBFF", "\u0000", "\uFFFD", "\uFEFF", "\u00AD", "\t", "\n", "\r\n", "\u0085", "\u00A0",
        "\u200B", "\u2028", "\u3000", "\u0344\u0327", "\u212B", "\u0F73\u0F71", "\uFDD0", "\uFFFF",
        "I'LL we'Ve ſhe'ſ", "   ", "\n\n  \n", " \t ", "\r\n\r\n", "    return x[i] += 1;\n", "if (a != b) {\n\t\tfoo();\n}",
        "<|endoftext|>", "<s>", "</s>", "<bos>", "<unk>", "<pad>", "<0x0A>", "▁", "▁▁the", "Ġ", "１２３４", "½²Ⅷ", "ﷺ", "㍿", "ℌ𝔢𝔩𝔩𝔬",
        "\u0915\u094D\u0937", "\u1112\u1161\u11AB", "e\u0301\u0323", "\u0600\u0061", "==========", "2024-01-01T00:00:00Z",
        "the", "embedding", "of", "unbelievable", "tokenization", "quick", "Brown", "FOX"};

    private final Random random;

    VariedText(long seed) {
        random = new Random(seed);
    }

    String next() {
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(12);
        for (int i = 0; i < parts; i++) {
            part(text);
            if (random.nextInt(3) > 0) {
                text.append(' ');
            }
        }
        return text.toString();
    }

    /** So many numbers below a limit. */
    int[] ids(int count, int limit) {
        return random.ints(count, 0, limit).toArray();
    }

    private void part(StringBuilder text) {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> word(text, SCRIPTS[random.nextInt(SCRIPTS.length)], 1 + random.nextInt(8), 6);
            case 3, 4 -> text.append(PIECES[random.nextInt(PIECES.length)]);
            case 5 -> word(text, SCRIPTS[random.nextInt(3)], 1 + random.nextInt(12), 4);
            case 6 -> text.append(PIECES[PIECES.length - 1 - random.nextInt(8)]);
            case 7 -> text.appendCodePoint(random.nextInt(0x110000));
            case 8 -> word(text, MARKS[random.nextInt(MARKS.length)], 1 + random.nextInt(5), 1);
            default -> {
                if (random.nextInt(10) == 0) {
                    word(text, SCRIPTS[random.nextInt(SCRIPTS.length)], 90 + random.nextInt(30), 50);
                } else {
                    text.append(random.nextInt(100_000));
                }
            }
        }
    }

    /** Characters of a range, every so many of them followed by a mark of any kind. */
    private void word(StringBuilder text, int[] range, int length, int marked) {
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(in(range));
            if (random.nextInt(marked + 1) == 0) {
                text.appendCodePoint(in(MARKS[random.nextInt(MARKS.length)]));
            }
        }
    }

    private int in(int[] range) {
        return range[0] + random.nextInt(range[1] - range[0] + 1);
    }
}
