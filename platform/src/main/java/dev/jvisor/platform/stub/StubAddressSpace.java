// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.memory.MemoryFile;

/**
 * The address space of a stub process: the queue of changes, and how they become a list of host
 * calls that the stub executes.
 *
 * <p>All state is guarded by {@link #lock}, which is held while the stub executes the list: the
 * list page is one per process.
 */
public abstract class StubAddressSpace implements AddressSpace {

    private static final int PAGE = ControlFile.PAGE;
    private static final int SHARED_BIT = 1 << 30;
    private static final int PROTECTIONS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
    private static final int MAP_MEMORY = Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_NORESERVE;
    private static final int MSG_DONTWAIT_CMSG_CLOEXEC = 0x40 | 0x40000000;
    private static final int F_GETFD = 1;

    /** Entries that one change may need at most: the receiving of a descriptor, the mapping. */
    private static final int ENTRIES_PER_CHANGE_MAX = 8;

    private static final int CLOSES_MAX = 16;

    /** Has the stub execute entries of its list. */
    public interface ListRunner {

        /**
         * Executes entries until one fails.
         *
         * @param last whether the last entry is one that {@link StubAddressSpace#appendLast} wrote
         * @return how many are left undone: 0, or the failed one and those behind it
         */
        int runList(int first, int count, boolean last);

        /** Returns the result of the last call that was executed. */
        long lastResult();
    }

    public final Object lock = new Object();

    private final MemoryFile memory;
    private final ControlFile control;
    private final StubFiles files;
    private final long list;
    private final long end;
    private final long scratch;

    // Guarded by lock.
    protected final MapQueue queue = new MapQueue();
    protected final RangeSet mapped;
    private final int[] changeOf = new int[ControlFile.ENTRIES_MAX];
    private final long[] entryWords = new long[ControlFile.ENTRY_WORDS];
    private int failure;

    /** Length of the queue; written under the lock, read without. */
    private volatile int pending;

    /**
     * Creates one for a process.
     *
     * @param list offset of the process's list in the control file
     * @param end first address that guests cannot have
     */
    protected StubAddressSpace(
            MemoryFile memory,
            ControlFile control,
            StubFiles files,
            long list,
            long end,
            RangeSet mapped) {
        this.memory = memory;
        this.control = control;
        this.files = files;
        this.list = list;
        this.end = end;
        this.scratch = control.scratch();
        this.mapped = mapped;
    }

    /** Ends the host process: it can no longer be made to show what it has to show. */
    protected abstract void killProcess();

    // Queueing.

    private void checkRange(long address, long length) {
        if (address < 0
                || length <= 0
                || ((address | length) & (PAGE - 1)) != 0
                || address > end - length) {
            throw new SentryBug("address space range address=0x" + Long.toHexString(address)
                    + " length=0x" + Long.toHexString(length));
        }
    }

    @Override
    public void map(long address, long length, long fileOffset, int protection) {
        checkRange(address, length);
        if (fileOffset < 0
                || (fileOffset & (PAGE - 1)) != 0
                || fileOffset > memory.size() - length) {
            throw new SentryBug("map fileOffset=" + fileOffset + " length=" + length);
        }
        synchronized (lock) {
            queue.map(
                    MapQueue.MAP,
                    address,
                    address + length,
                    fileOffset,
                    protection & PROTECTIONS,
                    -1);
            mapped.add(address, address + length);
            pending = queue.count();
        }
    }

    @Override
    public void mapHostFile(
            long address,
            long length,
            int hostFd,
            long fileOffset,
            int protection,
            boolean shared) {
        checkRange(address, length);
        if (hostFd < 0 || fileOffset < 0 || (fileOffset & (PAGE - 1)) != 0) {
            throw new SentryBug("map hostFd=" + hostFd + " fileOffset=" + fileOffset);
        }
        boolean write = (protection & Mman.PROT_WRITE) != 0;
        int bits = (protection & PROTECTIONS) | (shared || write ? SHARED_BIT : 0);
        synchronized (lock) {
            queue.map(MapQueue.MAP_HOST, address, address + length, fileOffset, bits, hostFd);
            mapped.add(address, address + length);
            pending = queue.count();
        }
    }

