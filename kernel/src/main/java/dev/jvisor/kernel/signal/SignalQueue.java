// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGRTMIN;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;

/**
 * Pending signals of a task or process (Linux: {@code struct sigpending}): a set, and for each
 * signal what came with it, in order of arrival. A standard signal is there once; real-time signals
 * queue.
 *
 * <p>A signal can be in the set without an entry, when the queue limit was reached: it is delivered
 * with empty information. Guarded by the lock of {@link GroupSignals}.
 */
final class SignalQueue {

    /** An entry and whose quota it counts against. */
    record Entry(SigInfo info, SignalQuota.@Nullable User user) {}

    private long pending;
    private final @Nullable Entry[] standard = new @Nullable Entry[SIGRTMIN - 1];
    private @Nullable ArrayDeque<Entry> @Nullable [] realTime;

    /** Signals that are pending. */
    long pending() {
        return pending;
    }

    boolean contains(int signal) {
        return SignalSet.contains(pending, signal);
    }

    /** Makes a signal pending without information. */
    void add(int signal) {
        pending |= SignalSet.bit(signal);
    }

    /** Adds an entry; a standard signal must not have one. */
    void add(Entry entry) {
        int signal = entry.info.signal;
        pending |= SignalSet.bit(signal);
        if (signal < SIGRTMIN) {
            standard[signal - 1] = entry;
        } else {
            entries(signal).addLast(entry);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private ArrayDeque<Entry> entries(int signal) {
        @Nullable ArrayDeque<Entry> @Nullable [] all = realTime;
        if (all == null) {
            all = new ArrayDeque[SignalHandlers.COUNT - SIGRTMIN + 1];
            realTime = all;
        }
        ArrayDeque<Entry> entries = all[signal - SIGRTMIN];
        if (entries == null) {
            entries = new ArrayDeque<>();
            all[signal - SIGRTMIN] = entries;
        }
        return entries;
    }

    /** Takes the oldest instance of a pending signal. */
    SigInfo take(int signal) {
        Entry entry;
        boolean more = false;
        if (signal < SIGRTMIN) {
            entry = standard[signal - 1];
            standard[signal - 1] = null;
        } else {
            ArrayDeque<Entry> entries = entries(signal);
            entry = entries.pollFirst();
            more = !entries.isEmpty();
        }
        if (!more) {
            pending &= ~SignalSet.bit(signal);
        }
        if (entry == null) {
            return SigInfo.lost(signal);
        }
        release(entry);
        return entry.info;
    }

    /** Drops all instances of some signals. */
    void discard(long signals) {
        long dropped = pending & signals;
        while (dropped != 0) {
            int signal = SignalSet.first(dropped);
            take(signal).taken(); // a timer goes on
            dropped = pending & signals;
        }
    }

    /** Copies entries from a position on, standard signals first; lost ones have none. */
    SigInfo[] list(long from, int count) {
        ArrayList<SigInfo> found = new ArrayList<>();
        long position = 0;
        for (Entry entry : standard) {
            if (entry != null && position++ >= from && found.size() < count) {
                found.add(entry.info);
            }
        }
        @Nullable ArrayDeque<Entry> @Nullable [] all = realTime;
        for (int i = 0; all != null && i < all.length; i++) {
            ArrayDeque<Entry> entries = all[i];
            if (entries != null) {
                for (Entry entry : entries) {
                    if (position++ >= from && found.size() < count) {
                        found.add(entry.info);
                    }
                }
            }
        }
        return found.toArray(new SigInfo[0]);
    }

    private static void release(Entry entry) {
        if (entry.user != null) {
            entry.user.release();
        }
    }
}
