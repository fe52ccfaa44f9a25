package dev.infuser.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Strings in which tokenizers differ: scripts, marks, emoji, controls, long words. */
final class VariedStrings {

    private static final int[][] RANGES = {{0x20, 0x7E}, {0x61, 0x7A}, {0xA0, 0x24F}, {0x300, 0x36F}, {0x370, 0x3FF},
        {0x400, 0x52F}, {0x5D0, 0x5EA}, {0x620, 0x64A}, {0x900, 0x97F}, {0xE01, 0xE3A}, {0x1E00, 0x1FFF}, {0x2000, 0x206F},
        {0x3041, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFF00, 0xFFEF}, {0x1F300, 0x1FAFF}, {0, 0x20}};
    private static final String[] WORDS = {"the", "Whale", "don't", "U.S.A.", "3.14159", "naïve café", "straße", "İstanbul",
        "ΟΔΟΣ", "한국어", "日本語", "ภาษาไทย", "العربية", "हिन्दी", "Tiếng Việt", "[MASK]", "##ing", "\u00AD", "\uFEFF", "\u200B",
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67", "unbelievableness", "x".repeat(120)};

    private VariedStrings() {
    }

    static List<String> make(int count, Random random) {
        List<String> texts = new ArrayList<>(List.of("", " ", "a", WORDS[WORDS.length - 1]));
        while (texts.size() < count) {
            StringBuilder text = new StringBuilder();
            for (int parts = random.nextInt(8); parts >= 0; parts--) {
                if (random.nextBoolean()) {
                    text.append(WORDS[random.nextInt(WORDS.length)]);
                } else {
                    int[] range = RANGES[random.nextInt(RANGES.length)];
                    for (int length = random.nextInt(6); length >= 0; length--) {
                        text.appendCodePoint(range[0] + random.nextInt(range[1] - range[0] + 1));
                    }
                }
                text.append(random.nextInt(3) > 0 ? " " : "");
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
