package dev.infuser.task;

/**
 * A named place.
 *
 * @param x     in pixels of the picture from its left side
 * @param y     in pixels from the upper side
 * @param z     how far behind others, in pixels about, or NaN where the model does not tell
 * @param score from 0 to 1, or NaN where the model does not tell
 */
public record Keypoint(String name, double x, double y, double z, double score) implements Answer {

    @Override
    public void writeTo(PlainWriter out) {
        boolean deep = !Double.isNaN(z);
        boolean scored = !Double.isNaN(score);
        out.object(3 + (deep ? 1 : 0) + (scored ? 1 : 0)).name("name").text(name).name("x").number(x).name("y").number(y);
        if (deep) {
            out.name("z").number(z);
        }
        if (scored) {
            out.name("score").number(score);
        }
    }
}
