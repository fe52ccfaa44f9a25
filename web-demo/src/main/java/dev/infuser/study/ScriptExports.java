package dev.infuser.study;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSByRef;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;

/** The pipelines as a module of JavaScript. One of each at a time; arrays are those that Java computes on. */
public final class ScriptExports {

    private static Edges edges;
    private static ModelInput modelInput;
    private static int[] picture;
    private static int[] painted;
    private static float[] tensor;

    private ScriptExports() {
    }

    /** Required by the compiler. */
    public static void main(String[] args) {
    }

    @JSBody(params = "array", script = "return array;")
    private static native Int32Array view(@JSByRef int[] array);

    @JSBody(params = "array", script = "return array;")
    private static native Float32Array view(@JSByRef float[] array);

    /** Makes everything for pictures of a size. */
    @JSExport
    public static void open(int width, int height) {
        edges = new Edges(width, height);
        modelInput = new ModelInput(width, height);
        picture = new int[width * height];
        painted = new int[width * height];
        tensor = new float[3 * ModelInput.SIZE * ModelInput.SIZE];
    }

    /** Where the picture is put. */
    @JSExport
    public static Int32Array picture() {
        return view(picture);
    }

    /** What {@link #edges()} answers. */
    @JSExport
    public static Int32Array painted() {
        return view(painted);
    }

    /** What {@link #modelInput()} answers. */
    @JSExport
    public static Float32Array tensor() {
        return view(tensor);
    }

    @JSExport
    public static void edges() {
        edges.run(picture, painted);
    }

    @JSExport
    public static void modelInput() {
        modelInput.run(picture, tensor);
    }
}
