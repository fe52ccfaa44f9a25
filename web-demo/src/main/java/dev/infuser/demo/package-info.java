/**
 * The demo on this machine: a page with semantic search, its model, and a small server for both. The server knows files and
 * headers, not models; everything that the page computes it computes itself. Nothing here is part of the browser bundle.
 */
package dev.infuser.demo;
