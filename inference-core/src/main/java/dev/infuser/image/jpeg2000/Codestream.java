package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;
import dev.infuser.image.Canvas;
import java.util.ArrayList;
import java.util.List;

/** The codestream: marker segments, tiles, and the samples of all components (T.800 Annex A). */
final class Codestream {

    private static final int SOC = 0xff4f;
    private static final int SIZ = 0xff51;
    private static final int COD = 0xff52;
    private static final int COC = 0xff53;
    private static final int QCD = 0xff5c;
    private static final int QCC = 0xff5d;
    private static final int RGN = 0xff5e;
    private static final int POC = 0xff5f;
    private static final int PPM = 0xff60;
    private static final int PPT = 0xff61;
    private static final int SOT = 0xff90;
    private static final int SOD = 0xff93;
    private static final int EOC = 0xffd9;
    private static final int MOST_TILES = 65535;
    private static final int MOST_COMPONENTS = 16;

    private final Bytes in;
    private int[] size;
    private int components;
    int[] depths;
    boolean[] signed;
    private int[] stepsX;
    private int[] stepsY;
    private Coding[] codings;
    private List<Progression> progressions = new ArrayList<>();
    private Tile[] tiles;
    private int across;
    /** By component, its samples row by row, and how many a row has. */
    int[][] samples;
    private int[] widths;

    Codestream(Bytes in) {
        this.in = in;
    }

    int components() {
        return components;
    }

    int width() {
        return size[0] - size[2];
    }

    int height() {
        return size[1] - size[3];
    }

    /** The sample of a component at a pixel. */
    int at(int component, int x, int y) {
        int column = (size[2] + x) / stepsX[component] - Coding.ceilDivide(size[2], stepsX[component]);
        int row = (size[3] + y) / stepsY[component] - Coding.ceilDivide(size[3], stepsY[component]);
        int width = widths[component];
        int rows = samples[component].length / width;
        return samples[component][Math.min(Math.max(row, 0), rows - 1) * width + Math.min(Math.max(column, 0), width - 1)];
    }

    void decode() {
        if (in.u16() != SOC || in.u16() != SIZ) {
            throw Bytes.damaged("no codestream");
        }
        siz(in.part(in.position() + 2, in.u16() - 2));
        in.seek(4 + 2 + 36 + 3 * components);
        for (int marker = in.u16(); marker != EOC; marker = in.left() < 2 ? EOC : in.u16()) {
            int start = in.position();
            int length = in.u16();
            if (marker == SOT) {
                tilePart(start - 2);
            } else {
                segment(marker, in.part(start + 2, length - 2), codings, progressions);
                in.seek(start + length);
            }
        }
        for (int i = 0; i < tiles.length; i++) {
            if (tiles[i] != null) {
                tiles[i].decode(depths);
                copy(tiles[i]);
                tiles[i] = null;
            }
        }
    }

    private void siz(Bytes s) {
        s.u16();
        size = new int[8];
        for (int i = 0; i < size.length; i++) {
            size[i] = s.i32();
            if (size[i] < 0) {
                throw Bytes.damaged("an image beyond 2^31");
            }
        }
        components = s.u16();
        Canvas.check(width(), height());
        if (components < 1 || components > MOST_COMPONENTS || size[4] < 1 || size[5] < 1 || size[6] > size[2] || size[7] > size[3]
                || (long) size[6] + size[4] <= size[2] || (long) size[7] + size[5] <= size[3]) {
            throw Bytes.damaged("an image of " + width() + " x " + height() + " pixels of " + components + " components");
        }
        depths = new int[components];
        signed = new boolean[components];
        stepsX = new int[components];
        stepsY = new int[components];
        codings = new Coding[components];
        samples = new int[components][];
        widths = new int[components];
        for (int i = 0; i < components; i++) {
            int depth = s.u8();
            depths[i] = (depth & 127) + 1;
            signed[i] = depth >= 128;
            stepsX[i] = s.u8();
            stepsY[i] = s.u8();
            if (depths[i] > 24 || stepsX[i] < 1 || stepsY[i] < 1) {
                throw Bytes.damaged("samples of " + depths[i] + " bits");
            }
            widths[i] = Coding.ceilDivide(size[0], stepsX[i]) - Coding.ceilDivide(size[2], stepsX[i]);
            int rows = Coding.ceilDivide(size[1], stepsY[i]) - Coding.ceilDivide(size[3], stepsY[i]);
            if (widths[i] < 1 || rows < 1 || (long) widths[i] * rows > 1 << 27) {
                throw Bytes.damaged("a component of " + widths[i] + " x " + rows + " samples");
            }
            samples[i] = new int[widths[i] * rows];
            codings[i] = new Coding();
        }
        across = Coding.ceilDivide((long) size[0] - size[6], size[4]);
        long count = (long) across * Coding.ceilDivide((long) size[1] - size[7], size[5]);
        if (count > MOST_TILES) {
            throw Bytes.damaged(count + " tiles");
        }
        tiles = new Tile[(int) count];
    }

