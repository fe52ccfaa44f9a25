/** WebP: VP8 key frames (RFC 6386), lossless images and alpha (RFC 9649), as the reference decoder shows them. */
package dev.infuser.image.webp;
