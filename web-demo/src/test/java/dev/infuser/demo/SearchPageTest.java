package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Harness.Shared.class)
class SearchPageTest {

    @Test
    void findsPassagesByMeaning(Harness harness) {
        try (Visit visit = harness.visit("search/index.html").await("ready")) {
            search(visit, "what whales eat");
            assertTrue(first(visit).innerText().contains("obtains his whole food in unknown zones"), () -> first(visit).innerText());
            search(visit, "a reward of gold for whoever sees the white whale first");
            assertTrue(first(visit).innerText().contains("raises me a white-headed whale"), () -> first(visit).innerText());

            List<Double> scores = visit.page().locator("#results li").all().stream()
                    .map(result -> Double.valueOf(result.getAttribute("data-score"))).toList();
            assertEquals(8, scores.size());
            assertEquals(scores.stream().sorted(java.util.Comparator.reverseOrder()).toList(), scores);
            assertTrue(visit.page().locator("#summary").innerText().contains("of 200 passages"));
            assertEquals("0", visit.page().locator("#privacy").getAttribute("data-requests"));
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void searchesForAnExampleFromTheKeyboard(Harness harness) {
        try (Visit visit = harness.visit("search/index.html").await("ready")) {
            assertEquals("query", visit.page().evaluate("document.activeElement.id"));
            visit.page().keyboard().press("Tab");
            visit.page().keyboard().press("Tab");
            visit.page().keyboard().press("Enter");
            visit.page().waitForSelector("#answers[data-state='done']");
            assertEquals(8, visit.page().locator("#results li").count());
            assertEquals("gloomy moods and going to sea", visit.page().locator("#query").inputValue());
        }
    }

    static List<Arguments> damage() {
        return List.of(Arguments.of("an HTML page", BadModels.html(), "foreign-file"),
                Arguments.of("an empty file", new byte[0], "empty-file"),
                Arguments.of("an unsupported operator", BadModels.unknownOperator(), "unsupported-operator"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damage")
    void saysInWordsWhatIsWrongWithTheModel(String what, byte[] file, String code, @TempDir Path folder, Harness harness)
            throws IOException {
        Files.write(folder.resolve(DemoModel.FILE), file);
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "search/index.html").await("error")) {
            String text = visit.page().locator("#error").innerText();
            assertEquals(code, visit.page().locator("html").getAttribute("data-code"), text);
            assertTrue(text.contains(code) && visit.page().locator("#error .message").innerText().length() > 10, text);
            visit.assertClean(server.address());
        }
    }

    @Test
    void saysThatTheModelIsMissing(@TempDir Path folder, Harness harness) throws IOException {
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "search/index.html").await("error")) {
            assertEquals("http-status", visit.page().locator("html").getAttribute("data-code"));
        }
    }

    private static void search(Visit visit, String query) {
        visit.page().fill("#query", query);
        visit.page().keyboard().press("Enter");
        visit.page().waitForSelector("#answers[data-query=\"" + query + "\"]");
    }

    private static Locator first(Visit visit) {
        return visit.page().locator("#results li").first();
    }
}
