// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.identity;

import static dev.jvisor.platform.abi.Capabilities._LINUX_CAPABILITY_VERSION_1;
import static dev.jvisor.platform.abi.Capabilities._LINUX_CAPABILITY_VERSION_2;
import static dev.jvisor.platform.abi.Capabilities._LINUX_CAPABILITY_VERSION_3;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.identity.CapabilityRules;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * capget(2), capset(2), all three versions of the structures: a header of version and pid, then for
 * each 32 capabilities three words (effective, permitted, inheritable).
 */
@SyscallHandlers
final class CapabilitySyscalls {

    private static final int WORD_SIZE = 12;

    private CapabilitySyscalls() {}

    /** Returns how many words a version has; writes our version and returns 0 if it is unknown. */
    private static int words(Task task, long header) throws ErrnoException {
        switch (task.memory().getInt(header)) {
            case _LINUX_CAPABILITY_VERSION_1 -> {
                return 1;
            }
            case _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3 -> {
                return 2;
            }
            default -> {
                task.memory().putInt(header, _LINUX_CAPABILITY_VERSION_3);
                return 0;
            }
        }
    }

    /** EFAULT; EINVAL for the version (0 if there is no data pointer) or a negative pid; ESRCH. */
    @Syscall(number = 125, name = "capget")
    static long capget(Task task, @Arg(POINTER) long header, @Arg(POINTER) long data)
            throws ErrnoException {
        int words = words(task, header);
        if (words == 0) {
            if (data == 0) {
                return 0;
            }
            throw Errno.EINVAL.exception();
        }
        int pid = task.memory().getInt(header + Integer.BYTES);
        if (pid < 0) {
            throw Errno.EINVAL.exception();
        }
        Task target = pid == 0 ? task : task.pids().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        if (data == 0) {
            return 0;
        }
        Credentials c = target.credentials();
        byte[] raw = new byte[words * WORD_SIZE];
        for (int i = 0; i < words; i++) {
            int shift = i * Integer.SIZE;
            LittleEndian.putInt(raw, i * WORD_SIZE, (int) (c.effective() >>> shift));
            LittleEndian.putInt(raw, i * WORD_SIZE + 4, (int) (c.permitted() >>> shift));
            LittleEndian.putInt(raw, i * WORD_SIZE + 8, (int) (c.inheritable() >>> shift));
        }
        task.memory().copyOut(data, raw, 0, raw.length);
        return 0;
    }

    /** EFAULT; EINVAL for the version; EPERM for another task or what the rules forbid. */
    @Syscall(number = 126, name = "capset")
    static long capset(Task task, @Arg(POINTER) long header, @Arg(POINTER) long data)
            throws ErrnoException {
        int words = words(task, header);
        if (words == 0) {
            throw Errno.EINVAL.exception();
        }
        int pid = task.memory().getInt(header + Integer.BYTES);
        if (pid != 0 && pid != task.tid()) {
            throw Errno.EPERM.exception();
        }
        byte[] raw = new byte[words * WORD_SIZE];
        task.memory().copyIn(data, raw, 0, raw.length);
        long effective = 0;
        long permitted = 0;
        long inheritable = 0;
        for (int i = 0; i < words; i++) {
            int shift = i * Integer.SIZE;
            effective |= word(raw, i * WORD_SIZE) << shift;
            permitted |= word(raw, i * WORD_SIZE + 4) << shift;
            inheritable |= word(raw, i * WORD_SIZE + 8) << shift;
        }
        task.setCredentials(
                CapabilityRules.set(task.credentials(), effective, permitted, inheritable));
        return 0;
    }

    private static long word(byte[] raw, int offset) {
        return LittleEndian.getInt(raw, offset) & 0xffff_ffffL;
    }
}
