/**
 * Sessions: a model made ready to run, by plain evaluation or compiled for a {@link dev.infuser.runtime.Host} that can run
 * WebAssembly. Memory of the host is handed out here; what a page or a JVM does to provide it stays behind the interface.
 * Nothing here may know the browser.
 */
package dev.infuser.runtime;
