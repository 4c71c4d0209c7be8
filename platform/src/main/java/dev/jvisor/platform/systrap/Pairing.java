// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.stub.CpuPlacement;

/**
 * Where a stub thread and the Java thread that serves it run, and how they wait for each other.
 *
 * <p>Pinned, both are tied to one CPU and sleep at once: a hand-over is a context switch. Afloat,
 * the host's scheduler places them: for guest code that computes. Spinning, they are tied to two
 * CPUs and watch the word: 20 times faster than a context switch if both CPUs are free, 20 times
 * slower if they are not. Whether they are free is something only the host knows, so it is tried:
 * for a few hand-overs now and then, and for as long as it is faster on the whole than what was
 * measured before: a time slice that another program takes uses up what many fast hand-overs have
 * gained.
 *
 * <p>Used by the owner, under its lock where another thread may move the pair.
 */
final class Pairing {

    private static final int PINNED_WINDOW = 64;
    private static final int SPINNING_WINDOW = 32;
    /** The first hand-overs of a pair that has moved do not count. */
    private static final int SETTLING_TRAPS = 8;
    /** Slower than this on the average: not worth it. */
    private static final long TALKS_NANOS = 200_000;

    private static final long MOVE_NANOS = 5_000_000;
    private static final long FIRST_TRIAL_NANOS = 50_000_000;
    private static final long CREDIT_START_NANOS = 200_000;
    /** A time slice or two that others take. */
    private static final long CREDIT_MAX_NANOS = 20_000_000;

    private static final long BACKOFF_MIN_NANOS = 5_000_000;
    private static final long BACKOFF_MAX_NANOS = 1_000_000_000;
    /** So many windows in a row are a success. */
    private static final int SUCCESS_WINDOWS = 32;

    private final HandoverPolicy policy;
    private final CpuPlacement cpus;
    private final int ownerTid = HostProcess.gettid();

    /** A CPU, or FLOATING. */
    private volatile int place;

    private boolean spinning;
    private int quickRuns;

    // The current window.
    private long windowStart = System.nanoTime();
    private int windowTraps;

    /** What a spinning window may last to be worth it. */
    private long limitNanos;

    /** What spinning has gained so far: it goes on until it has lost all of it again. */
    private long creditNanos;

    /** At first, compilers want the other CPU. */
    private long nextTrial = windowStart + FIRST_TRIAL_NANOS;

    private long backoffNanos = BACKOFF_MIN_NANOS;
    private int goodWindows;

    /** Hand-overs of the current window that found others on this CPU and a free one. */
    private int unevenTraps;

    private long nextMove = windowStart;

    Pairing(HandoverPolicy policy, int place) {
        this.policy = policy;
        this.cpus = policy.cpus;
        this.place = place;
    }

    int place() {
        return place;
    }

    boolean isSpinning() {
        return spinning;
    }

    /** How often each side looks before it sleeps. */
    int spins() {
        return spinning ? HandoverPolicy.SPINS : 0;
    }

    /** Ties both threads and the agent (0: none) to where they have to be. */
    void apply(int stubTid, int agentTid) {
        int own = spinning ? (place + 1) % cpus.count() : place;
        cpus.put(stubTid, place);
        cpus.put(0, own);
        if (agentTid != 0) {
            cpus.put(agentTid, own);
        }
    }

    /** Ties the threads of another one's pair, which floats from now on. */
    void applyFloating(int stubTid) {
        place = CpuPlacement.FLOATING;
        cpus.put(stubTid, CpuPlacement.FLOATING);
        cpus.put(ownerTid, CpuPlacement.FLOATING);
    }

    /**
     * After a trap of a pair that spins.
     *
     * @return whether the threads have to move
     */
    boolean afterSpinning() {
        if (++windowTraps < SPINNING_WINDOW && !policy.isCrowded()) {
            if (windowTraps == 0) {
                windowStart = System.nanoTime(); // settled: the first hand-overs woke a CPU
            }
            return false;
        }
        long now = System.nanoTime();
        boolean crowded = windowTraps < SPINNING_WINDOW;
        creditNanos += limitNanos - (now - windowStart);
        begin(now);
        if (!crowded && creditNanos >= 0) {
            creditNanos = Math.min(creditNanos, CREDIT_MAX_NANOS);
            if (++goodWindows == SUCCESS_WINDOWS) {
                backoffNanos = BACKOFF_MIN_NANOS;
            }
            return false;
        }
        stopSpinning();
        nextTrial = now + backoffNanos;
        if (goodWindows < SUCCESS_WINDOWS && !crowded) {
            backoffNanos = Math.min(backoffNanos * 2, BACKOFF_MAX_NANOS);
        }
        return true;
    }

    void stopSpinning() {
        if (spinning) {
            spinning = false;
            policy.endSpinning();
        }
    }

    private void begin(long now) {
        windowStart = now;
        windowTraps = 0;
    }

    /**
     * After a trap of a pair that does not spin.
     *
     * @param guestNanos how long guest code ran
     * @return whether the threads have to move
     */
    boolean after(long now, long guestNanos) {
        if (guestNanos >= CpuPlacement.BURST_NANOS) {
            quickRuns = 0;
            begin(now);
            if (place != CpuPlacement.FLOATING) {
                place = CpuPlacement.FLOATING;
                return true;
            }
            return false;
        }
        if (place == CpuPlacement.FLOATING) {
            if (++quickRuns < CpuPlacement.QUICK_RUNS) {
                return false;
            }
            quickRuns = 0;
            place = cpus.current();
            begin(now);
            return true;
        }
        if (policy.isUneven(place)) {
            unevenTraps++;
        }
        return ++windowTraps >= PINNED_WINDOW && endWindow(now);
    }

    /**
     * Leaves a CPU to others if most hand-overs of a window found them there and another one free.
     */
    private boolean spread(long now) {
        boolean uneven = unevenTraps > PINNED_WINDOW * 3 / 4;
        unevenTraps = 0;
        if (!uneven || now - nextMove < 0) {
            return false;
        }
        int free = policy.freePlace(place);
        if (free == place) {
            return false;
        }
        place = free;
        nextMove = now + MOVE_NANOS + (ownerTid & 7) * MOVE_NANOS; // not all of them at once
        return true;
    }

    private boolean endWindow(long now) {
        long nanos = now - windowStart;
        begin(now);
        if (spread(now)) {
            return true;
        }
        if (cpus.count() < 2
                || nanos > PINNED_WINDOW * TALKS_NANOS
                || now - nextTrial < 0
                || !policy.beginSpinning()) {
            return false;
        }
        spinning = true;
        windowTraps = -SETTLING_TRAPS;
        goodWindows = 0;
        creditNanos = CREDIT_START_NANOS;
        limitNanos = nanos * SPINNING_WINDOW / PINNED_WINDOW * 3 / 4;
        return true;
    }
}
