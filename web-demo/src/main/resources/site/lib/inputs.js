/** What people give to tasks, as the tasks take it. */

export class WrongFile extends Error {
  constructor(file, wanted) {
    super(`'${file.name ?? 'this'}' is no ${wanted} that this browser can read`);
    Object.assign(this, { name: 'WrongFile', code: 'wrong-file', detail: file.type ? `It is said to be ${file.type}.` : '',
      hint: `Choose another ${wanted}.` });
  }
}

/** A picture whose longer side has at most `largest` pixels. */
export async function readPicture(blob, largest = 2048) {
  const whole = await createImageBitmap(blob).catch(() => { throw new WrongFile(blob, 'picture'); });
  const scale = largest / Math.max(whole.width, whole.height);
  if (scale >= 1) return whole;
  const resizeWidth = Math.max(1, Math.round(whole.width * scale)), resizeHeight = Math.max(1, Math.round(whole.height * scale));
  const small = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'high' });
  whole.close();
  return small;
}

/** Sound as samples of one channel. */
export async function readSound(blob) {
  const buffer = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(await blob.arrayBuffer())
    .catch(() => { throw new WrongFile(blob, 'sound'); });
  const samples = buffer.getChannelData(0).slice();
  for (let c = 1; c < buffer.numberOfChannels; c++) buffer.getChannelData(c).forEach((value, i) => { samples[i] += value; });
  return { samples: samples.map((value) => value / buffer.numberOfChannels), sampleRate: buffer.sampleRate };
}

class Refused extends Error {
  constructor(what, cause) {
    const denied = cause.name === 'NotAllowedError';
    super(denied ? `the ${what} may not be used` : `there is no ${what} to be used`, { cause });
    Object.assign(this, { name: 'Refused', code: denied ? 'denied' : 'no-device', detail: cause.message,
      hint: denied ? `Allow this site the ${what} beside the address, or choose a file.` : 'Choose a file instead.' });
  }
}

const devices = (what, constraints) => {
  if (!navigator.mediaDevices) throw new Refused(what, new Error('this page is not served securely'));
  return navigator.mediaDevices.getUserMedia(constraints).catch((error) => { throw new Refused(what, error); });
};

/** What a stream gives, made by `make`; whatever goes wrong there, the device does not stay on. */
async function using(stream, make) {
  const stop = () => { for (const track of stream.getTracks()) track.stop(); };
  try {
    return await make(stop);
  } catch (error) {
    stop();
    throw error;
  }
}

/** Frames of the camera, about as large as wished, one at a time: each is to be closed. `stop` ends it. */
export async function openCamera({ width = 640, height = 480 } = {}) {
  const stream = await devices('camera', { video: { width, height, facingMode: 'user' } });
  return using(stream, async (stop) => {
    const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    return { frame: () => createImageBitmap(video), stop };
  });
}

/** Calls `take` with samples of the microphone as they come. */
export async function openMicrophone(take) {
  const stream = await devices('microphone', { audio: true });
  return using(stream, async (stop) => {
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(new URL('./tap.js', import.meta.url));
      const tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => take(data, context.sampleRate);
      context.createMediaStreamSource(stream).connect(tap);
    } catch (error) {
      context.close();
      throw error;
    }
    return {
      stop() {
        stop();
        if (context.state !== 'closed') context.close();
      },
    };
  });
}
