package dev.infuser.web;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a message that {@code infuser.js} wrote as {@link MessageWriter} would, save that an address is all that follows the
 * dims of a tensor whose elements are apart. Tensors keep their elements where they are.
 */
final class MessageReader {

    private long at;

    MessageReader(int address) {
        at = address & 0xFFFFFFFFL;
    }

    int word() {
        int value = Memory.address(at).getInt();
        at += 4;
        return value;
    }

    String text() {
        int bytes = word();
        char[] out = new char[bytes];
        int count = 0;
        for (int i = 0; i < bytes; i++) {
            int c = octet(i);
            if (c >= 0xF0) {
                int point = (c & 7) << 18 | (octet(i + 1) & 63) << 12 | (octet(i + 2) & 63) << 6 | octet(i + 3) & 63;
                out[count++] = Character.highSurrogate(point);
                out[count++] = Character.lowSurrogate(point);
                i += 3;
            } else if (c >= 0xE0) {
                out[count++] = (char) ((c & 15) << 12 | (octet(i + 1) & 63) << 6 | octet(i + 2) & 63);
                i += 2;
            } else if (c >= 0x80) {
                out[count++] = (char) ((c & 31) << 6 | octet(++i) & 63);
            } else {
                out[count++] = (char) c;
            }
        }
        at += (bytes + 3) / 4 * 4;
        return new String(out, 0, count);
    }

    Datum datum() {
        int kind = word();
        if (kind == MessageWriter.ABSENT) {
            return Datum.Optional.ABSENT;
        }
        if (kind == MessageWriter.SEQUENCE) {
            List<Datum> elements = new ArrayList<>();
            for (int n = word(); n > 0; n--) {
                elements.add(datum());
            }
            return new Datum.Sequence(elements);
        }
        if (kind == MessageWriter.MAP) {
            Tensor keys = (Tensor) datum();
            return new Datum.Map(keys, (Tensor) datum());
        }
        DType dtype = DType.ofNumber(word());
        int[] dims = new int[word()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = word();
        }
        if (dtype == null) {
            throw new InvalidInputException("bad-tensor", "a feed has a type that is not known");
        }
        if (dtype == DType.STRING) {
            String[] texts = new String[Tensor.count(dims)];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = text();
            }
            return Tensor.strings(dims, texts);
        }
        if (kind == MessageWriter.APART) {
            return Memory.view(word() & 0xFFFFFFFFL, dtype, dims);
        }
        at = (at + 7) / 8 * 8;
        Tensor tensor = Memory.view(at, dtype, dims);
        at += (tensor.size() * dtype.bytes() + 3) / 4 * 4;
        return tensor;
    }

    private int octet(int i) {
        return Memory.address(at + i).getByte() & 0xFF;
    }
}
