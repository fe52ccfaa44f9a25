package dev.infuser.format;

import dev.infuser.graph.Verifier;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** Writes {@code .tea} files. The same model gives the same bytes. */
public final class TeaWriter {

    private static final int CHUNK = 1 << 16;

    private TeaWriter() {
    }

    /**
     * Writes a model; {@code out} is neither flushed nor closed.
     *
     * <p>Lazy constants are loaded twice, one at a time, and not kept.
     *
     * @param layouts by name of a constant of the outermost graph; constants named here are always stored in the weights
     *                section, others are stored there plainly, or within the graph when they are small
     * @throws dev.infuser.tensor.InvalidModelException when the graph is not well-formed
     * @throws dev.infuser.tensor.InvalidInputException {@code bad-layout} when a layout does not fit its constant
     */
    public static void write(Model model, Map<String, Layout> layouts, OutputStream out) throws IOException {
        Verifier.verify(model.graph());
        GraphWriter graph = new GraphWriter(layouts);
        List<byte[]> sections = new ArrayList<>();
        sections.add(graph.section(model.graph()));
        sections.add(assets(model));
        sections.add(metadata(model));
        sections.add(golden(model));
        Checksum checksum = new Checksum();
        weights(graph, checksum);
        int[] ids = {Header.GRAPH, Header.ASSETS, Header.METADATA, Header.GOLDEN, Header.WEIGHTS};
        ByteWriter table = new ByteWriter();
        long offset = Header.align(Header.BYTES + (long) ids.length * Header.ENTRY_BYTES);
        for (int i = 0; i < ids.length; i++) {
            boolean last = i == ids.length - 1;
            byte[] section = last ? new byte[0] : sections.get(i);
            long length = last ? graph.weightsLength() : section.length;
            int crc = last ? checksum.value() : Header.crc(section, 0, section.length);
            table.fixed(ids[i], 4).fixed(crc, 4).fixed(offset, 8).fixed(length, 8);
            offset = last ? offset : Header.align(offset + length);
        }
        if (offset > Integer.MAX_VALUE - CHUNK) {
            throw new InvalidModelException("too-large", "what precedes the weights exceeds 2 GB");
        }
        byte[] entries = table.toByteArray();
        out.write(new Header(minor(model, layouts), ids.length, offset + graph.weightsLength(), (int) offset,
                Header.crc(entries, 0, entries.length)).write());
        out.write(entries);
        pad(Header.BYTES + entries.length, out);
        for (byte[] section : sections) {
            out.write(section);
            pad(section.length, out);
        }
        weights(graph, out);
    }

    /** The lowest minor version that has all that a file uses. */
    private static int minor(Model model, Map<String, Layout> layouts) {
        for (Golden golden : model.golden()) {
            for (Tensor tensor : golden.inputs().values()) {
                if (Seeded.is(tensor)) {
                    return 2;
                }
            }
            for (Tensor tensor : golden.outputs().values()) {
                if (Sample.of(tensor) != null) {
                    return 2;
                }
            }
        }
        return layouts.containsValue(Layout.NIBBLE8) ? 2 : layouts.containsValue(Layout.FLAT8) ? 1 : 0;
    }

    private static byte[] assets(Model model) {
        ByteWriter out = new ByteWriter().varint(model.assets().size());
        for (Map.Entry<String, byte[]> asset : new TreeMap<>(model.assets()).entrySet()) {
            out.text(asset.getKey()).blob(asset.getValue());
        }
        return out.toByteArray();
    }

    private static byte[] metadata(Model model) {
        ByteWriter out = new ByteWriter().varint(model.metadata().size());
        for (Map.Entry<String, String> entry : new TreeMap<>(model.metadata()).entrySet()) {
            out.text(entry.getKey()).text(entry.getValue());
        }
        return out.toByteArray();
    }

    private static byte[] golden(Model model) {
        ByteWriter out = new ByteWriter().varint(model.golden().size());
        for (Golden golden : model.golden()) {
            out.text(golden.name()).f32(golden.absolute()).f32(golden.relative());
            tensors(golden.inputs(), out);
            tensors(golden.outputs(), out);
        }
        return out.toByteArray();
    }

    private static void tensors(Map<String, Tensor> tensors, ByteWriter out) {
        out.varint(tensors.size());
        for (Map.Entry<String, Tensor> entry : new TreeMap<>(tensors).entrySet()) {
            out.text(entry.getKey());
            GraphWriter.golden(entry.getValue(), out);
        }
    }

    private static void weights(GraphWriter graph, OutputStream out) throws IOException {
        long at = 0;
        byte[] chunk = new byte[CHUNK];
        for (GraphWriter.Stored stored : graph.stored()) {
            pad(at, out);
            Tensor tensor = stored.tensor();
            Object array = stored.layout().pack(tensor.dtype(), tensor.dims(), tensor.peek());
            int count = stored.layout().storedElements(tensor.dims());
            int perChunk = CHUNK * 8 / tensor.dtype().bits();
            for (int done = 0; done < count; done += perChunk) {
                int n = Math.min(perChunk, count - done);
                Elements.encode(tensor.dtype(), array, done, n, chunk, 0);
                out.write(chunk, 0, (int) Elements.bytes(tensor.dtype(), n));
            }
            at = stored.offset() + stored.length();
        }
        out.write(new byte[(int) (graph.weightsLength() - at)]);
    }

    private static void pad(long length, OutputStream out) throws IOException {
        out.write(new byte[(int) (Header.align(length) - length)]);
    }

    private static final class Checksum extends OutputStream {

        private final CRC32 crc = new CRC32();

        @Override
        public void write(int b) {
            crc.update(b);
        }

        @Override
        public void write(byte[] data, int from, int count) {
            crc.update(data, from, count);
        }

        int value() {
            return (int) crc.getValue();
        }
    }
}
