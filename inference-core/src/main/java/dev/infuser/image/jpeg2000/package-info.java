/** JPEG 2000 (ISO/IEC 15444-1 Part 1, ITU-T T.800): boxes, packets, bit planes, wavelets. */
package dev.infuser.image.jpeg2000;
