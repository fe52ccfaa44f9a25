/**
 * Element types, named as in onnxruntime-web, and the array that holds each. Types without a JavaScript array of their own
 * travel as bits (the floats) or with one value per element (4- and 2-bit integers).
 */
export interface TypeMap {
  float32: Float32Array;
  float64: Float64Array;
  /** Bits of IEEE binary16. */
  float16: Uint16Array;
  /** Bits. */
  bfloat16: Uint16Array;
  float8e4m3fn: Uint8Array;
  float8e4m3fnuz: Uint8Array;
  float8e5m2: Uint8Array;
  float8e5m2fnuz: Uint8Array;
  float8e8m0: Uint8Array;
  float4e2m1: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  int4: Int8Array;
  uint4: Uint8Array;
  int2: Int8Array;
  uint2: Uint8Array;
  /** 0 or 1. */
  bool: Uint8Array;
  string: string[];
}
export type Type = keyof TypeMap;

/** A dense array in row-major order. `dims` defaults to one dimension. */
export class Tensor<T extends Type = Type> {
  /** `data` is kept, not copied, when it already is the array of the type; other arrays of numbers are converted. */
  constructor(type: T, data: TypeMap[T] | readonly (number | bigint | boolean | string)[] | ArrayBufferView,
    dims?: readonly number[]);
  /** Takes the type from the array: booleans are `bool`, strings `string`, other plain arrays `float32`. */
  constructor(data: TypeMap[T] | readonly (number | boolean | string)[] | ArrayBufferView, dims?: readonly number[]);
  readonly type: T;
  readonly data: TypeMap[T];
  readonly dims: readonly number[];
  /** The number of elements. */
  readonly size: number;
  /** The same elements under other dims of the same count. */
  reshape(dims: readonly number[]): Tensor<T>;
}

