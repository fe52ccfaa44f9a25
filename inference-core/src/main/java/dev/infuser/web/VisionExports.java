package dev.infuser.web;

import dev.infuser.task.Face;
import dev.infuser.task.FaceDetection;
import dev.infuser.task.ImageClassification;
import dev.infuser.task.ImageSegmentation;
import dev.infuser.task.KeypointDetection;
import dev.infuser.task.ObjectDetection;
import dev.infuser.task.Ocr;
import dev.infuser.task.Runs;
import dev.infuser.task.SuperResolution;
import dev.infuser.task.Tasks;
import dev.infuser.task.VideoMatting;
import java.util.List;
import org.teavm.interop.Export;

/** What JavaScript calls for tasks on pictures: {@link TaskExports} with these. */
public final class VisionExports {

    private VisionExports() {
    }

    /** Required by the compiler; makes it find the other exports. */
    public static void main(String[] args) {
        TaskExports.load();
    }

    /** Adds the tasks; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Tasks.add(List.of(
                Tasks.Row.of(ImageClassification.NAME, Tasks.Input.PICTURE, ImageClassification::new),
                Tasks.Row.of(ImageSegmentation.NAME, Tasks.Input.PICTURE, ImageSegmentation::new),
                Tasks.Row.of(ObjectDetection.NAME, Tasks.Input.PICTURE, ObjectDetection::new),
                Tasks.Row.of(SuperResolution.NAME, Tasks.Input.PICTURE, SuperResolution::new),
                Tasks.Row.of(FaceDetection.NAME, Tasks.Input.PICTURE, FaceDetection::new),
                Tasks.Row.of(VideoMatting.NAME, Tasks.Input.PICTURE, VideoMatting::new),
                new Tasks.Row(Face.NAME, Tasks.Input.PICTURE, List.of(Face.DETECTION),
                        List.of(Face.LANDMARKS, Face.IRIS, Face.EMOTION, Face.DESCRIPTION), Face::new),
                keypoints(KeypointDetection.HANDS),
                keypoints(KeypointDetection.POSES),
                new Tasks.Row(Ocr.NAME, Tasks.Input.PICTURE, List.of(Ocr.DETECTION, Ocr.RECOGNITION), List.of(Ocr.ORIENTATION),
                        Ocr::new)));
    }

    private static Tasks.Row keypoints(String name) {
        return new Tasks.Row(name, Tasks.Input.PICTURE, List.of(Runs.MODEL), List.of(KeypointDetection.DETECTION),
                models -> new KeypointDetection(name, models));
    }
}
