package dev.infuser.converter;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.converter.tflite.TfliteFile;
import dev.infuser.converter.tflite.TfliteImporter;
import dev.infuser.format.ByteSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Verifier;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Planner;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * What Jazzer runs: a reader takes any bytes, and either reads them or refuses them by an error of Infuser, or of input and
 * output; what it allocates is in proportion to the bytes.
 */
public final class Fuzzing {

    private static final long ALLOCATED = 32L << 20;
    private static final long ALLOCATED_PER_BYTE = 16L << 10;
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Reader chosen;

    private Fuzzing() {
    }

    /** A reader of bytes that come from elsewhere. */
    enum Reader {
        ONNX {
            @Override
            void read(byte[] bytes) {
                OnnxImporter.importModel(ByteBuffer.wrap(bytes), NOWHERE);
            }

            @Override
            List<byte[]> seeds() {
                return List.of(OnnxWriter.perceptron());
            }
        },
        TFJS {
            @Override
            void read(byte[] bytes) {
                TfjsImporter.importModel(ByteBuffer.wrap(bytes), ONES);
            }

            @Override
            List<byte[]> seeds() {
                return List.of(text("""
                        {"format":"graph-model","modelTopology":{"node":[
                        {"name":"x","op":"Placeholder","attr":{"dtype":{"type":"DT_FLOAT"},
                        "shape":{"shape":{"dim":[{"size":"-1"},{"size":"4"}]}}}},{"name":"w","op":"Const","attr":{}},
                        {"name":"m","op":"MatMul","input":["x","w"],"attr":{"transpose_a":{"b":false},
                        "transpose_b":{"b":false}}},{"name":"y","op":"Relu","input":["m"],"attr":{}}]},
                        "weightsManifest":[{"paths":["a.bin"],"weights":[{"name":"w","shape":[4,2],"dtype":"float32",
                        "quantization":{"dtype":"uint8","min":-1,"scale":0.01}}]}]}"""));
            }
        },
        /** All that a conversion does but writing and comparing. */
        CONVERSION {
            @Override
            void read(byte[] bytes) {
                Graph graph = Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(bytes), NOWHERE).graph(), Set.of(),
                        Fuzzing::verify);
                Planner.compile(graph, Target.RELAXED, Planner.packable(graph));
            }

