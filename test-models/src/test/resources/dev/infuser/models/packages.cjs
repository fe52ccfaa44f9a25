// Runs models that packages carry: node packages.cjs FOLDER, which holds jobs.json, a list of { model, shape }.
// Writes N.in (bytes of float32, from 0 to 1), N.out and results.json, the shapes of outputs.
const tf = require('@tensorflow/tfjs');
const fs = require('fs');
const path = require('path');

const folder = process.argv[2];
const read = (file) => (file.endsWith('.js') ? require(file) : JSON.parse(fs.readFileSync(file)));
const shard = (file) => (fs.existsSync(file) ? fs.readFileSync(file) : Buffer.from(require(file + '.min.js'), 'base64'));

(async () => {
  await tf.setBackend('cpu');
  const results = [];
  for (const { model: file, shape } of JSON.parse(fs.readFileSync(path.join(folder, 'jobs.json')))) {
    const json = read(file);
    const data = Buffer.concat(json.weightsManifest.flatMap((group) =>
      group.paths.map((name) => shard(path.join(path.dirname(file), name)))));
    const handler = { load: async () => ({ modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights), weightData: new Uint8Array(data).buffer }) };
    const model = await (json.modelTopology.node ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler));
    let seed = 12345;
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) / (1 << 24);
    });
    const output = model.predict(tf.tensor(values, shape));
    fs.writeFileSync(path.join(folder, results.length + '.in'), Buffer.from(values.buffer));
    fs.writeFileSync(path.join(folder, results.length + '.out'), Buffer.from(Float32Array.from(await output.data()).buffer));
    results.push(output.shape);
  }
  fs.writeFileSync(path.join(folder, 'results.json'), JSON.stringify(results));
})().catch((e) => { console.error(e); process.exit(1); });
