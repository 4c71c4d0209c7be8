// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.SharedAnonymous;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;

import java.util.ArrayList;

/** Segments of System V shared memory (Linux: ipc/shm.c). */
public final class SharedMemoryTable extends IpcTable<SharedMemory> {

    public static final int SHM_RDONLY = 010000;
    public static final int SHM_RND = 020000;
    public static final int SHM_REMAP = 040000;
    public static final int SHM_EXEC = 0100000;
    private static final int SHM_HUGETLB = 04000;

    private static final long PAGE_SIZE = 4096;

    private final PageAllocator pages;
    private final IpcLimits limits;

    /** Pages of all segments. */
    private long totalPages;

    SharedMemoryTable(PageAllocator pages, IpcLimits limits) {
        this.pages = pages;
        this.limits = limits;
    }

    private static long seconds(Task task) {
        return Math.floorDiv(task.realtimeNanos(), 1_000_000_000L);
    }

    /** shmget(2): EINVAL for the size, EEXIST, ENOENT, EACCES, ENOSPC, ENOMEM. */
    public int get(Task task, int key, long size, int flags) throws ErrnoException {
        return get(task.credentials(), key, flags, size, seconds(task));
    }

    @Override
    void checkFound(SharedMemory found, long wanted) throws ErrnoException {
        if (Long.compareUnsigned(found.size, wanted) < 0) {
            throw Errno.EINVAL.exception();
        }
    }

    @Override
    SharedMemory make(Credentials who, int key, int flags, long size, long nowSeconds)
            throws ErrnoException {
        if (size == 0 || Long.compareUnsigned(size, limits.shmmax) > 0) {
            throw Errno.EINVAL.exception();
        }
        long count = (size >>> 12) + ((size & PAGE_SIZE - 1) != 0 ? 1 : 0);
        if (Long.compareUnsigned(totalPages + count, limits.shmall) > 0) {
            throw Errno.ENOSPC.exception();
        }
        if ((flags & SHM_HUGETLB) != 0 || size < 0 || count > Long.MAX_VALUE / PAGE_SIZE) {
            throw Errno.ENOMEM.exception();
        }
        SharedAnonymous memory = new SharedAnonymous(pages, size);
        memory.retain();
        totalPages += count;
        return new SharedMemory(this, key, flags, who, nowSeconds, memory, size);
    }

    @Override
    void discarded(SharedMemory segment) {
        totalPages -= segment.pagesSize() / PAGE_SIZE;
        segment.free();
    }

    @Override
    int countMax() {
        return limits.shmmni;
    }

    /**
     * shmat(2).
     *
     * @return where it was attached
     * @throws ErrnoException EINVAL for id and address, EACCES, ENOMEM
     */
    public long attach(Task task, int id, long address, int flags) throws ErrnoException {
        long at = address;
        boolean remap = (flags & SHM_REMAP) != 0;
        if (id < 0) {
            throw Errno.EINVAL.exception();
        }
        if (at != 0) {
            if ((at & PAGE_SIZE - 1) != 0) {
                if ((flags & SHM_RND) == 0) {
                    throw Errno.EINVAL.exception();
                }
                at &= -PAGE_SIZE;
                if (at == 0 && remap) {
                    throw Errno.EINVAL.exception();
                }
            }
        } else if (remap) {
            throw Errno.EINVAL.exception();
        }
        boolean readOnly = (flags & SHM_RDONLY) != 0;
        boolean executes = (flags & SHM_EXEC) != 0;
        SharedMemory segment;
        synchronized (this) {
            segment = find(id);
            int wanted = readOnly ? IpcObject.READ : IpcObject.READ | IpcObject.WRITE;
            segment.checkAccess(task.credentials(), executes ? wanted | 0111 : wanted);
            segment.mappedBytes += PAGE_SIZE; // it stays while it is being mapped
        }
        int protection =
                Mman.PROT_READ | (readOnly ? 0 : Mman.PROT_WRITE) | (executes ? Mman.PROT_EXEC : 0);
        int maxProtection = Mman.PROT_READ | Mman.PROT_EXEC | (readOnly ? 0 : Mman.PROT_WRITE);
        int how = Mman.MAP_SHARED;
        if (at != 0 || address != 0) {
            how |= remap ? Mman.MAP_FIXED : Mman.MAP_FIXED_NOREPLACE | Mman.MAP_FIXED;
        }
        try {
            return task.memory()
                    .mmap(at, segment.pagesSize(), protection, how, segment, 0, maxProtection);
        } catch (ErrnoException e) {
            throw e.errno == Errno.EEXIST ? Errno.EINVAL.exception() : e;
        } finally {
            synchronized (this) {
                segment.mappedBytes -= PAGE_SIZE;
                destroyIfUnused(segment);
            }
        }
    }

