package dev.infuser.converter.tflite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.infuser.converter.build.ImportedModel;
import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Conv2DOptionsT;
import org.tensorflow.lite.schema.DimensionMetadataT;
import org.tensorflow.lite.schema.DimensionType;
import org.tensorflow.lite.schema.FullyConnectedOptionsT;
import org.tensorflow.lite.schema.Int32VectorT;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.ShapeOptionsT;
import org.tensorflow.lite.schema.SignatureDefT;
import org.tensorflow.lite.schema.SparseIndexVector;
import org.tensorflow.lite.schema.SparseIndexVectorUnion;
import org.tensorflow.lite.schema.SparsityParametersT;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.TensorMapT;
import org.tensorflow.lite.schema.TensorType;

/** What the reader makes of files of TensorFlow Lite, and of files that are wrong. */
class TfliteImporterTest {

    private static Graph read(byte[] file) {
        ImportedModel model = TfliteImporter.importModel(ByteBuffer.wrap(file));
        return Passes.optimize(model.graph());
    }

    private static Tensor run(byte[] file, Tensor... inputs) {
        Graph graph = TfliteImporter.importModel(ByteBuffer.wrap(file)).graph();
        return (Tensor) Evaluator.run(graph, List.of(inputs)).get(0);
    }

    private static byte[] add() {
        TfliteFile file = new TfliteFile();
        int x = file.signature(file.floats("x", 1, 2), -1, 2);
        int y = file.floats("y", 1, 2);
        return file.op(BuiltinOperator.ADD, new AddOptionsT(), new int[] {x, file.constant("c", Tensor.floats(new int[] {2}, 1, 2))}, y)
                .end(new int[] {x}, y).bytes();
    }

    @Test
    void leavesExtentsOpenThatTheFileDoesNotKnow() {
        Graph graph = read(add());
        assertEquals("[batch,2]", graph.inputs().get(0).type().toString().replaceAll("^[^\\[]*", ""));
        assertArrayEquals(new float[] {1, 3, 4, 6, 7, 9}, run(add(), Tensor.floats(new int[] {3, 2}, 0, 1, 3, 4, 6, 7)).floats());
    }

    @Test
    void callsInputsAndOutputsWhatTheSignatureDoes() {
        TfliteFile file = new TfliteFile();
        int x = file.floats("serving_default_x:0", 1);
        int y = file.floats("StatefulPartitionedCall:0", 1);
        ModelT model = file.op(BuiltinOperator.NEG, null, new int[] {x}, y).end(new int[] {x}, y).model();
        SignatureDefT signature = new SignatureDefT();
        signature.setSignatureKey("serving_default");
        signature.setInputs(new TensorMapT[] {map("photo", x)});
        signature.setOutputs(new TensorMapT[] {map("mask", y)});
        model.setSignatureDefs(new SignatureDefT[] {signature});
        Graph graph = read(TfliteFile.bytes(model));
        assertEquals("photo", graph.inputs().get(0).name());
        assertEquals(List.of("mask"), graph.outputs());
    }

    private static TensorMapT map(String name, int tensor) {
        TensorMapT map = new TensorMapT();
        map.setName(name);
        map.setTensorIndex(tensor);
        return map;
    }

