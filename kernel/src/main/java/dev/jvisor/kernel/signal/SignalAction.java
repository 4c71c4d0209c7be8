// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

/**
 * What a process does with a signal (Linux: {@code struct k_sigaction}). Immutable.
 *
 * @param handler address, or {@link #SIG_DFL}, {@link #SIG_IGN}
 * @param flags {@code SA_*}, 32 bits kept in a long as the guest's word has them
 * @param restorer address that a handler returns to
 * @param mask signals blocked while the handler runs; bit 0 is signal 1
 */
public record SignalAction(long handler, long flags, long restorer, long mask) {

    public static final long SIG_DFL = 0;
    public static final long SIG_IGN = 1;

    /** Size of the structure that rt_sigaction(2) takes, in bytes. */
    public static final int SIZE = 32;

    static final SignalAction DEFAULT = new SignalAction(SIG_DFL, 0, 0, 0);

    public boolean isDefault() {
        return handler == SIG_DFL;
    }

    public boolean isIgnore() {
        return handler == SIG_IGN;
    }

    /** The same with SIG_DFL in place of the handler (SA_RESETHAND). */
    SignalAction withDefaultHandler() {
        return new SignalAction(SIG_DFL, flags, restorer, mask);
    }

    /** Whether a flag ({@code SA_*}) is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
