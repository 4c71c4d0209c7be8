// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.Sys;

import java.util.ArrayList;
import java.util.List;

/**
 * The address space of a stub process: the queue of changes, and their execution by a stub thread.
 *
 * <p>All state is guarded by {@link #lock}, which is held while a stub thread executes the list:
 * the list page is one per process. Lock order: {@code PtraceAddressSpace.lock}, then
 * {@code StubFiles}.
 */
final class PtraceAddressSpace implements AddressSpace {

    private static final int SHARED_BIT = 1 << 30;
    private static final int PROTECTIONS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
    private static final int MAP_MEMORY = Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_NORESERVE;
    private static final int MSG_DONTWAIT_CMSG_CLOEXEC = 0x40 | 0x40000000;
    private static final int F_GETFD = 1;

    /** Entries that one change may need at most: the receiving of a descriptor, the mapping. */
    private static final int ENTRIES_PER_CHANGE_MAX = 8;

    private static final int CLOSES_MAX = 16;

    private static final long COMMIT_POLL_MILLIS = 10;

    final StubProcess process;
    private final PtracePlatform platform;

    final Object lock = new Object();

    // Guarded by lock.
    private final MapQueue queue = new MapQueue();
    private final RangeSet mapped;
    private final List<PtraceContext> contexts = new ArrayList<>();
    /** Left by its process for another one (exec): nothing more happens here. */
    private boolean dead;

    private final int[] changeOf = new int[StubImage.ENTRIES_MAX];
    private final long[] entryWords = new long[ControlFile.ENTRY_WORDS];
    private int failure;

    /** Length of the queue; written under the lock, read without. */
    private volatile int pending;

    /** Whether {@link #commit} of a thread without a context waits. */
    private volatile boolean committing;

    PtraceAddressSpace(PtracePlatform platform, StubProcess process, RangeSet mapped) {
        this.platform = platform;
        this.process = process;
        this.mapped = mapped;
    }

    // Queueing.

    private void checkRange(long address, long length) {
        if (address < 0
                || length <= 0
                || ((address | length) & (StubImage.PAGE - 1)) != 0
                || address > StubImage.CODE - length) {
            throw new SentryBug("address space range address=0x" + Long.toHexString(address)
                    + " length=0x" + Long.toHexString(length));
        }
    }

