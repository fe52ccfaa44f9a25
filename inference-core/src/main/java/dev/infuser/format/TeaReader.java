package dev.infuser.format;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Verifier;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Reads {@code .tea} files. The head, which is all before the weights, is read and checked at once; weights stay where
 * they are until a tensor's elements are asked for.
 *
 * <p>With random access: {@link #open}. While a file arrives: collect bytes until there are {@link #headLength} of them,
 * then {@link #parse} them; compile from {@link #graph()} while the rest is put where {@link #placements()} are wanted.
 *
 * <p>Errors: {@code empty-file}, {@code foreign-file}, {@code truncated-file}, {@code bad-length},
 * {@code checksum-mismatch}, {@code bad-value}, {@code bad-graph} as {@link InvalidModelException};
 * {@code newer-version}, {@code too-large} as {@link dev.infuser.tensor.UnsupportedModelException}.
 */
public final class TeaReader {

    /** The number of bytes at the beginning of a file that {@link #headLength} needs. */
    public static final int HEADER_BYTES = Header.BYTES;

    private static final int CHUNK = 1 << 16;

    private final Header header;
    private final byte[] head;
    private final ByteSource weights;
    private final Map<Integer, int[]> sections = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, byte[]> assets = new LinkedHashMap<>();
    private final Map<String, Placement> placements;
    private final Graph graph;
    private long weightsLength;
    private int weightsChecksum;

    private TeaReader(Header header, byte[] head, ByteSource weights) {
        this.header = header;
        this.head = head;
        this.weights = weights;
        readTable();
        GraphReader reader = new GraphReader(section(Header.GRAPH), header.minor(), weights, weightsLength);
        graph = reader.section();
        Verifier.verify(graph);
        placements = Collections.unmodifiableMap(reader.placements());
        readAssets();
        readMetadata();
    }

    /**
     * The number of bytes before the weights.
     *
     * @param prefix the beginning of a file: {@link #HEADER_BYTES} bytes or more, fewer only when the file has no more
     * @param count  how many bytes of {@code prefix} count
     */
    public static int headLength(byte[] prefix, int count) {
        return Header.read(prefix, count).headLength();
    }

    /**
     * Reads a head.
     *
     * @param head    at least {@link #headLength} bytes from the beginning of the file; kept, not copied
     * @param weights the weights section, from its first byte; read only when elements are asked for
     */
    public static TeaReader parse(byte[] head, ByteSource weights) {
        Header header = Header.read(head, head.length);
        if (head.length < header.headLength()) {
            throw Header.truncated(head.length, Long.toString(header.fileLength()));
        }
        return new TeaReader(header, head, weights);
    }

    /** Reads a whole file. */
    public static TeaReader open(ByteSource source) {
        byte[] prefix = new byte[(int) Math.min(source.length(), Header.BYTES)];
        source.read(0, prefix, 0, prefix.length);
        Header header = Header.read(prefix, prefix.length);
        checkLength(header, source.length());
        byte[] head = new byte[header.headLength()];
        source.read(0, head, 0, head.length);
        return new TeaReader(header, head, ByteSource.slice(source, head.length, source.length() - head.length));
    }

    public Graph graph() {
        return graph;
    }

    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    public Map<String, byte[]> assets() {
        return Collections.unmodifiableMap(assets);
    }

    /** The golden vectors, read anew at each call. */
    public List<Golden> golden() {
        List<Golden> all = new ArrayList<>();
        ByteReader in = section(Header.GOLDEN);
        if (in.remaining() == 0) {
            return all;
        }
        GraphReader tensors = new GraphReader(in, header.minor(), weights, 0);
        for (int n = in.count(" golden vectors", 11); n > 0; n--) {
            String name = in.text();
            float absolute = in.f32();
            float relative = in.f32();
            in.require(absolute >= 0 && relative >= 0, "a negative tolerance");
            all.add(new Golden(name, tensors(in, tensors), tensors(in, tensors), absolute, relative));
        }
        in.finish();
        return all;
    }

    /** All of the file; tensors of the weights section are lazy. */
    public Model model() {
        return new Model(graph, metadata, assets, golden());
    }

    /** Where the constants of the outermost graph lie that are in the weights section, by name, ascending by offset. */
    public Map<String, Placement> placements() {
        return placements;
    }

    public long fileLength() {
        return header.fileLength();
    }

    /** The offset of the weights section in the file, which is the length of the head. */
    public long weightsOffset() {
        return header.headLength();
    }

    /** The length of the weights section, which ends the file. */
    public long weightsLength() {
        return weightsLength;
    }

    /** The CRC-32 of the weights section, for those who compute it while bytes arrive. */
    public int weightsChecksum() {
        return weightsChecksum;
    }

    /** Throws {@code truncated-file} or {@code bad-length} unless {@code found} is the length of the file. */
    public void checkLength(long found) {
        checkLength(header, found);
    }

    /** Reads all weights and throws {@code checksum-mismatch} when they are damaged. */
    public void verifyWeights() {
        CRC32 crc = new CRC32();
        byte[] chunk = new byte[(int) Math.min(CHUNK, weightsLength)];
        for (long at = 0; at < weightsLength; at += chunk.length) {
            int count = (int) Math.min(chunk.length, weightsLength - at);
            weights.read(at, chunk, 0, count);
            crc.update(chunk, 0, count);
        }
        Header.mismatch(Header.name(Header.WEIGHTS), weightsChecksum, (int) crc.getValue());
    }

    private static void checkLength(Header header, long found) {
        if (found < header.fileLength()) {
            throw Header.truncated(found, Long.toString(header.fileLength()));
        }
        if (found > header.fileLength()) {
            throw new InvalidModelException("bad-length", "", "the file has " + found + " bytes, its header says "
                    + header.fileLength(), "", "download or copy it again");
        }
    }

    private void readTable() {
        int end = Header.BYTES + header.sections() * Header.ENTRY_BYTES;
        Header.checkSum("section table", head, Header.BYTES, end, header.tableChecksum());
        ByteReader in = new ByteReader("section table", head, Header.BYTES, end);
        long next = end;
        for (int i = 0; i < header.sections(); i++) {
            int id = in.i32();
            int crc = in.i32();
            long offset = in.i64();
            long length = in.i64();
            boolean last = i == header.sections() - 1;
            in.require(i > 0 || id == Header.GRAPH, "another section before the graph");
            in.require(last == (id == Header.WEIGHTS), "weights that are not last");
            in.require(offset == Header.align(next) && length >= 0 && offset <= header.headLength(), "a section at", offset);
            for (long pad = next; pad < offset; pad++) {
                in.require(head[(int) pad] == 0, "padding that is not zero");
            }
            if (last) {
                in.require(offset == header.headLength() && length == header.fileLength() - offset,
                        "a section of length", length);
                weightsLength = length;
                weightsChecksum = crc;
            } else {
                in.require(length <= header.headLength() - offset, "a section of length", length);
                next = offset + length;
                Header.checkSum(Header.name(id), head, (int) offset, (int) next, crc);
                in.require(sections.put(id, new int[] {(int) offset, (int) next}) == null, "twice section", id);
            }
        }
    }

    private ByteReader section(int id) {
        int[] range = sections.get(id);
        return range == null ? new ByteReader(Header.name(id), head, 0, 0)
                : new ByteReader(Header.name(id), head, range[0], range[1]);
    }

    private void readAssets() {
        ByteReader in = section(Header.ASSETS);
        for (int n = in.remaining() == 0 ? 0 : in.count(" assets", 2); n > 0; n--) {
            String name = in.text();
            in.require(assets.put(name, in.blob()) == null, "an asset twice");
        }
        in.finish();
    }

    private void readMetadata() {
        ByteReader in = section(Header.METADATA);
        for (int n = in.remaining() == 0 ? 0 : in.count(" entries", 2); n > 0; n--) {
            String name = in.text();
            in.require(metadata.put(name, in.text()) == null, "an entry twice");
        }
        in.finish();
    }

    private static Map<String, Tensor> tensors(ByteReader in, GraphReader reader) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int n = in.count(" tensors", 4); n > 0; n--) {
            String name = in.text();
            in.require(tensors.put(name, reader.golden()) == null, "a tensor twice");
        }
        return tensors;
    }
}
