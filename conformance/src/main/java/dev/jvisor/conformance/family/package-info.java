// SPDX-License-Identifier: Apache-2.0
/**
 * The generators of programs. A {@link dev.jvisor.conformance.family.Family} stands for calls that
 * belong together; its programs are made from a seed, with resources in mind: a
 * {@link dev.jvisor.conformance.family.ProgramBuilder} knows which descriptors and paths there are,
 * and gives valid ones mostly, boundary and hostile values at times.
 */
@NullMarked
package dev.jvisor.conformance.family;

import org.jspecify.annotations.NullMarked;
