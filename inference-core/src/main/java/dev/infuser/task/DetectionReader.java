package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From the outputs of a model to the boxes that it found. */
sealed interface DetectionReader {

    void read(Map<String, Tensor> outputs, Detections found);

    /** The outputs that are read. */
    List<String> outputs();

    /**
     * An output of ready rows, as {@code output.NAME.rows} says: {@code left}, {@code top}, {@code right}, {@code bottom},
     * {@code score} and {@code class} in some order, boxes in pixels of the input.
     *
     * @param columns where in a row each of these is
     */
    record Rows(String output, int width, int[] columns) implements DetectionReader {

        private static final List<String> NAMES = List.of("left", "top", "right", "bottom", "score", "class");

        /** For an output, or null where it does not say that it is one. */
        static Rows of(ModelInfo model, ModelInfo.Port port) {
            List<String> words = ModelInfo.words(model.says("output." + port.name() + ".rows", ""));
            int[] columns = new int[NAMES.size()];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = words.indexOf(NAMES.get(i));
                if (columns[i] < 0) {
                    return null;
                }
            }
            return new Rows(port.name(), words.size(), columns);
        }

        @Override
        public List<String> outputs() {
            return List.of(output);
        }

        @Override
        public void read(Map<String, Tensor> outputs, Detections found) {
            float[] values = outputs.get(output).toFloats();
            for (int row = 0; row + width <= values.length; row += width) {
                float score = values[row + columns[4]];
                if (found.takes(score)) {
                    found.add(values[row + columns[0]], values[row + columns[1]], values[row + columns[2]], values[row + columns[3]],
                            score, (int) values[row + columns[5]]);
                }
            }
        }
    }

    /**
     * Grids of cells over the input, one for each of {@code strides}: an output {@code [1, cells, classes]} of scores and an
     * output {@code [1, cells, 4 * bins]} of how far left, up, right and down of the centre of its cell a box reaches, in strides:
     * the mean of a distribution over 0, 1, ... whose logarithms these are (Generalized Focal Loss, 2020, as NanoDet has it).
     */
    record Grids(List<Grid> grids, int classes) implements DetectionReader {

        /** Cells of one size. */
        record Grid(int stride, int columns, int rows, String scores, String distances, int bins) {
        }

        /** For the strides that a model states and its outputs, or null where these are not such. */
        static Grids of(ModelInfo model, int width, int height, int classes) {
            double[] strides = model.numbers("strides");
            List<Grid> grids = new ArrayList<>();
            for (int i = 0; strides != null && i < strides.length; i++) {
                int stride = Math.max((int) strides[i], 1);
                int columns = (width + stride - 1) / stride;
                int rows = (height + stride - 1) / stride;
                ModelInfo.Port scores = null;
                ModelInfo.Port distances = null;
                for (ModelInfo.Port port : model.outputs()) {
                    if (port.dims().length == 3 && port.dims()[1] == columns * rows) {
                        if (port.dims()[2] == classes) {
                            scores = port;
                        } else if (port.dims()[2] > 0 && port.dims()[2] % 4 == 0) {
                            distances = port;
                        }
                    }
                }
                if (scores == null || distances == null) {
                    return null;
                }
                grids.add(new Grid(stride, columns, rows, scores.name(), distances.name(), distances.dims()[2] / 4));
            }
            return grids.isEmpty() ? null : new Grids(grids, classes);
        }

        @Override
        public List<String> outputs() {
            List<String> names = new ArrayList<>();
            for (Grid grid : grids) {
                names.add(grid.scores);
                names.add(grid.distances);
            }
            return names;
        }

        @Override
        public void read(Map<String, Tensor> outputs, Detections found) {
            for (Grid grid : grids) {
                float[] scores = outputs.get(grid.scores).toFloats();
                float[] distances = outputs.get(grid.distances).toFloats();
                for (int cell = 0; cell < grid.columns * grid.rows; cell++) {
                    float[] box = null;
                    for (int label = 0; label < classes; label++) {
                        float score = scores[cell * classes + label];
                        if (found.takes(score)) {
                            box = box == null ? box(grid, cell, distances) : box;
                            found.add(box[0], box[1], box[2], box[3], score, label);
                        }
                    }
                }
            }
        }

        private static float[] box(Grid grid, int cell, float[] distances) {
            float x = (cell % grid.columns + 0.5f) * grid.stride;
            float y = (cell / grid.columns + 0.5f) * grid.stride;
            float[] box = new float[4];
            for (int side = 0; side < 4; side++) {
                double away = mean(distances, (4 * cell + side) * grid.bins, grid.bins) * grid.stride;
                box[side] = (float) ((side % 2 == 0 ? x : y) + (side < 2 ? -away : away));
            }
            return box;
        }

        private static double mean(float[] logarithms, int from, int bins) {
            double most = logarithms[from];
            for (int i = 1; i < bins; i++) {
                most = Math.max(most, logarithms[from + i]);
            }
            double sum = 0;
            double total = 0;
            for (int i = 0; i < bins; i++) {
                double weight = Math.exp(logarithms[from + i] - most);
                total += weight;
                sum += i * weight;
            }
            return sum / total;
        }
    }
}
