// SPDX-License-Identifier: Apache-2.0
/**
 * The Linux system call surface: which calls are served, as tables for the dispatcher and as data
 * for people.
 *
 * <p>{@code annotation} marks handlers, {@code discovery} finds and binds them, {@code handlers}
 * serves them (one class for each man-page family), {@code strace} prints them.
 */
@NullMarked
package dev.jvisor.syscalls;

import org.jspecify.annotations.NullMarked;