    @Override
    public void unmap(long address, long length) {
        checkRange(address, length);
        synchronized (lock) {
            long first = mapped.firstIn(address);
            if (first < 0 || first >= address + length) {
                return;
            }
            queue.unmap(address, address + length);
            mapped.remove(address, address + length);
            pending = queue.count();
        }
    }

    @Override
    public void protect(long address, long length, int protection) {
        checkRange(address, length);
        long stopAt = address + length;
        synchronized (lock) {
            // mprotect(2) stops at the first gap: leave gaps out.
            long start = mapped.firstIn(address);
            while (start >= 0 && start < stopAt) {
                long stop = Math.min(stopAt, mapped.endOf(start));
                queue.protect(start, stop, protection & PROTECTIONS);
                start = mapped.firstIn(stop);
            }
            pending = queue.count();
        }
    }

    @Override
    public boolean hasPending() {
        return pending != 0;
    }

    /** Copies what is mapped, for a child process. Call with the lock held and nothing pending. */
    public RangeSet copyMapped() {
        return mapped.copy();
    }

    /** Forgets all changes and mappings. Call with the lock held. */
    protected void forgetAll() {
        queue.clear();
        mapped.clear();
        pending = 0;
    }

    // Taking effect.

    /** Throws what a mapping of the last execution failed with, if one did. */
    public void throwFailure() throws ErrnoException {
        if (failure != 0) {
            throw Host.exception(failure);
        }
    }

    /** Notes that nothing has failed yet; before an execution. Call with the lock held. */
    protected void clearFailure() {
        failure = 0;
    }

    /** Says that the whole queue was executed. Call with the lock held. */
    protected void executed() {
        queue.clear();
        pending = 0;
    }

    /**
     * Writes the last entry of a list, behind the changes; for {@link #executeAll}. Returns the new
     * number of entries.
     */
    protected int appendLast(int entries) {
        return entries;
    }

    /**
     * Executes the whole queue, and what {@link #appendLast} adds if {@code last} is set. Call with
     * the lock held.
     *
     * @return the result of the last call; a mapping that failed is for {@link #throwFailure}
     * @throws ContextLostException if something could not be removed or protected: the process is
     *     killed
     */
    protected long executeAll(ListRunner runner, boolean last) {
        failure = 0;
        boolean withFiles = files.hasToClose();
        for (int i = 0; i < queue.count() && !withFiles; i++) {
            withFiles = queue.kind(i) == MapQueue.MAP_HOST;
        }
        if (!withFiles) {
            return executeLists(runner, false, last);
        }
        synchronized (files) {
            return executeLists(runner, true, last);
        }
    }

    private long executeLists(ListRunner runner, boolean withFiles, boolean last) {
        long result = 0;
        boolean done = false;
        while (!done) {
            int changes = 0;
            int entries = withFiles ? encodeCloses() : 0;
            int room = ControlFile.ENTRIES_MAX - LAST_ENTRIES_MAX;
            while (changes < queue.count() && entries + ENTRIES_PER_CHANGE_MAX <= room) {
                entries = encode(changes, entries);
                changes++;
            }
            done = changes == queue.count();
            boolean withLast = done && last;
            int own = entries;
            if (withLast) {
                entries = appendLast(entries);
            }
            runList(runner, entries, own, withLast);
            result = runner.lastResult();
            queue.removeFirst(changes);
        }
        pending = 0;
        return result;
    }

    /** Most entries {@link #appendLast} may add. */
    protected static final int LAST_ENTRIES_MAX = 4;

    private void runList(ListRunner runner, int entries, int own, boolean last) {
        int first = 0;
        while (first < entries) {
            int left = runner.runList(first, entries - first, last);
            if (left == 0) {
                return;
            }
            int failed = entries - left;
            if (failed >= own) {
                return; // what it means is the business of who appended it
            }
            failedEntry(failed, runner.lastResult());
            first = failed + 1;
        }
    }

