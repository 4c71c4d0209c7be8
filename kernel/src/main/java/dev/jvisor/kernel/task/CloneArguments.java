// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/** What clone(2) and its relatives ask for (Linux: {@code struct kernel_clone_args}). */
public final class CloneArguments {

    /** {@code CLONE_*} bits without the signal. */
    public long flags;

    /** Signal to the parent at the end, 0 for none. */
    public int exitSignal;

    /** Stack pointer of the child, 0 to keep the parent's. */
    public long stackPointer;

    /** Where CLONE_PARENT_SETTID stores the id. */
    public long parentTid;

    /** Where CLONE_CHILD_SETTID stores and CLONE_CHILD_CLEARTID clears the id. */
    public long childTid;

    /** FS base of the child for CLONE_SETTLS. */
    public long tls;

    /** Where CLONE_PIDFD stores the descriptor. */
    public long pidfd;

    /** Ids of the caller's choice, innermost PID namespace first; empty for none. */
    public int[] ids = NONE;

    private static final int[] NONE = {};

    boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
