package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;

/** How a component of a tile is coded: the marker segments COD, COC, QCD, QCC and RGN (T.800 Annex A.6). */
final class Coding implements Cloneable {

    private static final int MOST_LEVELS = 32;

    boolean precinctsGiven;
    boolean startMarkers;
    int progression;
    int layers = 1;
    boolean mix;
    int levels;
    int blockWidth = 6;
    int blockHeight = 6;
    int style;
    boolean reversible;
    int[] precincts = {};
    int quantization;
    int guard;
    int[] exponents = {};
    int[] mantissas = {};
    int shift;

    Coding copy() {
        try {
            return (Coding) clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    void cod(Bytes in) {
        int flags = in.u8();
        precinctsGiven = (flags & 1) != 0;
        startMarkers = (flags & 2) != 0;
        progression = in.u8();
        layers = in.u16();
        mix = in.u8() != 0;
        spatial(in);
    }

    void coc(Bytes in) {
        precinctsGiven = (in.u8() & 1) != 0;
        spatial(in);
    }

    private void spatial(Bytes in) {
        levels = in.u8();
        blockWidth = in.u8() + 2;
        blockHeight = in.u8() + 2;
        style = in.u8();
        reversible = in.u8() == 1;
        if (levels > MOST_LEVELS || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12) {
            throw Bytes.damaged("code blocks of 2^" + blockWidth + " x 2^" + blockHeight);
        }
        precincts = new int[levels + 1];
        for (int i = 0; i <= levels; i++) {
            precincts[i] = precinctsGiven ? in.u8() : 0xff;
        }
    }

    void quantization(Bytes in) {
        int flags = in.u8();
        quantization = flags & 31;
        guard = flags >> 5;
        int count = quantization == 1 ? 1 : quantization == 0 ? in.left() : in.left() / 2;
        exponents = new int[count];
        mantissas = new int[count];
        for (int i = 0; i < count; i++) {
            int value = quantization == 0 ? in.u8() << 8 : in.u16();
            exponents[i] = value >> 11;
            mantissas[i] = value & 0x7ff;
        }
    }

    /** Throws where the file did not say how a component is coded. */
    void check() {
        if (precincts.length != levels + 1 || exponents.length == 0) {
            throw Bytes.damaged("the file does not say how a component is coded");
        }
    }

    /** The exponent of a band, counted from the one of lowest frequency, at a resolution. */
    int exponent(int band, int resolution) {
        if (quantization == 1) {
            return exponents[0] - Math.max(0, resolution - 1);
        }
        if (band >= exponents.length) {
            throw Bytes.damaged("no step for band " + band);
        }
        return exponents[band];
    }

    int mantissa(int band) {
        return quantization == 1 ? mantissas[0] : mantissas[band];
    }

    static int ceilDivide(long value, long by) {
        return (int) ((value + by - 1) / by);
    }
}
