/**
 * What a page calls. JavaScript hands over numbers and messages in linear memory, gets the same back, and provides memory
 * and compiled kernels. Nothing but this package may know that the program runs in a browser, and nothing here computes.
 */
package dev.infuser.web;
