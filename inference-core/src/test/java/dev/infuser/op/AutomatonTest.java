package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions against the platform's, which agree with RE2 on these. */
class AutomatonTest {

    private static final String[] TEXTS = {"", "a", "ab", "aab", "abab", "A", "aB", "foo@gmail.com", "x-1", "12", "1234", "a\nb",
        "\n", " ", "über", "\uD83D\uDE00", "a-b_c", "]", "^", "cat dog", "dog", "{2}", "a{x"};

    @ParameterizedTest
    @ValueSource(strings = {"a*b", "(ab)+", "(a|b)*", "a?b{1,2}", "[a-c]{2,}", "[^a]*", "(?i)a+b?", "(?i:A)b", ".*", "(?s).*",
        "\\w+", "\\W*", "\\d{2,4}", "[\\w.-]+@(gmail|yahoo)\\.com", "^a.*$", "(?m)a$\\n^b", "\\bcat\\b.*", "[]]", "[\\^]",
        "\\x61.", "(?:|a)(b|)", "(a*)*b?", "[[:alpha:]]+", "(cat )?dog", "a{x", "\\Aa\\z", "x\\-\\S", "(a+?b)*?", ".", "[^\\s\\d]"})
    void wholeTextsMatch(String expression) {
        String java = expression.equals("[]]") ? "[\\]]" : expression.equals("a{x") ? "a\\{x"
                : expression.replace("[[:alpha:]]", "\\p{Alpha}");
        Automaton automaton = new Automaton(expression);
        Pattern pattern = Pattern.compile(java, Pattern.UNIX_LINES);
        for (String text : TEXTS) {
            assertEquals(pattern.matcher(text).matches(), automaton.matches(text), expression + " of " + text);
        }
    }

    @Test
    void timeIsLinear() {
        assertFalse(new Automaton("(a*)*(a*)*c").matches("a".repeat(20_000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", ")", "[a", "*a", "a**", "\\", "[b-a]", "(?=a)", "(?<!a)b", "a{2,1}", "\\q", "((a{1000}){1000}){1000}",
        "(((){1000}){1000}){1000}"})
    void whatIsNoneIsRefused(String expression) {
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("RegexFullMatch", Attributes.of("pattern", expression),
                Tensor.strings(new int[] {1}, "a")));
    }
}
