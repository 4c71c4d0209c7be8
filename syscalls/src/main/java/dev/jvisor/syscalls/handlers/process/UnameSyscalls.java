// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING;
import static dev.jvisor.syscalls.annotation.Arg.Format.UTSNAME_OUT;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import java.nio.charset.StandardCharsets;

/** uname(2), sethostname(2), setdomainname(2). */
@SyscallHandlers
final class UnameSyscalls {

    private static final int FIELD_SIZE = UtsNamespace.NAME_LENGTH_MAX + 1;

    /** Linux: PER_LINUX32 makes uname(2) answer for a 32-bit machine. */
    private static final int PER_MASK = 0xff;

    private static final int PER_LINUX32 = 8;

    private UnameSyscalls() {}

    /** EFAULT. */
    @Syscall(number = 63, name = "uname")
    static long uname(Task task, @Arg(UTSNAME_OUT) long address) throws ErrnoException {
        UtsNamespace uts = task.namespaces().uts();
        boolean narrow = (task.personality() & PER_MASK) == PER_LINUX32;
        byte[] raw = new byte[6 * FIELD_SIZE];
        put(raw, 0, UtsNamespace.SYSNAME);
        put(raw, 1, uts.nodeName());
        put(raw, 2, UtsNamespace.RELEASE);
        put(raw, 3, UtsNamespace.VERSION);
        put(raw, 4, narrow ? "i686" : UtsNamespace.MACHINE);
        put(raw, 5, uts.domainName());
        task.memory().copyOut(address, raw, 0, raw.length);
        return 0;
    }

    private static void put(byte[] raw, int field, String value) {
        for (int i = 0; i < value.length() && i < UtsNamespace.NAME_LENGTH_MAX; i++) {
            raw[field * FIELD_SIZE + i] = (byte) value.charAt(i);
        }
    }

    /** EPERM without CAP_SYS_ADMIN; EINVAL for the length; EFAULT. */
    @Syscall(number = 170, name = "sethostname")
    static long sethostname(Task task, @Arg(STRING) long name, @Arg(INT) int length)
            throws ErrnoException {
        task.namespaces().uts().setNodeName(copyName(task, name, length));
        return 0;
    }

    /** As sethostname. */
    @Syscall(number = 171, name = "setdomainname")
    static long setdomainname(Task task, @Arg(STRING) long name, @Arg(INT) int length)
            throws ErrnoException {
        task.namespaces().uts().setDomainName(copyName(task, name, length));
        return 0;
    }

    private static String copyName(Task task, long name, int length) throws ErrnoException {
        UserNamespace owner = task.namespaces().uts().owner();
        if (!task.credentials().hasIn(owner, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        if (length < 0 || length > UtsNamespace.NAME_LENGTH_MAX) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = new byte[length];
        task.memory().copyIn(name, raw, 0, length);
        return new String(raw, StandardCharsets.ISO_8859_1);
    }
}
