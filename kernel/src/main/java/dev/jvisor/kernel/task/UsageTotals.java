// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.AddressSpace;

/** Sums of resources that tasks have used (part of {@code struct signal_struct}). */
public final class UsageTotals {

    private long userNanos;
    private long systemNanos;
    private long maxResidentBytes;
    private long minorFaults;
    private long majorFaults;
    private long voluntarySwitches;
    private long involuntarySwitches;
    private long charactersRead;
    private long charactersWritten;
    private long reads;
    private long writes;

    /** Adds a thread's times and counters. */
    public synchronized void addTask(Task task) {
        userNanos += task.cpu().userNanos();
        systemNanos += task.cpu().systemNanos();
        TaskCounters c = task.counters();
        voluntarySwitches += c.voluntarySwitches();
        involuntarySwitches += c.involuntarySwitches();
        charactersRead += c.charactersRead();
        charactersWritten += c.charactersWritten();
        reads += c.reads();
        writes += c.writes();
    }

    /** Adds page faults. */
    public synchronized void addFaults(long minor, long major) {
        minorFaults += minor;
        majorFaults += major;
    }

    /** Adds what an address space has needed. */
    static void addMemory(UsageTotals sum, MemoryManager memory) {
        AddressSpace.HostUsage usage = new AddressSpace.HostUsage();
        sum.noteResident(memory.peakResidentBytes(usage));
        sum.addFaults(usage.minorFaults, usage.majorFaults);
    }

    /** Adds another sum; the largest resident set counts. */
    public void add(UsageTotals other) {
        UsageTotals o = other.copy();
        synchronized (this) {
            userNanos += o.userNanos;
            systemNanos += o.systemNanos;
            maxResidentBytes = Math.max(maxResidentBytes, o.maxResidentBytes);
            minorFaults += o.minorFaults;
            majorFaults += o.majorFaults;
            voluntarySwitches += o.voluntarySwitches;
            involuntarySwitches += o.involuntarySwitches;
            charactersRead += o.charactersRead;
            charactersWritten += o.charactersWritten;
            reads += o.reads;
            writes += o.writes;
        }
    }

    /** A copy that nobody else knows. */
    public synchronized UsageTotals copy() {
        UsageTotals copy = new UsageTotals();
        copy.userNanos = userNanos;
        copy.systemNanos = systemNanos;
        copy.maxResidentBytes = maxResidentBytes;
        copy.minorFaults = minorFaults;
        copy.majorFaults = majorFaults;
        copy.voluntarySwitches = voluntarySwitches;
        copy.involuntarySwitches = involuntarySwitches;
        copy.charactersRead = charactersRead;
        copy.charactersWritten = charactersWritten;
        copy.reads = reads;
        copy.writes = writes;
        return copy;
    }

    /** Notes a resident set size. */
    public synchronized void noteResident(long bytes) {
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

    public synchronized long minorFaults() {
        return minorFaults;
    }

    public synchronized long majorFaults() {
        return majorFaults;
    }

    public synchronized long voluntarySwitches() {
        return voluntarySwitches;
    }

    public synchronized long involuntarySwitches() {
        return involuntarySwitches;
    }

    public synchronized long charactersRead() {
        return charactersRead;
    }

    public synchronized long charactersWritten() {
        return charactersWritten;
    }

    public synchronized long reads() {
        return reads;
    }

    public synchronized long writes() {
        return writes;
    }
}
