// SPDX-License-Identifier: Apache-2.0
/**
 * Tracing of one task by another (Linux: kernel/ptrace.c and the stops of kernel/signal.c).
 *
 * <p>{@link dev.jvisor.kernel.ptrace.Trace} is what a traced task has in addition to others: its
 * tracer, the options, and the stop it is in. {@link dev.jvisor.kernel.ptrace.TraceStops} is the
 * tracee's side, on its own thread: it stops, tells the tracer, and sleeps until it is resumed.
 * {@link dev.jvisor.kernel.ptrace.TraceLinks} is the tracer's side and the life of the relation:
 * attach, resume, detach, the end of either. {@link dev.jvisor.kernel.ptrace.TraceAccess} says who
 * may trace whom.
 *
 * <p>All fields of {@code Trace} and the list of a tracer's tracees are guarded by the task tree
 * lock, with which a stop begins and ends; no lock is held while a tracee waits. A tracee that is
 * stopped leaves its registers to the tracer's thread; what only its own thread can do (vector
 * state, debug registers) the tracer asks for ({@link dev.jvisor.kernel.ptrace.TraceRequest}).
 *
 * <p>A task that nobody traces pays one branch for each system call ({@code Task.callWork}), one
 * for each entry into guest code ({@code Task.isStepping}) and one for each signal.
 */
@NullMarked
package dev.jvisor.kernel.ptrace;

import org.jspecify.annotations.NullMarked;
