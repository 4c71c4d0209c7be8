// SPDX-License-Identifier: Apache-2.0
/**
 * System calls as strace(1) prints them.
 *
 * <p>{@code Strace} observes the dispatcher and keeps lines whole when tasks interleave;
 * {@code ArgumentPrinter} renders one argument by its {@code Arg.Format}, with
 * {@code StructPrinter} and {@code SignalPrinter} for structures and {@code Names} for constants.
 * Loaded only when asked for.
 */
@NullMarked
package dev.jvisor.syscalls.strace;

import org.jspecify.annotations.NullMarked;