    @Override
    public void map(long address, long length, long fileOffset, int protection) {
        checkRange(address, length);
        if (fileOffset < 0
                || (fileOffset & (StubImage.PAGE - 1)) != 0
                || fileOffset > platform.memory().size() - length) {
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
        if (hostFd < 0 || fileOffset < 0 || (fileOffset & (StubImage.PAGE - 1)) != 0) {
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
        long end = address + length;
        synchronized (lock) {
            // mprotect(2) stops at the first gap: leave gaps out.
            long start = mapped.firstIn(address);
            while (start >= 0 && start < end) {
                long stop = Math.min(end, mapped.endOf(start));
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

    // What the host knows.

    @Override
    public void hostUsage(HostUsage result, boolean withFiles) {
        StubUsage.read(process.tgid, result, withFiles);
    }

    @Override
    public long touchedBytes(long address, long length) {
        return StubUsage.touchedBytes(process.tgid, address, length);
    }

    // Contexts.

    void addContext(PtraceContext context) {
        synchronized (lock) {
            contexts.add(context);
        }
    }

    void removeContext(PtraceContext context) {
        synchronized (lock) {
            contexts.remove(context);
            lock.notifyAll();
        }
    }

    /** Copies what is mapped, for a child process. Call with the lock held and nothing pending. */
    RangeSet copyMapped() {
        return mapped.copy();
    }

    /** Ends this address space although its process goes on with another one. */
    void abandon() {
        synchronized (lock) {
            dead = true;
            queue.clear();
            mapped.clear();
            pending = 0;
            lock.notifyAll();
        }
    }

    /** Called by a context that left guest code: a committing thread may wait for that. */
    void guestLeft() {
        if (committing) {
            synchronized (lock) {
                lock.notifyAll();
            }
        }
    }

    // Taking effect.

    @Override
    public void commit() throws ErrnoException {
        if (pending == 0) {
            return;
        }
        synchronized (lock) {
            PtraceContext own = null;
            for (PtraceContext context : contexts) {
                if (context.isOwnedByCaller()) {
                    own = context;
                    break;
                }
            }
            if (own != null) {
                flush(own.tracee());
            } else {
                commitByOthers();
            }
        }
    }

    /**
     * Waits until a context in guest code has been stopped and has flushed. If none is in guest
     * code there is nothing to wait for: each flushes before it enters.
     */
    private void commitByOthers() {
        boolean interrupted = false;
        while (pending != 0 && !dead) {
            committing = true;
            PtraceContext running = null;
            for (PtraceContext context : contexts) {
                if (context.isInGuest()) {
                    running = context;
                    break;
                }
            }
            if (running == null) {
                break;
            }
            running.kickForFlush();
            try {
                lock.wait(COMMIT_POLL_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        committing = false;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes all queued changes by a stopped stub thread of the process.
     *
     * @throws ErrnoException if a mapping could not be made; all others were
     * @throws ContextLostException if something could not be removed or protected: the process is
     *     killed
     */
    void flush(Tracee tracee) throws ErrnoException {
        synchronized (lock) {
            if (pending != 0) {
                execute(tracee, 0, 0, 0);
                throwFailure();
            }
        }
    }

    /**
     * As {@link #flush}, and lets the stub thread make a clone(2) afterwards, in the same stop.
     * Call with the lock held.
     *
     * @return the clone's result; a mapping that failed is for {@link #throwFailure}
     */
    long flushAndClone(Tracee tracee, long flags, long child, long childList) {
        return execute(tracee, flags, child, childList);
    }

    void throwFailure() throws ErrnoException {
        if (failure != 0) {
            throw Host.exception(failure);
        }
    }

    private long execute(Tracee tracee, long cloneFlags, long child, long childList) {
        failure = 0;
        StubImage image = platform.image();
        if (queue.count() == 0) {
            return tracee.injectClone(image.gadgetSyscall, cloneFlags, child, childList);
        }
        if (queue.count() == 1 && cloneFlags == 0 && queue.kind(0) != MapQueue.MAP_HOST) {
            executeOne(tracee, image);
            return 0;
        }
        boolean withFiles = process.files.hasToClose();
        for (int i = 0; i < queue.count() && !withFiles; i++) {
            withFiles = queue.kind(i) == MapQueue.MAP_HOST;
        }
        if (!withFiles) {
            return executeLists(tracee, image, false, cloneFlags, child, childList);
        }
        synchronized (process.files) {
            return executeLists(tracee, image, true, cloneFlags, child, childList);
        }
    }

    private void executeOne(Tracee tracee, StubImage image) {
        long start = queue.start(0);
        long length = queue.length(0);
        long gadget = image.gadgetSyscall;
        long result = switch (queue.kind(0)) {
            case MapQueue.MAP ->
                tracee.inject(
                        gadget,
                        Sys.MMAP,
                        start,
                        length,
                        queue.protection(0),
                        MAP_MEMORY,
                        StubImage.MEMORY_FD,
                        queue.offset(0));
            case MapQueue.UNMAP -> tracee.inject(gadget, Sys.MUNMAP, start, length, 0, 0, 0, 0);
            default ->
                tracee.inject(gadget, Sys.MPROTECT, start, length, queue.protection(0), 0, 0, 0);
        };
        if (Host.isError(result)) {
            failed(0, result);
        }
        queue.clear();
        pending = 0;
    }

    private long executeLists(
            Tracee tracee,
            StubImage image,
            boolean withFiles,
            long cloneFlags,
            long child,
            long childList) {
        long result = 0;
        boolean done = false;
        while (!done) {
            int changes = 0;
            int entries = withFiles ? encodeCloses() : 0;
            int room = StubImage.ENTRIES_MAX - 1;
            while (changes < queue.count() && entries + ENTRIES_PER_CHANGE_MAX <= room) {
                entries = encode(changes, entries);
                changes++;
            }
            done = changes == queue.count();
            boolean clone = done && cloneFlags != 0;
            if (clone) {
                platform.control()
                        .put(
                                entryWords,
                                process.list,
                                entries,
                                Sys.CLONE,
                                cloneFlags,
                                0,
                                0,
                                0,
                                0,
                                0);
                changeOf[entries++] = -1;
            }
            runList(tracee, image, entries, clone ? child : 0, childList);
            result = tracee.injectedResult();
            queue.removeFirst(changes);
        }
        pending = 0;
        return result;
    }

    private void runList(Tracee tracee, StubImage image, int entries, long child, long childList) {
        int first = 0;
        while (first < entries) {
            long list = StubImage.LIST + (long) first * StubImage.ENTRY_SIZE;
            int count = entries - first;
            int left = tracee.injectList(image.gadgetList, list, count, child, childList);
            if (left == 0) {
                return;
            }
            int failed = entries - left;
            failedEntry(failed, tracee.injectedResult());
            first = failed + 1;
        }
    }

    private void failedEntry(int entry, long result) {
        if (changeOf[entry] >= 0) {
            failed(changeOf[entry], result);
        } else if (platform.control().number(process.list, entry) != Sys.CLONE) {
            process.files.breakDown();
        }
    }

    private void failed(int change, long result) {
        int kind = queue.kind(change);
        if (kind == MapQueue.UNMAP || kind == MapQueue.PROTECT) {
            // A guest that sees what it must not see any more is worse than one that ends.
            process.kill();
            throw new ContextLostException("host cannot change a mapping");
        }
        if (failure == 0) {
            failure = (int) result;
        }
    }

    /** Appends the entries of a change to the list; returns the new number of entries. */
    private int encode(int change, int entries) {
        int n = entries;
        long start = queue.start(change);
        long length = queue.length(change);
        switch (queue.kind(change)) {
            case MapQueue.MAP ->
                n = put(
                        n,
                        change,
                        Sys.MMAP,
                        start,
                        length,
                        queue.protection(change),
                        MAP_MEMORY,
                        StubImage.MEMORY_FD,
                        queue.offset(change));
            case MapQueue.UNMAP -> n = put(n, change, Sys.MUNMAP, start, length, 0, 0, 0, 0);
            case MapQueue.PROTECT ->
                n = put(n, change, Sys.MPROTECT, start, length, queue.protection(change), 0, 0, 0);
            default -> n = encodeHostFile(change, n);
        }
        return n;
    }

    private int encodeCloses() {
        int n = 0;
        while (n < CLOSES_MAX) {
            int fd = process.files.nextToClose();
            if (fd < 0) {
                break;
            }
            n = put(n, -1, Sys.CLOSE, fd, 0, 0, 0, 0, 0);
        }
        return n;
    }

    private int encodeHostFile(int change, int entries) {
        int n = entries;
        StubFiles files = process.files;
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
        long header = platform.control().putMessageHeader(process.list);
        long scratch = StubImage.SCRATCH;
        n = put(
                n,
                -1,
                Sys.MMAP,
                scratch,
                StubImage.PAGE,
                Mman.PROT_READ | Mman.PROT_WRITE,
                Mman.MAP_PRIVATE | Mman.MAP_FIXED,
                StubImage.CONTROL_FD,
                process.list);
        n = put(
                n,
                -1,
                Sys.RECVMSG,
                StubImage.SOCKET_FD,
                header,
                MSG_DONTWAIT_CMSG_CLOEXEC,
                0,
                0,
                0);
        n = put(n, -1, Sys.FCNTL, stubFd, F_GETFD, 0, 0, 0, 0);
        return put(n, -1, Sys.MUNMAP, scratch, StubImage.PAGE, 0, 0, 0, 0);
    }

    private int put(
            int entry, int change, int number, long a, long b, long c, long d, long e, long f) {
        platform.control().put(entryWords, process.list, entry, number, a, b, c, d, e, f);
        changeOf[entry] = change;
        return entry + 1;
    }
}
