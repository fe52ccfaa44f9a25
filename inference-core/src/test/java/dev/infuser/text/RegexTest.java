package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions against the platform's, with texts and syntax of which both say the same. */
class RegexTest {
    private static final List<String> TEXTS = List.of("", "a", "ab", "abc abc", "aaaa", "aXbX", "foo  bar\n baz", "12345a6",
            "Don't, WE'LL", "\u00e9t\u00e9 \u4e2d\u6587", "x{2}[y]-z^", "aabbab", "\n\nab\n");

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab|a", "a*", "a+?b?", "(a|ab)(c|bcd)?", "a{2}", "a{2,}", "a{1,3}b", "(?:ab){1,2}", "(?>a+)b",
        "a++", "[a-c]+", "[^a-c]+", "[]a]", "[a\\-z]+", "\\s+(?!\\S)", "(?<=a)b", "(?<!a)b", "(?=b)", "\\bb?", "\\Ba",
        "\\Aa|b\\z", "(?i:ABC|we'll)", "(?i)don't|bar", "\\d{1,3}(?=(?:\\d{3})*\\b)", "[\\d\\s]+", ".", ".+?X", "\\x61|\\u0062",
        "\\{\\d\\}", "[[a-b]x]+", "[a-z&&[^b]]+", "(?:a|b)*?b", "(?:|a)b", "\\p{L}+", "\\P{L}+", "\\p{Lu}[\\p{Ll}']*",
        "(?:(?:a|b)(?:b|X)){2,3}?", "(a?b){2}"})
    void findsWhatThePlatformFinds(String pattern) {
        Regex regex = Regex.of(pattern);
        for (String text : TEXTS) {
            List<String> expected = new ArrayList<>();
            Matcher platform = java.util.regex.Pattern.compile(pattern.replace("[]a]", "[\\]a]")).matcher(text);
            int last = -1;
            while (platform.find()) {
                if (platform.end() > platform.start() || platform.start() != last) {
                    expected.add(platform.start() + "-" + platform.end());
                }
                last = platform.end();
            }
            List<String> actual = new ArrayList<>();
            Regex.Matcher matcher = regex.matcher(Text.of(text));
            while (matcher.find()) {
                actual.add(matcher.start() + "-" + matcher.end());
            }
            assertEquals(expected, actual, text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "a)", "[a", "[", "*a", "a|*", "\\", "[\\", "\\p", "\\p{L", "(?<=", "(?:a", "[b-a]", "\\x{110000}",
        "\\xg", "\\u"})
    void refusesWhatIsNoExpression(String pattern) {
        assertThrows(InvalidModelException.class, () -> Regex.of(pattern));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a*)*", "(?<name>a)", "\\1", "\\p{Greek}", "a{1001}", "((a{500}){500}){500}", "[[:alpha:]]", "(?<=ab)c",
        "(?x:a)", "\\G"})
    void refusesWhatItDoesNotKnow(String pattern) {
        assertThrows(UnsupportedModelException.class, () -> Regex.of(pattern));
    }

    @Test
    void refusesDeepNesting() {
        assertThrows(UnsupportedModelException.class, () -> Regex.of("(".repeat(10_000) + ")".repeat(10_000)));
        assertThrows(UnsupportedModelException.class, () -> Regex.of("[".repeat(10_000) + "a" + "]".repeat(10_000)));
    }

    @Test
    void givesUpWhereTheWorkExplodes() {
        Regex.Matcher matcher = Regex.of("(?:a|aa)+b").matcher(Text.of("a".repeat(200)));
        assertThrows(InvalidInputException.class, matcher::find);
    }

    @Test
    void needsNoStackForLongTexts() {
        Regex.Matcher matcher = Regex.of("(?:ab|cd)+").matcher(Text.of("abcd".repeat(100_000)));
        assertEquals(true, matcher.find());
        assertEquals(400_000, matcher.end());
    }
}
