// Runs models with TensorFlow.js: node tfjs.js <folder of its packages> <folder of the job>
// The job is a list of {model, backend, runs: [{input: {dtype, shape, values | file}}], carried: {input: output}}; files hold elements
// of four bytes. Output o of run r of model m is written as m-r-o, all of them are described in results.json,
// and errors of models.
const fs = require('fs');
const path = require('path');
const library = name => require(path.join(process.argv[2], name));
const tf = { ...library('tfjs-core'), ...library('tfjs-converter') };
library('tfjs-backend-cpu');
const wasm = library('tfjs-backend-wasm');
const folder = process.argv[3];

const plain = name => name.replace(/:0$/, '');

function load(file) {
  const json = JSON.parse(fs.readFileSync(file));
  const shards = json.weightsManifest.flatMap(group => group.paths);
  const data = Buffer.concat(shards.map(shard => fs.readFileSync(path.join(path.dirname(file), shard))));
  const artifacts = { ...json, weightSpecs: json.weightsManifest.flatMap(group => group.weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length) };
  return tf.loadGraphModel({ load: async () => artifacts });
}

function tensor({ dtype, shape, values, file }) {
  if (values) {
    return tf.tensor(values, shape, dtype);
  }
  const bytes = new Uint8Array(fs.readFileSync(path.join(folder, file))).buffer;
  return tf.tensor(dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes), shape, dtype);
}

async function run(model, job, m) {
  const results = [];
  let previous = {};
  for (const [r, feeds] of job.runs.entries()) {
    const inputs = {};
    for (const [name, value] of Object.entries(feeds)) {
      inputs[name] = tensor(value);
    }
    for (const [input, output] of Object.entries(job.carried)) {
      inputs[input] = previous[output] ?? inputs[input];
    }
    const outputs = [await model.executeAsync(inputs)].flat();
    previous = {};
    results.push([]);
    for (const [o, output] of outputs.entries()) {
      const name = plain(model.outputs[o].name);
      previous[name] = output;
      const result = { name, dtype: output.dtype, shape: output.shape };
      const data = await output.data();
      if (output.dtype === 'string') {
        result.values = data;
      } else {
        const elements = output.dtype === 'float32' ? Float32Array.from(data) : Int32Array.from(data);
        fs.writeFileSync(path.join(folder, `${m}-${r}-${o}`), Buffer.from(elements.buffer));
      }
      results[r].push(result);
    }
  }
  return { inputs: model.inputs.map(input => plain(input.name)), runs: results };
}

(async () => {
  // Without this it frees a tensor that the initialiser of the language model made, and then reads it.
  tf.env().set('KEEP_INTERMEDIATE_TENSORS', true);
  wasm.setWasmPaths(path.join(process.argv[2], 'tfjs-backend-wasm/dist/'));
  const results = [];
  for (const [m, job] of JSON.parse(fs.readFileSync(path.join(folder, 'job.json'))).entries()) {
    const start = Date.now();
    await tf.setBackend(job.backend);
    try {
      results.push(await run(await load(job.model), job, m));
    } catch (error) {
      results.push({ error: String(error) });
    }
    console.log(path.basename(job.model), Date.now() - start, 'ms');
  }
  fs.writeFileSync(path.join(folder, 'results.json'), JSON.stringify(results));
})().catch(error => {
  console.error(error);
  process.exit(1);
});
