// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.identity;

import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.identity.SetIdRules;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import java.util.Arrays;

/** getgroups(2), setgroups(2). */
@SyscallHandlers
final class GroupsSyscalls {

    /** Linux: NGROUPS_MAX. */
    private static final int NGROUPS_MAX = 65536;

    private GroupsSyscalls() {}

    /** EINVAL if the list is longer than {@code size}; EFAULT. Size 0 asks for the number. */
    @Syscall(number = 115, name = "getgroups")
    static long getgroups(Task task, @Arg(INT) int size, @Arg(POINTER) long list)
            throws ErrnoException {
        if (size < 0) {
            throw Errno.EINVAL.exception();
        }
        Credentials own = task.credentials();
        int[] groups = own.groups();
        if (size != 0) {
            if (groups.length > size) {
                throw Errno.EINVAL.exception();
            }
            byte[] raw = new byte[groups.length * Integer.BYTES];
            for (int i = 0; i < groups.length; i++) {
                LittleEndian.putInt(
                        raw, i * Integer.BYTES, own.userNamespace().shownGid(groups[i]));
            }
            task.memory().copyOut(list, raw, 0, raw.length);
        }
        return groups.length;
    }

    /**
     * EPERM without CAP_SETGID, or where the user namespace denies it; EINVAL for more than 65536;
     * EFAULT; EINVAL for ids without a name.
     */
    @Syscall(number = 116, name = "setgroups")
    static long setgroups(Task task, @Arg(INT) int size, @Arg(POINTER) long list)
            throws ErrnoException {
        UserNamespace users = task.credentials().userNamespace();
        if (!task.credentials().hasOwn(Capabilities.CAP_SETGID) || !users.maySetGroups()) {
            throw Errno.EPERM.exception();
        }
        if (size < 0 || size > NGROUPS_MAX) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = new byte[size * Integer.BYTES];
        task.memory().copyIn(list, raw, 0, raw.length);
        int[] groups = new int[size];
        for (int i = 0; i < size; i++) {
            groups[i] = users.kernelGid(LittleEndian.getInt(raw, i * Integer.BYTES));
            if (groups[i] == -1) {
                throw Errno.EINVAL.exception();
            }
        }
        Arrays.sort(groups); // Linux keeps and reports them sorted
        task.setCredentials(SetIdRules.setGroups(task.credentials(), groups));
        return 0;
    }
}