    @Test
    void widensConstantsOfFloat16() {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 2);
        short[] halves = {(short) SmallFloat.encode(DType.FLOAT16, 0.5, false), (short) SmallFloat.encode(DType.FLOAT16, -2, false)};
        int half = file.constant("half", Tensor.of(DType.FLOAT16, new int[] {2}, halves));
        int wide = file.floats("wide", 2);
        int y = file.floats("y", 2);
        byte[] bytes = file.op(BuiltinOperator.DEQUANTIZE, null, new int[] {half}, wide)
                .op(BuiltinOperator.MUL, null, new int[] {x, wide}, y).end(new int[] {x}, y).bytes();
        assertArrayEquals(new float[] {1, -8}, run(bytes, Tensor.floats(new int[] {2}, 2, 4)).floats());
        assertTrue(read(bytes).nodes().stream().noneMatch(node -> node.is("DequantizeLinear") || node.is("Cast")));
    }

    private static DimensionMetadataT dense(int size) {
        DimensionMetadataT metadata = new DimensionMetadataT();
        metadata.setFormat(DimensionType.DENSE);
        metadata.setDenseSize(size);
        return metadata;
    }

    private static DimensionMetadataT sparse(int[] segments, int[] indices) {
        DimensionMetadataT metadata = new DimensionMetadataT();
        metadata.setFormat(DimensionType.SPARSE_CSR);
        metadata.setArraySegments(list(segments));
        metadata.setArrayIndices(list(indices));
        return metadata;
    }

    private static SparseIndexVectorUnion list(int[] values) {
        Int32VectorT vector = new Int32VectorT();
        vector.setValues(values);
        SparseIndexVectorUnion union = new SparseIndexVectorUnion();
        union.setType(SparseIndexVector.Int32Vector);
        union.setValue(vector);
        return union;
    }

    private static SparsityParametersT sparsity(int[] order, int[] blocks, DimensionMetadataT... metadata) {
        SparsityParametersT sparsity = new SparsityParametersT();
        sparsity.setTraversalOrder(order);
        sparsity.setBlockMap(blocks);
        sparsity.setDimMetadata(metadata);
        return sparsity;
    }

    private static byte[] product(SparsityParametersT sparsity, int rows, int columns, float... kept) {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 1, columns);
        int w = file.sparse(file.constant("w", Tensor.floats(new int[] {kept.length}, kept)), sparsity, rows, columns);
        int y = file.floats("y", 1, rows);
        return file.op(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptionsT(), new int[] {x, w, -1}, y)
                .end(new int[] {x}, y).bytes();
    }

    /** Rows of a matrix, columns of a matrix, and blocks of 2 by 2, as the schema's example has them. */
    @Test
    void makesSparseWeightsWhole() {
        Tensor x = Tensor.floats(new int[] {1, 4}, 1, 10, 100, 1000);
        assertArrayEquals(new float[] {1, 2300, 4000}, run(product(sparsity(new int[] {0, 1}, new int[0], dense(3),
                sparse(new int[] {0, 1, 3, 4}, new int[] {0, 2, 3, 3})), 3, 4, 1, 3, 2, 4), x).floats());
        assertArrayEquals(new float[] {1, 2300, 4000}, run(product(sparsity(new int[] {1, 0}, new int[0], dense(4),
                sparse(new int[] {0, 1, 1, 2, 4}, new int[] {0, 1, 1, 2})), 3, 4, 1, 3, 2, 4), x).floats());
        assertArrayEquals(new float[] {2100, 4300, 65, 87}, run(product(sparsity(new int[] {0, 1, 2, 3}, new int[] {0, 1}, dense(2),
                sparse(new int[] {0, 1, 2}, new int[] {1, 0}), dense(2), dense(2)), 4, 4, 1, 2, 3, 4, 5, 6, 7, 8), x).floats());
    }

    @Test
    void refusesSparseWeightsThatDoNotAddUp() {
        List<byte[]> files = List.of(
                product(sparsity(new int[] {0, 1}, new int[0], dense(3), sparse(new int[] {0, 1, 3, 4}, new int[] {0, 2, 9, 3})), 3, 4,
                        1, 3, 2, 4),
                product(sparsity(new int[] {0, 0}, new int[0], dense(3), dense(4)), 3, 4, 1),
                product(sparsity(new int[] {0, 1}, new int[0], dense(3), sparse(new int[] {0, 1, 9}, new int[] {0, 1})), 3, 4, 1, 2),
                product(sparsity(new int[] {0, 1}, new int[0], dense(3), dense(4)), 3, 4, 1, 2, 3),
                product(sparsity(new int[] {0, 1}, new int[0], dense(1 << 20), sparse(new int[] {0}, new int[0])), 1 << 20, 4, 1));
        for (byte[] file : files) {
            assertEquals("bad-sparsity", assertThrows(InvalidModelException.class, () -> read(file)).code());
        }
    }

    @Test
    void namesAllOperatorsThatAreNotSupported() {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 4);
        int y = file.floats("y", 4);
        int z = file.floats("z", 4);
        byte[] bytes = file.op(BuiltinOperator.SKIP_GRAM, null, new int[] {x}, y).custom("Mine", 1, new byte[0], new int[] {y}, z)
                .end(new int[] {x}, z).bytes();
        UnsupportedModelException e = assertThrows(UnsupportedModelException.class, () -> read(bytes));
        assertEquals("2 operators are not supported: Mine (operator 1 'z'); SKIP_GRAM (operator 0 'y')", e.getMessage().replaceAll(
                "^.*?(2 operators)", "$1"));
    }

    @Test
    void refusesAnOperatorThatTakesWhatIsNotThere() {
        TfliteFile circle = new TfliteFile();
        int a = circle.floats("a", 1);
        int b = circle.floats("b", 1);
        circle.op(BuiltinOperator.NEG, null, new int[] {a}, b).op(BuiltinOperator.NEG, null, new int[] {b}, a).end(new int[0], a);
        assertTrue(assertThrows(InvalidModelException.class, () -> read(circle.bytes())).getMessage().contains("before it is computed"));
        TfliteFile beyond = new TfliteFile();
        int x = beyond.floats("x", 1);
        beyond.op(BuiltinOperator.NEG, null, new int[] {77}, x).end(new int[] {x}, x);
        assertThrows(InvalidModelException.class, () -> read(beyond.bytes()));
        TfliteFile large = new TfliteFile();
        int y = large.floats("y", Integer.MAX_VALUE, Integer.MAX_VALUE);
        large.op(BuiltinOperator.NEG, null, new int[] {large.constant("c", Tensor.floats(new int[] {1}, 1))}, y).end(new int[] {}, y);
        read(large.bytes());
    }

    /** Damaged files end in an error that says so, or in a model. */
    @Test
    void survivesDamage() {
        TfliteFile file = new TfliteFile();
        int x = file.floats("x", 1, 4, 4, 2);
        int w = file.constant("w", Tensor.floats(new int[] {3, 1, 1, 2}, 1, 2, 3, 4, 5, 6));
        int b = file.constant("b", Tensor.floats(new int[] {3}, 1, 2, 3));
        int y = file.floats("y", 1, 4, 4, 3);
        Conv2DOptionsT options = new Conv2DOptionsT();
        options.setStrideH(1);
        options.setStrideW(1);
        byte[] whole = file.op(BuiltinOperator.CONV_2D, options, new int[] {x, w, b}, y).end(new int[] {x}, y).bytes();
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int length = 0; length < whole.length; length += 3) {
                survives(Arrays.copyOf(whole, length));
            }
            Random random = new Random(5);
            for (int round = 0; round < 3000; round++) {
                byte[] damaged = whole.clone();
                for (int flips = random.nextInt(3); flips >= 0; flips--) {
                    damaged[8 + random.nextInt(whole.length - 8)] ^= (byte) (1 << random.nextInt(8));
                }
                survives(damaged);
            }
        });
    }

    private static void survives(byte[] file) {
        try {
            TfliteImporter.importModel(ByteBuffer.wrap(file));
        } catch (InfuserException e) {
            assertTrue(!e.getMessage().isEmpty());
        }
    }

    @Test
    void readsConstantsOfEveryType() {
        for (DType dtype : List.of(DType.FLOAT32, DType.INT32, DType.UINT8, DType.INT64, DType.BOOL, DType.INT16, DType.INT8,
                DType.UINT32)) {
            TfliteFile file = new TfliteFile();
            int c = file.constant("c", Tensor.ofLongs(dtype, new int[] {2}, new long[] {1, 0}));
            int y = file.tensor("y", TensorType.INT32, 2);
            byte[] bytes = file.op(BuiltinOperator.CAST, null, new int[] {c}, y).end(new int[0], y).bytes();
            assertArrayEquals(new int[] {1, 0}, run(bytes).ints(), dtype.label());
        }
    }

    /** What LiteRT.js cannot give back, since its size is not known before. */
    @Test
    void countsAndFindsElements() {
        TfliteFile shape = new TfliteFile();
        int x = shape.signature(shape.floats("x", 1, 3), -1, 3);
        int dims = shape.tensor("dims", TensorType.INT32, 2);
        shape.op(BuiltinOperator.SHAPE, new ShapeOptionsT(), new int[] {x}, dims).end(new int[] {x}, dims);
        assertArrayEquals(new int[] {2, 3}, run(shape.bytes(), Tensor.floats(new int[] {2, 3}, new float[6])).ints());
        TfliteFile where = new TfliteFile();
        int y = where.tensor("y", TensorType.INT32, 2, 2);
        int places = where.tensor("places", TensorType.INT64, 2, 2);
        where.op(BuiltinOperator.WHERE, null, new int[] {y}, places).end(new int[] {y}, places);
        assertArrayEquals(new long[] {0, 1, 1, 0}, run(where.bytes(), Tensor.ints(new int[] {2, 2}, 0, 5, -1, 0)).longs());
        TfliteFile sum = new TfliteFile();
        int z = sum.floats("z", 4, 1);
        int ids = sum.ints("ids", 0, 0, 1, 2);
        int sums = sum.floats("sums", 3, 1);
        sum.op(BuiltinOperator.SEGMENT_SUM, null, new int[] {z, ids}, sums).end(new int[] {z}, sums);
        assertArrayEquals(new float[] {3, 3, 4}, run(sum.bytes(), Tensor.floats(new int[] {4, 1}, 1, 2, 3, 4)).floats());
    }

    /** A model of one StableHLO operator, whose options are one list of int64, field by field. */
    private static byte[] newer(int code, int[] x, int[] y, int type, long[]... options) {
        FlatBufferBuilder b = new FlatBufferBuilder();
        int[] lists = new int[options.length];
        for (int i = 0; i < lists.length; i++) {
            b.startVector(Long.BYTES, options[i].length, Long.BYTES);
            for (int j = options[i].length - 1; j >= 0; j--) {
                b.addLong(options[i][j]);
            }
            lists[i] = b.endVector();
        }
        b.startTable(lists.length);
        for (int i = 0; i < lists.length; i++) {
            b.addOffset(i, lists[i], 0);
        }
        int table = b.endTable();
        int operatorInputs = Operator.createInputsVector(b, new int[] {0});
        int operatorOutputs = Operator.createOutputsVector(b, new int[] {1});
        b.startTable(13);
        b.addOffset(1, operatorInputs, 0);
        b.addOffset(2, operatorOutputs, 0);
        b.addByte(11, (byte) 1, 0);
        b.addOffset(12, table, 0);
        int operators = SubGraph.createOperatorsVector(b, new int[] {b.endTable()});
        int[] tensors = new int[2];
        for (int i = 0; i < 2; i++) {
            int shape = org.tensorflow.lite.schema.Tensor.createShapeVector(b, i == 0 ? x : y);
            int name = b.createString("t" + i);
            org.tensorflow.lite.schema.Tensor.startTensor(b);
            org.tensorflow.lite.schema.Tensor.addShape(b, shape);
            org.tensorflow.lite.schema.Tensor.addType(b, (byte) type);
            org.tensorflow.lite.schema.Tensor.addName(b, name);
            org.tensorflow.lite.schema.Tensor.addHasRank(b, true);
            tensors[i] = org.tensorflow.lite.schema.Tensor.endTensor(b);
        }
        int all = SubGraph.createTensorsVector(b, tensors);
        int inputs = SubGraph.createInputsVector(b, new int[] {0});
        int outputs = SubGraph.createOutputsVector(b, new int[] {1});
        SubGraph.startSubGraph(b);
        SubGraph.addTensors(b, all);
        SubGraph.addInputs(b, inputs);
        SubGraph.addOutputs(b, outputs);
        SubGraph.addOperators(b, operators);
        int graphs = Model.createSubgraphsVector(b, new int[] {SubGraph.endSubGraph(b)});
        OperatorCode.startOperatorCode(b);
        OperatorCode.addDeprecatedBuiltinCode(b, (byte) BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES);
        OperatorCode.addBuiltinCode(b, code);
        int codes = Model.createOperatorCodesVector(b, new int[] {OperatorCode.endOperatorCode(b)});
        Buffer.startBuffer(b);
        int buffers = Model.createBuffersVector(b, new int[] {Buffer.endBuffer(b)});
        Model.startModel(b);
        Model.addVersion(b, 3);
        Model.addOperatorCodes(b, codes);
        Model.addSubgraphs(b, graphs);
        Model.addBuffers(b, buffers);
        Model.finishModelBuffer(b, Model.endModel(b));
        return b.sizedByteArray();
    }

    @Test
    void readsOptionsThatThePublishedClassesDoNotKnow() {
        Tensor x = Tensor.floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, run(newer(Codes.number("STABLEHLO_TRANSPOSE"), new int[] {2, 3},
                new int[] {3, 2}, TensorType.FLOAT32, new long[] {1, 0}), x).floats());
        assertArrayEquals(new float[] {1, 3, 4, 6}, run(newer(Codes.number("STABLEHLO_SLICE"), new int[] {2, 3}, new int[] {2, 2},
                TensorType.FLOAT32, new long[] {0, 0}, new long[] {2, 3}, new long[] {1, 2}), x).floats());
        assertArrayEquals(new float[] {1, 2, 3, 1, 2, 3}, run(newer(Codes.number("STABLEHLO_BROADCAST_IN_DIM"), new int[] {3},
                new int[] {2, 3}, TensorType.FLOAT32, new long[] {1}), Tensor.floats(new int[] {3}, 1, 2, 3)).floats());
        assertEquals("DILATE", Codes.name(Codes.DILATE));
    }
}
