package dev.infuser.testing;

import com.caoccao.javet.exceptions.JavetException;
import com.caoccao.javet.interop.V8Host;
import com.caoccao.javet.interop.V8Runtime;
import com.caoccao.javet.values.V8Value;
import com.caoccao.javet.values.reference.V8ValueArrayBuffer;
import com.caoccao.javet.values.reference.V8ValueObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A module instance in a real V8 inside this JVM, with full SIMD and relaxed SIMD. Not for concurrent use. */
public final class V8 implements Engine {
    private final V8Runtime runtime;
    private final V8ValueObject exports;

    private V8(V8Runtime runtime, V8ValueObject exports) {
        this.runtime = runtime;
        this.exports = exports;
    }

    /** Instantiates a module over a fresh unshared memory of {@code pages} times 64 KiB. */
    public static V8 open(byte[] module, int pages) {
        try {
            V8Runtime runtime = V8Host.getV8Instance().createV8Runtime();
            try {
                V8ValueObject global = runtime.getGlobalObject();
                try (V8ValueArrayBuffer bytes = runtime.createV8ValueArrayBuffer(module.length)) {
                    bytes.fromBytes(module);
                    global.set("moduleBytes", bytes);
                }
                runtime.getExecutor("globalThis.memory = new WebAssembly.Memory({ initial: " + pages + " });"
                        + "globalThis.instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes),"
                        + "{ env: { memory } });"
                        + "delete globalThis.moduleBytes").executeVoid();
                return new V8(runtime, runtime.getExecutor("instance.exports").execute());
            } catch (JavetException | RuntimeException e) {
                runtime.close(true);
                throw e;
            }
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Runs a script in the global scope, where {@code memory} and {@code instance} are defined; null when undefined.
     */
    public Object evaluate(String script) {
        try {
            return runtime.getExecutor(script).executeObject();
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int call(String export, int... args) {
        Object[] boxed = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            boxed[i] = args[i];
        }
        try (V8Value result = exports.invoke(export, boxed)) {
            return result.isUndefined() ? 0 : result.asInt();
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The memory itself, little endian, without copying. Invalid once this instance is closed or the memory has grown.
     */
    public ByteBuffer memory() {
        try (V8ValueArrayBuffer buffer = runtime.getExecutor("memory.buffer").execute()) {
            return buffer.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(int address, byte[] bytes) {
        memory().put(address, bytes);
    }

    @Override
    public byte[] read(int address, int length) {
        byte[] bytes = new byte[length];
        memory().get(address, bytes);
        return bytes;
    }

    @Override
    public void close() {
        try {
            exports.close();
            runtime.close(true);
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }
}
