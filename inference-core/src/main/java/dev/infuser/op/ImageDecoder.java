package dev.infuser.op;

import dev.infuser.image.Images;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.vision.Picture;
import java.util.List;

/**
 * {@code ImageDecoder}: the pixels [height, width, channels] of an encoded image. Gray is the weighted sum of ITU-R BT.601.
 * What cannot be decoded gives an empty tensor, as ONNX has it.
 */
final class ImageDecoder implements Operator {

    private static final String RGB = "RGB";
    private static final String BGR = "BGR";
    private static final String GRAYSCALE = "Grayscale";

    @Override
    public String name() {
        return "ImageDecoder";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.UINT8);
        if (c.rank(0) != 1) {
            throw c.fail("input 0 must have one axis, found " + c.shape(0));
        }
        String format = c.attributes().string("pixel_format", RGB);
        if (!format.equals(RGB) && !format.equals(BGR) && !format.equals(GRAYSCALE)) {
            throw c.fail("pixel_format is " + format + ", which is none of RGB, BGR and Grayscale");
        }
        return List.of(ValueType.tensor(DType.UINT8, Shape.of(c.unknown(), c.unknown(), Dim.of(format.equals(GRAYSCALE) ? 1 : 3))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        String format = c.attributes().string("pixel_format", RGB);
        int channels = format.equals(GRAYSCALE) ? 1 : 3;
        Picture picture = Images.decode(c.tensor(0).bytes());
        int[] dims = {picture == null ? 0 : picture.height(), picture == null ? 0 : picture.width(), channels};
        byte[] out = new byte[dims[0] * dims[1] * channels];
        int first = format.equals(BGR) ? 2 : 0;
        for (int pixel = 0; pixel < dims[0] * dims[1]; pixel++) {
            int red = picture.rgba()[4 * pixel] & 0xff;
            int green = picture.rgba()[4 * pixel + 1] & 0xff;
            int blue = picture.rgba()[4 * pixel + 2] & 0xff;
            if (channels == 1) {
                out[pixel] = (byte) (red * 19595 + green * 38470 + blue * 7471 + 0x8000 >> 16);
            } else {
                out[3 * pixel + first] = (byte) red;
                out[3 * pixel + 1] = (byte) green;
                out[3 * pixel + 2 - first] = (byte) blue;
            }
        }
        return List.of(Tensor.of(DType.UINT8, dims, out));
    }
}
