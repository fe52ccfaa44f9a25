/** What importers of all formats share: a graph that grows node by node, and what comes of an import. */
package dev.infuser.converter.build;
