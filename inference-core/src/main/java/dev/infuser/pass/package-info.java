/**
 * Rewrites of graphs into equivalent graphs that run faster: folding, clean-up and the recognition of what exporters spell
 * out. Each pass is a small named set of rules, listed in {@link dev.infuser.pass.Passes}.
 * Nothing here may know kernels.
 */
package dev.infuser.pass;
