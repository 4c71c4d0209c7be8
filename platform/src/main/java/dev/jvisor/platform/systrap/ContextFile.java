// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import java.util.BitSet;

/**
 * The slots of all guest threads ({@link Block}): a memfd that is mapped here; a stub process maps
 * the slots of its own threads only.
 */
final class ContextFile {

    private static final int MFD_CLOEXEC = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;
    private static final int PUNCH_HOLE_KEEP_SIZE = 3;

    final int fd;
    private final long base;

    private final BitSet used = new BitSet(); // guarded by this

    private ContextFile(int fd, long base) {
        this.fd = fd;
        this.base = base;
    }

    static ContextFile create() throws ErrnoException {
        byte[] name = {'j', 'v', 'i', 's', 'o', 'r', '-', 'c', 't', 'x'};
        long nameAddress = NativeBuffer.scratch().putCString(0, name);
        long fd = Host.check(Host.syscall(Sys.MEMFD_CREATE, nameAddress, MFD_CLOEXEC, 0));
        long size = StubCode.CONTEXTS_SIZE;
        long result = Host.syscall(Sys.FTRUNCATE, fd, size, 0);
        if (!Host.isError(result)) {
            result = Host.syscall(Sys.MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0);
            if (!Host.isError(result)) {
                return new ContextFile((int) fd, result);
            }
        }
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        throw Host.exception(result);
    }

    /**
     * Takes a slot, all zero.
     *
     * @return its offset in the file
     * @throws ErrnoException EAGAIN if there are too many threads
     */
    long allocate() throws ErrnoException {
        synchronized (this) {
            int slot = used.nextClearBit(0);
            if (slot >= StubCode.SLOTS_COUNT) {
                throw Errno.EAGAIN.exception();
            }
            used.set(slot);
            return (long) slot * Block.SLOT_SIZE;
        }
    }

    /** Gives a slot back that no process has mapped any more. */
    void free(long slot) {
        // What a guest left here is not for the next one.
        Host.syscall(Sys.FALLOCATE, fd, PUNCH_HOLE_KEEP_SIZE, slot, Block.SLOT_SIZE, 0, 0);
        synchronized (this) {
            used.clear((int) (slot / Block.SLOT_SIZE));
        }
    }

    /** Returns where a slot is in this process. */
    long address(long slot) {
        return base + slot;
    }

    /** Returns where a slot is in a stub. */
    static long stubAddress(long slot) {
        return StubCode.CONTEXTS + slot;
    }

    void close() {
        Host.syscall(Sys.MUNMAP, base, StubCode.CONTEXTS_SIZE, 0);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }
}
