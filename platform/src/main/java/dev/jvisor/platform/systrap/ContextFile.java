// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.SharedFile;

import java.util.BitSet;

/**
 * The slots of all guest threads ({@link Block}): a memfd that is mapped here; a stub process maps
 * the slots of its own threads only.
 */
final class ContextFile {

    private static final int PUNCH_HOLE_KEEP_SIZE = 3;

    final int fd;
    private final long base;

    private final BitSet used = new BitSet(); // guarded by this

    private ContextFile(int fd, long base) {
        this.fd = fd;
        this.base = base;
    }

    static ContextFile create() throws ErrnoException {
        SharedFile file = SharedFile.create("jvisor-ctx", StubCode.CONTEXTS_SIZE, false);
        return new ContextFile(file.fd(), file.address());
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
