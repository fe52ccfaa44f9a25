package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;
import dev.infuser.image.jpeg2000.Progression.Packets;
import java.util.ArrayList;
import java.util.List;

/** A tile: its packets, and the samples they make. */
final class Tile {

    final Coding[] codings;
    final List<Progression> progressions;
    final List<Bytes> parts = new ArrayList<>();
    TileComponent[] components;
    private final int x0;
    private final int y0;
    private final int x1;
    private final int y1;
    private final int[] stepsX;
    private final int[] stepsY;
    private int part;

    Tile(int x0, int y0, int x1, int y1, int[] stepsX, int[] stepsY, Coding[] codings, List<Progression> progressions) {
        this.x0 = x0;
        this.y0 = y0;
        this.x1 = x1;
        this.y1 = y1;
        this.stepsX = stepsX;
        this.stepsY = stepsY;
        this.codings = codings;
        this.progressions = progressions;
    }

    /** Reads the packets and computes the samples of all components, as whole numbers around their own zero. */
    void decode(int[] depths) {
        components = new TileComponent[codings.length];
        List<Packets> packets = new ArrayList<>();
        for (int c = 0; c < components.length; c++) {
            components[c] = new TileComponent(Coding.ceilDivide(x0, stepsX[c]), Coding.ceilDivide(y0, stepsY[c]),
                    Coding.ceilDivide(x1, stepsX[c]), Coding.ceilDivide(y1, stepsY[c]), codings[c]);
            enumerate(c, packets);
        }
        if (progressions.isEmpty()) {
            progressions.add(new Progression(codings[0].progression, 0, Integer.MAX_VALUE, 0, Integer.MAX_VALUE, codings[0].layers));
        }
        for (Progression progression : progressions) {
            if (!progression.run(packets, this::packet)) {
                break;
            }
        }
        for (int c = 0; c < components.length; c++) {
            components[c].reconstruct(depths[c]);
        }
        if (codings[0].mix && components.length >= 3) {
            mix();
        }
        for (TileComponent component : components) {
            round(component);
        }
    }

    private void enumerate(int c, List<Packets> packets) {
        for (int r = 0; r <= codings[c].levels; r++) {
            Resolution resolution = components[c].resolutions[r];
            int reduce = codings[c].levels - r;
            for (int p = 0; p < resolution.across * resolution.down; p++) {
                packets.add(new Packets(c, r, p, Math.max(x0, (resolution.left(p) << reduce) * stepsX[c]),
                        Math.max(y0, (resolution.top(p) << reduce) * stepsY[c])));
            }
        }
    }

    private boolean packet(Packets of, int layer) {
        while (part < parts.size() && parts.get(part).left() == 0) {
            part++;
        }
        if (part == parts.size()) {
            return false;
        }
        Bytes in = parts.get(part);
        if (in.peek(in.position()) == 0xff && in.peek(in.position() + 1) == 0x91) {
            in.skip(6);
        }
        Resolution resolution = components[of.component].resolutions[of.resolution];
        boolean[][] comes = new boolean[resolution.bands.length][];
        PacketBits bits = new PacketBits(in);
        boolean empty = bits.bit() == 0;
        for (int i = 0; i < comes.length && !empty; i++) {
            Precinct precinct = resolution.bands[i].precincts()[of.precinct];
            comes[i] = new boolean[precinct.blocks().length];
            precinct.header(bits, layer, codings[of.component].style, comes[i]);
        }
        bits.align();
        if (in.peek(in.position()) == 0xff && in.peek(in.position() + 1) == 0x92) {
            in.skip(2);
        }
        for (int i = 0; i < comes.length && !empty; i++) {
            resolution.bands[i].precincts()[of.precinct].body(in, comes[i]);
        }
        return true;
    }

    /** Undoes the transform of the first three components (T.800 Annex G). */
    private void mix() {
        TileComponent a = components[0];
        TileComponent b = components[1];
        TileComponent c = components[2];
        int count = (a.x1 - a.x0) * (a.y1 - a.y0);
        boolean reversible = a.whole != null;
        for (TileComponent other : new TileComponent[] {b, c}) {
            if ((other.x1 - other.x0) * (other.y1 - other.y0) != count || (other.whole != null) != reversible) {
                throw Bytes.damaged("components of different kinds are mixed");
            }
        }
        for (int i = 0; i < count; i++) {
            if (reversible) {
                int green = a.whole[i] - (b.whole[i] + c.whole[i] >> 2);
                a.whole[i] = c.whole[i] + green;
                c.whole[i] = b.whole[i] + green;
                b.whole[i] = green;
            } else {
                float y = a.real[i];
                float cb = b.real[i];
                float cr = c.real[i];
                a.real[i] = y + 1.402f * cr;
                b.real[i] = y - 0.34413f * cb - 0.71414f * cr;
                c.real[i] = y + 1.772f * cb;
            }
        }
    }

    /** To the nearest whole number, halves to the even one. */
    private static void round(TileComponent component) {
        if (component.real != null) {
            component.whole = new int[component.real.length];
            for (int i = 0; i < component.whole.length; i++) {
                float value = component.real[i];
                int near = (int) Math.floor(value + 0.5);
                component.whole[i] = near - value == 0.5 && (near & 1) != 0 ? near - 1 : near;
            }
        }
    }
}
