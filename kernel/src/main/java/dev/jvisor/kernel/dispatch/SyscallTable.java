// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.dispatch;

import org.jspecify.annotations.Nullable;

/** The system calls that are served, by number. Immutable after boot. */
public final class SyscallTable {

    /** Numbers below this can have an entry. */
    public static final int SIZE = 512;

    private final @Nullable SyscallHandler[] handlers = new @Nullable SyscallHandler[SIZE];

    private boolean extended;

    /** Adds or replaces (a lab's jar) an entry. */
    public void put(SyscallHandler handler) {
        extended |= handlers[handler.number()] != null;
        handlers[handler.number()] = handler;
    }

    /** Whether an entry was replaced. */
    public boolean isExtended() {
        return extended;
    }

    /** Returns the handler of a number as the guest gave it, or null: ENOSYS. */
    public @Nullable SyscallHandler get(long number) {
        return number >= 0 && number < SIZE ? handlers[(int) number] : null;
    }
}
