package dev.infuser.converter.tflite;

import com.google.flatbuffers.Table;
import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;

/** A table by the numbers of its fields, for what is newer than the published classes. */
final class Fields extends Table {

    private static final int SUBGRAPHS = 2;
    private static final int OPERATORS = 3;
    private static final int OPTIONS = 4;
    private static final int NEWER_OPTIONS = 12;

    private Fields(int position, ByteBuffer bytes) {
        __reset(position, bytes);
    }

    /** An operator of a file. */
    static Fields operator(ByteBuffer file, int subgraph, int operator) {
        Fields model = new Fields(file.getInt(file.position()) + file.position(), file);
        return model.element(SUBGRAPHS, subgraph).element(OPERATORS, operator);
    }

    /** The options of an operator, or null. */
    Fields options() {
        return table(OPTIONS);
    }

    /** The options of an operator that are in the second set, or null. */
    Fields newerOptions() {
        return table(NEWER_OPTIONS);
    }

    /** A length of a vector, which the file must have room for. */
    static int checked(int length, int bytes, Table owner) {
        if (length < 0 || (long) length * bytes > owner.getByteBuffer().capacity()) {
            throw new InvalidModelException("bad-tflite", "", "the file has a list of " + length + " entries", "",
                    "the file is damaged: copy or export it again");
        }
        return length;
    }

    private int offset(int field) {
        return __offset(4 + 2 * field);
    }

    private Fields element(int field, int i) {
        return new Fields(__indirect(__vector(offset(field)) + 4 * i), bb);
    }

    private Fields table(int field) {
        int offset = offset(field);
        return offset == 0 ? null : new Fields(__indirect(offset + bb_pos), bb);
    }

    long integer(int field, long fallback) {
        int offset = offset(field);
        return offset == 0 ? fallback : bb.getLong(offset + bb_pos);
    }

    byte octet(int field) {
        int offset = offset(field);
        return offset == 0 ? 0 : bb.get(offset + bb_pos);
    }

    int number(int field) {
        int offset = offset(field);
        return offset == 0 ? 0 : bb.getInt(offset + bb_pos);
    }

    /** A list of int64; empty where it is left out. */
    long[] integers(int field) {
        int offset = offset(field);
        long[] out = new long[offset == 0 ? 0 : checked(__vector_len(offset), Long.BYTES, this)];
        for (int i = 0; i < out.length; i++) {
            out[i] = bb.getLong(__vector(offset) + Long.BYTES * i);
        }
        return out;
    }
}
