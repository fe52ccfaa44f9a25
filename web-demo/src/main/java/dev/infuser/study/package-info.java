/**
 * The two pipelines of the image study. In plain Java, which the JVM runs and TeaVM compiles for the page: {@link Edges} and
 * {@link ModelInput}, static loops over arrays, which may use no more of the class library than these and {@link java.lang.Math}. And as
 * graphs, which the engine compiles: {@link Modules} writes them for the page.
 */
package dev.infuser.study;