    private void segment(int marker, Bytes s, Coding[] into, List<Progression> order) {
        switch (marker) {
            case COD -> {
                for (Coding coding : into) {
                    coding.cod(s.seek(0));
                }
            }
            case COC -> into[component(s)].coc(s);
            case QCD -> {
                for (Coding coding : into) {
                    coding.quantization(s.seek(0));
                }
            }
            case QCC -> into[component(s)].quantization(s);
            case RGN -> {
                Coding coding = into[component(s)];
                s.u8();
                coding.shift = s.u8();
            }
            case POC -> poc(s, order);
            case PPM, PPT -> throw Bytes.damaged("packed packet headers");
            default -> { }
        }
    }

    private int component(Bytes s) {
        int component = s.u8();
        if (component >= components) {
            throw Bytes.damaged("no component " + component);
        }
        return component;
    }

    private static void poc(Bytes s, List<Progression> order) {
        while (s.left() >= 7) {
            int resolution = s.u8();
            int component = s.u8();
            int layers = s.u16();
            int resolutions = s.u8();
            int components = s.u8();
            order.add(new Progression(s.u8(), resolution, resolutions, component, components == 0 ? 256 : components, layers));
        }
    }

    private void tilePart(int start) {
        int number = in.u16();
        long length = in.u32();
        in.u16();
        if (number >= tiles.length) {
            throw Bytes.damaged("no tile " + number);
        }
        if (tiles[number] == null) {
            tiles[number] = tile(number);
        }
        Tile tile = tiles[number];
        for (int marker = in.u16(); marker != SOD; marker = in.u16()) {
            int from = in.position();
            int bytes = in.u16();
            segment(marker, in.part(from + 2, bytes - 2), tile.codings, tile.progressions);
            in.seek(from + bytes);
        }
        long end = length == 0 ? in.length() : start + length;
        if (end < in.position()) {
            throw Bytes.damaged("a tile ends before it begins");
        }
        Bytes part = in.part(in.position(), end - in.position());
        tile.parts.add(part);
        in.skip(part.length());
    }

    private Tile tile(int number) {
        int x0 = (int) Math.max(size[6] + (long) (number % across) * size[4], size[2]);
        int y0 = (int) Math.max(size[7] + (long) (number / across) * size[5], size[3]);
        int x1 = (int) Math.min(size[6] + (number % across + 1L) * size[4], size[0]);
        int y1 = (int) Math.min(size[7] + (number / across + 1L) * size[5], size[1]);
        Coding[] own = new Coding[components];
        for (int i = 0; i < components; i++) {
            own[i] = codings[i].copy();
        }
        return new Tile(x0, y0, x1, y1, stepsX, stepsY, own, new ArrayList<>(progressions));
    }

    private void copy(Tile tile) {
        for (int c = 0; c < components; c++) {
            TileComponent from = tile.components[c];
            int left = from.x0 - Coding.ceilDivide(size[2], stepsX[c]);
            int top = from.y0 - Coding.ceilDivide(size[3], stepsY[c]);
            int width = from.x1 - from.x0;
            for (int y = 0; y < from.y1 - from.y0; y++) {
                System.arraycopy(from.whole, y * width, samples[c], (top + y) * widths[c] + left, width);
            }
        }
    }
}
