package dev.infuser.demo;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Clip;
import com.microsoft.playwright.options.ScreenshotType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Makes the gallery's pictures, which show what the tasks answer to their samples. The README says how to run it. */
@ExtendWith(Harness.Shared.class)
@EnabledIfSystemProperty(named = "infuser.pictures", matches = "yes")
class ResultPictures {

    private static final Path FOLDER = Path.of("src/main/resources/site/results");
    private static final int WIDTH = 480;
    private static final int HEIGHT = 320;
    private static final String CANVAS = """
            () => {
              const from = document.querySelector('canvas'), scale = Math.max(480 / from.width, 320 / from.height);
              const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 320 });
              const context = canvas.getContext('2d');
              context.fillStyle = '#fff';
              context.fillRect(0, 0, 480, 320);
              context.imageSmoothingQuality = 'high';
              context.drawImage(from, (480 - scale * from.width) / 2, (320 - scale * from.height) / 2, scale * from.width, scale * from.height);
              return canvas.toDataURL('image/jpeg', 0.8).split(',')[1];
            }""";

    @Test
    void make(Harness harness) throws IOException {
        new TaskModels(harness.model().getParent()).prepare(System.out::println);
        for (String name : List.of("object-detection", "face", "pose-estimation", "video-matting", "image-segmentation", "ocr", "super-resolution", "voice-activity")) {
            try (Visit visit = harness.visit("task.html?task=" + name).await("ready")) {
                Files.write(FOLDER.resolve(name + ".jpg"), Base64.getDecoder().decode((String) visit.page().evaluate(CANVAS)));
            }
        }
        Browser.NewContextOptions small = new Browser.NewContextOptions().setViewportSize(WIDTH, 900);
        try (Visit visit = Visit.open(harness.chrome().browser(), harness.server().address() + "task.html?task=language-detection", small)
                .await("ready")) {
            shoot(visit.page(), "language-detection", "textarea");
        }
        try (Visit visit = Visit.open(harness.chrome().browser(), harness.server().address() + "search/index.html", small).await("ready")) {
            visit.page().fill("#query", "a man feels gloomy and goes to sea");
            visit.page().keyboard().press("Enter");
            visit.page().waitForSelector("#answers[data-state='done']");
            shoot(visit.page(), "search", "#answers");
        }
    }

    private static void shoot(Page page, String name, String selector) {
        page.locator(selector).scrollIntoViewIfNeeded();
        double top = page.locator(selector).boundingBox().y + ((Number) page.evaluate("scrollY")).doubleValue();
        page.screenshot(new Page.ScreenshotOptions().setPath(FOLDER.resolve(name + ".jpg")).setType(ScreenshotType.JPEG).setQuality(80)
                .setFullPage(true).setClip(new Clip(0, top, WIDTH, HEIGHT)));
    }
}
