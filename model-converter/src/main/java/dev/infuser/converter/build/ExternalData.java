package dev.infuser.converter.build;

import java.nio.ByteBuffer;

/** Where a model keeps tensors that are not in its own file. */
public interface ExternalData {

    /**
     * The bytes of {@code location} from {@code offset}.
     *
     * @param length the number of bytes, or -1 for all up to the end
     * @throws dev.infuser.tensor.InvalidModelException when there is no such file or range, or it may not be read
     */
    ByteBuffer slice(String location, long offset, long length);
}