/** What a tensor must have to be fed; tensors of onnxruntime-web have it. */
export interface TensorLike {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

/**
 * A tensor, a sequence, a map, or an absent optional. A map's keys are strings, or bigints where the model has int64; its values are
 * numbers, strings, or bigints where the model has int64.
 */
export type Feed = TensorLike | readonly Feed[] | ReadonlyMap<string | bigint, number | string | bigint> | null;
export type Result = Tensor | Result[] | Map<string | bigint, number | string | bigint> | null;

export interface ValueInfo {
  readonly name: string;
  /** An element type, or for example `sequence<float32[n]>`. */
  readonly type: string;
  /** Numbers where they are fixed, names such as `batch` where they are not. */
  readonly dims: readonly (number | string)[];
}

export interface Progress {
  /** `download` while bytes arrive, then `prepare`, `compile` once planning and generating are done, and `ready`. */
  stage: 'download' | 'prepare' | 'compile' | 'ready';
  loaded: number;
  /** Bytes in all; as many as have arrived where the server does not tell. */
  total: number;
  /** With `compile`: the milliseconds that it took, most of them while the weights were still on their way. */
  ms?: number;
}

/** Where infuser.wasm comes from: an address, its bytes, or a module that is already compiled. */
export type Runtime = string | URL | BufferSource | WebAssembly.Module;

export interface EngineOptions {
  /** `strict` gives the same bits on every engine; `relaxed` and `auto` use relaxed SIMD where the engine has it. */
  simd?: 'auto' | 'relaxed' | 'strict';
  /** `reference` evaluates every operator in plain Java: slow, and the definition of what is right. */
  backend?: 'auto' | 'wasm' | 'reference';
  /** Default: infuser.wasm beside infuser.js. */
  runtime?: Runtime;
}

export interface LoadOptions extends EngineOptions {
  /**
   * Where infuser-full.wasm comes from, which knows every operator and is fetched when a model has one that infuser.wasm
   * lacks. Default: beside infuser.js.
   */
  fullRuntime?: Runtime;
  /**
   * How many threads share the work of a run, unless it is too little; results do not depend on it. `auto`, the default, is one for each core of the
   * machine, four at most. In a browser more than one needs a page that is cross-origin isolated, which is one served with
   * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` (scripts, too), and a worker.
   * Elsewhere, or where `runtime` is a compiled module, there is one, and the console says so once. The memory of such a model
   * is shared, so that addresses are reserved for what it may become: 1 GiB and twice the file, or less where the browser
   * refuses.
   */
  threads?: number | 'auto';
  /**
   * `auto` runs the engine in a worker where there is a document, and in the calling thread elsewhere (Node, workers) or
   * where no worker can be started; `true` fails instead; `false` never starts one; an address is that of infuser-engine.js,
   * or of infuser-threads.js where `threads` are several, for
   * pages that serve it from elsewhere.
   */
  worker?: 'auto' | boolean | string | URL;
  onProgress?(progress: Progress): void;
  /** Rejects at once, ends the download and releases everything. */
  signal?: AbortSignal;
  /**
   * Keeps the file in the browser's Cache Storage. A later load asks the server whether the file is still the same, by its
   * ETag and Last-Modified, and downloads it again where it is not or the server has neither; where no server answers, what was
   * kept is used. A file served as `Cache-Control: immutable` is not asked after: give it an address that has a hash.
   */
  cache?: boolean;
}

export interface RunOptions {
  /** Rejects at once. A run whose turn has not come is dropped; one that computes goes on, unheard. */
  signal?: AbortSignal;
  /** Names of the outputs wanted; all by default. */
  outputs?: readonly string[];
}

export interface AbortOptions {
  /** Rejects at once, as that of {@link RunOptions}. */
  signal?: AbortSignal;
}

export interface ProfileEntry {
  /** The nodes of the graph that the step computes. */
  node: string;
  /** The operator where that is one node, else "". */
  op: string;
  /** The generated kernel, or `evaluate` where plain Java ran. */
  kernel: string;
  ms: number;
  /**
   * Arithmetic operations, of which a multiply-add is two and any function one; 0 where plain Java ran. A convolution counts those
   * of the sum written out, of which some kernels do fewer.
   */
  operations: number;
  /** What the step reads and writes. */
  bytes: number;
  /** Thousand million operations a second. A step shorter than the page's clock tells has 0. */
  gflops: number;
  /**
   * GFLOP/s of nothing but multiply-adds in registers, measured in the same call on as many threads: of 8-bit integers for
   * their products, else of floats, each by the best instructions that are used here.
   */
  peak: number;
  /**
   * `gflops / peak`. What is bound by memory has a small share, and `bytes / ms` near what memory gives; a kernel that does with
   * fewer operations may have more than 1.
   */
  share: number;
}

/** One golden vector of the file, replayed on this device. */
export interface VerifiedVector {
  name: string;
  passed: boolean;
  maxAbsoluteError: number;
  maxRelativeError: number;
}

export interface Report {
  /** Whether every vector passed; true also when the file holds none. */
  passed: boolean;
  vectors: VerifiedVector[];
}

export interface Model {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** The threads that share the work of a run, from when they have started; until then there is one. */
  readonly threads: number;
  /** What the file says of its origin. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Computes the outputs. Feeds are copied. Runs of one model happen one after the other. */
  run(feeds: Record<string, Feed>, options?: RunOptions): Promise<Record<string, Result>>;
  /** What else the file holds, such as a tokenizer or the names of classes: bytes by name. */
  assets(): Promise<Record<string, Uint8Array>>;
  /** Runs once and tells where the time went, after some 20 ms that measure what the machine can do at most. */
  profile(feeds: Record<string, Feed>, options?: AbortOptions): Promise<ProfileEntry[]>;
  /** Replays the golden vectors of the file. */
  verify(options?: AbortOptions): Promise<Report>;
  /**
   * Releases all memory at once; what is under way is rejected with the code `disposed`. The memory of a model that nobody
   * holds any more is released with the next collection.
   */
  dispose(): void;
}

/**
 * Loads a `.tea` file from an address, a response, a blob or bytes. Outside a browser an address may be a path. A download from an
 * address goes on where it breaks off, five times in some eight seconds unless bytes arrive, if the file is still the same.
 */
export function load(source: string | URL | Response | Blob | BufferSource, options?: LoadOptions): Promise<Model>;

export interface TaskOptions extends LoadOptions {
  /**
   * Where the program of the task comes from. Default: beside infuser.js, the one that has the task, such as infuser-text.wasm.
   */
  taskRuntime?: Runtime;
  /** As `worker`, for the worker of the task, which prepares inputs and answers; an address is that of
   * infuser-tasks-worker.js. */
  tasksWorker?: 'auto' | boolean | string | URL;
}

/** An image as browsers have them, or its pixels: red, green, blue and alpha of each, row by row. */
export type Picture = HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | VideoFrame | Blob
  | { width: number; height: number; data: Uint8ClampedArray | Uint8Array };

/** Sound: all channels of a buffer are mixed; samples are from -1 to 1, see {@link SoundOptions.sampleRate}. */
export type Sound = AudioBuffer | Float32Array;

export interface AnswerOptions {
  /** Rejects at once. */
  signal?: AbortSignal;
}

export interface SoundOptions extends AnswerOptions {
  /** Samples a second of a Float32Array; 16000 by default. */
  sampleRate?: number;
}

/**
 * A model, or several, with what turns a person's input into their inputs and their outputs into an answer, as the files say.
 * Answers are given one after the other; an array of inputs gives an array of answers.
 */
export interface Task<Input, Answer, Options = AnswerOptions> {
  /** The models by name; one alone is `model`. */
  readonly models: Readonly<Record<string, Model>>;
  readonly model: Model;
  run(input: Input, options?: Options): Promise<Answer>;
  run(inputs: readonly Input[], options?: Options): Promise<Answer[]>;
  /** Forgets what came before, where inputs are parts of a stream such as sound or video. */
  reset(): Promise<void>;
  /** Releases all memory, also that of models which the task loaded itself. */
  dispose(): void;
}

/** From texts to vectors that lie close where meanings do. */
export interface TextEmbedding extends Task<string, Float32Array> {
  /** One vector of length 1 for each text, so that the dot product of two of them is their cosine similarity. */
  embed(texts: string | readonly string[], options?: AnswerOptions): Promise<Float32Array[]>;
}

/** A class and its score, which is the model's: a probability where the model ends in a softmax. */
export interface ScoredLabel {
  label: string;
  score: number;
}

export interface ImageClassificationOptions extends AnswerOptions {
  /** The most classes to tell; 5 by default. */
  limit?: number;
}

/** What an image shows, as classes from the highest score down. */
export type ImageClassification = Task<Picture, ScoredLabel[], ImageClassificationOptions>;

/** In pixels of the image from its left and upper sides. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface DetectedObject extends ScoredLabel {
  box: Box;
}

export interface ObjectDetectionOptions extends AnswerOptions {
  /** The least score, from 0 to 1; 0.3 by default. */
  threshold?: number;
  /** How much of what they cover together two boxes of a class may share, from 0 to 1; 0.5 by default. */
  overlap?: number;
  /** The most objects; 100 by default. */
  limit?: number;
}

