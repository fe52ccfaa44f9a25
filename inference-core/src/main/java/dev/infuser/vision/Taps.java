package dev.infuser.vision;

/**
 * What the pixels of a line give to each pixel of a resized line, in Pillow's fixed-point numbers (its
 * {@code libImaging/Resample.c}).
 *
 * @param stride  room for the weights of one pixel
 * @param first   of each pixel of the result, the first of the line that counts
 * @param count   and how many do
 * @param weights {@code stride} for each pixel of the result, of which {@code count} are in use; {@code 1 << BITS} is 1
 * @param outside the weight of what lies beyond the line
 */
record Taps(int stride, int[] first, int[] count, int[] weights, int[] outside) {

    static final int BITS = 22;

    /**
     * Weighs the pixels of a line.
     *
     * @param length pixels of the line
     * @param from   where in the line the result begins, which may be before it
     * @param to     and ends, which may be behind it
     * @param size   pixels of the result
     */
    static Taps of(Filter filter, int length, double from, double to, int size) {
        double scale = (to - from) / size;
        double stretch = Math.max(scale, 1);
        double support = filter.support * stretch;
        int low = (int) Math.floor(Math.min(0, from));
        int high = (int) Math.ceil(Math.max(length, to));
        int stride = (int) Math.ceil(support) * 2 + 1;
        int[] first = new int[size];
        int[] count = new int[size];
        int[] weights = new int[stride * size];
        int[] outside = new int[size];
        double[] around = new double[stride];
        for (int i = 0; i < size; i++) {
            double center = from + (i + 0.5) * scale;
            int start = Math.max((int) Math.floor(center - support + 0.5), low);
            int end = Math.min((int) Math.floor(center + support + 0.5), high);
            double sum = 0;
            for (int x = start; x < end; x++) {
                around[x - start] = filter.at((x - center + 0.5) / stretch);
                sum += around[x - start];
            }
            first[i] = Math.min(Math.max(start, 0), length);
            for (int x = start; x < end; x++) {
                double weight = around[x - start] * (1 << BITS) / sum;
                int rounded = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                if (x < 0 || x >= length) {
                    outside[i] += rounded;
                } else {
                    weights[i * stride + count[i]++] = rounded;
                }
            }
        }
        return new Taps(stride, first, count, weights, outside);
    }
}
