package dev.infuser.image.jpeg2000;

import java.util.ArrayList;
import java.util.List;

/**
 * A volume of packets and their order (T.800 B.12).
 *
 * @param order    0 by layer, resolution, component, position; 1 by resolution, layer, component, position; 2 by resolution,
 *                 position, component; 3 by position, component, resolution; 4 by component, position, resolution
 * @param layers   and the other ends are exclusive
 */
record Progression(int order, int firstResolution, int resolutions, int firstComponent, int components, int layers) {

    /** The packets of a precinct. */
    static final class Packets {
        final int component;
        final int resolution;
        final int precinct;
        private final long x;
        private final long y;
        private int layer;

        Packets(int component, int resolution, int precinct, long x, long y) {
            this.component = component;
            this.resolution = resolution;
            this.precinct = precinct;
            this.x = x;
            this.y = y;
        }

        private int compare(Packets other, int order) {
            int byComponent = component - other.component;
            int byResolution = resolution - other.resolution;
            int byPlace = y != other.y ? Long.compare(y, other.y) : Long.compare(x, other.x);
            int byPrecinct = precinct - other.precinct;
            return switch (order) {
                case 0, 1 -> first(byResolution, byComponent, byPrecinct, 0);
                case 2 -> first(byResolution, byPlace, byComponent, byPrecinct);
                case 3 -> first(byPlace, byComponent, byResolution, byPrecinct);
                default -> first(byComponent, byPlace, byResolution, byPrecinct);
            };
        }

        private static int first(int a, int b, int c, int d) {
            return a != 0 ? a : b != 0 ? b : c != 0 ? c : d;
        }
    }

    /** What reads a packet, until there are no more. */
    interface Reader {
        boolean read(Packets of, int layer);
    }

    /** Reads the packets of this volume that none before it had. */
    boolean run(List<Packets> all, Reader reader) {
        List<Packets> some = new ArrayList<>();
        for (Packets packets : all) {
            if (packets.resolution >= firstResolution && packets.resolution < resolutions && packets.component >= firstComponent
                    && packets.component < components) {
                some.add(packets);
            }
        }
        some.sort((a, b) -> a.compare(b, order));
        if (order == 0) {
            return layered(some, 0, some.size(), reader);
        }
        for (int i = 0; i < some.size();) {
            int end = i + 1;
            while (order == 1 && end < some.size() && some.get(end).resolution == some.get(i).resolution) {
                end++;
            }
            if (!layered(some, i, end, reader)) {
                return false;
            }
            i = end;
        }
        return true;
    }

    private boolean layered(List<Packets> some, int from, int to, Reader reader) {
        for (int layer = 0; layer < layers; layer++) {
            for (int i = from; i < to; i++) {
                Packets packets = some.get(i);
                if (packets.layer == layer) {
                    packets.layer++;
                    if (!reader.read(packets, layer)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
