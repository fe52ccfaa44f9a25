package dev.infuser.testing;

import com.caoccao.javet.exceptions.JavetException;
import com.caoccao.javet.interop.V8Runtime;
import com.caoccao.javet.values.reference.V8ValueArrayBuffer;
import com.caoccao.javet.values.reference.V8ValueFunction;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Host;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Runs compiled models in a real V8 inside this JVM, over one growing memory. Not for concurrent use. */
public final class V8Host implements Host, AutoCloseable {

    private static final int PAGE = 1 << 16;

    private final Target target;
    /** Of the share of each of several threads. */
    private static final int CUTS = 2;

    private final int threads;
    private final V8Runtime runtime;
    private final List<V8ValueFunction> modules = new ArrayList<>();
    private long pages = 1;
    private ByteBuffer memory;

    public V8Host(Target target) {
        this(target, 1);
    }

    /**
     * A host of {@code threads} threads, which take turns: each does its share of a step, the last first, before any goes on
     * to the next step. No step is too small to be divided.
     */
    public V8Host(Target target, int threads) {
        this.target = target;
        this.threads = threads;
        try {
            runtime = com.caoccao.javet.interop.V8Host.getV8Instance().createV8Runtime();
            runtime.getExecutor("globalThis.memory = new WebAssembly.Memory({ initial: 1 });").executeVoid();
            attach();
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    private void attach() throws JavetException {
        try (V8ValueArrayBuffer buffer = runtime.getExecutor("memory.buffer").execute()) {
            memory = buffer.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public long size() {
        return pages * PAGE;
    }

    @Override
    public void grow(long bytes) {
        long wanted = (bytes + PAGE - 1) / PAGE;
        try {
            runtime.getExecutor("memory.grow(" + (wanted - pages) + ")").executeVoid();
            pages = wanted;
            attach();
        } catch (JavetException e) {
            throw new ResourceException("out-of-memory", "the memory cannot grow to " + bytes + " bytes");
        }
    }

    @Override
    public int instantiate(byte[] module) {
        try (V8ValueArrayBuffer bytes = runtime.createV8ValueArrayBuffer(module.length)) {
            bytes.fromBytes(module);
            runtime.getGlobalObject().set("moduleBytes", bytes);
            modules.add(runtime.getExecutor("new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), "
                    + "{ env: { memory } }).exports.share").execute());
            return modules.size() - 1;
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void run(int module, long steps, int count) {
        try {
            if (threads == 1) {
                modules.get(module).callVoid(null, (int) steps, count, 0, 1, 0);
                return;
            }
            for (int i = 0; i < count; i++) {
                int step = (int) steps + i * KernelModule.STEP_BYTES;
                memory.putInt(step, memory.getInt(step) & ~KernelModule.ALONE);
                for (int thread = threads - 1; thread >= 0; thread--) {
                    modules.get(module).callVoid(null, step, 1, thread, threads, CUTS);
                }
            }
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void release(int module) {
        try {
            modules.set(module, null).close();
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(long address, int[] words, int count) {
        at(address)
                .asIntBuffer().put(words, 0, count);
    }

    @Override
    public int read(long address) {
        return memory.getInt((int) address);
    }

    private ByteBuffer at(long address) {
        return memory.duplicate().position((int) address).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void write(long address, Tensor tensor) {
        ByteBuffer to = at(address);
        Object array = tensor.array();
        if (array instanceof float[] f) {
            to.asFloatBuffer().put(f);
        } else if (array instanceof double[] d) {
            to.asDoubleBuffer().put(d);
        } else if (array instanceof long[] l) {
            to.asLongBuffer().put(l);
        } else if (array instanceof int[] i) {
            to.asIntBuffer().put(i);
        } else if (array instanceof short[] s) {
            to.asShortBuffer().put(s);
        } else {
            to.put((byte[]) array);
        }
    }

    @Override
    public void write(long address, byte[] bytes, int offset, int length) {
        at(address).put(bytes, offset, length);
    }

    @Override
    public Tensor read(long address, DType dtype, int[] dims) {
        Tensor tensor = Tensor.zeros(dtype, dims);
        ByteBuffer from = at(address);
        Object array = tensor.array();
        if (array instanceof float[] f) {
            from.asFloatBuffer().get(f);
        } else if (array instanceof double[] d) {
            from.asDoubleBuffer().get(d);
        } else if (array instanceof long[] l) {
            from.asLongBuffer().get(l);
        } else if (array instanceof int[] i) {
            from.asIntBuffer().get(i);
        } else if (array instanceof short[] s) {
            from.asShortBuffer().get(s);
        } else {
            from.get((byte[]) array);
        }
        return tensor;
    }

    /** Bytes of the JavaScript heap that are in use after a collection. */
    public long usedHeap() {
        runtime.lowMemoryNotification();
        return runtime.getV8HeapStatistics().join().getUsedHeapSize();
    }

    @Override
    public void close() {
        try {
            for (V8ValueFunction module : modules) {
                if (module != null) {
                    module.close();
                }
            }
            runtime.close(true);
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }
}
