// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import java.nio.charset.StandardCharsets;

/**
 * A memfd that Sentry and stubs share, mapped here for reading and writing.
 *
 * @param address where it is mapped in this process
 */
public record SharedFile(int fd, long address) {

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_EXEC = 0x10;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;

    /**
     * Creates and maps one, all holes.
     *
     * @param executable whether stubs may execute it
     * @throws ErrnoException EMFILE, ENFILE, ENOMEM
     */
    public static SharedFile create(String name, long size, boolean executable)
            throws ErrnoException {
        int fd = memfd(name, executable);
        long result = Host.syscall(Sys.FTRUNCATE, fd, size, 0);
        if (!Host.isError(result)) {
            result = Host.syscall(Sys.MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0);
            if (!Host.isError(result)) {
                return new SharedFile(fd, result);
            }
        }
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        throw Host.exception(result);
    }

    /** memfd_create(2). */
    static int memfd(String name, boolean executable) throws ErrnoException {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        long address = NativeBuffer.scratch().putCString(0, bytes);
        int flags = executable ? MFD_CLOEXEC | MFD_EXEC : MFD_CLOEXEC;
        long fd = Host.syscall(Sys.MEMFD_CREATE, address, flags, 0);
        if (executable && fd == -Errno.EINVAL.number) { // before Linux 6.3
            fd = Host.syscall(Sys.MEMFD_CREATE, address, MFD_CLOEXEC, 0);
        }
        return (int) Host.check(fd);
    }
}
