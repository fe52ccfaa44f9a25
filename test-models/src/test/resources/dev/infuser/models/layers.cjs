// Makes small models of layers, saves them, and writes what TensorFlow.js computes with them.
// node layers.cjs FOLDER: for each model NAME.json, NAME.bin, and NAME.run.json with its inputs and outputs.
const tf = require('@tensorflow/tfjs');
const fs = require('fs');
const path = require('path');

class MultiplyBeta extends tf.layers.Layer {
  call(inputs) { return tf.mul(Array.isArray(inputs) ? inputs[0] : inputs, 0.2); }
}
MultiplyBeta.className = 'MultiplyBeta';
class PixelShuffle extends tf.layers.Layer {
  computeOutputShape(shape) { return [shape[0], shape[1], shape[2], 3]; }
  call(inputs) { return tf.depthToSpace(Array.isArray(inputs) ? inputs[0] : inputs, 2, 'NHWC'); }
}
PixelShuffle.className = 'PixelShuffle2x';

const L = tf.layers;
const one = (shape, ...layers) => () => {
  const input = tf.input({ shape, name: 'x' });
  return tf.model({ inputs: input, outputs: layers.reduce((value, layer) => layer.apply(value), input) });
};
const merged = (shapes, layer) => () => {
  const inputs = shapes.map((shape, i) => tf.input({ shape, name: 'in' + i }));
  return tf.model({ inputs, outputs: layer.apply(inputs) });
};
// Some layers of TensorFlow.js change the shape of their input when they say what they give, or do not take what a model
// calls layers with: a list.
const kept = (shape, layer) => () => {
  const input = tf.input({ shape, name: 'x' });
  Object.defineProperty(input, 'shape', { get: () => [null, ...shape] });
  const call = layer.call.bind(layer);
  layer.call = (inputs, options) => call(inputs[0], options);
  return tf.model({ inputs: input, outputs: layer.apply(input) });
};
const cases = {};

for (const activation of ['elu', 'selu', 'relu', 'relu6', 'linear', 'sigmoid', 'hardSigmoid', 'softplus', 'softsign', 'tanh',
  'softmax', 'logSoftmax', 'gelu', 'mish', 'swish']) {
  cases['activation ' + activation] = one([7], L.activation({ activation }));
}
cases['dense'] = one([5], L.dense({ units: 3 }));
cases['dense without bias'] = one([5], L.dense({ units: 9, useBias: false, activation: 'relu' }));
cases['dense over steps'] = one([4, 5], L.dense({ units: 3, activation: 'tanh' }));
cases['dense sequence'] = () => tf.sequential({ layers: [L.dense({ units: 4, inputShape: [6], activation: 'relu' }),
  L.dropout({ rate: 0.5 }), L.dense({ units: 3, activation: 'softmax' })] });
cases['relu'] = one([7], L.reLU());
cases['relu with a bound'] = one([7], L.reLU({ maxValue: 0.5 }));
cases['leaky relu'] = one([7], L.leakyReLU());
cases['leaky relu 0.1'] = one([7], L.leakyReLU({ alpha: 0.1 }));
cases['prelu'] = one([3, 4, 2], L.prelu());
cases['prelu with shared axes'] = one([3, 4, 2], L.prelu({ sharedAxes: [1, 2] }));
cases['elu'] = one([7], L.elu());
cases['thresholded relu'] = one([7], L.thresholdedReLU({ theta: 0.3 }));
cases['softmax'] = one([7], L.softmax({ axis: -1 }));
cases['softmax over two axes'] = one([3, 4], L.softmax({ axis: [1, 2] }));
for (const [name, layer] of Object.entries({ dropout: L.dropout({ rate: 0.3 }), 'gaussian noise': L.gaussianNoise({ stddev: 1 }),
  'gaussian dropout': L.gaussianDropout({ rate: 0.4 }), 'alpha dropout': L.alphaDropout({ rate: 0.4 }),
  'spatial dropout': L.spatialDropout1d({ rate: 0.4 }) })) {
  cases[name] = one([3, 4], layer);
}
cases['flatten'] = one([2, 3, 4], L.flatten());
cases['flatten channels first'] = one([2, 3, 4], L.flatten({ dataFormat: 'channelsFirst' }));
cases['reshape'] = one([2, 6], L.reshape({ targetShape: [3, 4] }));
cases['reshape with a rest'] = one([2, 6], L.reshape({ targetShape: [-1, 3] }));
cases['permute'] = one([2, 3, 4], L.permute({ dims: [3, 1, 2] }));
cases['repeat vector'] = one([5], L.repeatVector({ n: 3 }));
cases['embedding'] = () => tf.sequential({ layers: [L.embedding({ inputDim: 11, outputDim: 3, inputLength: 4 })] });
cases['embedding of any length'] = () => tf.sequential({ layers: [L.embedding({ inputDim: 11, outputDim: 3 }),
  L.globalAveragePooling1d({})] });

