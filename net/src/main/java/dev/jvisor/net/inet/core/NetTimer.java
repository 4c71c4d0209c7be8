// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import org.jspecify.annotations.Nullable;

/**
 * A timer that is moved much more often than it expires. Moving it to a later time, or off, costs a
 * store: the kernel's timer then comes early, and is armed again if it is still wanted. All but
 * {@link #fire} is called with the owner's lock.
 */
public abstract class NetTimer {

    /** The deadline of a timer that is off. */
    public static final long NEVER = Long.MAX_VALUE;

    private final NetTimers timers;

    /** What the implementation of {@link NetTimers} keeps of it. */
    public @Nullable Object handle;

    private long deadline = NEVER;

    /** When the kernel's timer comes. */
    private long armed = NEVER;

    protected NetTimer(NetTimers timers) {
        this.timers = timers;
    }

    /** Called by {@link NetTimers}: takes the owner's lock and calls {@link #look}. */
    public abstract void fire();

    /** The owner's action, with its lock. */
    protected abstract void expired();

    /** When it expires; NEVER turns it off. */
    public final void set(long deadlineNanos) {
        deadline = deadlineNanos;
        if (deadlineNanos < armed) {
            armed = deadlineNanos;
            timers.schedule(this, deadlineNanos);
        }
    }

    public final void clear() {
        deadline = NEVER;
    }

    public final boolean isSet() {
        return deadline != NEVER;
    }

    public final long deadline() {
        return deadline;
    }

    /** After {@link #fire}, with the owner's lock: acts if it is time, or arms it again. */
    public final void look() {
        armed = NEVER;
        long wanted = deadline;
        if (wanted == NEVER) {
            return;
        }
        if (wanted - timers.nanoTime() > 0) {
            set(wanted);
            return;
        }
        deadline = NEVER;
        expired();
    }
}
