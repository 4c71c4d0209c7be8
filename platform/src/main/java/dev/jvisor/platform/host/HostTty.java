// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;

/**
 * ioctl(2) of terminals and queues on host descriptors, with argument structures as byte arrays.
 */
public final class HostTty {

    private HostTty() {}

    /** Whether a descriptor is a terminal. */
    public static boolean isTty(int fd) {
        NativeBuffer b = NativeBuffer.scratch();
        return !Host.isError(Host.syscall(Sys.IOCTL, fd, Ioctls.TCGETS, b.address()));
    }

    /** An ioctl whose argument is a structure that it fills in. */
    public static void get(int fd, long command, byte[] result) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        b.clear(0, result.length);
        Host.check(Host.syscall(Sys.IOCTL, fd, command & 0xffffffffL, b.address()));
        b.get(0, result, 0, result.length);
    }

    /**
     * An ioctl whose argument is a structure that it reads. May wait (TCSETSW): EINTR is retried.
     */
    public static void set(int fd, long command, byte[] argument) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        b.put(0, argument, 0, argument.length);
        for (; ; ) {
            long r = Host.syscall(Sys.IOCTL, fd, command & 0xffffffffL, b.address());
            if (r != -Errno.EINTR.number) {
                Host.check(r);
                return;
            }
        }
    }

    /** An ioctl whose argument is an integer. */
    public static long control(int fd, long command, long argument) throws ErrnoException {
        return Host.check(Host.syscall(Sys.IOCTL, fd, command & 0xffffffffL, argument));
    }
}
