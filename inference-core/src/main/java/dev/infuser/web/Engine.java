package dev.infuser.web;

import org.teavm.interop.Import;

/** What the page provides; addresses are unsigned byte offsets into the memory that both sides share. */
final class Engine {

    private Engine() {
    }

    /** Adds pages of 64 KiB and returns the former number of pages, or -1 where the page refuses. */
    @Import(module = "infuser", name = "grow")
    static native int grow(int pages);

    /** Pages at present. */
    @Import(module = "infuser", name = "pages")
    static native int pages();

    /** Compiles and instantiates the module whose bytes are at {@code address}, and returns its number. */
    @Import(module = "infuser", name = "instantiate")
    static native int instantiate(int address, int length);

    /** Runs {@code count} steps of a module, the first {@code shared} of which on all threads. */
    @Import(module = "infuser", name = "run")
    static native void run(int module, int steps, int count, int shared);

    /** Forgets a module. */
    @Import(module = "infuser", name = "release")
    static native void release(int module);

    /** Moves bytes within the memory; the ranges may overlap. */
    @Import(module = "infuser", name = "move")
    static native void move(int target, int source, int length);

    /** Milliseconds since some fixed moment. */
    @Import(module = "infuser", name = "now")
    static native double now();
}
