package dev.infuser.converter;

import dev.infuser.converter.build.ElementCodec;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * NumPy's {@code .npy} files, versions 1 to 3, little-endian and in C order.
 *
 * <p>Types that NumPy lacks are written as the unsigned integers of their bits. Source: numpy.lib.format.
 */
final class Npy {

    private static final String[] CODES = {"<f4", "<f8", "<i8", "<u8", "<i4", "<u4", "<i2", "<u2", "|i1", "|u1", "|b1",
        "<f2"};
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.UINT64, DType.INT32,
        DType.UINT32, DType.INT16, DType.UINT16, DType.INT8, DType.UINT8, DType.BOOL, DType.FLOAT16};

    private Npy() {
    }

    static Tensor read(byte[] bytes) {
        if (bytes.length < 12 || (bytes[0] & 0xFF) != 0x93 || bytes[1] != 'N' || bytes[5] != 'Y') {
            throw bad("it does not begin as one");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int start = bytes[6] == 1 ? 10 : 12;
        int length = bytes[6] == 1 ? in.getShort(8) & 0xFFFF : in.getInt(8);
        if (length < 0 || length > bytes.length - start) {
            throw bad("it ends inside its header");
        }
        String header = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
        if (header.contains("'fortran_order': True")) {
            throw bad("it is in Fortran order; save it with numpy.ascontiguousarray");
        }
        int[] dims = dims(header);
        int count = Tensor.count(dims);
        in.position(start + length);
        String code = between(header, "'descr': '", "'");
        if (code.startsWith("<U")) {
            return strings(dims, count, width(code.substring(2)), in);
        }
        for (int i = 0; i < CODES.length; i++) {
            if (CODES[i].equals(code)) {
                if (in.remaining() < (long) count * TYPES[i].bytes()) {
                    throw bad("it ends inside its data");
                }
                return Tensor.of(TYPES[i], dims, ElementCodec.decode(TYPES[i], count, in));
            }
        }
        throw bad("its type " + code + " is not supported");
    }

    private static int width(String digits) {
        if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
                || Integer.parseInt(digits) == 0) {
            throw bad("its strings have the width '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private static Tensor strings(int[] dims, int count, int width, ByteBuffer in) {
        if (in.remaining() < (long) count * width * 4) {
            throw bad("it ends inside its data");
        }
        String[] out = new String[count];
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < width; c++) {
                int point = in.getInt();
                if (point != 0 && Character.isValidCodePoint(point)) {
                    text.appendCodePoint(point);
                }
            }
            out[i] = text.toString();
        }
        return Tensor.strings(dims, out);
    }

    private static int[] dims(String header) {
        List<Integer> dims = new ArrayList<>();
        for (String dim : between(header, "'shape': (", ")").split(",")) {
            if (!dim.isBlank()) {
                try {
                    dims.add(Integer.parseInt(dim.trim()));
                } catch (NumberFormatException e) {
                    throw bad("its shape has the extent" + dim);
                }
            }
        }
        return dims.stream().mapToInt(Integer::intValue).toArray();
    }

    private static String between(String text, String before, String after) {
        int from = text.indexOf(before);
        int to = from < 0 ? -1 : text.indexOf(after, from + before.length());
        if (to < 0) {
            throw bad("its header lacks " + before);
        }
        return text.substring(from + before.length(), to);
    }

    private static InvalidInputException bad(String why) {
        return new InvalidInputException("bad-npy", "this is not a .npy file that can be read: " + why);
    }

    static byte[] write(Tensor tensor) {
        String code = code(tensor);
        StringBuilder shape = new StringBuilder();
        for (int dim : tensor.dims()) {
            shape.append(dim).append(", ");
        }
        StringBuilder header = new StringBuilder("{'descr': '" + code + "', 'fortran_order': False, 'shape': ("
                + (tensor.rank() == 1 ? shape.toString().trim() : shape.length() == 0 ? "" : shape.substring(0, shape.length() - 2))
                + "), }");
        while ((10 + header.length() + 1) % 64 != 0) {
            header.append(' ');
        }
        header.append('\n');
        int data = tensor.dtype() == DType.STRING ? tensor.size() * 4 * width(tensor) : tensor.size() * tensor.dtype().bytes();
        ByteBuffer out = ByteBuffer.allocate(10 + header.length() + data).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.ISO_8859_1)).put((byte) 1).put((byte) 0);
        out.putShort((short) header.length()).put(header.toString().getBytes(StandardCharsets.ISO_8859_1));
        elements(tensor, out);
        return out.array();
    }

    private static String code(Tensor tensor) {
        if (tensor.dtype() == DType.STRING) {
            return "<U" + width(tensor);
        }
        for (int i = 0; i < TYPES.length; i++) {
            if (TYPES[i] == tensor.dtype()) {
                return CODES[i];
            }
        }
        return tensor.dtype().bytes() == 2 ? "<u2" : tensor.dtype() == DType.INT4 || tensor.dtype() == DType.INT2 ? "|i1"
                : "|u1";
    }

    private static int width(Tensor tensor) {
        int width = 1;
        for (String text : tensor.strings()) {
            width = Math.max(width, text.codePointCount(0, text.length()));
        }
        return width;
    }

    private static void elements(Tensor tensor, ByteBuffer out) {
        if (tensor.dtype() != DType.STRING) {
            out.put(ElementCodec.encode(tensor));
            return;
        }
        int width = width(tensor);
        for (String text : tensor.strings()) {
            int[] points = text.codePoints().toArray();
            for (int i = 0; i < width; i++) {
                out.putInt(i < points.length ? points[i] : 0);
            }
        }
    }
}
