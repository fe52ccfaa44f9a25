package dev.infuser.task;

import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.List;

/**
 * A model that finds the iris in the picture of an eye: a {@link Landmarks} whose metadata also say {@code iris.right} and
 * {@code iris.left}, the two points of a face at the corners of each eye; {@code iris.mirrored}, the eye that it wants to see
 * mirrored; and {@code iris.points}, which of its points are the middle of the iris and the four on its rim.
 */
public final class Iris {

    private static final String[] EYES = {"right", "left"};

    /**
     * An iris.
     *
     * @param eye    {@code right} or {@code left}, of the person
     * @param x      of its middle in pixels of the picture, as are the others
     * @param radius the mean over four points of the rim
     */
    public record Found(String eye, double x, double y, double radius) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(4).name("eye").text(eye).name("x").number(x).name("y").number(y).name("radius").number(radius);
        }
    }

    private final Landmarks landmarks;
    private final double[][] corners = new double[EYES.length][];
    private final String mirrored;
    private final double scale;
    private final double[] points;

    Iris(String task, ModelInfo model) {
        landmarks = new Landmarks(task, model);
        for (int i = 0; i < EYES.length; i++) {
            corners[i] = model.numbers("iris." + EYES[i]);
        }
        points = model.numbers("iris.points");
        mirrored = model.says("iris.mirrored", "");
        scale = model.number("region.scale", 1);
        if (corners[0] == null || corners[0].length != 2 || corners[1] == null || corners[1].length != 2 || points == null
                || points.length < 2) {
            throw ModelInfo.unfit(task, "it does not say where eyes and irises are",
                    "state iris.right, iris.left and iris.points when converting it");
        }
    }

    /** Asks for a run on each eye. */
    void find(String name, Picture picture, Landmarks.Marks face, Runs runs, List<Found> found) {
        for (int i = 0; i < EYES.length; i++) {
            String eye = EYES[i];
            int a = 3 * (int) corners[i][0];
            int b = 3 * (int) corners[i][1];
            float[] mesh = face.points();
            if (Math.max(a, b) + 1 >= mesh.length) {
                continue;
            }
            double side = Math.max(Math.hypot(mesh[a] - mesh[b], mesh[a + 1] - mesh[b + 1]) * scale, 1);
            Region region = new Region((mesh[a] + mesh[b]) / 2, (mesh[a + 1] + mesh[b + 1]) / 2, side, side, face.region().angle());
            landmarks.mark(name, picture, eye.equals(mirrored) ? region.mirrored() : region, runs,
                    marks -> found.add(iris(eye, marks.points())));
        }
    }

    private Found iris(String eye, float[] marks) {
        int middle = 3 * (int) points[0];
        double radius = 0;
        for (int i = 1; i < points.length; i++) {
            int rim = 3 * (int) points[i];
            radius += Math.hypot(marks[rim] - marks[middle], marks[rim + 1] - marks[middle + 1]) / (points.length - 1);
        }
        return new Found(eye, marks[middle], marks[middle + 1], radius);
    }
}
