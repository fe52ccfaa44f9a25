package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.models.Models;
import dev.infuser.models.Sounds;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Voice activity and the language of source code in a page, with real models. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SoundTasksTest {

    /** A recording as the browser decodes it, at the rate of a context. */
    private static final String DECODE = """
            const decode = async (name, rate) => new OfflineAudioContext(1, 1, rate)
              .decodeAudioData(await (await fetch(`/models/${name}.wav`)).arrayBuffer());
            """;

    @TempDir
    private static Path folder;

    private static SiteServer server;

    @BeforeAll
    static void prepare() throws IOException {
        Map<String, Path> models;
        try {
            models = Map.of("voice", Models.npmPackage("@ricky0123/vad-web").resolve("dist/silero_vad_v5.onnx"),
                    "language", Models.tensorFlowPackage("@vscode/vscode-languagedetection").resolve("model/model.json"));
        } catch (UnavailableException e) {
            abort("tasks on sound are not tested: " + e.getMessage());
            return;
        }
        for (Map.Entry<String, Path> model : models.entrySet()) {
            try (Source source = Source.open(model.getValue().toString())) {
                Converter.convert(source, folder.resolve(model.getKey() + ".tea"), Converter.Options.DEFAULT.verify(false),
                        Progress.SILENT);
            }
        }
        for (String sound : List.of("go-forward.wav", "young-man.wav")) {
            Files.write(folder.resolve(sound), Sounds.file(sound));
        }
        server = Harness.serve(folder);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Object evaluate(Harness harness, String body) {
        try (Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            Object result = visit.page().evaluate("async () => { const { task } = await import('/infuser/infuser.js'); "
                    + DECODE + body + " }");
            visit.assertClean(server.address());
            return result;
        }
    }

    @Test
    void speechIsFoundInSamplesAndBuffersOfAnyRate(Harness harness) {
        Object wrong = evaluate(harness, """
                const voice = await task('voice-activity', '/models/voice.tea'), wrong = [];
                const check = (what, { segments: [one, ...more], speech, time, frame, open }) => {
                  const right = more.length === 0 && time === 0 && frame === 0.032 && open === null && speech.length === Math.ceil(44580 / 512)
                    && Math.abs(one?.start - 0.494) < 0.033 && Math.abs(one.end - 2.218) < 0.033;
                  if (!right) wrong.push({ what, one, more, time, frame, open, frames: speech.length });
                };
                const buffer = await decode('go-forward', 16000), samples = buffer.getChannelData(0);
                check('samples', await voice.run(samples, { last: true }));
                check('again', await voice.run(samples, { sampleRate: 16000, last: true }));
                check('a buffer', await voice.run(buffer, { last: true }));
                const stereo = new AudioBuffer({ numberOfChannels: 2, length: buffer.length, sampleRate: 16000 });
                for (const channel of [0, 1]) stereo.copyToChannel(samples, channel);
                check('two channels', await voice.run(stereo, { last: true }));
                for (const rate of [44100, 48000]) check(`${rate} Hz`, await voice.run(await decode('go-forward', rate), { last: true }));
                return wrong;
                """);
        assertEquals(List.of(), wrong);
    }

    @Test
    void piecesOfAStreamTellWhatEndedInThem(Harness harness) {
        Object told = evaluate(harness, """
                const voice = await task('voice-activity', '/models/voice.tea');
                const buffers = await Promise.all(['go-forward', 'young-man'].map((name) => decode(name, 16000)));
                const samples = buffers.flatMap((buffer) => [...buffer.getChannelData(0), ...new Float32Array(8000)]);
                const pieces = [];
                for (let at = 0; at < samples.length; at += 4096) pieces.push(Float32Array.from(samples.slice(at, at + 4096)));
                const answers = await voice.run(pieces);
                const twice = [];
                for (const piece of pieces) twice.push(voice.run(piece));
                await voice.reset();
                const again = [];
                for (const piece of pieces) again.push(await voice.run(piece));
                const errors = [];
                for (const [input, options] of [[new Float32Array(9), { sampleRate: 48000 }], ['text', {}],
                  [new Float32Array(9), { treshold: 1 }]]) {
                  await voice.run(input, options).then(() => errors.push(''), ({ code }) => errors.push(code));
                }
                return { segments: answers.flatMap(({ segments }) => segments).length, open: answers.some(({ open }) => open > 0.4),
                  same: JSON.stringify(again) === JSON.stringify(answers), frames: answers.flatMap(({ speech }) => [...speech]).length,
                  wanted: Math.floor(samples.length / 512), errors };
                """);
        Map<?, ?> answers = (Map<?, ?>) told;
        assertEquals(2, answers.get("segments"), told::toString);
        assertEquals(true, answers.get("open"));
        assertEquals(true, answers.get("same"));
        assertEquals(answers.get("wanted"), answers.get("frames"));
        assertEquals(List.of("bad-sound", "bad-input", "unknown-option"), answers.get("errors"));
    }

    @Test
    void languagesOfSourceCodeAreTold(Harness harness) {
        Object told = evaluate(harness, """
                const language = await task('language-detection', '/models/language.tea');
                const answers = await language.run(['import java.util.List;\\n\\npublic final class Main {\\n'
                  + '    public static void main(String[] args) {\\n        System.out.println(List.of(1));\\n    }\\n}\\n',
                  'def fib(n):\\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\\n\\nprint(fib(9))\\n', 'x = 1'], { limit: 2 });
                return answers.map((labels) => labels.map(({ label, score }) => `${label} ${score > 0 && score <= 1}`).join());
                """);
        List<?> labels = (List<?>) told;
        assertTrue(labels.get(0).toString().startsWith("java true,"), told::toString);
        assertTrue(labels.get(1).toString().startsWith("py true,"), told::toString);
        assertEquals("", labels.get(2));
    }
}
