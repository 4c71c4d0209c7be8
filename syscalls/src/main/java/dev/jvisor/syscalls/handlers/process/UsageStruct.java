// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * {@code struct rusage} (linux/resource.h): two timevals, then 14 longs; of those that Linux keeps
 * all but block input and output.
 */
final class UsageStruct {

    /** Size, in bytes. */
    static final int SIZE = 144;

    private static final int OFFSET_SYSTEM = 16;
    private static final int OFFSET_MAX_RESIDENT = 32;
    private static final int OFFSET_MINOR_FAULTS = 64;
    private static final int OFFSET_MAJOR_FAULTS = 72;
    private static final int OFFSET_VOLUNTARY = 128;
    private static final int OFFSET_INVOLUNTARY = 136;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private UsageStruct() {}

    static void write(Task task, long address, UsageTotals usage) throws ErrnoException {
        byte[] raw = new byte[SIZE];
        putTime(raw, 0, usage.userNanos());
        putTime(raw, OFFSET_SYSTEM, usage.systemNanos());
        LittleEndian.putLong(raw, OFFSET_MAX_RESIDENT, usage.maxResidentBytes() >> 10);
        LittleEndian.putLong(raw, OFFSET_MINOR_FAULTS, usage.minorFaults());
        LittleEndian.putLong(raw, OFFSET_MAJOR_FAULTS, usage.majorFaults());
        LittleEndian.putLong(raw, OFFSET_VOLUNTARY, usage.voluntarySwitches());
        LittleEndian.putLong(raw, OFFSET_INVOLUNTARY, usage.involuntarySwitches());
        task.memory().copyOut(address, raw, 0, SIZE);
    }

    private static void putTime(byte[] raw, int offset, long nanos) {
        LittleEndian.putLong(raw, offset, nanos / NANOS_PER_SECOND);
        LittleEndian.putLong(raw, offset + 8, nanos % NANOS_PER_SECOND / 1000);
    }
}
