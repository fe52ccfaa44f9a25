/**
 * Reading encoded images: by the platform's decoders where it has them, by our own where no platform has (JPEG 2000, TIFF, WebP
 * on the JVM, the portable formats).
 */
package dev.infuser.image;
