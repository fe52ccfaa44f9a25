package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decision trees as arrays. Node {@code i} compares a feature with {@code split[i]}, as {@code mode[i]} of {@link #MODES} says, or
 * looks for it among {@code members}; {@code yes} and {@code no} are the next nodes, or {@code -1 - leaf}. A leaf gives each of
 * {@code targets} the weight beside it.
 *
 * @param roots where each tree starts, in the same way
 */
record Trees(int[] roots, long[] feature, int[] mode, double[] split, double[][] members, boolean[] missing, int[] yes, int[] no,
        List<Leaf> leaves) {

    /** The targets of a leaf and what they get. */
    record Leaf(List<Integer> targets, List<Double> weights) {
    }

    /** The names of comparisons in the order of their numbers. */
    static final List<String> MODES = List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ",
            "BRANCH_MEMBER");
    private static final int MEMBER = 6;

    /** The leaf that tree {@code tree} comes to for row {@code row} of {@code x [N, F]}, or null where it never comes to one. */
    Leaf find(int tree, Tensor x, int row, int features) {
        int at = roots[tree];
        for (int steps = 0; at >= 0; steps++) {
            if (steps > yes.length || feature[at] < 0 || feature[at] >= features) {
                return null;
            }
            double value = x.getDouble(row * features + (int) feature[at]);
            at = holds(at, value) || missing[at] && value != value ? yes[at] : no[at];
        }
        return leaves.get(-1 - at);
    }

    private boolean holds(int node, double value) {
        switch (mode[node]) {
            case 0:
                return value <= split[node];
            case 1:
                return value < split[node];
            case 2:
                return value >= split[node];
            case 3:
                return value > split[node];
            case 4:
                return value == split[node];
            case 5:
                return value != split[node];
            default:
                for (double member : members[node]) {
                    if (member == value) {
                        return true;
                    }
                }
                return false;
        }
    }

    /** The trees of {@code TreeEnsemble}. */
    static Trees of(Attributes a, RuntimeException wrong) {
        long[] feature = a.ints("nodes_featureids");
        int count = feature == null ? 0 : feature.length;
        long[] roots = a.ints("tree_roots");
        long[][] next = {a.ints("nodes_truenodeids"), a.ints("nodes_falsenodeids")};
        long[][] leaf = {a.ints("nodes_trueleafs"), a.ints("nodes_falseleafs")};
        long[] targets = a.ints("leaf_targetids");
        long[] missing = a.ints("nodes_missing_value_tracks_true");
        if (!a.has("nodes_splits") || !a.has("nodes_modes") || !a.has("leaf_weights") || roots == null || targets == null
                || a.tensor("nodes_splits").size() != count || a.tensor("nodes_modes").size() != count
                || a.tensor("leaf_weights").size() != targets.length || missing != null && missing.length != count) {
            throw wrong;
        }
        int[][] ends = new int[2][count];
        for (int side = 0; side < 2; side++) {
            if (next[side] == null || leaf[side] == null || next[side].length != count || leaf[side].length != count) {
                throw wrong;
            }
            for (int i = 0; i < count; i++) {
                boolean isLeaf = leaf[side][i] != 0;
                if (next[side][i] < 0 || next[side][i] >= (isLeaf ? targets.length : count)) {
                    throw wrong;
                }
                ends[side][i] = isLeaf ? -1 - (int) next[side][i] : (int) next[side][i];
            }
        }
        int[] starts = new int[roots.length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = start((int) Math.max(-1, Math.min(roots[i], count)), ends, leaf, wrong);
        }
        int[] mode = new int[count];
        boolean[] tracks = new boolean[count];
        for (int i = 0; i < count; i++) {
            mode[i] = (int) a.tensor("nodes_modes").getLong(i);
            tracks[i] = missing != null && missing[i] != 0;
            if (mode[i] < 0 || mode[i] > MEMBER) {
                throw wrong;
            }
        }
        List<Leaf> leaves = new ArrayList<>();
        for (int i = 0; i < targets.length; i++) {
            leaves.add(new Leaf(List.of((int) targets[i]), List.of(a.tensor("leaf_weights").getDouble(i))));
        }
        return new Trees(starts, feature, mode, a.tensor("nodes_splits").toDoubles(), members(a, mode, wrong), tracks, ends[0], ends[1],
                leaves);
    }

    /** A tree that is one leaf has a node whose ends are both that leaf. */
    private static int start(int root, int[][] ends, long[][] leaf, RuntimeException wrong) {
        if (root < 0 || root >= ends[0].length) {
            throw wrong;
        }
        return leaf[0][root] != 0 && leaf[1][root] != 0 && ends[0][root] == ends[1][root] ? ends[0][root] : root;
    }

    /** The values of each node that looks for members, which NaN ends. */
    private static double[][] members(Attributes a, int[] mode, RuntimeException wrong) {
        double[][] out = new double[mode.length][];
        double[] all = a.has("membership_values") ? a.tensor("membership_values").toDoubles() : new double[0];
        int at = 0;
        for (int i = 0; i < mode.length; i++) {
            if (mode[i] == MEMBER) {
                int start = at;
                while (at < all.length && all[at] == all[at]) {
                    at++;
                }
                if (start >= all.length) {
                    throw wrong;
                }
                out[i] = Arrays.copyOfRange(all, start, at);
                at++;
            }
        }
        return out;
    }

    /** The trees of {@code TreeEnsembleClassifier} and {@code TreeEnsembleRegressor}, whose leaves are nodes. */
    static Trees ofNodes(Attributes a, String kind, RuntimeException wrong) {
        long[] trees = a.ints("nodes_treeids");
        long[] ids = a.ints("nodes_nodeids");
        long[] features = a.ints("nodes_featureids");
        long[][] next = {a.ints("nodes_truenodeids"), a.ints("nodes_falsenodeids")};
        List<String> modes = a.has("nodes_modes") ? a.strings("nodes_modes") : List.of();
        double[] values = reals(a, "nodes_values");
        long[] missing = a.ints("nodes_missing_value_tracks_true");
        int count = modes.size();
        if (trees == null || ids == null || features == null || next[0] == null || next[1] == null || values == null
                || trees.length != count || ids.length != count || features.length != count || next[0].length != count
                || next[1].length != count || values.length != count || missing != null && missing.length != count) {
            throw wrong;
        }
        Map<List<Long>, Integer> places = new HashMap<>();
        List<Leaf> leaves = new ArrayList<>();
        int[] mode = new int[count];
        boolean[] tracks = new boolean[count];
        int[] place = new int[count];
        for (int i = 0; i < count; i++) {
            mode[i] = MODES.indexOf(modes.get(i));
            tracks[i] = missing != null && missing[i] != 0;
            place[i] = i;
            if (modes.get(i).equals("LEAF")) {
                leaves.add(new Leaf(new ArrayList<>(), new ArrayList<>()));
                place[i] = -leaves.size();
            } else if (mode[i] < 0 || mode[i] == MEMBER) {
                throw wrong;
            }
            places.putIfAbsent(List.of(trees[i], ids[i]), place[i]);
        }
        int[][] ends = new int[2][count];
        Set<Integer> children = new HashSet<>();
        for (int i = 0; i < count; i++) {
            for (int side = 0; side < 2 && place[i] >= 0; side++) {
                Integer end = places.get(List.of(trees[i], next[side][i]));
                if (end == null) {
                    throw wrong;
                }
                ends[side][i] = end;
                children.add(end);
            }
        }
        int roots = 0;
        int[] starts = new int[count];
        for (int i = 0; i < count; i++) {
            if (!children.contains(place[i])) {
                starts[roots++] = place[i];
            }
        }
        weigh(a, kind, places, leaves, wrong);
        return new Trees(Arrays.copyOf(starts, roots), features, mode, values, new double[count][], tracks, ends[0], ends[1],
                leaves);
    }

    private static void weigh(Attributes a, String kind, Map<List<Long>, Integer> places, List<Leaf> leaves, RuntimeException wrong) {
        long[] trees = a.ints(kind + "_treeids");
        long[] nodes = a.ints(kind + "_nodeids");
        long[] targets = a.ints(kind + "_ids");
        double[] weights = reals(a, kind + "_weights");
        if (trees == null || nodes == null || targets == null || weights == null || nodes.length != trees.length
                || targets.length != trees.length || weights.length != trees.length) {
            throw wrong;
        }
        for (int i = 0; i < trees.length; i++) {
            Integer place = places.get(List.of(trees[i], nodes[i]));
            if (place == null) {
                throw wrong;
            }
            if (place < 0) {
                leaves.get(-1 - place).targets.add((int) targets[i]);
                leaves.get(-1 - place).weights.add(weights[i]);
            }
        }
    }

    /** The numbers of an attribute, or of the tensor that later versions have in its place; null where there is neither. */
    static double[] reals(Attributes a, String attribute) {
        if (a.has(attribute + "_as_tensor")) {
            return a.tensor(attribute + "_as_tensor").toDoubles();
        }
        float[] values = a.has(attribute) ? a.reals(attribute) : null;
        double[] out = values == null ? null : new double[values.length];
        for (int i = 0; out != null && i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }
}