            @Override
            List<byte[]> seeds() {
                OnnxWriter images = new OnnxWriter().string(2, "images")
                        .message(11, OnnxWriter.value("x", DType.FLOAT32, "n", 2, "h", 8))
                        .message(12, OnnxWriter.value("y", DType.FLOAT32, "n", "m"))
                        .message(5, OnnxWriter.initializer("w", Tensor.floats(new int[] {2, 2, 1, 1}, 1, 2, 3, 4)))
                        .message(5, OnnxWriter.initializer("shape", Tensor.vector(0, -1)))
                        .message(1, OnnxWriter.node("Conv", "x w", "c", OnnxWriter.integers("pads", 0, 0, 0, 0)))
                        .message(1, OnnxWriter.node("Relu", "c", "r"))
                        .message(1, OnnxWriter.node("MaxPool", "r", "p", OnnxWriter.integers("kernel_shape", 1, 2),
                                OnnxWriter.integers("strides", 1, 2)))
                        .message(1, OnnxWriter.node("Reshape", "p shape", "f"))
                        .message(1, OnnxWriter.node("Softmax", "f", "y", OnnxWriter.attribute("axis", 1L)));
                OnnxWriter shapes = new OnnxWriter().string(2, "shapes")
                        .message(11, OnnxWriter.value("x", DType.FLOAT32, "n", 3))
                        .message(12, OnnxWriter.value("y", DType.FLOAT32, "a", "b"))
                        .message(5, OnnxWriter.initializer("two", Tensor.vector(2, 3)))
                        .message(5, OnnxWriter.initializer("one", Tensor.longs(new int[0], 1)))
                        .message(5, OnnxWriter.initializer("ten", Tensor.longs(new int[0], 10)))
                        .message(1, OnnxWriter.node("ConstantOfShape", "two", "z"))
                        .message(1, OnnxWriter.node("Range", "one ten one", "r"))
                        .message(1, OnnxWriter.node("Tile", "z two", "t"))
                        .message(1, OnnxWriter.node("Shape", "x", "s"))
                        .message(1, OnnxWriter.node("Gather", "s one", "g"))
                        .message(1, OnnxWriter.node("Expand", "x two", "e"))
                        .message(1, OnnxWriter.node("Concat", "e z", "y", OnnxWriter.attribute("axis", 0L)));
                return List.of(OnnxWriter.perceptron(), OnnxWriter.model(13, images), OnnxWriter.model(13, shapes));
            }
        },
        TFLITE {
            @Override
            void read(byte[] bytes) {
                TfliteImporter.importModel(ByteBuffer.wrap(bytes));
            }

            @Override
            List<byte[]> seeds() {
                TfliteFile file = new TfliteFile();
                int x = file.signature(file.floats("x", 1, 2), -1, 2);
                int y = file.floats("y", 1, 2);
                return List.of(file.op(BuiltinOperator.ADD, new AddOptionsT(),
                        new int[] {x, file.constant("c", Tensor.floats(new int[] {2}, 1, 2))}, y).end(new int[] {x}, y).bytes());
            }
        },
        TEA {
            @Override
            void read(byte[] bytes) {
                TeaReader reader = TeaReader.open(ByteSource.of(bytes));
                reader.checkLength(bytes.length);
                reader.verifyWeights();
                reader.golden();
                reader.model().graph().constants().values().forEach(Tensor::peek);
            }

            @Override
            List<byte[]> seeds() throws IOException {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                TeaWriter.write(new Model(OnnxImporter.importModel(ByteBuffer.wrap(OnnxWriter.perceptron()), null).graph(),
                        Map.of("key", "value"), Map.of("labels.txt", text("a\nb")), List.of()), Map.of(), out);
                return List.of(out.toByteArray());
            }
        },
        /** {@code .tea} files whose checksums are right whatever else is not. */
        TEA_CHECKED {
            @Override
            void read(byte[] bytes) {
                TEA.read(withChecksums(bytes));
            }

            @Override
            List<byte[]> seeds() throws IOException {
                return TEA.seeds();
            }
        },
        TOKENIZER {
            @Override
            void read(byte[] bytes) {
                Tokenizer.parse(bytes).encode("Hello, world! 東京 \u0000 naïve");
            }

            @Override
            List<byte[]> seeds() {
                return List.of(text("""
                        {"added_tokens":[{"id":0,"content":"[PAD]","special":true,"lstrip":false,"rstrip":false,
                        "normalized":false,"single_word":false}],"truncation":{"max_length":8,"stride":0,
                        "strategy":"LongestFirst","direction":"Right"},"padding":{"strategy":{"Fixed":4},"direction":"Right",
                        "pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},
                        "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
                        "strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},
                        "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},
                        {"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},
                        {"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],
                        "tokens":["[CLS]"]}}},"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
                        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
                        "max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"hello":3,"wor":4,"##ld":5}}}"""));
            }
        },
        NPY {
            @Override
            void read(byte[] bytes) {
                Npy.read(bytes);
            }

            @Override
            List<byte[]> seeds() {
                return List.of(Npy.write(Tensor.floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6)),
                        Npy.write(Tensor.strings(new int[] {2}, "a", "bc")));
            }
        },
        TENSOR {
            @Override
            void read(byte[] bytes) {
                attempt(() -> OnnxTensors.readTensor(bytes));
                attempt(() -> OnnxTensors.readSequence(bytes));
                OnnxTensors.readOptional(bytes);
            }

            @Override
            List<byte[]> seeds() {
                return List.of(OnnxTensors.write("x", Tensor.floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6)),
                        OnnxTensors.write("x", Tensor.ofLongs(DType.INT4, new int[] {3}, new long[] {1, -2, 3})));
            }
        },
        TAR {
            @Override
            void read(byte[] bytes) {
                Path folder = null;
                try {
                    folder = Files.createTempDirectory("infuser-fuzz");
                    Path file = folder.resolve("a.tar");
                    Files.write(file, bytes);
                    Untar.untar(file, Files.createDirectory(folder.resolve("unpacked")));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    try {
                        Source.delete(folder);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }

            @Override
            List<byte[]> seeds() {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                LocatedTest.entry(out, "m/p.onnx", '0', new byte[] {1, 2, 3});
                LocatedTest.entry(out, "m/link", '2', new byte[0]);
                out.writeBytes(new byte[1024]);
                return List.of(out.toByteArray());
            }
        },
        ARCHIVE {
            @Override
            void read(byte[] bytes) {
                Path file = null;
                try {
                    file = Files.createTempFile("infuser-fuzz", ".zip");
                    Files.write(file, bytes);
                    try (Source source = Source.open(file + "!/m/p.onnx")) {
                        OnnxImporter.importModel(source.bytes(), source.external());
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    delete(file);
                }
            }

            @Override
            List<byte[]> seeds() throws IOException {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (ZipOutputStream zip = new ZipOutputStream(out)) {
                    zip.putNextEntry(new ZipEntry("m/p.onnx"));
                    zip.write(OnnxWriter.model(13, new OnnxWriter()
                            .message(12, OnnxWriter.value("w", DType.FLOAT32, 2))
                            .message(5, OnnxWriter.external("w", 2, "weights.bin", 0))));
                    zip.putNextEntry(new ZipEntry("m/weights.bin"));
                    zip.write(new byte[8]);
                    zip.putNextEntry(new ZipEntry("m/tokenizer.json"));
                    zip.write(text("{}"));
                }
                return List.of(out.toByteArray());
            }
        };

        /** External data that is not there. */
        static final ExternalData NOWHERE = (location, offset, length) -> {
            throw new InvalidModelException("missing-external-data", location, "no data", "", "");
        };

        /** A few bytes in every file. */
        static final ExternalData ONES = (location, offset, length) -> {
            byte[] ones = new byte[64];
            Arrays.fill(ones, (byte) 1);
            return ByteBuffer.wrap(ones);
        };

        /** Reads, or throws an error of Infuser, or of input and output. */
        abstract void read(byte[] bytes);

        /** Sound files, from which fuzzing begins. */
        abstract List<byte[]> seeds() throws IOException;
    }

    private static void verify(Graph graph) {
        try {
            Verifier.verify(graph);
        } catch (InfuserException e) {
            throw new IllegalStateException("a pass broke the graph", e);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void attempt(Runnable read) {
        try {
            read.run();
        } catch (InfuserException e) {
            // The next reader is tried on the same bytes.
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file with the checksums of its sections, of their table and of the header put right, where these are in reach. */
    private static byte[] withChecksums(byte[] bytes) {
        byte[] out = bytes.clone();
        ByteBuffer data = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
        if (out.length < 40) {
            return out;
        }
        int sections = Math.max(0, Math.min(data.getInt(12), (out.length - 40) / 24));
        for (int i = 0; i < sections; i++) {
            long offset = data.getLong(48 + 24 * i);
            long length = data.getLong(56 + 24 * i);
            if (offset >= 0 && length >= 0 && offset <= out.length && length <= out.length - offset) {
                data.putInt(44 + 24 * i, crc(out, (int) offset, (int) length));
            }
        }
        data.putInt(28, crc(out, 40, 24 * sections));
        data.putInt(36, crc(out, 0, 36));
        return out;
    }

    private static int crc(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Called by Jazzer with the name of a reader, or with {@code ALL} of them: then the first byte tells which. */
    public static void fuzzerInitialize(String[] arguments) {
        chosen = arguments[0].equals("ALL") ? null : Reader.valueOf(arguments[0]);
    }

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        if (chosen != null) {
            check(chosen, bytes);
        } else if (bytes.length > 0) {
            Reader[] readers = Reader.values();
            check(readers[(bytes[0] & 0xFF) % readers.length], Arrays.copyOfRange(bytes, 1, bytes.length));
        }
    }

    /** Reads bytes and checks what comes of it; classes that are loaded are not counted, as they are loaded once. */
    static void check(Reader reader, byte[] bytes) {
        long limit = ALLOCATED + ALLOCATED_PER_BYTE * bytes.length;
        if (allocated(reader, bytes) > limit) {
            long again = allocated(reader, bytes);
            if (again > limit) {
                throw new IllegalStateException(bytes.length + " bytes made it allocate " + again);
            }
        }
    }

    private static long allocated(Reader reader, byte[] bytes) {
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        try {
            reader.read(bytes);
        } catch (InfuserException e) {
            if (e.code().isEmpty() || e.getMessage() == null || e.getMessage().isEmpty()) {
                throw new IllegalStateException("an error without code or message", e);
            }
        } catch (UncheckedIOException e) {
            // What the file system or the archive says is an answer too.
        }
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }
}
