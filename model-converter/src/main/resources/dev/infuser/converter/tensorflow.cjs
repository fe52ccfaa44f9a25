// node tensorflow.cjs FOLDER model.json WORK: runs a model of TensorFlow.js on the tensors of WORK/inputs.json, whose elements are
// in WORK/in0, in1, ...; leaves WORK/outputs.json with WORK/out0, out1, ...
const fs = require('fs');
const path = require('path');
const [folder, model, work] = process.argv.slice(2);
const tf = require('module').createRequire(path.join(path.resolve(folder), 'index.js'))('@tensorflow/tfjs');

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function tensor({ dtype, dims, strings }, i) {
  if (strings) return tf.tensor(strings, dims, 'string');
  const bytes = fs.readFileSync(path.join(work, 'in' + i));
  const array = new ARRAYS[dtype](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return tf.tensor(array, dims, dtype);
}

async function main() {
  await tf.setBackend('cpu');
  const json = JSON.parse(fs.readFileSync(model));
  const shards = json.weightsManifest.flatMap(group => group.paths).map(name => fs.readFileSync(path.join(path.dirname(model), name)));
  const data = Buffer.concat(shards);
  const artifacts = { ...json, weightSpecs: json.weightsManifest.flatMap(group => group.weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length) };
  delete artifacts.weightsManifest;
  const handler = { load: async () => artifacts };
  const asked = JSON.parse(fs.readFileSync(path.join(work, 'inputs.json')));
  const inputs = asked.inputs.map(tensor);
  let outputs;
  if (json.modelTopology.node) {
    const loaded = await tf.loadGraphModel(handler);
    const feeds = Object.fromEntries(asked.inputs.map(({ name }, i) => [name, inputs[i]]));
    outputs = await loaded.executeAsync(feeds, asked.outputs);
  } else {
    outputs = (await tf.loadLayersModel(handler)).predict(inputs);
  }
  const list = [];
  for (const output of Array.isArray(outputs) ? outputs : [outputs]) {
    const elements = await output.data();
    if (output.dtype !== 'string') fs.writeFileSync(path.join(work, 'out' + list.length), Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength));
    list.push({ dtype: output.dtype, dims: output.shape, strings: output.dtype === 'string' ? elements : undefined });
  }
  fs.writeFileSync(path.join(work, 'outputs.json'), JSON.stringify(list));
}

main().catch(error => {
  console.error(String(error && error.message || error));
  process.exit(1);
});
