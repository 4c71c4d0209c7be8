// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;

import java.util.BitSet;

/**
 * The command lists of all stub processes: a memfd with a page each, writable here, read-only for a
 * stub, which maps no page but its own.
 *
 * <p>A page has up to {@link StubImage#ENTRIES_MAX} entries (number and six arguments) and, at the
 * end, the {@code struct msghdr} that a stub receives a descriptor with.
 */
final class ControlFile {

    private static final int SLOTS_COUNT = 16384;
    private static final int MFD_CLOEXEC = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;
    private static final int MESSAGE_OFFSET = StubImage.ENTRIES_MAX * StubImage.ENTRY_SIZE;
    private static final int MESSAGE_VECTOR_OFFSET = MESSAGE_OFFSET + 64;
    private static final int MESSAGE_DATA_OFFSET = MESSAGE_OFFSET + 80;
    private static final int MESSAGE_CONTROL_OFFSET = MESSAGE_OFFSET + 96;
    private static final int CMSG_SIZE = 24;
    static final int ENTRY_WORDS = 7;

    final int fd;
    private final long base;

    private final BitSet used = new BitSet();

    private ControlFile(int fd, long base) {
        this.fd = fd;
        this.base = base;
    }

    static ControlFile create() throws ErrnoException {
        byte[] name = {'j', 'v', 'i', 's', 'o', 'r', '-', 'c', 't', 'l'};
        long nameAddress = NativeBuffer.scratch().putCString(0, name);
        long fd = Host.check(Host.syscall(Sys.MEMFD_CREATE, nameAddress, MFD_CLOEXEC, 0));
        long size = (long) SLOTS_COUNT * StubImage.PAGE;
        long result = Host.syscall(Sys.FTRUNCATE, fd, size, 0);
        if (!Host.isError(result)) {
            result = Host.syscall(Sys.MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0);
            if (!Host.isError(result)) {
                return new ControlFile((int) fd, result);
            }
        }
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        throw Host.exception(result);
    }

    /**
     * Takes a page.
     *
     * @return its offset in the file
     * @throws ErrnoException EAGAIN if there are too many stub processes
     */
    synchronized long allocate() throws ErrnoException {
        int slot = used.nextClearBit(0);
        if (slot >= SLOTS_COUNT) {
            throw Errno.EAGAIN.exception();
        }
        used.set(slot);
        long page = (long) slot * StubImage.PAGE;
        // Guest code can read its list: nothing of an earlier owner must be in it.
        RawMemory.fill(base + page, StubImage.PAGE, (byte) 0);
        return page;
    }

    synchronized void free(long offset) {
        used.clear((int) (offset / StubImage.PAGE));
    }

    /** Writes an entry of the list at a page; {@code entryWords} is room for it. */
    void put(
            long[] entryWords,
            long page,
            int entry,
            long number,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f) {
        if (entry < 0 || entry >= StubImage.ENTRIES_MAX) {
            throw new SentryBug("list entry=" + entry);
        }
        entryWords[0] = number;
        entryWords[1] = a;
        entryWords[2] = b;
        entryWords[3] = c;
        entryWords[4] = d;
        entryWords[5] = e;
        entryWords[6] = f;
        RawMemory.put(
                base + page + (long) entry * StubImage.ENTRY_SIZE, entryWords, 0, ENTRY_WORDS);
    }

    long number(long page, int entry) {
        return RawMemory.getLong(base + page + (long) entry * StubImage.ENTRY_SIZE);
    }

    /**
     * Writes the message header that a private copy of the page at {@link StubImage#SCRATCH}
     * receives one descriptor with.
     *
     * @return the header's address in the stub
     */
    long putMessageHeader(long page) {
        long at = base + page;
        RawMemory.fill(
                at + MESSAGE_OFFSET, MESSAGE_CONTROL_OFFSET + CMSG_SIZE - MESSAGE_OFFSET, (byte) 0);
        RawMemory.putLong(at + MESSAGE_OFFSET + 16, StubImage.SCRATCH + MESSAGE_VECTOR_OFFSET);
        RawMemory.putLong(at + MESSAGE_OFFSET + 24, 1);
        RawMemory.putLong(at + MESSAGE_OFFSET + 32, StubImage.SCRATCH + MESSAGE_CONTROL_OFFSET);
        RawMemory.putLong(at + MESSAGE_OFFSET + 40, CMSG_SIZE);
        RawMemory.putLong(at + MESSAGE_VECTOR_OFFSET, StubImage.SCRATCH + MESSAGE_DATA_OFFSET);
        RawMemory.putLong(at + MESSAGE_VECTOR_OFFSET + 8, 1);
        return StubImage.SCRATCH + MESSAGE_OFFSET;
    }

    void close() {
        Host.syscall(Sys.MUNMAP, base, (long) SLOTS_COUNT * StubImage.PAGE, 0);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }
}
