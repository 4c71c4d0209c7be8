// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/**
 * What one task has done, for getrusage(2) and {@code /proc/PID/io} (Linux:
 * {@code task_io_accounting}, {@code nvcsw}). Written by the task's own thread; a stale number that
 * another thread reads is a past one.
 */
public final class TaskCounters {

    private long charactersRead;
    private long charactersWritten;
    private long reads;
    private long writes;
    private long voluntarySwitches;
    private long involuntarySwitches;

    /** A call of the read(2) family has ended; {@code bytes} may be negative for an error. */
    public void countRead(long bytes) {
        charactersRead += Math.max(0, bytes);
        reads++;
    }

    /** A call of the write(2) family has ended; {@code bytes} may be negative for an error. */
    public void countWrite(long bytes) {
        charactersWritten += Math.max(0, bytes);
        writes++;
    }

    /** The task goes to sleep. */
    void countSleep() {
        voluntarySwitches++;
    }

    /** The task was stopped in guest code, or gave up its processor. */
    public void countPreemption() {
        involuntarySwitches++;
    }

    /** Bytes of read calls (rchar). */
    public long charactersRead() {
        return charactersRead;
    }

    public long charactersWritten() {
        return charactersWritten;
    }

    /** Read calls (syscr). */
    public long reads() {
        return reads;
    }

    public long writes() {
        return writes;
    }

    public long voluntarySwitches() {
        return voluntarySwitches;
    }

    public long involuntarySwitches() {
        return involuntarySwitches;
    }
}
