/**
 * Compiles models ahead of time: into WebAssembly modules that have their kernels, their plan and their memory, and need
 * nothing of Infuser where they run. For the JVM alone.
 */
package dev.infuser.aot;
