/**
 * Images before and after models: crop, resize, colour and normalise; boxes, masks, contours and points. Plain functions over
 * arrays that know neither models nor pages.
 */
package dev.infuser.vision;
