package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.models.Models;
import dev.infuser.models.Pictures;
import dev.infuser.runtime.Session;
import dev.infuser.vision.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A photographed page of text, read by the models for OCR of their jar, as it is and turned. */
class OcrTaskTruthTest {

    private static final List<String> TEXT = List.of(
            "Region-based segmentation",
            "Let us first determine markers of the coins and the",
            "background. These markers are pixels that we can label",
            "unambiguously as either object or background. Here,",
            "the markers are found at the two extreme parts of the",
            "histogram of grey values:");
    /** From the last line, whose symbols are hardly to be seen. */
    private static final List<String> CODE = List.of("markers", "np.zeros", "like(coins)");

    private static final List<CompiledModel> OPEN = new ArrayList<>();
    private static Pipeline<Picture, Ocr.Page> task;

    @BeforeAll
    static void open() throws IOException {
        Map<String, Session> sessions = new LinkedHashMap<>();
        for (String[] model : new String[][] {{Ocr.DETECTION, "ch_PP-OCRv4_det_infer"}, {Ocr.RECOGNITION, "ch_PP-OCRv4_rec_infer"},
            {Ocr.ORIENTATION, "ch_ppocr_mobile_v2.0_cls_infer"}}) {
            CompiledModel compiled = CompiledModel.open(() -> Path.of(Models.ocrPackage() + "!/models/" + model[1] + ".onnx"));
            OPEN.add(compiled);
            sessions.put(model[0], compiled.session());
        }
        task = Pipeline.of(Ocr::new, sessions);
    }

    @AfterAll
    static void close() {
        OPEN.forEach(CompiledModel::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aPhotographedPageReadsAsItsText(int quarters) {
        Picture page = Pictures.picture("page.png");
        for (int i = 0; i < quarters; i++) {
            page = turned(page);
        }
        List<String> lines = task.run(page).lines().stream().map(Ocr.Line::text).toList();
        List<Integer> order = new ArrayList<>();
        for (String expected : TEXT) {
            String best = Collections.min(lines, Comparator.comparingInt(line -> distance(line, expected)));
            assertTrue(distance(best, expected) <= 1, expected + " was read as " + best);
            order.add(lines.indexOf(best));
        }
        for (String word : CODE) {
            assertTrue(lines.stream().anyMatch(line -> line.contains(word)), lines::toString);
        }
        if (quarters == 0) {
            assertEquals(List.of(0, 1, 2, 3, 4, 5), order);
        }
    }

    @Test
    void linesLieWhereTheirLettersAre() {
        Ocr.Line heading = task.run(Pictures.picture("page.png")).lines().get(0);
        double[] expected = {7, 13, 292, 15, 292, 33, 7, 33};
        for (int i = 0; i < 8; i++) {
            assertEquals(expected[i], heading.box()[i], 3, heading::text);
        }
    }

    /** A quarter clockwise. */
    private static Picture turned(Picture picture) {
        int width = picture.height();
        int height = picture.width();
        byte[] rgba = new byte[picture.rgba().length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(picture.rgba(), 4 * ((picture.height() - 1 - x) * picture.width() + y), rgba, 4 * (y * width + x), 4);
            }
        }
        return new Picture(width, height, rgba);
    }

    /** The fewest characters to insert, remove or replace (Levenshtein, 1966). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int k = 0; k <= b.length(); k++) {
            row[k] = k;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int k = 1; k <= b.length(); k++) {
                int kept = diagonal + (a.charAt(i - 1) == b.charAt(k - 1) ? 0 : 1);
                diagonal = row[k];
                row[k] = Math.min(kept, 1 + Math.min(row[k], row[k - 1]));
            }
        }
        return row[b.length()];
    }
}
