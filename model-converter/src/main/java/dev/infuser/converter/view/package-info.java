/** Pages that show a model. Knows graphs, and neither files nor commands. */
package dev.infuser.converter.view;
