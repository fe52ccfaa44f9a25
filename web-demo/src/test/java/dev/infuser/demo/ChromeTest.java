package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChromeTest {

    @Test
    void saysInOneLineHowToGetABrowser(@TempDir Path empty) {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "elsewhere browsers are found off the path too");
        String message = assertThrows(IllegalStateException.class,
                () -> Chrome.find(Map.of("PATH", empty.toString()))).getMessage();
        assertTrue(message.contains("apt-get install chromium"), message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    void takesTheOneThatCHROMENames(@TempDir Path folder) throws IOException {
        Path browser = Files.createFile(folder.resolve("browser"));
        assertTrue(assertThrows(IllegalStateException.class,
                () -> Chrome.find(Map.of("CHROME", browser.toString()))).getMessage().contains("cannot be run"));
        assumeTrue(browser.toFile().setExecutable(true));
        assertEquals(browser, Chrome.find(Map.of("CHROME", browser.toString())));
    }
}
