package dev.infuser.image.webp;

/** Samples of 8 bits. */
final class Plane {

    final int width;
    final int height;
    final byte[] data;

    Plane(int width, int height) {
        this.width = width;
        this.height = height;
        data = new byte[width * height];
    }

    int at(int x, int y) {
        return data[y * width + x] & 0xff;
    }

    void set(int x, int y, int value) {
        data[y * width + x] = (byte) (value < 0 ? 0 : value > 255 ? 255 : value);
    }
}
