package dev.infuser.converter.tflite;

import com.google.flatbuffers.Table;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import org.tensorflow.lite.schema.DimensionMetadata;
import org.tensorflow.lite.schema.DimensionType;
import org.tensorflow.lite.schema.Int32Vector;
import org.tensorflow.lite.schema.SparseIndexVector;
import org.tensorflow.lite.schema.SparsityParameters;
import org.tensorflow.lite.schema.Uint16Vector;
import org.tensorflow.lite.schema.Uint8Vector;

/**
 * The places of the elements that a sparse tensor keeps: its dimensions, and then those of its blocks, are walked in an order, each
 * through all its indices or through a list of them. Source: the schema's {@code SparsityParameters}.
 */
final class SparseWeights {

    private final String name;
    private final int[] shape;
    private final int[] order;
    private final int[] blockMap;
    /** By level of the walk: the extent of a dense dimension, or 0. */
    private final int[] dense;
    private final int[][] segments;
    private final int[][] indices;
    /** By dimension, those of blocks included: its extent. */
    private final int[] extents;

    private SparseWeights(String name, int[] shape, SparsityParameters stored) {
        this.name = name;
        this.shape = shape;
        int levels = stored.traversalOrderLength();
        int blocks = stored.blockMapLength();
        if (levels != shape.length + blocks || stored.dimMetadataLength() != levels || blocks > shape.length) {
            throw damaged("walks " + levels + " dimensions");
        }
        order = new int[levels];
        blockMap = new int[blocks];
        dense = new int[levels];
        segments = new int[levels][];
        indices = new int[levels][];
        extents = new int[levels];
        boolean[] seen = new boolean[levels];
        for (int i = 0; i < blocks; i++) {
            blockMap[i] = index(stored.blockMap(i), shape.length);
        }
        System.arraycopy(shape, 0, extents, 0, shape.length);
        for (int level = 0; level < levels; level++) {
            order[level] = index(stored.traversalOrder(level), levels);
            if (seen[order[level]]) {
                throw damaged("walks a dimension twice");
            }
            seen[order[level]] = true;
            read(level, stored.dimMetadata(level));
        }
        for (int i = 0; i < blocks; i++) {
            int block = extents[shape.length + i];
            int axis = blockMap[i];
            if (block < 1 || extents[axis] % block != 0) {
                throw damaged("has blocks of " + block + " along an axis of " + extents[axis]);
            }
            extents[axis] /= block;
        }
        for (int level = 0; level < levels; level++) {
            if (segments[level] == null && dense[level] != extents[order[level]]) {
                throw damaged("has " + dense[level] + " indices along an axis of " + extents[order[level]]);
            }
        }
    }

    private void read(int level, DimensionMetadata stored) {
        if (stored.format() == DimensionType.DENSE) {
            dense[level] = stored.denseSize();
            if (order[level] >= shape.length) {
                extents[order[level]] = dense[level];
            }
        } else {
            if (order[level] >= shape.length) {
                throw damaged("has sparse blocks");
            }
            segments[level] = list(stored.arraySegmentsType(), stored::arraySegments);
            indices[level] = list(stored.arrayIndicesType(), stored::arrayIndices);
        }
    }

    private interface Union {
        Table as(Table table);
    }

    private int[] list(byte type, Union union) {
        switch (type) {
            case SparseIndexVector.Int32Vector: {
                Int32Vector vector = (Int32Vector) union.as(new Int32Vector());
                int[] out = new int[Fields.checked(vector.valuesLength(), 4, vector)];
                java.util.Arrays.setAll(out, vector::values);
                return out;
            }
            case SparseIndexVector.Uint16Vector: {
                Uint16Vector vector = (Uint16Vector) union.as(new Uint16Vector());
                int[] out = new int[Fields.checked(vector.valuesLength(), 2, vector)];
                java.util.Arrays.setAll(out, vector::values);
                return out;
            }
            case SparseIndexVector.Uint8Vector: {
                Uint8Vector vector = (Uint8Vector) union.as(new Uint8Vector());
                int[] out = new int[Fields.checked(vector.valuesLength(), 1, vector)];
                java.util.Arrays.setAll(out, vector::values);
                return out;
            }
            default:
                throw damaged("has no list of indices");
        }
    }

    private int index(int value, int limit) {
        if (value < 0 || value >= limit) {
            throw damaged("names dimension " + value + " of " + limit);
        }
        return value;
    }

    private InvalidModelException damaged(String what) {
        return new InvalidModelException("bad-sparsity", name, "the sparse tensor '" + name + "' " + what, "",
                "the file is damaged: copy or export it again");
    }

    /** The whole tensor, with zeros where {@code kept}, a vector, has no element. */
    static Tensor densify(String name, int[] shape, SparsityParameters stored, Tensor kept) {
        int[] places = places(name, shape, stored, kept.size());
        Object out = Tensor.newArray(kept.dtype(), Tensor.count(shape));
        for (int i = 0; i < places.length; i++) {
            System.arraycopy(kept.array(), i, out, places[i], 1);
        }
        return Tensor.of(kept.dtype(), shape, out);
    }

    /** By element that is kept, of {@code count}: its place in the whole tensor. */
    static int[] places(String name, int[] shape, SparsityParameters stored, int count) {
        SparseWeights walk = new SparseWeights(name, shape, stored);
        int[] places = new int[count];
        int found = walk.fill(0, 0, new int[walk.order.length], places, 0);
        if (found != count) {
            throw walk.damaged("has " + count + " elements and places for " + found);
        }
        return places;
    }

    private int fill(int level, int parent, int[] at, int[] places, int found) {
        if (level == order.length) {
            if (found >= places.length) {
                throw damaged("has fewer elements than places");
            }
            places[found] = place(at);
            return found + 1;
        }
        int end = found;
        if (segments[level] == null) {
            for (int i = 0; i < dense[level]; i++) {
                at[order[level]] = i;
                end = fill(level + 1, parent * dense[level] + i, at, places, end);
            }
            return end;
        }
        if (parent + 1 >= segments[level].length) {
            throw damaged("has too few segments");
        }
        for (int i = segments[level][parent]; i < segments[level][parent + 1]; i++) {
            at[order[level]] = index(indices[level][index(i, indices[level].length)], extents[order[level]]);
            end = fill(level + 1, i, at, places, end);
        }
        return end;
    }

    private int place(int[] at) {
        int place = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            int position = at[axis];
            for (int b = 0; b < blockMap.length; b++) {
                if (blockMap[b] == axis) {
                    position = position * extents[shape.length + b] + at[shape.length + b];
                }
            }
            place = place * shape[axis] + position;
        }
        return place;
    }
}
