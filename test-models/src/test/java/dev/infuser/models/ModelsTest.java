package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {

    @TempDir
    private Path folder;

    @Test
    void aTextModelHasItsTokenizerBesideIt() throws IOException {
        Path model = Models.miniLm();
        assertEquals(90387606, Files.size(model));
        assertTrue(Files.readString(model.resolveSibling("tokenizer.json")).contains("\"WordPiece\""));
    }

    @Test
    void aSourceWithOtherContentIsRefusedWithBothHashesAndTheSize() {
        UnavailableException error = assertThrows(UnavailableException.class, () -> Cache.file(folder.resolve("file"), "abc",
                () -> new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8)), "the source"));
        assertEquals("the source is not the file expected: sha256 abc wanted, "
                + "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 found in 5 bytes", error.getMessage());
        assertFalse(Files.exists(folder.resolve("file")));
    }

    @Test
    void aMissingSourceIsNamed() {
        UnavailableException error = assertThrows(UnavailableException.class,
                () -> Cache.file(folder.resolve("file"), "abc", () -> null, "some jar"));
        assertEquals("some jar is not on the class path", error.getMessage());
    }
}
