package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.infuser.converter.tflite.TfliteFile;
import dev.infuser.format.FileSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.MetadataT;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.support.metadata.schema.AssociatedFileT;
import org.tensorflow.lite.support.metadata.schema.AssociatedFileType;
import org.tensorflow.lite.support.metadata.schema.ModelMetadata;
import org.tensorflow.lite.support.metadata.schema.ModelMetadataT;
import org.tensorflow.lite.support.metadata.schema.NormalizationOptionsT;
import org.tensorflow.lite.support.metadata.schema.ProcessUnitOptions;
import org.tensorflow.lite.support.metadata.schema.ProcessUnitOptionsUnion;
import org.tensorflow.lite.support.metadata.schema.ProcessUnitT;
import org.tensorflow.lite.support.metadata.schema.SubGraphMetadataT;
import org.tensorflow.lite.support.metadata.schema.TensorMetadataT;
import picocli.CommandLine;

/** Models of TensorFlow Lite from the command line: files, what packs them, and what they say of themselves. */
class TfliteFilesTest {

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.setErr(new PrintWriter(err));
        return commands.execute(args);
    }

    private static TfliteFile negation() {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 1, 2);
        int y = file.floats("y", 1, 2);
        return file.op(BuiltinOperator.NEG, null, new int[] {x}, y).end(new int[] {x}, y);
    }

    private static Model read(Path tea) {
        try (FileSource source = new FileSource(tea.toString())) {
            return TeaReader.open(source).model();
        }
    }

    private static void zip(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    @Test
    void convertsAFile() throws IOException {
        Path model = Files.write(folder.resolve("negation.tflite"), negation().bytes());
        assertEquals(0, run("convert", model.toString(), "-o", folder.resolve("negation.tea").toString()), err::toString);
        assertEquals("tflite", read(folder.resolve("negation.tea")).metadata().get("format"));
        assertEquals(0, run("inspect", model.toString()), err::toString);
        assertTrue(out.toString().contains("y: float32[1,2]"), out.toString());
    }

    @Test
    void saysInOneLineWhyAModelIsNotConverted() throws IOException {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 4);
        int y = file.floats("y", 4);
        Path model = Files.write(folder.resolve("strange.tflite"), file.custom("Strange", 1, new byte[0], new int[] {x}, y)
                .end(new int[] {x}, y).bytes());
        assertEquals(1, run("convert", model.toString(), "-o", folder.resolve("strange.tea").toString()));
        assertTrue(err.toString().contains("an operator is not supported: Strange (operator 0 'y')"), err.toString());
        assertEquals(1, err.toString().lines().count());
        Path half = Files.write(folder.resolve("half.tflite"), java.util.Arrays.copyOf(negation().bytes(), 100));
        assertEquals(1, run("convert", half.toString(), "-o", folder.resolve("half.tea").toString()));
        assertTrue(err.toString().contains("damaged"), err.toString());
    }

    @Test
    void convertsEveryModelOfATaskArchive() throws IOException {
        Path task = folder.resolve("two.task");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(task))) {
            zip(zip, "detector.tflite", negation().bytes());
            zip(zip, "landmarks.tflite", negation().bytes());
            zip(zip, "readme.txt", "text".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(0, run("convert", task.toString(), "-o", folder.resolve("all").toString(), "--no-verify"), err::toString);
        assertTrue(Files.exists(folder.resolve("all/detector.tea")) && Files.exists(folder.resolve("all/landmarks.tea")));
        Path one = folder.resolve("one.tea");
        assertEquals(0, run("convert", task + "!/detector.tflite", "-o", one.toString(), "--no-verify"), err::toString);
    }

    @Test
    void convertsEveryModelOfPackedAssets() throws IOException {
        byte[] model = negation().bytes();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write("labels".getBytes(StandardCharsets.UTF_8));
        data.write(model);
        data.write(model);
        Path packed = Files.write(folder.resolve("packed_assets.data"), data.toByteArray());
        int end = 6 + model.length;
        Files.writeString(folder.resolve("packed_assets_loader.js"), "x(); loadPackage({\"files\": [{\"filename\": \"/a/labels.txt\","
                + " \"start\": 0, \"end\": 6}, {\"filename\": \"/a/one.tflite\", \"start\": 6, \"end\": " + end
                + "}, {\"filename\": \"/a/../../two.tflite\", \"start\": " + end + ", \"end\": " + (end + model.length) + "}]});");
        assertEquals(1, run("convert", packed.toString(), "-o", folder.resolve("all").toString(), "--no-verify"));
        assertTrue(Files.exists(folder.resolve("all/a/one.tea")));
        assertTrue(err.toString().contains("leads out of the archive"), err.toString());
        Files.writeString(folder.resolve("packed_assets_loader.js"), "loadPackage({\"files\": [{\"filename\": \"/a/one.tflite\","
                + " \"start\": 6, \"end\": 99999}]});");
        assertEquals(1, run("convert", packed.toString(), "-o", folder.resolve("all").toString()));
    }

    private static byte[] metadata() {
        NormalizationOptionsT normal = new NormalizationOptionsT();
        normal.setMean(new float[] {127.5f});
        normal.setStd(new float[] {127.5f});
        ProcessUnitOptionsUnion options = new ProcessUnitOptionsUnion();
        options.setType(ProcessUnitOptions.NormalizationOptions);
        options.setValue(normal);
        ProcessUnitT unit = new ProcessUnitT();
        unit.setOptions(options);
        TensorMetadataT input = new TensorMetadataT();
        input.setName("image");
        input.setProcessUnits(new ProcessUnitT[] {unit});
        AssociatedFileT labels = new AssociatedFileT();
        labels.setName("labels.txt");
        labels.setType((byte) AssociatedFileType.TENSOR_AXIS_LABELS);
        TensorMetadataT output = new TensorMetadataT();
        output.setAssociatedFiles(new AssociatedFileT[] {labels});
        SubGraphMetadataT graph = new SubGraphMetadataT();
        graph.setInputTensorMetadata(new TensorMetadataT[] {input});
        graph.setOutputTensorMetadata(new TensorMetadataT[] {output});
        ModelMetadataT model = new ModelMetadataT();
        model.setName("Negation");
        model.setSubgraphMetadata(new SubGraphMetadataT[] {graph});
        FlatBufferBuilder builder = new FlatBufferBuilder();
        ModelMetadata.finishModelMetadataBuffer(builder, ModelMetadata.pack(builder, model));
        return builder.sizedByteArray();
    }

    @Test
    void keepsWhatTheModelSaysOfItsInputsAndOutputs() throws IOException {
        TfliteFile file = negation();
        int buffer = file.buffer(metadata());
        MetadataT entry = new MetadataT();
        entry.setName("TFLITE_METADATA");
        entry.setBuffer(buffer);
        ModelT model = file.model();
        model.setMetadata(new MetadataT[] {entry});
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(TfliteFile.bytes(model));
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip(zip, "labels.txt", "cat\ndog\n".getBytes(StandardCharsets.UTF_8));
        }
        Path source = Files.write(folder.resolve("described.tflite"), bytes.toByteArray());
        Path tea = folder.resolve("described.tea");
        assertEquals(0, run("convert", source.toString(), "-o", tea.toString()), err::toString);
        Model converted = read(tea);
        assertEquals("Negation", converted.metadata().get("title"));
        assertEquals("127.5", converted.metadata().get("input.x.mean"));
        assertEquals("127.5", converted.metadata().get("input.x.std"));
        assertEquals("labels.txt", converted.metadata().get("output.y.labels"));
        assertArrayEquals("cat\ndog\n".getBytes(StandardCharsets.UTF_8), converted.assets().get("labels.txt"));
    }
}
