/**
 * From a graph to a {@link dev.infuser.plan.Program}: which kernels, in which order, fused how, and from bound dimensions
 * to the memory and the parameters that each of them gets. Operators say what they lower to, kernels say what they read.
 * Nothing here may know the host.
 */
package dev.infuser.plan;
