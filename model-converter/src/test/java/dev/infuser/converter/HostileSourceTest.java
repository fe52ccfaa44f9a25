package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.text.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that are made to do harm. */
class HostileSourceTest {

    @TempDir
    private Path folder;

    /** An archive of entries of zeros, by turns a name and a size. */
    private Path archive(Object... entries) throws IOException {
        Path file = folder.resolve("a.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) entries[i]));
                if (entries[i + 1] instanceof byte[] bytes) {
                    zip.write(bytes);
                } else {
                    zeros(zip, (Integer) entries[i + 1]);
                }
            }
        }
        return file;
    }

    private static void zeros(OutputStream out, int count) throws IOException {
        byte[] chunk = new byte[1 << 20];
        for (int left = count; left > 0; left -= chunk.length) {
            out.write(chunk, 0, Math.min(left, chunk.length));
        }
    }

    @Test
    void archivesThatGrowOutOfProportionAreRefused() throws IOException {
        Path bomb = archive("m.onnx", 80 << 20);
        assertTrue(Files.size(bomb) < 1 << 20);
        assertEquals("archive-bomb", assertThrows(InvalidModelException.class, () -> Source.open(bomb + "!/m.onnx")).code());
    }

    @Test
    void externalDataAndTokenizersThatGrowOutOfProportionAreRefused() throws IOException {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(12, OnnxWriter.value("w", DType.FLOAT32, 20 << 20))
                .message(5, OnnxWriter.external("w", 20 << 20, "w.bin", 0)));
        Path data = archive("m.onnx", model, "w.bin", 80 << 20);
        try (Source source = Source.open(data + "!/m.onnx")) {
            assertEquals("archive-bomb", assertThrows(InvalidModelException.class,
                    () -> OnnxImporter.importModel(source.bytes(), source.external())).code());
        }
        Path tokenizer = archive("m.onnx", model, "tokenizer.json", 80 << 20);
        assertEquals("archive-bomb",
                assertThrows(InvalidModelException.class, () -> Source.open(tokenizer + "!/m.onnx")).code());
    }

    @Test
    void entriesThatLeadOutOfTheArchiveAreRefused() throws IOException {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(12, OnnxWriter.value("w", DType.FLOAT32, 2))
                .message(5, OnnxWriter.external("w", 2, "../w.bin", 0)));
        try (Source source = Source.open(archive("m/m.onnx", model, "m/../w.bin", 8) + "!/m/m.onnx")) {
            assertEquals("external-path", assertThrows(InvalidModelException.class,
                    () -> OnnxImporter.importModel(source.bytes(), source.external())).code());
        }
    }

    @Test
    void whatIsNoArchiveIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.zip"), "no archive");
        assertEquals("bad-archive", assertThrows(InvalidModelException.class, () -> Source.open(file + "!/m.onnx")).code());
    }

    @Test
    void onnxGraphsInACircleAreRefused() {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(12, OnnxWriter.value("a", DType.FLOAT32, 2))
                .message(1, OnnxWriter.node("Neg", "b", "a")).message(1, OnnxWriter.node("Neg", "a", "b")));
        String message = assertThrows(InvalidModelException.class,
                () -> OnnxImporter.importModel(ByteBuffer.wrap(model), null)).getMessage();
        assertTrue(message.contains("circle"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'modelTopology':{'node':[{'name':'a','op':'Neg','input':['b']},{'name':'b','op':'Neg','input':['a']}]},"
                + "'weightsManifest':[],'signature':{'outputs':{'a':{'name':'a'}}}}",
        "{'modelTopology':{'node':[{'name':'a','op':'Neg','input':['b']},{'name':'b','op':'Neg','input':['a']}]},"
                + "'weightsManifest':[]}",
        "{'modelTopology':{'node':[{'name':'a','op':'Neg','input':['a']}]},'weightsManifest':[]}",
        "{'modelTopology':{'node':[{'name':'w','op':'Const'}]},'weightsManifest':[{'paths':['a.bin'],'weights':"
                + "[{'name':'w','shape':[2000000000,2000000000,2000000000],'dtype':'float32'}]}]}",
        "{'modelTopology':{'node':[{'name':'w','op':'Const'}]},'weightsManifest':[{'paths':['a.bin'],'weights':"
                + "[{'name':'w','shape':[-4],'dtype':'float32'}]}]}",
        "{'modelTopology':{'node':[{'name':'w','op':'Const'}]},'weightsManifest':[{'paths':['../../etc/passwd'],"
                + "'weights':[{'name':'w','shape':[1],'dtype':'float32'}]}]}",
        "{'modelTopology':{'node':[{'name':'w','op':'Const'}]},'weightsManifest':[{'paths':['a.bin'],'weights':"
                + "[{'name':'w','shape':[1e9],'dtype':'float32'}]}]}"
    })
    void graphsOfTensorFlowInACircleAndAbsurdWeightsAreRefused(String json) throws IOException {
        Files.write(folder.resolve("a.bin"), new byte[16]);
        byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        InfuserException error = assertThrows(InfuserException.class,
                () -> TfjsImporter.importModel(ByteBuffer.wrap(bytes), new FolderData(folder)));
        assertTrue(!error.code().isEmpty(), error.toString());
    }

    @Test
    void jsonThatIsNestedDeeplyIsRefused() {
        byte[] bytes = ("{\"modelTopology\":" + "[".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
        assertThrows(InfuserException.class, () -> TfjsImporter.importModel(ByteBuffer.wrap(bytes), null));
        byte[] tokenizer = ("{\"model\":" + "[".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
        assertThrows(InfuserException.class, () -> Tokenizer.parse(tokenizer));
    }
}
