package dev.infuser.task;

import java.util.List;

/**
 * Something that was found in a picture, such as a face or a hand: a box, which may reach beyond the picture, and places in it.
 *
 * @param score from 0 to 1
 * @param left  in pixels of the picture, as are the other sides
 */
public record Sighting(double score, double left, double top, double right, double bottom, List<Keypoint> points)
        implements Answer {

    /** The place of a name, or null. */
    public Keypoint point(String name) {
        for (Keypoint point : points) {
            if (point.name().equals(name)) {
                return point;
            }
        }
        return null;
    }

    @Override
    public void writeTo(PlainWriter out) {
        write(out.object(3));
    }

    /** The entries of an object. */
    PlainWriter write(PlainWriter out) {
        return out.name("score").number(score).name("box").object(4).name("left").number(left).name("top").number(top)
                .name("right").number(right).name("bottom").number(bottom).name("points").list(points);
    }
}
