/**
 * The tasks of the gallery. `models`: the file of the one model, or those of several by name. `sample`: what is shown and run first.
 * `view`: how answers are drawn, see views.js. `options`: of each run.
 */
export const TASKS = [
  {
    name: 'object-detection',
    title: 'Find objects',
    text: 'Eighty kinds of things, from bicycles to teddy bears, with a box around each.',
    input: 'picture', live: true, view: 'boxes', models: 'objects.tea', sample: 'dog.jpg',
    options: { threshold: 0.4 }, source: 'NanoDet (Apache-2.0)',
  },
  {
    name: 'image-segmentation',
    title: 'Blur the background',
    text: 'Tells a person from what is behind, in photographs and in video calls.',
    input: 'picture', live: true, view: 'cutout', models: 'person.tea', sample: 'person.jpg',
    options: { blur: 9 }, source: 'MediaPipe Selfie Segmentation (Apache-2.0)',
  },
  {
    name: 'face',
    title: 'Look at faces',
    text: 'Faces with a mesh of 468 points, where the irises are, and what the face expresses.',
    input: 'picture', live: true, view: 'faces', sample: 'astronaut.jpg',
    models: { detection: 'face.tea', landmarks: 'face-mesh.tea', iris: 'face-iris.tea', emotion: 'face-emotion.tea' },
    source: 'MediaPipe Face Detection, Face Mesh and Iris (Apache-2.0), and Oarriaga (MIT), as Human has them',
  },
  {
    name: 'pose-estimation',
    title: 'Follow a pose',
    text: 'Seventeen points of a body, from nose to ankles, fast enough for the camera.',
    input: 'picture', live: true, view: 'bodies', models: 'pose.tea', sample: 'person.jpg', source: 'MoveNet Lightning (Apache-2.0)',
  },
  {
    name: 'video-matting',
    title: 'Step out of the background',
    text: 'Cuts people out frame by frame, down to the hair, and remembers what it saw.',
    input: 'picture', live: true, view: 'matte', models: 'matting.tea', sample: 'astronaut.jpg', largest: 480,
    source: 'Robust Video Matting (GPL-3.0)',
  },
  {
    name: 'ocr',
    title: 'Read text',
    text: 'Finds lines of print in a photograph, also turned, and makes them text that can be copied.',
    input: 'picture', view: 'page', sample: 'page.png', source: 'PP-OCRv4 (Apache-2.0)',
    models: { detection: 'ocr-detection.tea', recognition: 'ocr-recognition.tea', orientation: 'ocr-orientation.tea' },
  },
  {
    name: 'super-resolution',
    title: 'Enlarge a picture',
    text: 'Twice as wide and twice as high, with the detail that a network expects there.',
    input: 'picture', view: 'picture', models: 'larger.tea', sample: 'horses.jpg', source: 'UpscalerJS ESRGAN (MIT)',
    largest: 256,
  },
  {
    name: 'voice-activity',
    title: 'Hear a voice',
    text: 'When somebody speaks and when not, thirty times a second, from a file or the microphone.',
    input: 'sound', live: true, view: 'speech', models: 'voice.tea', sample: 'go-forward.wav', source: 'Silero VAD 5 (MIT)',
  },
  {
    name: 'language-detection',
    title: 'Name the language of code',
    text: 'Which of fifty-four programming languages a piece of source code is written in.',
    input: 'text', view: 'labels', models: 'code.tea', source: 'guesslang, as Visual Studio Code has it (MIT)',
    sample: "import sys\nfrom pathlib import Path\n\n\ndef lines(path):\n    with open(path, encoding='utf-8') as file:\n"
      + "        return [line.rstrip() for line in file if line.strip()]\n\n\nif __name__ == '__main__':\n"
      + "    for name in sys.argv[1:]:\n        print(name, len(lines(Path(name))))\n",
  },
];

export const taskOf = (name) => TASKS.find((task) => task.name === name);

/** The files of a task's models. */
export const filesOf = ({ models }) => (typeof models === 'string' ? [models] : Object.values(models));

/** Where the task's models are, as `task` of infuser takes them. */
export const sourceOf = ({ models }) => (typeof models === 'string' ? `models/${models}`
  : Object.fromEntries(Object.entries(models).map(([name, file]) => [name, `models/${file}`])));
