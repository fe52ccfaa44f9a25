package dev.infuser.web;

import dev.infuser.image.Images;
import dev.infuser.op.Registry;
import dev.infuser.plan.Planner;
import org.teavm.interop.Export;

/** What JavaScript calls for models with rare operators: {@link Exports} with every operator. */
public final class FullExports {

    private static final PageImages IMAGES = new PageImages();

    private FullExports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
        Exports.main(args);
    }

    /** Adds the rare operators; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Registry.extend();
        Planner.extend();
        Images.setPlatform(IMAGES);
    }

    /** An image that was asked for is decoded, see {@link PageImages}. */
    @Export(name = "decoded")
    static void decoded(int width, int height, int first) {
        IMAGES.take(width, height, first != 0);
    }
}
