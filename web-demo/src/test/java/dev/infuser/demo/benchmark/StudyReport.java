package dev.infuser.demo.benchmark;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results of the image study as Markdown. */
final class StudyReport {

    private static final List<String> COLUMNS = List.of("implementation", "median ms", "p99 ms", "p99 / median", "times JavaScript",
            "with copies ms", "times JavaScript", "runs");
    private static final Map<String, String> PIPELINES = Map.of("edges", "Edge detection", "input", "Model input");

    private StudyReport() {
    }

    /**
     * A table for each pipeline and size.
     *
     * @param results what {@code measure} in {@code site/study/measure.js} answers
     */
    static String markdown(Map<String, String> facts, List<Map<?, ?>> results) {
        StringBuilder out = new StringBuilder("# Image pipelines\n\n");
        facts.forEach((name, value) -> out.append("* ").append(name).append(": ").append(value).append('\n'));
        out.append("* outputs: equal byte by byte, before and after timing, and to those of the Java on the JVM, unless a row says"
                + " otherwise\n");
        for (Map<?, ?> result : results) {
            out.append("\n## ").append(PIPELINES.get(result.get("pipeline"))).append(", ").append(result.get("width")).append(" × ")
                    .append(result.get("height")).append("\n\n");
            row(out, COLUMNS);
            row(out, Collections.nCopies(COLUMNS.size(), "---"));
            for (Object each : (List<?>) result.get("rows")) {
                row(out, cells((Map<?, ?>) each));
            }
        }
        return out.toString();
    }

    private static List<String> cells(Map<?, ?> row) {
        String title = (String) row.get("title");
        if (row.get("problem") != null) {
            return List.of(title, "–", "–", "–", "–", "–", "–", row.get("problem").toString());
        }
        return List.of(title, number(row, "median", ""), number(row, "p99", ""), number(row, "spread", ""), number(row, "ratio", "×"),
                number(row, "withCopies", ""), number(row, "ratioWithCopies", "×"), row.get("runs").toString());
    }

    private static String number(Map<?, ?> row, String name, String unit) {
        return row.get(name) instanceof Number number ? String.format(Locale.ROOT, "%.2f", number.doubleValue()) + unit : "–";
    }

    private static void row(StringBuilder out, List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
