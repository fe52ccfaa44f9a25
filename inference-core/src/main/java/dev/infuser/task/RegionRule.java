package dev.infuser.task;

import dev.infuser.vision.Region;
import java.util.List;

/**
 * What a model wants to see of something that was found, as its metadata say: {@code region.points}, two names of points whose
 * line lies at {@code region.angle} degrees in the input (0 to the right, 90 upwards; 0 by default); {@code region.size}, {@code box}
 * for the longer side of the box, or {@code points} for a circle around the first point through the second;
 * {@code region.shift}, by how many widths and heights of the box it is moved, along its own sides; and {@code region.scale}.
 * The rule is that of MediaPipe's {@code DetectionsToRects}, {@code AlignmentPointsRects} and {@code RectTransformation}.
 */
record RegionRule(List<String> points, double angle, boolean circle, double shiftX, double shiftY, double scale) {

    static RegionRule of(String task, ModelInfo model) {
        List<String> points = ModelInfo.words(model.says("region.points", ""));
        String size = model.says("region.size", "box");
        if (!points.isEmpty() && points.size() != 2 || !size.equals("box") && !(size.equals("points") && points.size() == 2)) {
            throw ModelInfo.unfit(task, "the part of the picture that it wants is not stated as it should be",
                    "region.points are two names, region.size is box or points");
        }
        double[] shift = model.numbers("region.shift");
        boolean shifted = shift != null && shift.length == 2;
        return new RegionRule(points, Math.toRadians(model.number("region.angle", 0)), size.equals("points"), shifted ? shift[0] : 0,
                shifted ? shift[1] : 0, model.number("region.scale", 1));
    }

    /** The square to look at; upright where the points are not known. */
    Region region(Sighting found) {
        Keypoint from = points.isEmpty() ? null : found.point(points.get(0));
        Keypoint to = points.isEmpty() ? null : found.point(points.get(1));
        boolean known = from != null && to != null;
        double turned = known ? normal(angle - Math.atan2(from.y() - to.y(), to.x() - from.x())) : 0;
        double width = found.right() - found.left();
        double height = found.bottom() - found.top();
        double x = (found.left() + found.right()) / 2;
        double y = (found.top() + found.bottom()) / 2;
        if (circle && known) {
            width = 2 * Math.hypot(to.x() - from.x(), to.y() - from.y());
            height = width;
            x = from.x();
            y = from.y();
        }
        x += width * shiftX * Math.cos(turned) - height * shiftY * Math.sin(turned);
        y += width * shiftX * Math.sin(turned) + height * shiftY * Math.cos(turned);
        double side = Math.max(Math.max(width, height) * scale, 1);
        return new Region(x, y, side, side, turned);
    }

    /** From -pi to pi. */
    private static double normal(double radians) {
        return radians - 2 * Math.PI * Math.floor((radians + Math.PI) / (2 * Math.PI));
    }
}
