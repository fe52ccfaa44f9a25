/** Makes models small: what weights are stored as, what that costs in exactness, and which layers can bear it. */
package dev.infuser.converter.quantize;
