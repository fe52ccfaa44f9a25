package dev.infuser.converter.tflite;

import dev.infuser.graph.Graph;
import dev.infuser.tensor.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.tensorflow.lite.schema.Metadata;
import org.tensorflow.lite.support.metadata.schema.AssociatedFile;
import org.tensorflow.lite.support.metadata.schema.AssociatedFileType;
import org.tensorflow.lite.support.metadata.schema.ContentProperties;
import org.tensorflow.lite.support.metadata.schema.ModelMetadata;
import org.tensorflow.lite.support.metadata.schema.NormalizationOptions;
import org.tensorflow.lite.support.metadata.schema.ProcessUnit;
import org.tensorflow.lite.support.metadata.schema.ProcessUnitOptions;
import org.tensorflow.lite.support.metadata.schema.ScoreCalibrationOptions;
import org.tensorflow.lite.support.metadata.schema.ScoreThresholdingOptions;
import org.tensorflow.lite.support.metadata.schema.Stats;
import org.tensorflow.lite.support.metadata.schema.SubGraphMetadata;
import org.tensorflow.lite.support.metadata.schema.TensorMetadata;

/**
 * What a file says for its users: {@code title}, {@code doc}, {@code author}, {@code license}, {@code version}, and by input or
 * output {@code input.NAME.KEY}: {@code doc}; {@code mean} and {@code std}, which pixels are normalised with; {@code min} and
 * {@code max}; {@code content}, such as {@code image}; {@code labels}, the name of an asset; {@code threshold} of scores;
 * {@code calibration}, what scores go through.
 */
final class TfliteMetadata {

    private static final String BUFFER = "TFLITE_METADATA";
    private static final int MAX_FILES = 1000;
    private static final long MAX_BYTES = 64 << 20;

    private final Map<String, String> out;

    private TfliteMetadata(Map<String, String> out) {
        this.out = out;
    }

    /** Adds what a model says of itself; the graph has its inputs and outputs in their order. */
    static void add(TfliteModel model, Graph graph, Map<String, String> out) {
        for (int i = 0; i < model.table().metadataLength(); i++) {
            Metadata entry = model.table().metadata(i);
            if (entry != null && BUFFER.equals(entry.name())) {
                ByteBuffer bytes = model.buffer(entry.buffer());
                if (bytes.remaining() > 0) {
                    new TfliteMetadata(out).add(ModelMetadata.getRootAsModelMetadata(bytes), graph);
                }
            }
        }
    }

    private void put(String key, String value) {
        if (value != null && !value.isEmpty()) {
            out.put(key, value);
        }
    }

    private void add(ModelMetadata metadata, Graph graph) {
        put("title", metadata.name());
        put("doc", metadata.description());
        put("author", metadata.author());
        put("license", metadata.license());
        put("version", metadata.version());
        if (metadata.subgraphMetadataLength() == 0) {
            return;
        }
        SubGraphMetadata main = metadata.subgraphMetadata(0);
        for (int i = 0; i < Math.min(main.inputTensorMetadataLength(), graph.inputs().size()); i++) {
            add("input." + graph.inputs().get(i).name() + ".", main.inputTensorMetadata(i));
        }
        for (int i = 0; i < Math.min(main.outputTensorMetadataLength(), graph.outputs().size()); i++) {
            add("output." + graph.outputs().get(i) + ".", main.outputTensorMetadata(i));
        }
    }

    private void add(String prefix, TensorMetadata tensor) {
        put(prefix + "title", tensor.name());
        put(prefix + "doc", tensor.description());
        if (tensor.content() != null && tensor.content().contentPropertiesType() != ContentProperties.NONE) {
            String content = ContentProperties.name(tensor.content().contentPropertiesType());
            put(prefix + "content", content.substring(0, content.length() - "Properties".length()).toLowerCase(java.util.Locale.ROOT));
        }
        Stats stats = tensor.stats();
        if (stats != null) {
            put(prefix + "min", list(Fields.checked(stats.minLength(), Float.BYTES, stats), stats::min));
            put(prefix + "max", list(Fields.checked(stats.maxLength(), Float.BYTES, stats), stats::max));
        }
        for (int i = 0; i < tensor.processUnitsLength(); i++) {
            add(prefix, tensor.processUnits(i));
        }
        for (int i = 0; i < tensor.associatedFilesLength(); i++) {
            AssociatedFile file = tensor.associatedFiles(i);
            String key = file.type() == AssociatedFileType.TENSOR_AXIS_LABELS || file.type() == AssociatedFileType.TENSOR_VALUE_LABELS
                    ? "labels" : file.type() == AssociatedFileType.VOCABULARY ? "vocabulary" : "";
            if (!key.isEmpty() && !out.containsKey(prefix + key)) {
                put(prefix + key, file.name());
            }
        }
    }

    private void add(String prefix, ProcessUnit unit) {
        switch (unit.optionsType()) {
            case ProcessUnitOptions.NormalizationOptions -> {
                NormalizationOptions options = (NormalizationOptions) unit.options(new NormalizationOptions());
                put(prefix + "mean", list(Fields.checked(options.meanLength(), Float.BYTES, options), options::mean));
                put(prefix + "std", list(Fields.checked(options.stdLength(), Float.BYTES, options), options::std));
            }
            case ProcessUnitOptions.ScoreThresholdingOptions -> put(prefix + "threshold", Float.toString(
                    ((ScoreThresholdingOptions) unit.options(new ScoreThresholdingOptions())).globalScoreThreshold()));
            case ProcessUnitOptions.ScoreCalibrationOptions -> put(prefix + "calibration",
                    org.tensorflow.lite.support.metadata.schema.ScoreTransformationType.name(((ScoreCalibrationOptions) unit.options(
                            new ScoreCalibrationOptions())).scoreTransformation()).toLowerCase(java.util.Locale.ROOT));
            default -> { }
        }
    }

    private interface Numbers {
        float at(int i);
    }

    private static String list(int count, Numbers numbers) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(numbers.at(i));
        }
        return text.toString();
    }

    /** The files in the zip file that follows a model, by name. */
    static Map<String, byte[]> files(Path model) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(model.toFile())) {
            if (zip.size() > MAX_FILES) {
                throw damaged(model, zip.size() + " files");
            }
            long total = 0;
            for (ZipEntry entry : zip.stream().toList()) {
                if (entry.isDirectory()) {
                    continue;
                }
                try (InputStream in = zip.getInputStream(entry)) {
                    byte[] bytes = in.readNBytes((int) (MAX_BYTES - total) + 1);
                    total += bytes.length;
                    if (total > MAX_BYTES) {
                        throw damaged(model, "files of more than " + MAX_BYTES + " bytes");
                    }
                    files.put(entry.getName().substring(entry.getName().lastIndexOf('/') + 1), bytes);
                }
            }
        } catch (ZipException e) {
            // Most models have nothing behind them.
            return files;
        }
        return files;
    }

    private static InvalidModelException damaged(Path model, String what) {
        return new InvalidModelException("bad-archive", model.getFileName().toString(), model.getFileName() + " is followed by " + what,
                "", "");
    }
}
