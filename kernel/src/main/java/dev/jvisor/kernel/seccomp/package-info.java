// SPDX-License-Identifier: Apache-2.0
/**
 * seccomp(2): filters that decide about the system calls of a task (Linux: kernel/seccomp.c and the
 * checks of net/core/filter.c).
 *
 * <p>A {@link dev.jvisor.kernel.seccomp.BpfFilter} is one program, checked when it is installed; a
 * {@link dev.jvisor.kernel.seccomp.FilterChain} is the stack of programs that a task has, newest
 * first, immutable and shared with the tasks that inherit it.
 * {@link dev.jvisor.kernel.seccomp.Seccomp} asks the chain about a call and does what it says; a
 * {@link dev.jvisor.kernel.seccomp.FilterListener} is the descriptor on which a supervisor decides.
 *
 * <p>Answers that depend on nothing but the number of the call are remembered when they allow it.
 *
 * <p>Locks: a listener's own (leaf); installing into other threads takes the task tree lock.
 */
@NullMarked
package dev.jvisor.kernel.seccomp;

import org.jspecify.annotations.NullMarked;