for (const padding of ['valid', 'same']) {
  for (const strides of [1, 2]) {
    const name = padding + ' ' + strides;
    cases['conv1d ' + name] = one([9, 3], L.conv1d({ filters: 4, kernelSize: 3, strides, padding }));
    cases['conv2d ' + name] = one([8, 7, 3], L.conv2d({ filters: 5, kernelSize: [3, 2], strides, padding, activation: 'relu' }));
    cases['conv3d ' + name] = one([5, 6, 4, 2], L.conv3d({ filters: 3, kernelSize: [2, 3, 2], strides, padding }));
    cases['depthwise ' + name] = one([8, 7, 3], L.depthwiseConv2d({ kernelSize: 3, strides, padding, depthMultiplier: 2 }));
    cases['separable ' + name] = one([8, 7, 3], L.separableConv2d({ filters: 4, kernelSize: [3, 2], strides, padding }));
    for (const kernelSize of [1, 2, 3, 4]) {
      cases['transposed ' + kernelSize + ' ' + name] = one([4, 5, 3], L.conv2dTranspose({ filters: 2, kernelSize, strides, padding }));
    }
    cases['transposed of any size ' + name] = one([null, null, 3], L.conv2dTranspose({ filters: 2, kernelSize: 3, strides, padding }));
    cases['conv3d transposed ' + name] = one([3, 4, 3, 2], L.conv3dTranspose({ filters: 2, kernelSize: 3, strides, padding }));
    for (const [kind, of1, of2, of3] of [['max', L.maxPooling1d, L.maxPooling2d, L.maxPooling3d],
      ['average', L.averagePooling1d, L.averagePooling2d, L.averagePooling3d]]) {
      cases[kind + ' pooling 1d ' + name] = one([9, 3], of1({ poolSize: 3, strides, padding }));
      cases[kind + ' pooling 2d ' + name] = one([7, 8, 3], of2({ poolSize: [3, 2], strides: [strides, strides], padding }));
      cases[kind + ' pooling 3d ' + name] = one([5, 6, 4, 2], of3({ poolSize: 2, strides: [strides, strides, strides], padding }));
    }
  }
  cases['conv1d dilated ' + padding] = one([11, 3], L.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding }));
  cases['conv2d dilated ' + padding] = one([9, 8, 3], L.conv2d({ filters: 2, kernelSize: 3, dilationRate: [2, 3], padding }));
}
cases['conv2d channels first'] = one([3, 8, 7], L.conv2d({ filters: 5, kernelSize: 3, dataFormat: 'channelsFirst' }));
cases['conv2d of any size'] = one([null, null, 3], L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }));
cases['depthwise channels first'] = one([3, 8, 7], L.depthwiseConv2d({ kernelSize: 3, useBias: false, dataFormat: 'channelsFirst' }));
cases['max pooling channels first'] = one([3, 8, 7], L.maxPooling2d({ dataFormat: 'channelsFirst' }));
cases['pooling by default'] = one([8, 6, 3], L.averagePooling2d({}), L.maxPooling2d({ padding: 'same' }));
cases['global average pooling 1d'] = one([5, 3], L.globalAveragePooling1d({}));
cases['global max pooling 1d'] = one([5, 3], L.globalMaxPooling1d({}));
for (const dataFormat of ['channelsLast', 'channelsFirst']) {
  cases['global average pooling 2d ' + dataFormat] = one([5, 4, 3], L.globalAveragePooling2d({ dataFormat }));
  cases['global max pooling 2d ' + dataFormat] = one([5, 4, 3], L.globalMaxPooling2d({ dataFormat }));
  cases['zero padding ' + dataFormat] = one([5, 4, 3], L.zeroPadding2d({ padding: [[0, 1], [2, 3]], dataFormat }));
  cases['cropping ' + dataFormat] = one([6, 7, 8], L.cropping2D({ cropping: [[0, 1], [2, 3]], dataFormat }));
  for (const interpolation of ['nearest', 'bilinear']) {
    cases['up sampling ' + interpolation + ' ' + dataFormat] = one([3, 4, 5], L.upSampling2d({ size: [3, 2], interpolation, dataFormat }));
  }
}
cases['up sampling of any size'] = one([null, null, 3], L.upSampling2d({ size: [2, 2] }));
cases['zero padding 2'] = one([5, 4, 3], L.zeroPadding2d({ padding: 2 }));

