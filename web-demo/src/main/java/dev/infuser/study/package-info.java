/**
 * The two pipelines of the image study in plain Java, static loops over arrays: what the JVM computes, and what TeaVM compiles for the
 * page. Nothing here may use more of the class library than arrays and {@link java.lang.Math}.
 */
package dev.infuser.study;