    private void failedEntry(int entry, long result) {
        if (changeOf[entry] >= 0) {
            failed(changeOf[entry], result);
        } else {
            files.breakDown();
        }
    }

    /** Notes the failure of a change. Call with the lock held. */
    protected void failed(int change, long result) {
        int kind = queue.kind(change);
        if (kind == MapQueue.UNMAP || kind == MapQueue.PROTECT) {
            // A guest that sees what it must not see any more is worse than one that ends.
            killProcess();
            throw new ContextLostException("host cannot change a mapping");
        }
        if (failure == 0) {
            failure = (int) result;
        }
    }

    /** Appends the entries of a change to the list; returns the new number of entries. */
    private int encode(int change, int entries) {
        long start = queue.start(change);
        long length = queue.length(change);
        return switch (queue.kind(change)) {
            case MapQueue.MAP ->
                put(
                        entries,
                        change,
                        Sys.MMAP,
                        start,
                        length,
                        queue.protection(change),
                        MAP_MEMORY,
                        StubFiles.MEMORY_FD,
                        queue.offset(change));
            case MapQueue.UNMAP -> put(entries, change, Sys.MUNMAP, start, length, 0, 0, 0, 0);
            case MapQueue.PROTECT ->
                put(
                        entries,
                        change,
                        Sys.MPROTECT,
                        start,
                        length,
                        queue.protection(change),
                        0,
                        0,
                        0);
            default -> encodeHostFile(change, entries);
        };
    }

    private int encodeCloses() {
        int n = 0;
        while (n < CLOSES_MAX) {
            int fd = files.nextToClose();
            if (fd < 0) {
                break;
            }
            n = put(n, -1, Sys.CLOSE, fd, 0, 0, 0, 0, 0);
        }
        return n;
    }

    private int encodeHostFile(int change, int entries) {
        int n = entries;
        int stubFd = files.find(queue.hostFd(change));
        if (stubFd < 0) {
            try {
                stubFd = files.donate(queue.hostFd(change));
            } catch (ErrnoException e) {
                failed(change, -e.errno.number);
                return n;
            }
            n = encodeReceive(stubFd, n);
        }
        int bits = queue.protection(change);
        int flags =
                Mman.MAP_FIXED | ((bits & SHARED_BIT) != 0 ? Mman.MAP_SHARED : Mman.MAP_PRIVATE);
        return put(
                n,
                change,
                Sys.MMAP,
                queue.start(change),
                queue.length(change),
                bits & PROTECTIONS,
                flags,
                stubFd,
                queue.offset(change));
    }

    /** Receives a descriptor through a private copy of the list's page, and checks its number. */
    private int encodeReceive(int stubFd, int entries) {
        int n = entries;
        long header = control.putMessageHeader(list);
        n = put(
                n,
                -1,
                Sys.MMAP,
                scratch,
                PAGE,
                Mman.PROT_READ | Mman.PROT_WRITE,
                Mman.MAP_PRIVATE | Mman.MAP_FIXED,
                StubFiles.CONTROL_FD,
                list);
        n = put(
                n,
                -1,
                Sys.RECVMSG,
                StubFiles.SOCKET_FD,
                header,
                MSG_DONTWAIT_CMSG_CLOEXEC,
                0,
                0,
                0);
        n = put(n, -1, Sys.FCNTL, stubFd, F_GETFD, 0, 0, 0, 0);
        return put(n, -1, Sys.MUNMAP, scratch, PAGE, 0, 0, 0, 0);
    }

    /** Writes an entry that belongs to a change, or to none (-1); returns the next entry. */
    protected int put(
            int entry, int change, int number, long a, long b, long c, long d, long e, long f) {
        control.put(entryWords, list, entry, number, a, b, c, d, e, f);
        changeOf[entry] = change;
        return entry + 1;
    }
}
