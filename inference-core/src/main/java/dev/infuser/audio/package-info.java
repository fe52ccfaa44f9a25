/**
 * Sound before models: resampling, spectra and mel bands. Plain functions over arrays that know neither models nor pages.
 */
package dev.infuser.audio;
