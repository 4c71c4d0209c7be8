// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.pages;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory is promised to guests, and how much may be (Linux: {@code vm_committed_as} and
 * vm.overcommit_memory, mm/util.c). In bytes. Thread-safe.
 */
public final class CommitAccount {

    /** Modes: refuse only what could never be had; refuse nothing; never promise too much. */
    public static final int OVERCOMMIT_GUESS = 0;

    public static final int OVERCOMMIT_ALWAYS = 1;
    public static final int OVERCOMMIT_NEVER = 2;

    /** Kept for root in the strict mode. // mm/util.c: sysctl_admin_reserve_kbytes */
    private static final long ADMIN_RESERVE_BYTES = 8L << 20;

    private static final int RATIO_PERCENT = 50;

    private final AtomicLong committed = new AtomicLong();
    private volatile long memoryBytes;
    private volatile int mode;
    private volatile int ratioPercent = RATIO_PERCENT;
    private volatile long limitKibibytes;

    /** Makes one for a machine with so much memory. */
    public CommitAccount(long memoryBytes) {
        this.memoryBytes = memoryBytes;
    }

    /**
     * Promises memory.
     *
     * @throws ErrnoException ENOMEM
     */
    public void charge(long bytes) throws ErrnoException {
        long sum = committed.addAndGet(bytes);
        boolean granted = switch (mode) {
            case OVERCOMMIT_ALWAYS -> true;
            case OVERCOMMIT_NEVER -> sum < limitBytes() - ADMIN_RESERVE_BYTES;
            default -> bytes <= memoryBytes;
        };
        if (!granted) {
            committed.addAndGet(-bytes);
            throw Errno.ENOMEM.exception();
        }
    }

    /** Promises memory that is in use already. */
    public void chargeAnyway(long bytes) {
        committed.addAndGet(bytes);
    }

    public void uncharge(long bytes) {
        committed.addAndGet(-bytes);
    }

    /** What is promised (Committed_AS). */
    public long committedBytes() {
        return Math.max(0, committed.get());
    }

    /** What may be promised in the strict mode (CommitLimit). */
    public long limitBytes() {
        long kibibytes = limitKibibytes;
        return kibibytes != 0 ? kibibytes << 10 : memoryBytes / 100 * ratioPercent;
    }

    /** Memory of the machine. */
    public void setMemoryBytes(long bytes) {
        memoryBytes = bytes;
    }

    public int mode() {
        return mode;
    }

    public void setMode(int value) {
        mode = value;
    }

    public int ratioPercent() {
        return ratioPercent;
    }

    public void setRatioPercent(int percent) {
        ratioPercent = percent;
        limitKibibytes = 0;
    }

    public long limitKibibytes() {
        return limitKibibytes;
    }

    public void setLimitKibibytes(long value) {
        limitKibibytes = value;
    }
}
