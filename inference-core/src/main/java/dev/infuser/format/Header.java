package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.zip.CRC32;

/** The first 40 bytes of a file, and the constants of the format. */
record Header(int minor, int sections, long fileLength, int headLength, int tableChecksum) {

    static final int BYTES = 40;
    static final int ENTRY_BYTES = 24;
    static final int MAJOR = 1;
    static final int MINOR = 2;
    static final int MAX_SECTIONS = 64;
    static final int MAX_DEPTH = 64;
    static final int MAX_RANK = 64;
    static final int ALIGNMENT = 64;
    static final int SLACK = 16;

    static final int GRAPH = 1;
    static final int ASSETS = 2;
    static final int METADATA = 3;
    static final int GOLDEN = 4;
    static final int WEIGHTS = 5;

    static final int TYPE_UNKNOWN = 0;
    static final int TYPE_RANKLESS = 1;
    static final int TYPE_TENSOR = 2;
    static final int TYPE_SEQUENCE = 3;
    static final int TYPE_OPTIONAL = 4;
    static final int TYPE_MAP = 5;

    static final int ATTRIBUTE_INT = 0;
    static final int ATTRIBUTE_FLOAT = 1;
    static final int ATTRIBUTE_STRING = 2;
    static final int ATTRIBUTE_INTS = 3;
    static final int ATTRIBUTE_FLOATS = 4;
    static final int ATTRIBUTE_STRINGS = 5;
    static final int ATTRIBUTE_TENSOR = 6;
    static final int ATTRIBUTE_GRAPH = 7;
    static final int ATTRIBUTE_TYPE = 8;

    static final int INLINE = 0;
    static final int SEEDED = 64;
    static final int SAMPLED = 65;

    private static final String[] NAMES = {"", "graph", "assets", "metadata", "golden vectors", "weights"};
    private static final byte[] MAGIC = {(byte) 0x89, 'T', 'E', 'A', '\r', '\n', 0x1a, '\n'};

    /** Reads and checks the header that {@code data} begins with; {@code count} bytes of it are there. */
    static Header read(byte[] data, int count) {
        if (count == 0) {
            throw new InvalidModelException("empty-file", "", "the model file is empty", "0 bytes", "check the address");
        }
        for (int i = 0; i < MAGIC.length && i < count; i++) {
            if (data[i] != MAGIC[i]) {
                throw Foreign.error(data, count);
            }
        }
        ByteReader in = new ByteReader("header", data, Math.min(8, count), Math.min(count, BYTES));
        if (count >= 12) {
            int major = in.u16();
            int minor = in.u16();
            if (major > MAJOR) {
                throw newer("version " + major + "." + minor + ", this reader knows " + MAJOR + ".x");
            }
            in.require(major == MAJOR, "major version", major);
        }
        if (count < BYTES) {
            throw truncated(count, "at least " + BYTES);
        }
        checkSum("header", data, 0, BYTES - 4, new ByteReader("header", data, BYTES - 4, BYTES).i32());
        int minor = (data[10] & 0xFF) | (data[11] & 0xFF) << 8;
        int sections = in.i32();
        long fileLength = in.i64();
        int headLength = in.i32();
        int tableChecksum = in.i32();
        int flags = in.i32();
        if (flags != 0) {
            throw newer("flags " + flags);
        }
        in.require(sections >= 2 && sections <= MAX_SECTIONS, "a number of sections of", sections);
        in.require(headLength >= BYTES + sections * ENTRY_BYTES && headLength % ALIGNMENT == 0
                && headLength <= fileLength, "a head of length", headLength);
        return new Header(minor, sections, fileLength, headLength, tableChecksum);
    }

    /** The header as bytes, {@link #BYTES} of them. */
    byte[] write() {
        ByteWriter out = new ByteWriter();
        out.bytes(MAGIC, MAGIC.length);
        out.fixed(MAJOR, 2).fixed(minor, 2).fixed(sections, 4).fixed(fileLength, 8).fixed(headLength, 4)
                .fixed(tableChecksum, 4).fixed(0, 4);
        return out.fixed(crc(out.data(), 0, out.size()), 4).toByteArray();
    }

    /** What messages call a section. */
    static String name(int section) {
        return section > 0 && section < NAMES.length ? NAMES[section] : "section " + section;
    }

    static UnsupportedModelException newer(String found) {
        return new UnsupportedModelException("newer-version", "", "the file is of a newer .tea format: " + found, "",
                "update Infuser, or convert the model with this version");
    }

    static InvalidModelException truncated(long found, String expected) {
        return new InvalidModelException("truncated-file", "", "the file ends early: " + found + " bytes of " + expected,
                "", "download or copy it again");
    }

    static int crc(byte[] data, int from, int to) {
        CRC32 crc = new CRC32();
        crc.update(data, from, to - from);
        return (int) crc.getValue();
    }

    static void checkSum(String section, byte[] data, int from, int to, int expected) {
        mismatch(section, expected, crc(data, from, to));
    }

    static void mismatch(String section, int expected, int found) {
        if (found != expected) {
            throw new InvalidModelException("checksum-mismatch", section, "the " + section + " of the file is damaged",
                    "CRC-32 is " + Integer.toHexString(found) + ", expected " + Integer.toHexString(expected),
                    "download or copy it again");
        }
    }

    static long align(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
