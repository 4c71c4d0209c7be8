// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel object: everything that one sandbox has once.
 *
 * <p>Lock order of the whole kernel; a thread takes a lock only while all that it holds are above
 * it here. {@link dev.jvisor.kernel.RankedLock} checks it under {@code -ea}.
 *
 * <pre>
 * TASK_TREE      Kernel.taskTree            who is whose child, thread, member (tasklist_lock)
 *   SIGNAL       GroupSignals               signals and stop state of one process (siglock)
 *     PID        PidNamespace                   numbers (pidmap_lock)
 *     FD_TABLE   FdTable                    descriptors of a process (files_struct.file_lock)
 *       LEAF     wait queues, sums, limits  object monitors under which nothing else is locked
 * </pre>
 *
 * <p>Never while a lock of the kernel is held: guest memory (its manager has locks of its own,
 * above ours), files being closed, entering guest code, sleeping. Waking a task ({@code Task.wake},
 * {@code interrupt}) takes no lock and is allowed under any.
 */
@NullMarked
package dev.jvisor.kernel;

import org.jspecify.annotations.NullMarked;
