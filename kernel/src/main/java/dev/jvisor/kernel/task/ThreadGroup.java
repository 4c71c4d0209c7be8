// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/**
 * A process (Linux: thread group with {@code struct signal_struct}). Contract skeleton (kernel.task owner).
 */
public abstract class ThreadGroup {

    /** Process id. */
    public abstract int id();
}
