// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ACTION_FULL;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ALLOW;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.platform.seccomp.BpfProgram;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A filter with those that were installed before it (Linux: {@code struct seccomp_filter}). Tasks
 * and newer filters that refer to it are counted, so that its listener learns when nobody is left.
 */
public final class FilterChain {

    private static final byte UNKNOWN = 0;
    private static final byte ALLOWED = 1;
    private static final byte ASK = 2;

    private final BpfFilter program;
    private final @Nullable FilterChain previous;
    private final int count;
    private final int weight;
    private final boolean log;
    private final boolean waitKillable;
    private final AtomicInteger users = new AtomicInteger(1);
    private volatile @Nullable FilterListener listener;

    /** For each number whether the call is allowed whatever its arguments; races do no harm. */
    private final byte[] known = new byte[SyscallTable.SIZE];

    FilterChain(
            BpfFilter program, @Nullable FilterChain previous, boolean log, boolean waitKillable) {
        this.program = program;
        this.previous = previous;
        this.log = log;
        this.waitKillable = waitKillable;
        this.count = previous == null ? 1 : previous.count + 1;
        this.weight = program.length() + (previous == null ? 0 : previous.weight + PENALTY);
    }

    /** What each earlier filter counts beside its instructions (Linux: 4). */
    private static final int PENALTY = 4;

    BpfFilter program() {
        return program;
    }

    @Nullable
    FilterChain previous() {
        return previous;
    }

    /** How many filters there are. */
    public int count() {
        return count;
    }

    /** Instructions of all, with a penalty for each but the newest. */
    int weight() {
        return weight;
    }

    boolean isLogged() {
        return log;
    }

    /** Whether a call that the supervisor has seen is interrupted by nothing but a kill. */
    boolean waitsKillable() {
        return waitKillable;
    }

    @Nullable
    FilterListener listener() {
        return listener;
    }

    void setListener(FilterListener listener) {
        this.listener = listener;
    }

    boolean hasListener() {
        for (FilterChain f = this; f != null; f = f.previous) {
            if (f.listener != null) {
                return true;
            }
        }
        return false;
    }

    /** Whether another chain is this one or one that was extended to it. */
    boolean contains(@Nullable FilterChain other) {
        if (other == null) {
            return true;
        }
        for (FilterChain f = this; f != null; f = f.previous) {
            if (f == other) {
                return true;
            }
        }
        return false;
    }

    /** The filter at a position, oldest first, or null. */
    public @Nullable FilterChain at(long index) {
        FilterChain f = this;
        for (long i = count - 1L; f != null && i > index; i--) {
            f = f.previous;
        }
        return index >= 0 && index < count ? f : null;
    }

    /** The program's instructions. */
    public byte[] instructions() {
        return program.toBytes();
    }

    /** Whether SECCOMP_FILTER_FLAG_LOG was given. */
    public boolean logs() {
        return log;
    }

    void retain() {
        users.incrementAndGet();
    }

    void release() {
        for (FilterChain f = this; f != null && f.users.decrementAndGet() == 0; f = f.previous) {
            FilterListener l = f.listener;
            if (l != null) {
                l.filterUnused();
            }
        }
    }

    boolean isUsed() {
        return users.get() > 0;
    }

    /** Whether a call is allowed whatever its arguments are. */
    boolean allows(int number) {
        if (number < 0 || number >= known.length) {
            return false;
        }
        byte state = known[number];
        if (state == UNKNOWN) {
            state = isAlwaysAllowed(number) ? ALLOWED : ASK;
            known[number] = state;
        }
        return state == ALLOWED;
    }

    private boolean isAlwaysAllowed(int number) {
        int[] data = new int[BpfFilter.DATA_WORDS];
        data[0] = number;
        data[1] = BpfProgram.AUDIT_ARCH_X86_64;
        for (FilterChain f = this; f != null; f = f.previous) {
            int result = f.program.runOnNumber(data);
            if ((result & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ALLOW) {
                return false;
            }
        }
        return true;
    }

    /** What all filters together say of a call: the most severe, the newest among equals. */
    Verdict ask(int[] data) {
        int result = SECCOMP_RET_ALLOW;
        FilterChain match = this;
        for (FilterChain f = this; f != null; f = f.previous) {
            int one = f.program.run(data);
            if ((one & SECCOMP_RET_ACTION_FULL) < (result & SECCOMP_RET_ACTION_FULL)) {
                result = one;
                match = f;
            }
        }
        return new Verdict(result, match);
    }

    /** The return value that counts, and whose it is. */
    record Verdict(int result, FilterChain filter) {}
}
