package dev.infuser.op;

import dev.infuser.tensor.Tensor;

/**
 * A tensor seen as lanes along some of its axes: element {@code j} of lane {@code i} is {@code start[i] + step[j]}.
 *
 * @param start the first element of each lane, in row-major order of the axes that stay
 * @param step  offsets within a lane, in row-major order of the lane's axes
 */
record Lanes(int[] start, int[] step) {

    /** The lanes of a tensor of {@code dims} along the axes marked. */
    static Lanes of(int[] dims, boolean[] along) {
        int[] strides = Broadcast.strides(dims);
        int rank = 0;
        for (boolean axis : along) {
            rank += axis ? 1 : 0;
        }
        int[][] parts = {new int[dims.length - rank], new int[dims.length - rank], new int[rank], new int[rank]};
        int[] at = new int[2];
        for (int i = 0; i < dims.length; i++) {
            int part = along[i] ? 1 : 0;
            parts[2 * part][at[part]] = dims[i];
            parts[2 * part + 1][at[part]++] = strides[i];
        }
        return new Lanes(Broadcast.strided(parts[0], parts[1], 0), Broadcast.strided(parts[2], parts[3], 0));
    }

    /** The lanes along one axis. */
    static Lanes of(int[] dims, int axis) {
        boolean[] along = new boolean[dims.length];
        along[axis] = true;
        return of(dims, along);
    }

    /** Writes element {@code j} of lane {@code i} of {@code x} to {@code lane[j]}. */
    void read(Tensor x, int i, double[] lane) {
        for (int j = 0; j < step.length; j++) {
            lane[j] = x.getDouble(start[i] + step[j]);
        }
    }

    /** Writes {@code lane[j]} to element {@code j} of lane {@code i} of {@code out}. */
    void write(double[] lane, int i, double[] out) {
        for (int j = 0; j < step.length; j++) {
            out[start[i] + step[j]] = lane[j];
        }
    }
}
