// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;

import java.util.BitSet;

/**
 * The command lists of all stub processes: a memfd with a page each, writable here, read-only for a
 * stub, which maps no page but its own.
 *
 * <p>A page has up to {@link #ENTRIES_MAX} entries (number, six arguments, a word for the
 * platform), the {@code struct msghdr} that a stub receives a descriptor with, and from
 * {@link #HEADER} on what the platform wants.
 */
public final class ControlFile {

    /** Size of a stub's page, in bytes. */
    public static final int PAGE = 4096;

    /** Size of a list entry, in bytes: 8 words. */
    public static final int ENTRY_SIZE = 64;

    /** How many entries fit. */
    public static final int ENTRIES_MAX = 60;

    /** Where the words of the platform begin, in bytes from the page's start. */
    public static final int HEADER = 3968;

    private static final int SLOTS_COUNT = 16384;
    private static final int MESSAGE_OFFSET = ENTRIES_MAX * ENTRY_SIZE;
    private static final int MESSAGE_VECTOR_OFFSET = MESSAGE_OFFSET + 64;
    private static final int MESSAGE_DATA_OFFSET = MESSAGE_OFFSET + 80;
    private static final int MESSAGE_CONTROL_OFFSET = MESSAGE_OFFSET + 96;
    private static final int CMSG_SIZE = 24;
    /**
     * Words of an entry: number, six arguments, and one that is 0 unless {@link #putExtra} sets it.
     */
    public static final int ENTRY_WORDS = 8;

    private static final int EXTRA_OFFSET = 56;

    public final int fd;
    private final long base;
    private final long scratch;

    private final BitSet used = new BitSet();

    private ControlFile(int fd, long base, long scratch) {
        this.fd = fd;
        this.base = base;
        this.scratch = scratch;
    }

    /**
     * Creates it.
     *
     * @param scratch where a stub maps a private copy of its page to receive a descriptor
     */
    public static ControlFile create(long scratch) throws ErrnoException {
        SharedFile file = SharedFile.create("jvisor-ctl", (long) SLOTS_COUNT * PAGE, false);
        return new ControlFile(file.fd(), file.address(), scratch);
    }

    /**
     * Takes a page.
     *
     * @return its offset in the file
     * @throws ErrnoException EAGAIN if there are too many stub processes
     */
    public synchronized long allocate() throws ErrnoException {
        int slot = used.nextClearBit(0);
        if (slot >= SLOTS_COUNT) {
            throw Errno.EAGAIN.exception();
        }
        used.set(slot);
        long page = (long) slot * PAGE;
        // Guest code can read its list: nothing of an earlier owner must be in it.
        RawMemory.fill(base + page, PAGE, (byte) 0);
        return page;
    }

    public synchronized void free(long offset) {
        used.clear((int) (offset / PAGE));
    }

    long scratch() {
        return scratch;
    }

    /** Returns where a page of the file is in this process. */
    public long address(long page) {
        return base + page;
    }

    /** Writes an entry of the list at a page; {@code entryWords} is room for it. */
    public void put(
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
        if (entry < 0 || entry >= ENTRIES_MAX) {
            throw new SentryBug("list entry=" + entry);
        }
        entryWords[0] = number;
        entryWords[1] = a;
        entryWords[2] = b;
        entryWords[3] = c;
        entryWords[4] = d;
        entryWords[5] = e;
        entryWords[6] = f;
        entryWords[7] = 0;
        RawMemory.put(base + page + (long) entry * ENTRY_SIZE, entryWords, 0, ENTRY_WORDS);
    }

    /** Sets the eighth word of an entry. */
    public void putExtra(long page, int entry, long value) {
        RawMemory.putLong(base + page + (long) entry * ENTRY_SIZE + EXTRA_OFFSET, value);
    }

    public long number(long page, int entry) {
        return RawMemory.getLong(base + page + (long) entry * ENTRY_SIZE);
    }

    /**
     * Writes the message header that a private copy of the page at the scratch address receives one
     * descriptor with.
     *
     * @return the header's address in the stub
     */
    public long putMessageHeader(long page) {
        long at = base + page;
        RawMemory.fill(
                at + MESSAGE_OFFSET, MESSAGE_CONTROL_OFFSET + CMSG_SIZE - MESSAGE_OFFSET, (byte) 0);
        RawMemory.putLong(at + MESSAGE_OFFSET + 16, scratch + MESSAGE_VECTOR_OFFSET);
        RawMemory.putLong(at + MESSAGE_OFFSET + 24, 1);
        RawMemory.putLong(at + MESSAGE_OFFSET + 32, scratch + MESSAGE_CONTROL_OFFSET);
        RawMemory.putLong(at + MESSAGE_OFFSET + 40, CMSG_SIZE);
        RawMemory.putLong(at + MESSAGE_VECTOR_OFFSET, scratch + MESSAGE_DATA_OFFSET);
        RawMemory.putLong(at + MESSAGE_VECTOR_OFFSET + 8, 1);
        return scratch + MESSAGE_OFFSET;
    }

    public void close() {
        Host.syscall(Sys.MUNMAP, base, (long) SLOTS_COUNT * PAGE, 0);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }
}
