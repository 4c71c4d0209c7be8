// SPDX-License-Identifier: Apache-2.0
/**
 * What is compared: a {@link dev.jvisor.conformance.program.Program} is a list of system calls
 * whose arguments are constants, buffers, or results of earlier calls; an
 * {@link dev.jvisor.conformance.program.Outcome} is what it did, without what may differ between
 * machines.
 */
@NullMarked
package dev.jvisor.conformance.program;

import org.jspecify.annotations.NullMarked;
