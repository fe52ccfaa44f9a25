package dev.infuser.image;

import dev.infuser.image.jpeg2000.Jpeg2000;
import dev.infuser.image.webp.WebP;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.vision.Picture;
import java.util.function.Function;
import org.teavm.interop.PlatformMarker;
import org.teavm.interop.Platforms;

/** Encoded images as pixels. */
public final class Images {

    private static Function<byte[], Picture> platform = isPage() ? null : ImageIoDecoder::decode;

    private Images() {
    }

    /** Known at compile time, so that a page's program has nothing of the Java platform. */
    @PlatformMarker(Platforms.WEBASSEMBLY_GC)
    private static boolean isPage() {
        return false;
    }

    /** Sets what decodes the formats that are not read here; it answers null for what it does not know either. */
    public static void setPlatform(Function<byte[], Picture> decoder) {
        platform = decoder;
    }

    /**
     * The image in {@code bytes}: of JPEG 2000, TIFF, a portable format or, outside of pages, WebP, or of one that the platform knows.
     * Alpha is kept. Orientation in metadata is not applied, but by the decoders of pages.
     *
     * @return null where they are damaged or no image
     */
    public static Picture decode(byte[] bytes) {
        try {
            Bytes in = new Bytes(bytes);
            Picture own = Jpeg2000.accepts(in) ? Jpeg2000.decode(in) : Tiff.accepts(in) ? Tiff.decode(in)
                    : Pnm.accepts(in) ? Pnm.decode(in) : !isPage() && WebP.accepts(in) ? WebP.decode(in) : null;
            return own != null || platform == null ? own : platform.apply(bytes);
        } catch (InvalidInputException e) {
            return null;
        }
    }
}
