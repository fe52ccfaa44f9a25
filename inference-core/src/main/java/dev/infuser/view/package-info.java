/** Graphs as drawings, and what is told of each node, as data for pages. Knows graphs, and neither files, commands nor how anything is computed. */
package dev.infuser.view;