/** Objects and where they are, from the highest score down. */
export type ObjectDetection = Task<Picture, DetectedObject[], ObjectDetectionOptions>;

/** Pixels: red, green, blue and alpha of each, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface Segments {
  width: number;
  height: number;
  /** How much each pixel belongs to what the model looks for, such as a person: 0 to 255, row by row. */
  mask: Uint8Array;
  /** The image with its background blurred, where that was asked for. */
  picture?: Pixels;
}

export interface ImageSegmentationOptions extends AnswerOptions {
  /** By how many pixels, as a standard deviation, the background of `picture` is blurred. */
  blur?: number;
}

export type ImageSegmentation = Task<Picture, Segments, ImageSegmentationOptions>;

/** Images made larger by what the model says. */
export type SuperResolution = Task<Picture, Pixels>;

export interface TextLine {
  text: string;
  /** How sure the model is of its characters in the mean, from 0 to 1. */
  score: number;
  /** In pixels of the image: the upper left corner of the first letter, and then clockwise. */
  box: [Point, Point, Point, Point];
}

export interface Point {
  x: number;
  y: number;
}

/** Text in an image: its lines in the order of reading, and `text` with all of them. */
export interface TextPage {
  text: string;
  lines: TextLine[];
}

export interface OcrOptions extends AnswerOptions {
  /** The least score of a line, from 0 to 1; 0.5 by default. */
  threshold?: number;
}

/** Text in images, also turned, as models of PaddleOCR find and read it. */
export type Ocr = Task<Picture, TextPage, OcrOptions>;

export interface LanguageDetectionOptions extends AnswerOptions {
  /** The most languages to tell; 5 by default. */
  limit?: number;
}

/** Which programming language a text is in, from the most likely one down; nothing of a text that is too short for the model. */
export type LanguageDetection = Task<string, ScoredLabel[], LanguageDetectionOptions>;

/** Durations are in seconds. */
export interface VoiceActivityOptions extends SoundOptions {
  /** A probability from which on speech begins or goes on; 0.5 by default. */
  threshold?: number;
  /** One below which speech may end; 0.15 less than `threshold` by default. */
  negativeThreshold?: number;
  /** What is not longer is no speech; 0.25 by default. */
  minSpeech?: number;
  /** What is longer is cut in its longest pause; by default nothing is. */
  maxSpeech?: number;
  /** How long a silence ends speech; 0.1 by default. */
  minSilence?: number;
  /** What is added at both ends of speech; 0.03 by default. */
  padding?: number;
  /** The sound ends here: speech that goes on ends, too, and the next piece begins another sound. False by default. */
  last?: boolean;
}

/** What a piece of sound adds; times are in seconds since the sound began. */
export interface VoiceActivityAnswer {
  /** When the first of these frames begins. */
  time: number;
  /** From one frame to the next. */
  frame: number;
  /** The probability of speech in each frame that is whole now. */
  speech: Float32Array;
  /** When somebody speaks: what is certain now and was not before. */
  segments: { start: number; end: number }[];
  /** When speech began that goes on, or null. */
  open: number | null;
}

/**
 * When somebody speaks. Each call takes the next piece of a sound, of any length, such as those of a microphone; `reset` or the
 * option `last` come between two sounds.
 */
