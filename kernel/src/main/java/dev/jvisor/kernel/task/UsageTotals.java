// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/** Sums of resources that tasks have used which are gone (part of {@code struct signal_struct}). */
public final class UsageTotals {

    private long userNanos;
    private long systemNanos;
    private long maxResidentBytes;

    /** Adds a thread's time. */
    synchronized void addTime(long user, long system) {
        userNanos += user;
        systemNanos += system;
    }

    /** Adds another sum; the largest resident set counts. */
    void add(UsageTotals other) {
        long user = other.userNanos();
        long system = other.systemNanos();
        long resident = other.maxResidentBytes();
        addTime(user, system);
        noteResident(resident);
    }

    /** Notes a resident set size. */
    synchronized void noteResident(long bytes) {
        maxResidentBytes = Math.max(maxResidentBytes, bytes);
    }

    public synchronized long userNanos() {
        return userNanos;
    }

    public synchronized long systemNanos() {
        return systemNanos;
    }

    public synchronized long maxResidentBytes() {
        return maxResidentBytes;
    }
}
