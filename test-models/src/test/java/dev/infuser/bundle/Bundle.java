package dev.infuser.bundle;

import com.caoccao.javet.exceptions.JavetException;
import com.caoccao.javet.interop.V8Host;
import com.caoccao.javet.interop.V8Runtime;
import com.caoccao.javet.interop.V8Scope;
import com.caoccao.javet.values.V8Value;
import com.caoccao.javet.values.reference.IV8Module;
import com.caoccao.javet.values.reference.V8ValueArrayBuffer;
import com.caoccao.javet.values.reference.V8ValueObject;
import com.caoccao.javet.values.reference.V8ValuePromise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The npm package as it is shipped, inside a V8 in this JVM: scripts see its exports as {@code infuser}, its compiled
 * WebAssembly as {@code runtime} and that for rare operators as bytes, {@code fullRuntime}. What a page has and V8 alone lacks is made up here, as far as the package touches it.
 */
final class Bundle implements AutoCloseable {

    static final Path FOLDER = Path.of("..", "inference-core", "target", "npm");

    private static final String PAGE = """
            globalThis.TextEncoder = class {
                encode(text) {
                    return Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
                }
            };
            globalThis.TextDecoder = class {
                decode(bytes) {
                    return decodeURIComponent(escape(Array.from(bytes, (b) => String.fromCharCode(b)).join('')));
                }
            };
            globalThis.performance = Date;
            globalThis.URL = class {};
            globalThis.Response = class {};
            globalThis.Blob = class {};
            """;

    private final V8Runtime runtime;

    private Bundle(V8Runtime runtime) {
        this.runtime = runtime;
    }

    /** Whether the package has been built. */
    static boolean exists() {
        return Files.exists(FOLDER.resolve("infuser.wasm")) && Files.exists(FOLDER.resolve("infuser.js"));
    }

    static Bundle open() {
        try {
            Bundle bundle = new Bundle(V8Host.getV8Instance().createV8Runtime());
            bundle.runtime.setPromiseRejectCallback((event, promise, value) -> { });
            bundle.runtime.getExecutor(PAGE).executeVoid();
            bundle.set("wasm", Files.readAllBytes(FOLDER.resolve("infuser.wasm")));
            bundle.runtime.getExecutor("globalThis.runtime = new WebAssembly.Module(wasm, { builtins: ['js-string'] })")
                    .executeVoid();
            bundle.set("fullRuntime", Files.readAllBytes(FOLDER.resolve("infuser-full.wasm")));
            Map<String, IV8Module> scripts = new HashMap<>();
            bundle.runtime.setV8ModuleResolver((runtime, name, from) -> scripts.get(name));
            for (String script : List.of("./infuser-engine.js", "./infuser.js", "./infuser-more.js")) {
                scripts.put(script, bundle.evaluate(script));
            }
            try (V8ValueObject global = bundle.runtime.getGlobalObject()) {
                for (String script : List.of("./infuser.js", "./infuser-more.js")) {
                    try (V8Value names = scripts.get(script).getNamespace()) {
                        global.set(script.substring(2, script.length() - 3).replace("infuser-", ""), names);
                    }
                }
            }
            for (IV8Module module : scripts.values()) {
                module.close();
            }
            return bundle;
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Javet has no {@code import(…)}, which all but {@code infuser-more.js} do without here. */
    private IV8Module evaluate(String script) throws JavetException, IOException {
        String text = Files.readString(FOLDER.resolve(script)).replace("import(\"./infuser-more.js\")", "Promise.resolve(globalThis.more)");
        IV8Module module = runtime.getExecutor(text).setResourceName(script).compileV8Module();
        module.instantiate();
        module.evaluate().close();
        return module;
    }

    /** Defines a global ArrayBuffer. */
    void set(String name, byte[] bytes) {
        try (V8ValueArrayBuffer buffer = runtime.createV8ValueArrayBuffer(bytes.length);
                V8ValueObject global = runtime.getGlobalObject()) {
            if (bytes.length > 0) {
                buffer.fromBytes(bytes);
            }
            global.set(name, buffer);
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes of the JavaScript heap, objects of the program included, that are in use after a collection. */
    long usedHeap() {
        runtime.lowMemoryNotification();
        return runtime.getV8HeapStatistics().join().getUsedHeapSize();
    }

    /** The string that the body of an async function returns, or the text of the error that it throws. */
    String call(String body) {
        String script = "(async () => { " + body + " })().catch((e) => [e.name, e.code, e.node, e.message].join('|'))";
        try (V8Scope scope = runtime.getV8Scope(); V8ValuePromise promise = runtime.getExecutor(script).execute()) {
            while (promise.isPending()) {
                runtime.await();
            }
            try (V8Value result = promise.getResult()) {
                return result.toString();
            }
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            runtime.close(true);
        } catch (JavetException e) {
            throw new IllegalStateException(e);
        }
    }
}