export type VoiceActivity = Task<Sound, VoiceActivityAnswer, VoiceActivityOptions>;

/** A named place, in pixels of the image. */
export interface Keypoint extends Point {
  name: string;
  /** How far behind others it lies, about in pixels, where the model tells. */
  z?: number;
  /** From 0 to 1, where the model tells. */
  score?: number;
}

/** A box may reach beyond the image; left and right of names are those of the person. */
export interface DetectedFace {
  score: number;
  box: Box;
  points: Keypoint[];
}

export interface DetectionOptions extends AnswerOptions {
  /** The least score, from 0 to 1; the model's own by default. */
  threshold?: number;
  /** The most to tell. */
  limit?: number;
}

/** Faces from the highest score down. */
export type FaceDetection = Task<Picture, DetectedFace[], DetectionOptions>;

/** What the models tell of a face; of models that are not there nothing. */
export interface DescribedFace extends DetectedFace {
  /** x, y and z of each point of the mesh, in pixels of the image. */
  mesh?: Float32Array;
  /** Radians by which the face is turned in the image, clockwise. */
  angle?: number;
  irises?: { eye: 'right' | 'left'; x: number; y: number; radius: number }[];
  /** From the highest score down. */
  emotions?: ScoredLabel[];
  /** In years. */
  age?: number;
  gender?: ScoredLabel;
  /** A vector that lies close to those of other images of the same person. */
  descriptor?: Float32Array;
}

export type Face = Task<Picture, DescribedFace[], DetectionOptions>;

/** A body or a hand. */
export interface DetectedBody {
  score: number;
  /** Whose hand it is, in an image that is not mirrored, where the model tells. */
  hand?: 'left' | 'right';
  points: Keypoint[];
}

/** Points of hands or bodies: of each that the model `detection` finds, or of the one in the whole image. */
export type KeypointDetection = Task<Picture, DetectedBody[], DetectionOptions>;

/** Frames of a video, one after the other; alpha of the pixels tells how much each belongs to a person. Options are the model's settings. */
export type VideoMatting = Task<Picture, Pixels, AnswerOptions & Record<string, unknown>>;

/** Where a model comes from; a model that is loaded already stays the caller's. */
export type ModelSource = string | URL | Response | Blob | BufferSource | Model;

/** Tasks by name. */
export interface Tasks {
  'text-embedding': TextEmbedding;
  'language-detection': LanguageDetection;
  'voice-activity': VoiceActivity;
  'image-classification': ImageClassification;
  'image-segmentation': ImageSegmentation;
  'object-detection': ObjectDetection;
  'super-resolution': SuperResolution;
  'face-detection': FaceDetection;
  face: Face;
  'hand-landmarks': KeypointDetection;
  'pose-estimation': KeypointDetection;
  'video-matting': VideoMatting;
  ocr: Ocr;
}

/** The models that tasks with several take, by name. */
export interface TaskModels {
  /** One that finds lines of text, one that reads them, and, if wanted, one that tells which of them are upside down. */
  face: { detection: ModelSource; landmarks?: ModelSource; iris?: ModelSource; emotion?: ModelSource; description?: ModelSource };
  'hand-landmarks': ModelSource | { model: ModelSource; detection?: ModelSource };
  'pose-estimation': ModelSource | { model: ModelSource; detection?: ModelSource };
  ocr: { detection: ModelSource; recognition: ModelSource; orientation?: ModelSource };
}

/** Loads a model, or several, together with what turns a person's input into their inputs, as their files say. */
export function task<Name extends keyof Tasks>(name: Name,
  source: Name extends keyof TaskModels ? TaskModels[Name] : ModelSource, options?: TaskOptions): Promise<Tasks[Name]>;

/** Starts the engine without a model and tells what it offers here. */
export function probe(options?: EngineOptions): Promise<{ version: string; relaxedSimd: boolean }>;

/** Base of all errors thrown here, save the reason of an aborted signal. */
export class InfuserError extends Error {
  /** A stable name made for programs, such as `truncated-file`. */
  readonly code: string;
  /** The node, input or section at fault, or "". */
  readonly node: string;
  /** What was expected and what was found, or "". */
  readonly detail: string;
  /** What to do about it, or "". */
  readonly hint: string;
}
/** The file is wrong: damaged, foreign, or against the format. */
export class InvalidModelError extends InfuserError {}
/** The file is right, but needs what this version cannot do. */
export class UnsupportedModelError extends InfuserError {}
/** Feeds or arguments do not fit. */
export class InvalidInputError extends InfuserError {}
/**
 * The device or the network did not provide what was needed. A model whose error has the code `worker-lost` is gone, with all
 * that was under way; load it again.
 */
export class ResourceError extends InfuserError {}
