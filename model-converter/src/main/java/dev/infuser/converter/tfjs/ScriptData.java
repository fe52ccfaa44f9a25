package dev.infuser.converter.tfjs;

import com.google.gson.JsonElement;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Shards that are files, or that scripts of their name export as base64. */
final class ScriptData implements ExternalData {

    private static final String[] ENDINGS = {".min.js", ".js", ".mjs", ".cjs"};

    private final ExternalData files;
    private final Map<String, ByteBuffer> decoded = new HashMap<>();

    ScriptData(ExternalData files) {
        this.files = files;
    }

    @Override
    public ByteBuffer slice(String location, long offset, long length) {
        ByteBuffer bytes = decoded.get(location);
        if (bytes == null) {
            try {
                return files.slice(location, offset, length);
            } catch (InvalidModelException e) {
                bytes = script(location);
                if (bytes == null) {
                    throw e;
                }
                decoded.put(location, bytes);
            }
        }
        long count = length < 0 ? bytes.limit() - offset : length;
        if (offset < 0 || count < 0 || offset + count > bytes.limit()) {
            throw new InvalidModelException("truncated-file", location, "the shard " + location + " ends early", "",
                    "copy it again beside the model");
        }
        return bytes.slice((int) offset, (int) count);
    }

    private ByteBuffer script(String location) {
        for (String ending : ENDINGS) {
            ByteBuffer text;
            try {
                text = files.slice(location + ending, 0, -1);
            } catch (InvalidModelException e) {
                continue;
            }
            JsonElement data = Script.exported(text);
            if (data == null || !data.isJsonPrimitive() || !data.getAsJsonPrimitive().isString()) {
                throw new InvalidModelException("bad-script", location, "the script " + location + ending
                        + " does not export its shard as base64", "", "copy it again beside the model");
            }
            String base64 = data.getAsString();
            return ByteBuffer.wrap(Base64.getDecoder().decode(base64.substring(base64.indexOf(',') + 1)));
        }
        return null;
    }
}
