package dev.infuser.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts of the demo. */
final class Passages {

    private static final Pattern TEXT = Pattern.compile("\"text\": \"((?:[^\"\\\\]|\\\\.)*)\"");

    private Passages() {
    }

    /** All passages, then runs of twelve that are long enough for any model. */
    static List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>();
        Matcher matcher = TEXT.matcher(Files.readString(Site.packaged("/site").resolve("search/moby-dick.json")));
        while (matcher.find()) {
            texts.add(matcher.group(1).replace("\\\"", "\"").replace("\\\\", "\\"));
        }
        for (int start = 0; start + 12 <= 200; start += 12) {
            texts.add(String.join(" ", texts.subList(start, start + 12)));
        }
        return texts;
    }
}
