package dev.infuser.demo;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.tensor.Tensor;
import org.tensorflow.lite.schema.*;

/** Operators that arrange, select and reduce. */
final class TfliteArrayCases extends TfliteCases {

    @Override
    void add() {
        arrays();
    }

    private void arrays() {
        add("RESHAPE", k -> k.out(k.op(RESHAPE, null, s(6, 4), k.in(-1, 1, 2, 3, 4), k.list(-1, 4))));
        ReshapeOptionsT reshape = new ReshapeOptionsT();
        reshape.setNewShape(s(4, 6));
        add("RESHAPE options", k -> k.out(k.op(RESHAPE, reshape, s(4, 6), k.in(-1, 1, 2, 3, 4))));
        SqueezeOptionsT squeeze = new SqueezeOptionsT();
        squeeze.setSqueezeDims(s(-1, 0));
        add("SQUEEZE", k -> k.out(k.op(SQUEEZE, squeeze, s(3, 1), k.in(-1, 1, 1, 3, 1, 1))));
        add("EXPAND_DIMS", k -> k.out(k.op(EXPAND_DIMS, null, s(3, 1, 4), k.in(-1, 1, 3, 4), k.number(-2))));
        add("TRANSPOSE", k -> k.out(k.op(TRANSPOSE, null, s(4, 2, 3), k.in(-1, 1, 2, 3, 4), k.list(2, 0, 1))));
        add("BROADCAST_TO", k -> {
            int y = k.op(BROADCAST_TO, new BroadcastToOptionsT(), s(2, 3, 4), k.in(-1, 1, 3, 1), k.list(2, 3, 4));
            k.file().version(2);
            k.out(y);
        });
        add("BROADCAST_ARGS", k -> k.out(k.op(BROADCAST_ARGS, null, I, s(3), k.ints(1, 1, 2), k.list(4, 3, 2))));
        add("TILE", k -> k.out(k.op(TILE, null, s(4, 9), k.in(-1, 1, 2, 3), k.list(2, 3))));
        add("SPACE_TO_BATCH_ND", k -> k.out(k.op(SPACE_TO_BATCH_ND, null, s(4, 3, 2, 1), k.in(-1, 1, 1, 5, 4, 1), k.list(2, 2),
                k.constant(Tensor.ints(s(2, 2), 1, 0, 0, 0)))));
        add("BATCH_TO_SPACE_ND", k -> k.out(k.op(BATCH_TO_SPACE_ND, null, s(1, 5, 4, 1), k.in(-1, 1, 4, 3, 2, 1), k.list(2, 2),
                k.constant(Tensor.ints(s(2, 2), 1, 0, 0, 0)))));
        ConcatenationOptionsT concat = new ConcatenationOptionsT();
        concat.setAxis(-1);
        add("CONCATENATION", k -> k.out(k.op(CONCATENATION, concat, s(2, 7), k.in(-1, 1, 2, 3), k.in(-1, 1, 2, 4))));
        PackOptionsT pack = new PackOptionsT();
        pack.setAxis(1);
        pack.setValuesCount(2);
        add("PACK", k -> k.out(k.op(PACK, pack, s(2, 2, 3), k.in(-1, 1, 2, 3), k.in(-1, 1, 2, 3))));
        UnpackOptionsT unpack = new UnpackOptionsT();
        unpack.setAxis(1);
        unpack.setNum(2);
        add("UNPACK", k -> {
            int[] parts = {k.mid(F, 3, 4), k.mid(F, 3, 4)};
            k.file().op(UNPACK, unpack, s(k.in(-1, 1, 3, 2, 4)), parts);
            k.out(parts);
        });
        SplitOptionsT split = new SplitOptionsT();
        split.setNumSplits(3);
        add("SPLIT", k -> {
            int[] parts = {k.mid(F, 2, 2), k.mid(F, 2, 2), k.mid(F, 2, 2)};
            k.file().op(SPLIT, split, s(k.number(1), k.in(-1, 1, 2, 6)), parts);
            k.out(parts);
        });
        SplitVOptionsT sizes = new SplitVOptionsT();
        sizes.setNumSplits(2);
        add("SPLIT_V", k -> {
            int[] parts = {k.mid(F, 2, 2), k.mid(F, 2, 4)};
            k.file().op(SPLIT_V, sizes, s(k.in(-1, 1, 2, 6), k.list(2, -1), k.number(1)), parts);
            k.out(parts);
        });
        add("SLICE", k -> k.out(k.op(SLICE, null, s(2, 2), k.in(-1, 1, 3, 4), k.list(1, 1), k.list(-1, 2))));
        StridedSliceOptionsT strided = new StridedSliceOptionsT();
        strided.setEndMask(1);
        strided.setShrinkAxisMask(4);
        add("STRIDED_SLICE", k -> k.out(k.op(STRIDED_SLICE, strided, s(2, 2), k.in(-1, 1, 4, 5, 3), k.list(1, 4, -1),
                k.list(0, 0, 0), k.list(2, -2, 1))));
        add("PAD", k -> k.out(k.op(PAD, null, s(3, 6), k.in(-1, 1, 2, 3), k.constant(Tensor.ints(s(2, 2), 1, 0, 2, 1)))));
        add("PADV2", k -> k.out(k.op(PADV2, null, s(3, 6), k.in(-1, 1, 2, 3), k.constant(Tensor.ints(s(2, 2), 1, 0, 2, 1)),
                k.number(7f))));
        for (byte mode : new byte[] {0, 1}) {
            MirrorPadOptionsT mirror = new MirrorPadOptionsT();
            mirror.setMode(mode);
            add("MIRROR_PAD " + mode, k -> k.out(k.op(MIRROR_PAD, mirror, s(4, 6), k.in(-1, 1, 2, 3),
                    k.constant(Tensor.ints(s(2, 2), 1, 1, 2, 1)))));
        }
        add("REVERSE_V2", k -> k.out(k.op(REVERSE_V2, null, s(2, 3), k.in(-1, 1, 2, 3), k.list(1))));
        ReverseSequenceOptionsT sequence = new ReverseSequenceOptionsT();
        sequence.setSeqDim(1);
        add("REVERSE_SEQUENCE", k -> k.out(k.op(REVERSE_SEQUENCE, sequence, s(3, 5), k.in(-1, 1, 3, 5), k.list(2, 5, 1))));
        add("DYNAMIC_UPDATE_SLICE", k -> k.out(k.op(DYNAMIC_UPDATE_SLICE, new DynamicUpdateSliceOptionsT(), s(4, 5),
                k.in(-1, 1, 4, 5), k.in(-1, 1, 2, 3), k.ints(1, 4, 2))));
        for (int batch = 0; batch < 2; batch++) {
            GatherOptionsT gather = new GatherOptionsT();
            gather.setAxis(1);
            gather.setBatchDims(batch);
            add("GATHER " + batch, k -> k.out(k.op(GATHER, gather, gather.getBatchDims() == 0 ? s(2, 2, 3, 4) : s(2, 3, 4),
                    k.in(-1, 1, 2, 5, 4), k.ints(0, 4, 2, 3))));
        }
        add("GATHER_ND", k -> k.out(k.op(GATHER_ND, null, s(4, 3), k.in(-1, 1, 5, 2, 3), k.ints(0, 1, 4, 2))));
        add("EMBEDDING_LOOKUP", k -> k.out(k.op(EMBEDDING_LOOKUP, null, s(4, 3), k.ints(0, 6, 4), k.weights(-1, 1, 7, 3))));
        add("SCATTER_ND", k -> k.out(k.op(SCATTER_ND, new ScatterNdOptionsT(), s(6, 2), k.ints(0, 5, 3, 1), k.in(-1, 1, 3, 2),
                k.list(6, 2))));
        add("SPARSE_TO_DENSE", k -> k.out(k.op(SPARSE_TO_DENSE, new SparseToDenseOptionsT(), s(3, 4),
                k.constant(Tensor.ints(s(2, 2), 0, 1, 2, 3)), k.list(3, 4), k.in(-1, 1, 2), k.number(-5f))));
        add("SELECT", k -> k.out(k.op(SELECT, null, s(4, 3), k.op(GREATER, null, B, s(4), k.in(-1, 1, 4), k.number(0f)),
                k.in(-1, 1, 4, 3), k.in(-1, 1, 4, 3))));
        add("SELECT_V2", k -> k.out(k.op(SELECT_V2, null, s(4, 3), k.op(GREATER, null, B, s(4, 1), k.in(-1, 1, 4, 1), k.number(0f)),
                k.in(-1, 1, 4, 3), k.in(-1, 1, 3))));
        OneHotOptionsT hot = new OneHotOptionsT();
        hot.setAxis(-1);
        add("ONE_HOT", k -> k.out(k.op(ONE_HOT, hot, s(5, 4), k.ints(-1, 5, 5), k.number(4), k.number(3f), k.number(-1f))));
        add("TOPK_V2", k -> {
            int[] found = {k.mid(F, 2, 3), k.mid(I, 2, 3)};
            k.file().op(TOPK_V2, null, s(k.in(-1, 1, 2, 9), k.number(3)), found);
            k.out(found);
        });
        ArgMaxOptionsT most = new ArgMaxOptionsT();
        most.setOutputType((byte) I);
        ArgMinOptionsT least = new ArgMinOptionsT();
        least.setOutputType((byte) I);
        add("ARG_MAX", k -> k.out(k.op(ARG_MAX, most, I, s(3), k.in(-1, 1, 3, 9), k.number(1))));
        add("ARG_MIN", k -> k.out(k.op(ARG_MIN, least, I, s(3), k.in(-1, 1, 3, 9), k.number(-1))));
        UniqueOptionsT unique = new UniqueOptionsT();
        unique.setIdxOutType((byte) I);
        add("UNIQUE", k -> {
            int[] found = {k.mid(I, 6), k.mid(I, 6)};
            k.file().op(UNIQUE, unique, s(k.ints(0, 3, 6)), found);
            k.out(found[1]);
        });
        BucketizeOptionsT buckets = new BucketizeOptionsT();
        buckets.setBoundaries(new float[] {-0.5f, 0, 0.5f});
        add("BUCKETIZE", k -> k.out(k.op(BUCKETIZE, buckets, I, s(9), k.in(-1, 1, 9))));
        Object[] segments = {new UnsortedSegmentProdOptionsT(), new UnsortedSegmentMaxOptionsT(), new UnsortedSegmentSumOptionsT(),
            new UnsortedSegmentMinOptionsT()};
        int[] codes = {UNSORTED_SEGMENT_PROD, UNSORTED_SEGMENT_MAX, UNSORTED_SEGMENT_SUM, UNSORTED_SEGMENT_MIN};
        for (int i = 0; i < codes.length; i++) {
            int code = codes[i];
            Object options = segments[i];
            add(name(code), k -> k.out(k.op(code, options, s(4, 2), k.in(-1, 1, 4, 2), k.list(3, 0, 2, 0), k.number(4))));
        }
        add("MATRIX_DIAG", k -> k.out(k.op(MATRIX_DIAG, null, s(2, 3, 3), k.in(-1, 1, 2, 3))));
        add("MATRIX_SET_DIAG wide", k -> k.out(k.op(MATRIX_SET_DIAG, null, s(2, 3, 5), k.in(-1, 1, 2, 3, 5), k.in(-1, 1, 2, 3))));
        add("MATRIX_SET_DIAG high", k -> k.out(k.op(MATRIX_SET_DIAG, null, s(2, 5, 3), k.in(-1, 1, 2, 5, 3), k.in(-1, 1, 2, 3))));
        add("FILL", k -> k.out(k.op(FILL, null, s(2, 3), k.list(2, 3), k.in(-1, 1))));
        add("RANGE", k -> k.out(k.op(MUL, new MulOptionsT(), s(4), k.in(-1, 1, 4), k.op(RANGE, null, s(4), k.number(1f),
                k.number(9f), k.number(2f)))));
        for (int flips = 0; flips < 4; flips++) {
            CumsumOptionsT sums = new CumsumOptionsT();
            sums.setExclusive(flips % 2 == 1);
            sums.setReverse(flips > 1);
            add("CUMSUM " + flips, k -> k.out(k.op(CUMSUM, sums, s(2, 5), k.in(-1, 1, 2, 5), k.number(1))));
        }
        add("NON_MAX_SUPPRESSION_V4", k -> {
            int[] found = {k.mid(I, 6), k.mid(I)};
            k.file().op(NON_MAX_SUPPRESSION_V4, null, s(boxes(k), k.in(0, 1, 8), k.number(6), k.number(0.3f), k.number(0.2f)), found);
            k.out(found);
        });
        add("NON_MAX_SUPPRESSION_V5", k -> {
            int[] found = {k.mid(I, 6), k.mid(F, 6), k.mid(I)};
            k.file().op(NON_MAX_SUPPRESSION_V5, null, s(boxes(k), k.in(0, 1, 8), k.number(6), k.number(0.3f), k.number(0.2f),
                    k.number(0f)), found);
            k.out(found);
        });
    }

    private static int boxes(TfliteSketch k) {
        int corner = k.in(0, 1, 8, 2);
        ConcatenationOptionsT concat = new ConcatenationOptionsT();
        concat.setAxis(1);
        return k.op(CONCATENATION, concat, s(8, 4), corner, k.op(ADD, new AddOptionsT(), s(8, 2), corner, k.number(0.5f)));
    }
}
