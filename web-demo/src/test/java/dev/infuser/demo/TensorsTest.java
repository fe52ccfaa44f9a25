package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of tensors of all types and sizes into a model and out of it. */
@ExtendWith(Harness.Shared.class)
class TensorsTest {

    private static final List<DType> TYPES = List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.INT8, DType.UINT8,
            DType.INT16, DType.UINT16, DType.INT32, DType.UINT32, DType.INT64, DType.UINT64, DType.BOOL);

    /**
     * Feeds {@code n} elements, all different where the type allows it, to a model that answers {@code [x, x]}, and tells
     * what is wrong with the answer; {@code earlier} answers must still be as they were. Feeds may change once a run has been
     * asked for, and runs may be aborted or refused.
     */
    private static final String PAGE = "async ([types, options]) => {"
            + "  const { load, Tensor } = await import('/infuser/infuser.js');"
            + "  const models = Object.fromEntries(await Promise.all(types.map(async (type) =>"
            + "    [type, await load(`/models/${type}.tea`, options)])));"
            + "  const wrong = [], earlier = [];"
            + "  const bytes = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);"
            + "  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);"
            + "  const check = async (type, n, seed) => {"
            + "    const zero = type === 'float16' ? new Uint16Array(0) : new Tensor(type, [], [0]).data;"
            + "    const whole = new zero.constructor(n + 3), x = whole.subarray(2, n + 2);"
            + "    bytes(x).forEach((_, i, all) => { all[i] = type === 'bool' ? (i * seed >> 3) & 1 : i * seed + (i >> 7); });"
            + "    const before = x.slice();"
            + "    const { y } = await models[type].run({ x: new Tensor(type, x, [n]) });"
            + "    if (!same(bytes(x), bytes(before))) wrong.push(`${type} ${n}: the feed has changed`);"
            + "    if (y.type !== type || y.dims.length !== 1 || y.dims[0] !== 2 * n || y.data.constructor !== x.constructor"
            + "      || !same(bytes(y.data), Uint8Array.from([...bytes(before), ...bytes(before)])))"
            + "      wrong.push(`${type} ${n}: answered ${y.type} ${y.dims} ${y.data.slice(0, 4)} for ${before.slice(0, 4)}`);"
            + "    earlier.push([`${type} ${n}`, y.data, y.data.slice()]);"
            + "  };"
            + "  for (const type of types) {"
            + "    for (const n of [0, 1, 5, 3000, 70000, 9, 70000, 70001]) await check(type, n, n % 250 + 3);"
            + "    await Promise.all([40000, 2, 40000, 50000].map((n, i) => check(type, n, i + 5)));"
            + "  }"
            + "  const { float32: model } = models, x = new Float32Array(40000), aborted = new AbortController();"
            + "  const run = (value, signal) => {"
            + "    x.fill(value);"
            + "    const result = model.run({ x: new Tensor('float32', x, [x.length]) }, { signal });"
            + "    x.fill(-1);"
            + "    return result.then(({ y }) => y.data.every((element) => element === value), (error) => error.name);"
            + "  };"
            + "  const results = [run(1), run(2), run(3, aborted.signal), run(4)];"
            + "  aborted.abort();"
            + "  results.push(run(5));"
            + "  results.push(model.run({ x: new Tensor('float32', x, [1, x.length]) }).catch((error) => error.code), run(6));"
            + "  const told = (await Promise.all(results)).join();"
            + "  if (told !== 'true,true,AbortError,true,true,wrong-feed,true') wrong.push(`feeds changed after the call: ${told}`);"
            + "  for (const [name, data, copy] of earlier) {"
            + "    if (!same(bytes(data), bytes(copy))) wrong.push(`${name}: a later run changed the answer`);"
            + "  }"
            + "  Object.values(models).forEach((model) => model.dispose());"
            + "  return wrong;"
            + "}";

    @TempDir
    private static Path folder;

    @BeforeAll
    static void writeModels() throws IOException {
        for (DType dtype : TYPES) {
            GraphBuilder graph = new GraphBuilder("twice");
            graph.input("x", new ValueType.OfTensor(dtype, Shape.of(Dim.symbol("n"))));
            graph.add(new Node("twice", "", "Concat", List.of("x", "x"), List.of("y"),
                    Attributes.of("axis", 0)));
            graph.output("y");
            try (OutputStream out = Files.newOutputStream(folder.resolve(dtype.label() + ".tea"))) {
                TeaWriter.write(Model.of(graph.build()), Map.of(), out);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{threads: 1}", "{threads: 2}", "{worker: false, threads: 1}", "{backend: 'reference'}"})
    void keepTheirElementsOnTheWay(String options, Harness harness) throws IOException {
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            Object parsed = visit.page().evaluate("(" + options + ")");
            assertEquals(List.of(), visit.page().evaluate(PAGE, List.of(TYPES.stream().map(DType::label).toList(), parsed)));
            visit.assertClean(server.address());
        }
    }
}
