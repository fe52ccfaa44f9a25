package dev.infuser.web;

import dev.infuser.tensor.ResourceException;
import dev.infuser.vision.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The page's decoders of images, which answer only later: a question that needs an image is given up with the error {@code
 * undecoded}, whose detail and hint say where the image's bytes are and how many, and is asked again once the page has handed over the pixels.
 */
final class PageImages implements Function<byte[], Picture> {

    private record Decoded(byte[] bytes, Picture picture) {
    }

    private final List<Decoded> decoded = new ArrayList<>();
    private byte[] wanted;
    private long address;

    @Override
    public Picture apply(byte[] bytes) {
        for (Decoded known : decoded) {
            if (Arrays.equals(known.bytes, bytes)) {
                return known.picture;
            }
        }
        forget();
        wanted = bytes;
        address = Exports.host().heap().allocate(bytes.length);
        Memory.put(address, bytes, 0, bytes.length);
        throw new ResourceException("undecoded", "", "an image is not decoded yet", "" + address, "" + bytes.length);
    }

    private void forget() {
        if (wanted != null) {
            Exports.host().heap().release(address);
            wanted = null;
        }
    }

    /**
     * Takes the pixels of the image that was asked for, 4 bytes each where the question would be; none where it cannot be decoded.
     *
     * @param first whether images from before are not needed any more
     */
    void take(int width, int height, boolean first) {
        if (first) {
            decoded.clear();
        }
        byte[] rgba = new byte[4 * width * height];
        Memory.get(Exports.question(), rgba, 0, rgba.length);
        decoded.add(new Decoded(wanted, width == 0 ? null : new Picture(width, height, rgba)));
        forget();
    }
}