cases['batch normalization'] = one([5], L.batchNormalization());
cases['batch normalization of images'] = one([4, 5, 3], L.batchNormalization({ epsilon: 1e-5 }));
// Its CPU backend goes through the statistics element by element.
cases['batch normalization along axis 1'] = one([3, 1, 1], L.batchNormalization({ axis: 1 }));
cases['batch normalization without scale'] = one([4, 3], L.batchNormalization({ scale: false, center: false }));
cases['batch normalization behind a convolution'] = one([6, 6, 3], L.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
  L.batchNormalization(), L.reLU({ maxValue: 6 }));
cases['layer normalization'] = one([4, 5], L.layerNormalization());
cases['layer normalization over two axes'] = one([3, 4, 5], L.layerNormalization({ axis: [-2, -1] }));
cases['layer normalization along axis 1'] = one([4, 5], L.layerNormalization({ axis: 1 }));
cases['layer normalization without scale'] = one([4, 5], L.layerNormalization({ scale: false }));
cases['layer normalization without offset'] = one([4, 5], L.layerNormalization({ center: false }));

for (const [name, layer] of Object.entries({ add: () => L.add(), multiply: () => L.multiply(), average: () => L.average(),
  maximum: () => L.maximum(), minimum: () => L.minimum() })) {
  cases[name] = merged([[3, 4], [3, 4], [3, 4]], layer());
  cases[name + ' of other ranks'] = merged([[3, 4], [4]], layer());
}
cases['concatenate'] = merged([[3, 4], [3, 2]], L.concatenate());
cases['concatenate along axis 1'] = merged([[3, 4], [2, 4], [1, 4]], L.concatenate({ axis: 1 }));
cases['dot'] = merged([[5], [5]], L.dot({ axes: 1 }));
cases['dot normal'] = merged([[5], [5]], L.dot({ axes: -1, normalize: true }));
cases['dot of matrices'] = merged([[3, 5], [4, 5]], L.dot({ axes: 2 }));
cases['dot of matrices along other axes'] = merged([[3, 5], [5, 4]], L.dot({ axes: [2, 1] }));
cases['dot of a matrix and a vector'] = merged([[3, 5], [5]], L.dot({ axes: [2, 1] }));