    /** shmdt(2): EINVAL unless a segment's start is attached at the address. */
    public void detach(Task task, long address) throws ErrnoException {
        if ((address & PAGE_SIZE - 1) != 0) {
            throw Errno.EINVAL.exception();
        }
        MemoryManager memory = task.memory();
        ArrayList<long[]> ranges = new ArrayList<>();
        SharedMemory[] found = new SharedMemory[1];
        memory.forEachVma((start, end, protection, flags, offset, file, name) -> {
            if (!(file instanceof SharedMemory segment) || start < address) {
                return;
            }
            // What is left of an attachment lies where its offset says.
            boolean belongs = start - address == offset;
            if (belongs && (found[0] == null || found[0] == segment)) {
                found[0] = segment;
                ranges.add(new long[] {start, end - start});
            }
        });
        if (ranges.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        for (long[] range : ranges) {
            memory.munmap(range[0], range[1]);
        }
    }

    synchronized void attached(SharedMemory segment, long bytes) {
        segment.mappedBytes += bytes;
        Task task = Task.current();
        if (task != null) {
            segment.attachSeconds = seconds(task);
            segment.lastPid = task.threadGroup().id();
        }
    }

    synchronized void detached(SharedMemory segment, long bytes) {
        segment.mappedBytes -= bytes;
        Task task = Task.current();
        if (task != null) {
            segment.detachSeconds = seconds(task);
            segment.lastPid = task.threadGroup().id();
        }
        destroyIfUnused(segment);
    }

    private void destroyIfUnused(SharedMemory segment) {
        boolean unwanted = (segment.mode & SharedMemory.SHM_DEST) != 0;
        if (unwanted && segment.mappedBytes == 0 && !segment.removed) {
            remove(segment);
        }
    }

    /** Stays without its key until nobody maps it. */
    @Override
    void retire(SharedMemory segment) {
        segment.mode |= SharedMemory.SHM_DEST;
        forgetKey(segment);
        destroyIfUnused(segment);
    }

    /** IPC_SET with a {@code struct shmid64_ds}. EINVAL, EPERM. */
    public synchronized void set(Task task, int id, byte[] status) throws ErrnoException {
        SharedMemory segment = find(id);
        segment.checkControl(task.credentials());
        segment.set(status, seconds(task));
    }

    /** SHM_LOCK and SHM_UNLOCK: memory is never swapped, so this is a mark. EINVAL, EPERM. */
    public synchronized void lock(Task task, int id, boolean lock) throws ErrnoException {
        SharedMemory segment = find(id);
        Credentials who = task.credentials();
        if (!who.has(Capabilities.CAP_IPC_LOCK)) {
            boolean owner = who.euid() == segment.uid || who.euid() == segment.creatorUid;
            if (!owner || lock && task.limit(Resource.RLIMIT_MEMLOCK) == 0) {
                throw Errno.EPERM.exception();
            }
        }
        segment.mode = lock
                ? segment.mode | SharedMemory.SHM_LOCKED
                : segment.mode & ~SharedMemory.SHM_LOCKED;
    }

    /** IPC_INFO: {@code struct shminfo64}, 72 bytes; returns the highest place. */
    public synchronized int info(byte[] b) {
        LittleEndian.putLong(b, 0, limits.shmmax);
        LittleEndian.putLong(b, 8, 1);
        LittleEndian.putLong(b, 16, limits.shmmni);
        LittleEndian.putLong(b, 24, limits.shmmni);
        LittleEndian.putLong(b, 32, limits.shmall);
        return highestPlace();
    }

    /** SHM_INFO: {@code struct shm_info}, 48 bytes; returns the highest place. */
    public synchronized int usage(byte[] b) {
        LittleEndian.putInt(b, 0, count());
        LittleEndian.putLong(b, 8, totalPages);
        return highestPlace();
    }

    /** The namespace ends: all segments go as soon as nobody maps them. */
    synchronized void destroyAll() {
        for (SharedMemory segment : new ArrayList<>(objects())) {
            segment.mode |= SharedMemory.SHM_DEST;
            forgetKey(segment);
            destroyIfUnused(segment);
        }
    }

    @Override
    public synchronized void list(StringBuilder out) {
        for (SharedMemory s : objects()) {
            column(out, s.key, 10).append(' ');
            column(out, s.id, 10).append("  ");
            column(out, Integer.toOctalString(s.mode), 4).append(' ');
            column(out, s.size, 21).append(' ');
            column(out, s.creatorPid, 5).append(' ');
            column(out, s.lastPid, 5).append("  ");
            column(out, s.attachments(), 5).append(' ');
            owners(out, s);
            column(out, s.attachSeconds, 10).append(' ');
            column(out, s.detachSeconds, 10).append(' ');
            column(out, s.changeSeconds, 10).append(' ');
            column(out, 0, 21).append(' ');
            column(out, 0, 21).append('\n');
        }
    }
}
