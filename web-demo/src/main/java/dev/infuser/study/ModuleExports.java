package dev.infuser.study;

import org.teavm.interop.Address;
import org.teavm.interop.Export;

/** The pipelines as a module of WebAssembly with garbage collection. One of each at a time; arrays are copied to and from memory. */
public final class ModuleExports {

    private static Edges edges;
    private static ModelInput modelInput;
    private static int[] picture;
    private static int[] painted;
    private static float[] tensor;

    private ModuleExports() {
    }

    /** Required by the compiler. */
    public static void main(String[] args) {
    }

    /** Makes everything for pictures of a size. */
    @Export(name = "open")
    static void open(int width, int height) {
        edges = new Edges(width, height);
        modelInput = new ModelInput(width, height);
        picture = new int[width * height];
        painted = new int[width * height];
        tensor = new float[3 * ModelInput.SIZE * ModelInput.SIZE];
    }

    /** Takes the picture from memory. */
    @Export(name = "take")
    static void take(int address) {
        int[] to = picture;
        Address from = Address.fromInt(address);
        for (int i = 0; i < to.length; i++) {
            to[i] = from.add(4 * i).getInt();
        }
    }

    /** Copies the painted picture to memory. */
    @Export(name = "givePainted")
    static void givePainted(int address) {
        int[] from = painted;
        Address to = Address.fromInt(address);
        for (int i = 0; i < from.length; i++) {
            to.add(4 * i).putInt(from[i]);
        }
    }

    /** Copies the tensor to memory. */
    @Export(name = "giveTensor")
    static void giveTensor(int address) {
        float[] from = tensor;
        Address to = Address.fromInt(address);
        for (int i = 0; i < from.length; i++) {
            to.add(4 * i).putFloat(from[i]);
        }
    }

    @Export(name = "edges")
    static void edges() {
        edges.run(picture, painted);
    }

    @Export(name = "modelInput")
    static void modelInput() {
        modelInput.run(picture, tensor);
    }
}
