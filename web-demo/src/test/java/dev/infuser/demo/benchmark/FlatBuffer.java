package dev.infuser.demo.benchmark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Writes FlatBuffers, parents before children. */
final class FlatBuffer {

    private static final int DATA_ALIGNMENT = 16;

    /**
     * A table: its fields in the order of the schema, null where absent. A field is a {@code Byte}, {@code Boolean},
     * {@code Integer}, {@code String}, {@code int[]}, {@code byte[]}, a table or a list of tables.
     */
    record Table(Object... fields) {
    }

    private ByteBuffer out = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

    private FlatBuffer() {
    }

    /** A file with this root and identifier. */
    static byte[] write(Table root, String identifier) {
        FlatBuffer buffer = new FlatBuffer();
        buffer.room(8).position(4);
        buffer.out.put(identifier.getBytes(StandardCharsets.US_ASCII));
        int start = buffer.table(root);
        buffer.out.putInt(0, start);
        return Arrays.copyOf(buffer.out.array(), buffer.out.position());
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            ByteBuffer larger = ByteBuffer.allocate(2 * out.capacity() + bytes).order(ByteOrder.LITTLE_ENDIAN);
            larger.put(out.array(), 0, out.position());
            out = larger;
        }
        return out;
    }

    /** Moves on until what follows {@code skipped} bytes is aligned. */
    private void align(int alignment, int skipped) {
        while ((out.position() + skipped) % alignment != 0) {
            room(1).put((byte) 0);
        }
    }

    private int table(Table table) {
        int count = table.fields.length;
        align(4, 4 + 2 * count);
        int directory = out.position();
        room(8 + 2 * count + 4 * count);
        int start = directory + 4 + 2 * count;
        out.position(start);
        out.putInt(start - directory);
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            Object field = table.fields[i];
            if (field instanceof Byte || field instanceof Boolean) {
                places[i] = out.position();
                out.put(field instanceof Byte b ? b : (byte) ((Boolean) field ? 1 : 0));
            } else if (field != null) {
                align(4, 0);
                places[i] = out.position();
                room(4).putInt(field instanceof Integer number ? number : 0);
            }
        }
        out.putShort(directory, (short) (4 + 2 * count));
        out.putShort(directory + 2, (short) (out.position() - start));
        for (int i = 0; i < count; i++) {
            out.putShort(directory + 4 + 2 * i, (short) (places[i] == 0 ? 0 : places[i] - start));
        }
        for (int i = 0; i < count; i++) {
            if (places[i] != 0) {
                child(places[i], table.fields[i]);
            }
        }
        return start;
    }

    private void child(int place, Object field) {
        if (field instanceof Number || field instanceof Boolean) {
            return;
        }
        int start;
        if (field instanceof Table table) {
            start = table(table);
        } else {
            align(field instanceof byte[] ? DATA_ALIGNMENT : 4, 4);
            start = out.position();
            vector(field);
        }
        out.putInt(place, start - place);
    }

    private void vector(Object field) {
        if (field instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            room(5 + bytes.length).putInt(bytes.length).put(bytes).put((byte) 0);
        } else if (field instanceof byte[] bytes) {
            room(4 + bytes.length).putInt(bytes.length).put(bytes);
        } else if (field instanceof int[] numbers) {
            room(4 + 4 * numbers.length).putInt(numbers.length);
            Arrays.stream(numbers).forEach(out::putInt);
        } else {
            List<?> tables = (List<?>) field;
            int places = room(4 + 4 * tables.size()).putInt(tables.size()).position();
            out.position(places + 4 * tables.size());
            for (int i = 0; i < tables.size(); i++) {
                child(places + 4 * i, tables.get(i));
            }
        }
    }
}
