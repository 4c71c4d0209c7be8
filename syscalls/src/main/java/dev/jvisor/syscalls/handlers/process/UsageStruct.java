// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * {@code struct rusage} (linux/resource.h): two timevals, then 14 longs of which we know the first.
 */
final class UsageStruct {

    /** Size, in bytes. */
    static final int SIZE = 144;

    private static final int OFFSET_SYSTEM = 16;
    private static final int OFFSET_MAX_RESIDENT = 32;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private UsageStruct() {}

    static void write(Task task, long address, UsageTotals usage) throws ErrnoException {
        write(task, address, usage.userNanos(), usage.systemNanos(), usage.maxResidentBytes());
    }

    static void write(Task task, long address, long userNanos, long systemNanos, long residentBytes)
            throws ErrnoException {
        byte[] raw = new byte[SIZE];
        putTime(raw, 0, userNanos);
        putTime(raw, OFFSET_SYSTEM, systemNanos);
        LittleEndian.putLong(raw, OFFSET_MAX_RESIDENT, residentBytes >> 10);
        task.memory().copyOut(address, raw, 0, SIZE);
    }

    private static void putTime(byte[] raw, int offset, long nanos) {
        LittleEndian.putLong(raw, offset, nanos / NANOS_PER_SECOND);
        LittleEndian.putLong(raw, offset + 8, nanos % NANOS_PER_SECOND / 1000);
    }
}