const rnns = { rnn: L.simpleRNN, gru: L.gru, lstm: L.lstm };
for (const [name, layer] of Object.entries(rnns)) {
  for (const returnSequences of [false, true]) {
    for (const goBackwards of [false, true]) {
      cases[`${name} ${returnSequences} ${goBackwards}`] = one([5, 3], layer({ units: 4, returnSequences, goBackwards }));
    }
  }
  cases[name + ' with other activations'] = one([5, 3], layer({ units: 4, activation: 'relu', recurrentActivation: 'sigmoid' }));
  cases[name + ' with swish'] = one([5, 3], layer({ units: 4, activation: 'swish', recurrentActivation: 'sigmoid', returnSequences: true }));
  cases[name + ' without bias'] = one([null, 3], layer({ units: 9, useBias: false }));
  cases[name + ' of any length with swish'] = one([null, 3], layer({ units: 4, activation: 'swish', returnSequences: true }));
  cases[name + ' backwards of any length with swish'] = one([null, 3], layer({ units: 4, activation: 'swish', goBackwards: true, returnSequences: true }));
  cases[name + ' with state'] = () => {
    const x = tf.input({ shape: [5, 3], name: 'x' });
    return tf.model({ inputs: x, outputs: layer({ units: 4, returnState: true }).apply(x) });
  };
  cases[name + ' from a state'] = () => {
    const x = tf.input({ shape: [5, 3], name: 'x' });
    const states = (name === 'lstm' ? ['h', 'c'] : ['h']).map((n) => tf.input({ shape: [4], name: n }));
    return tf.model({ inputs: [x, ...states], outputs: layer({ units: 4 }).apply(x, { initialState: states }) });
  };
  cases[name + ' with a mask'] = one([5, 2], L.masking({ maskValue: 0 }), layer({ units: 4, returnSequences: true }), layer({ units: 3 }));
  cases[name + ' of an embedding with a mask'] = () => tf.sequential({ layers: [
    L.embedding({ inputDim: 4, outputDim: 3, maskZero: true }), layer({ units: 4 })] });
  for (const mergeMode of ['concat', 'sum', 'ave', 'mul']) {
    cases[`${name} both ways, ${mergeMode}`] = one([5, 3], L.bidirectional({ layer: layer({ units: 4, returnSequences: true }), mergeMode }));
  }
  cases[name + ' both ways'] = one([5, 3], L.bidirectional({ layer: layer({ units: 4 }), mergeMode: 'concat' }));
}
cases['rnn of a cell'] = one([5, 3], L.rnn({ cell: L.gruCell({ units: 4 }), returnSequences: true }));
cases['rnn of an lstm cell'] = one([5, 3], L.rnn({ cell: L.lstmCell({ units: 4 }) }));
cases['rnn of stacked cells'] = one([5, 3], L.rnn({ cell: L.stackedRNNCells({ cells: [L.lstmCell({ units: 4 }), L.simpleRNNCell({ units: 3 }),
  L.gruCell({ units: 2 })] }), returnSequences: true }));
cases['time distributed dense'] = one([4, 5], L.timeDistributed({ layer: L.dense({ units: 3 }) }));
cases['time distributed convolution'] = one([4, 6, 5, 2], L.timeDistributed({ layer: L.conv2d({ filters: 3, kernelSize: 3 }) }));
cases['time distributed model'] = one([4, 5], L.timeDistributed({ layer: tf.sequential({ layers: [L.dense({ units: 3, inputShape: [5] })] }) }));
for (const padding of ['valid', 'same']) {
  cases['convolutional lstm ' + padding] = one([3, 5, 6, 2], L.convLstm2d({ filters: 3, kernelSize: 3, padding, returnSequences: padding === 'same' }));
}
cases['masking'] = one([5, 2], L.masking({ maskValue: 0 }));

cases['rescaling'] = one([3, 4, 3], L.rescaling({ scale: 1 / 127.5, offset: -1 }));
cases['category encoding multi hot'] = kept([4], L.categoryEncoding({ numTokens: 6, outputMode: 'multiHot' }));
cases['category encoding one hot'] = kept([1], L.categoryEncoding({ numTokens: 6, outputMode: 'oneHot' }));
cases['category encoding count'] = kept([4], L.categoryEncoding({ numTokens: 6, outputMode: 'count' }));
for (const [height, width] of [[4, 4], [5, 6], [3, 5], [1, 2], [8, 9], [10, 12]]) {
  cases[`center crop ${height} ${width}`] = kept([8, 9, 3], L.centerCrop({ height, width }));
}
for (const interpolation of ['bilinear', 'nearest']) {
  for (const cropToAspectRatio of [false, true]) {
    cases[`resizing ${interpolation} ${cropToAspectRatio}`] = kept([6, 5, 3], L.resizing({ height: 4, width: 9, interpolation, cropToAspectRatio }));
  }
}
cases['multiply beta'] = one([4, 5, 3], new MultiplyBeta({}));
cases['pixel shuffle'] = one([4, 5, 12], new PixelShuffle({}));

