/**
 * Rewrites of graphs into equivalent graphs that run faster: folding, clean-up, the recognition of what exporters spell
 * out, the spelling of what kernels do not know, and the order of axes. Each pass is a small named set of rules, listed in {@link dev.infuser.pass.Passes}.
 * Nothing here may know kernels.
 */
package dev.infuser.pass;
