// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

/**
 * The order in which a thread takes the kernel's locks: a lock may be taken only while all held
 * ones have lower ranks. The tree is drawn in the package documentation.
 */
public enum LockRank {
    /** Who is whose child, group and session (Linux: {@code tasklist_lock}). One per kernel. */
    TASK_TREE,
    /** Signals and life cycle of one thread group (Linux: {@code sighand->siglock}). */
    SIGNAL,
    /** Numbers in use (Linux: {@code pidmap_lock}). */
    PID,
    /** Descriptors of a process (Linux: {@code files_struct.file_lock}). */
    FD_TABLE,
    /** Locks under which no other lock of the kernel is taken. */
    LEAF
}