cases['shared layer'] = () => {
  const dense = L.dense({ units: 4, activation: 'tanh' });
  const a = tf.input({ shape: [4], name: 'a' });
  const b = tf.input({ shape: [4], name: 'b' });
  const x = dense.apply(a);
  const y = dense.apply(L.add().apply([x, dense.apply(b)]));
  return tf.model({ inputs: [b, a], outputs: [y, x] });
};
cases['nested models'] = () => {
  const inner = tf.sequential({ name: 'inner', layers: [L.dense({ units: 4, inputShape: [3], name: 'first' })] });
  const u = tf.input({ shape: [4], name: 'u' });
  const v = tf.input({ shape: [4], name: 'v' });
  const pair = tf.model({ name: 'pair', inputs: [u, v], outputs: [L.add().apply([u, v]), L.dense({ units: 2, name: 'last' }).apply(u)] });
  const x = tf.input({ shape: [3], name: 'x' });
  const y = tf.input({ shape: [3], name: 'y' });
  const [sum, small] = pair.apply([inner.apply(x), inner.apply(y)]);
  const again = pair.apply([sum, inner.apply(y)]);
  return tf.model({ inputs: [x, y], outputs: [again[1], small, sum] });
};
cases['sequence of models'] = () => tf.sequential({ layers: [
  tf.sequential({ layers: [L.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2] }), L.flatten()] }),
  tf.sequential({ layers: [L.dense({ units: 2, inputShape: [48] })] }), L.activation({ activation: 'softmax' })] });
cases['residual network'] = () => {
  const x = tf.input({ shape: [null, null, 3], name: 'x' });
  let y = L.conv2d({ filters: 8, kernelSize: 3, padding: 'same', strides: 2 }).apply(x);
  for (let i = 0; i < 3; i++) {
    let z = L.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(y);
    z = L.reLU({ maxValue: 6 }).apply(L.batchNormalization().apply(z));
    z = L.conv2d({ filters: 8, kernelSize: 1 }).apply(z);
    y = L.add().apply([y, z]);
  }
  return tf.model({ inputs: x, outputs: L.dense({ units: 4, activation: 'softmax' }).apply(L.globalAveragePooling2d({}).apply(y)) });
};

let seed = 12345;
function random() {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) / (1 << 23) - 1;
}
const uniform = (shape, f) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, f), shape);

function input(name, model, index) {
  const shape = model.inputs[index].shape.map((d, i) => (d == null ? (i === 0 ? 2 : 6) : d));
  if (name.includes('embedding') || name.includes('category')) {
    return uniform(shape, () => Math.floor((random() + 1) * (name.includes('mask') ? 1.9 : 2.9)));
  }
  if (name.includes('mask')) {
    const [, steps, width] = shape;
    return uniform(shape, (_, i) => ((Math.floor(i / width) % steps) % 3 === 1 ? 0 : random()));
  }
  return uniform(shape, () => random() * 2);
}

const describe = (tensor) => ({ dims: tensor.shape, values: Array.from(tensor.dataSync()) });

(async () => {
  await tf.setBackend('cpu');
  const names = [];
  for (const [name, make] of Object.entries(cases)) {
    const model = make();
    model.setWeights(model.weights.map((weight) => uniform(weight.shape,
      () => (weight.name.includes('variance') ? (random() + 2) / 2 : random() * 0.7))));
    const file = String(names.length);
    await model.save(tf.io.withSaveHandler(async (saved) => {
      fs.writeFileSync(path.join(process.argv[2], file + '.json'), JSON.stringify({ format: 'layers-model', modelTopology:
        saved.modelTopology, weightsManifest: [{ paths: [file + '.bin'], weights: saved.weightSpecs }] }));
      fs.writeFileSync(path.join(process.argv[2], file + '.bin'), Buffer.from(new Uint8Array(saved.weightData)));
      return { modelArtifactsInfo: {} };
    }));
    const feeds = model.inputs.map((_, i) => input(name, model, i));
    const given = [model.predict(feeds.length === 1 ? feeds[0] : feeds)].flat();
    fs.writeFileSync(path.join(process.argv[2], file + '.run.json'), JSON.stringify({ inputs:
      feeds.map((feed, i) => ({ name: model.inputNames[i], ...describe(feed) })), outputs: given.map(describe) }));
    names.push(name);
  }
  fs.writeFileSync(path.join(process.argv[2], 'names.json'), JSON.stringify(names));
})().catch((e) => { console.error(e); process.exit(1); });
