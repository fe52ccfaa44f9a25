package dev.infuser.models;

import dev.infuser.audio.Sound;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** Sounds with known contents that lie in folder {@code sounds} of the resources, where their licence is. */
public final class Sounds {

    private static final float FULL = 32768;

    private Sounds() {
    }

    /** The file of a name such as {@code go-forward.wav}. */
    public static byte[] file(String name) {
        try (InputStream in = Sounds.class.getResourceAsStream("sounds/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its samples, which are of 16 bits in one channel. */
    public static Sound sound(String name) {
        try (AudioInputStream in = AudioSystem.getAudioInputStream(new BufferedInputStream(new ByteArrayInputStream(file(name))))) {
            ShortBuffer shorts = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
            float[] samples = new float[shorts.remaining()];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = shorts.get(i) / FULL;
            }
            return new Sound(samples, in.getFormat().getSampleRate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UnsupportedAudioFileException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
