// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_LOG;

import dev.jvisor.kernel.seccomp.BpfFilter;
import dev.jvisor.kernel.seccomp.FilterChain;
import dev.jvisor.kernel.seccomp.SeccompState;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/** PTRACE_SECCOMP_GET_FILTER, PTRACE_SECCOMP_GET_METADATA: the filters of a tracee. */
final class FilterDump {

    private static final int METADATA_SIZE = 16;

    private FilterDump() {}

    /**
     * Copies a filter's instructions.
     *
     * @param index 0 is the oldest
     * @param address where to; 0 only asks for the length
     * @return the number of instructions
     */
    static long filter(Task task, Task tracee, long index, long address) throws ErrnoException {
        FilterChain found = find(task, tracee, index);
        byte[] raw = found.instructions();
        if (address != 0) {
            task.memory().copyOut(address, raw, 0, raw.length);
        }
        return raw.length / BpfFilter.INSTRUCTION_SIZE;
    }

    /** {@code struct seccomp_metadata}: index of the filter (in), its flags (out), 8 bytes each. */
    static long metadata(Task task, Task tracee, long size, long address) throws ErrnoException {
        if (!task.credentials().has(Capabilities.CAP_SYS_ADMIN) || task.seccomp() != null) {
            throw Errno.EACCES.exception();
        }
        int copied = Long.compareUnsigned(size, METADATA_SIZE) < 0 ? (int) size : METADATA_SIZE;
        if (copied < Long.BYTES) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = new byte[METADATA_SIZE];
        task.memory().copyIn(address, raw, 0, Long.BYTES);
        FilterChain found = find(task, tracee, LittleEndian.getLong(raw, 0));
        LittleEndian.putLong(raw, 8, found.logs() ? SECCOMP_FILTER_FLAG_LOG : 0);
        task.memory().copyOut(address, raw, 0, copied);
        return copied;
    }

    private static FilterChain find(Task task, Task tracee, long index) throws ErrnoException {
        if (!task.credentials().has(Capabilities.CAP_SYS_ADMIN) || task.seccomp() != null) {
            throw Errno.EACCES.exception();
        }
        SeccompState state = tracee.seccomp();
        FilterChain chain = state == null ? null : state.filter();
        if (chain == null) {
            throw Errno.EINVAL.exception();
        }
        FilterChain found = chain.at(index);
        if (found == null) {
            throw Errno.ENOENT.exception();
        }
        return found;
    }
}
