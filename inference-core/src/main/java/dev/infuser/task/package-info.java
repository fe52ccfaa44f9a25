/**
 * What turns a model's outputs into the answer of a task, such as one vector per text.
 * Plain functions over arrays live here and, above them, classes that join a tokenizer, a session and such functions.
 * Nothing here knows kernels, the file format or the page.
 */
package dev.infuser.task;
