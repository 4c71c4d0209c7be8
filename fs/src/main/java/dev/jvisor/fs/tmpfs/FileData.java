// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The contents of a regular file in the memory file: sparse pages, mappings, size.
 *
 * <p>Transfers go from page to guest without an array in between. While bytes are copied no lock is
 * held that a page fault needs; pages that a truncation takes away meanwhile are kept until the
 * copy is over.
 */
public final class FileData {

    private static final int PAGE = MemoryFile.PAGE_SIZE;
    private static final int PAGE_SHIFT = 12;

    /** Behind the last page that a file can have. */
    private static final long INDEX_END = (Long.MAX_VALUE >>> PAGE_SHIFT) + 1;

    /** Most pages allocated at once, so that one write does not need one huge range. */
    private static final int RUN_PAGES_MAX = 256;

    private final PageAllocator pages;
    private final MemoryFile memory;
    private final PageBudget budget;

    /**
     * Serialises changes of contents and size (Linux: {@code i_rwsem}). See the package comment.
     */
    public final Object writeLock = new Object();

    private final PageTree tree = new PageTree();
    private volatile long size;

    /** Copies that use pages of the tree without the monitor. */
    private int copies;

    /** Pages taken out of the tree while copies ran: offset and length pairs. */
    private long[] deferred = {};

    private int deferredCount;

    private @Nullable MemoryManager[] mappers = {};
    private long[] mappedBytes = {};
    private int mapperCount;
    private @Nullable Mappable mappable;
    private boolean discarded;

    /** F_SEAL_*: ordinary files cannot be sealed. Changed under the write lock. */
    private volatile int seals = Fcntl.F_SEAL_SEAL;

    public FileData(PageAllocator pages, PageBudget budget) {
        this.pages = pages;
        this.memory = pages.memory();
        this.budget = budget;
    }

    /** Makes one that has all bytes there can be, for mappings of {@code /dev/zero}. */
    public static FileData endless(PageAllocator pages, PageBudget budget, Mappable owner) {
        FileData made = new FileData(pages, budget);
        made.size = Long.MAX_VALUE & -PAGE;
        made.mappable = owner;
        return made;
    }

    /** Bytes. */
    public long size() {
        return size;
    }

    /** Memory in use, in units of 512 bytes (st_blocks). */
    public synchronized long blocks() {
        return tree.count() * (PAGE / 512);
    }

    /** Reads at an offset: bytes read, 0 behind the end. */
    public long read(IovIter destination, long offset) throws ErrnoException {
        long end = size;
        if (offset >= end || destination.remaining() == 0) {
            return 0;
        }
        long wanted = Math.min(destination.remaining(), end - offset);
        long total = 0;
        while (total < wanted) {
            long at = offset + total;
            long index = at >>> PAGE_SHIFT;
            int within = (int) at & PAGE - 1;
            long left = wanted - total;
            long source;
            long length;
            synchronized (this) {
                source = tree.get(index);
                length = runLength(index, source, within, left);
                copies++;
            }
            long n;
            try {
                n = source == PageTree.HOLE
                        ? destination.zero(length)
                        : destination.copyToFromMemory(memory, source + within, length);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
                return total;
            } finally {
                endCopy();
            }
            total += n;
            if (n < length) {
                break;
            }
        }
        return total;
    }

    /** How many bytes from a page's middle on are alike: contiguous memory, or holes. */
    private long runLength(long index, long source, int within, long left) {
        long length = PAGE - within;
        long expected = source;
        for (long i = index + 1; length < left; i++) {
            if (source != PageTree.HOLE) {
                expected += PAGE;
            }
            if (tree.get(i) != expected) {
                break;
            }
            length += PAGE;
        }
        return Math.min(length, left);
    }

    private void endCopy() {
        long[] free = null;
        int n = 0;
        synchronized (this) {
            copies--;
            if (copies == 0 && deferredCount > 0) {
                free = deferred;
                n = deferredCount;
                deferred = new long[0];
                deferredCount = 0;
            }
        }
        if (free != null) {
            release(free, n);
        }
    }

    private void release(long[] ranges, int n) {
        for (int i = 0; i < n; i += 2) {
            pages.release(ranges[i], ranges[i + 1]);
        }
    }

    /**
     * Writes at an offset; the caller holds {@link #writeLock}.
     *
     * @return bytes written, fewer than wanted if memory, the limit or the source ends
     * @throws ErrnoException EFBIG (with SIGXFSZ for RLIMIT_FSIZE), ENOSPC, ENOMEM, EFAULT
     */
    public long write(CallContext context, IovIter source, long offset) throws ErrnoException {
        long wanted = limited(context, offset, source.remaining());
        checkSeals(Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE);
        if (wanted > size - offset) {
            checkSeals(Fcntl.F_SEAL_GROW);
        }
        long total = 0;
        while (total < wanted) {
            long at = offset + total;
            int within = (int) at & PAGE - 1;
            long length;
            long target;
            long n;
            boolean fresh;
            try {
                synchronized (this) {
                    fresh = tree.get(at >>> PAGE_SHIFT) == PageTree.HOLE;
                    target = allocateRun(at >>> PAGE_SHIFT, within, wanted - total);
                    length = runLength(at >>> PAGE_SHIFT, target, within, wanted - total);
                    copies++;
                }
                try {
                    n = fresh && length >= PAGE
                            ? copyToFresh(source, target + within, length)
                            : source.copyFromToMemory(memory, target + within, length);
                } finally {
                    endCopy();
                }
            } catch (ErrnoException e) {
                if (total == 0) {
                    if (e.errno == Errno.EFAULT && offset > size) {
                        size = offset; // Linux ends such a write too, with a length of nothing
                    }
                    throw e;
                }
                break;
            }
            total += n;
            if (at + n > size) {
                size = at + n;
            }
            if (n < length) {
                break;
            }
        }
        return total;
    }

    /** As {@link IovIter#copyFromToMemory}, to pages that have just been allocated. */
    private long copyToFresh(IovIter source, long target, long length) throws ErrnoException {
        long done = 0;
        try {
            while (done < length) {
                long address = source.spanAddress(length - done, false);
                if (address == 0) {
                    return done + source.copyFromToMemory(memory, target + done, length - done);
                }
                long n = source.spanLength();
                memory.fill(target + done, address, n);
                source.advance(n);
                done += n;
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    /**
     * Fills in contents without any of the rules of write(2): copies from elsewhere, a new program.
     */
    public void load(long offset, byte[] source, int index, int length) throws ErrnoException {
        synchronized (writeLock) {
            loadSize(Math.max(size, offset + length));
            writeThrough(IovIter.of(source, index, length), offset);
        }
    }

    /** Lets the file grow to a size without the rules of truncate(2). */
    public void loadSize(long newSize) {
        synchronized (writeLock) {
            if (newSize > size) {
                size = newSize;
            }
        }
    }

    private long writeThrough(IovIter source, long offset) throws ErrnoException {
        long left = Math.min(source.remaining(), size - offset);
        long total = 0;
        while (total < left) {
            long at = offset + total;
            int within = (int) at & PAGE - 1;
            synchronized (this) {
                long target = allocateRun(at >>> PAGE_SHIFT, within, left - total);
                long length = runLength(at >>> PAGE_SHIFT, target, within, left - total);
                total += source.copyFromToMemory(memory, target + within, length);
            }
        }
        return total;
    }

    /** Cuts a length down to what RLIMIT_FSIZE and the largest offset allow. */
    private static long limited(CallContext context, long offset, long length)
            throws ErrnoException {
        if (length == 0) {
            return 0;
        }
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && offset >= limit) {
            context.raise(Signals.SIGXFSZ);
            throw Errno.EFBIG.exception();
        }
        long end = limit >= 0 ? limit : Long.MAX_VALUE;
        if (offset == Long.MAX_VALUE) {
            throw Errno.EFBIG.exception();
        }
        return Math.min(length, end - offset);
    }

    /** Checks a new size against RLIMIT_FSIZE (Linux: {@code inode_newsize_ok}). */
    private static void checkNewSize(CallContext context, long newSize) throws ErrnoException {
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && newSize > limit) {
            context.raise(Signals.SIGXFSZ);
            throw Errno.EFBIG.exception();
        }
    }

    /** The memory of a page, allocated with the holes behind it that {@code left} bytes reach. */
    private long allocateRun(long index, int within, long left) throws ErrnoException {
        long found = tree.get(index);
        if (found != PageTree.HOLE) {
            return found;
        }
        long span =
                (Math.min(left, (long) RUN_PAGES_MAX * PAGE) + within + PAGE - 1) >>> PAGE_SHIFT;
        long most = Math.min(Math.max(1, span), RUN_PAGES_MAX);
        long holes = tree.find(index, index + most, false) - index;
        long granted = budget.take(holes);
        if (granted == 0) {
            throw Errno.ENOSPC.exception();
        }
        long offset;
        try {
            offset = pages.allocate(granted * PAGE);
        } catch (ErrnoException e) {
            budget.giveBack(granted);
            throw e;
        }
        for (long i = 0; i < granted; i++) {
            tree.set(index + i, offset + i * PAGE);
        }
        return offset;
    }

    /** Finds memory for mmap(2); see {@link Mappable#locate}. */
    public synchronized void locate(long offset, long length, Mappable.Location result)
            throws ErrnoException {
        long end = size + PAGE - 1 & -PAGE;
        if (offset < 0 || offset >= end || discarded) {
            throw Errno.ENXIO.exception();
        }
        long most = Math.min(length, end - offset);
        long index = offset >>> PAGE_SHIFT;
        result.offset = allocateRun(index, 0, most);
        result.length = runLength(index, result.offset, 0, most);
    }

    /** ftruncate(2); takes the write lock. */
    public void truncate(CallContext context, long newSize) throws ErrnoException {
        synchronized (writeLock) {
            if (newSize > size) {
                checkNewSize(context, newSize);
                checkSeals(Fcntl.F_SEAL_GROW);
                size = newSize;
            } else {
                if (newSize < size) {
                    checkSeals(Fcntl.F_SEAL_SHRINK);
                }
                shrink(newSize);
            }
        }
    }

    private void shrink(long newSize) {
        size = newSize;
        zeroTail(newSize);
        // Also when the size stays: pages may have been allocated behind it.
        removePages(newSize + PAGE - 1 >>> PAGE_SHIFT, INDEX_END);
    }

    /** Clears the last page behind an end, so that it reads as zero when the file grows again. */
    private void zeroTail(long end) {
        int within = (int) end & PAGE - 1;
        if (within != 0) {
            zeroWithinPage(end, PAGE - within);
        }
    }

    private void zeroWithinPage(long offset, int length) {
        synchronized (this) {
            long page = tree.get(offset >>> PAGE_SHIFT);
            if (page != PageTree.HOLE) {
                memory.fillZero(page + (offset & PAGE - 1), length);
            }
        }
    }

    /** Takes pages away from the file, its mappings, and gives their memory back. */
    private void removePages(long first, long end) {
        Runs runs = new Runs();
        @Nullable MemoryManager[] users;
        synchronized (this) {
            tree.remove(first, end, runs);
            users = Arrays.copyOf(mappers, mapperCount);
        }
        if (runs.count == 0) {
            return;
        }
        long length = end >= INDEX_END
                ? Long.MAX_VALUE - (first << PAGE_SHIFT) & -PAGE
                : end - first << PAGE_SHIFT;
        Mappable self = mappable;
        for (MemoryManager mm : users) {
            if (mm != null && self != null) {
                mm.invalidate(self, first << PAGE_SHIFT, length);
            }
        }
        budget.giveBack(runs.pages);
        synchronized (this) {
            if (copies > 0) {
                long[] all = Arrays.copyOf(deferred, deferredCount + runs.count);
                System.arraycopy(runs.ranges, 0, all, deferredCount, runs.count);
                deferred = all;
                deferredCount += runs.count;
                return;
            }
        }
        release(runs.ranges, runs.count);
    }

    /** Sets the object that mappings know this file by; once, before it can be mapped. */
    void setMappable(Mappable mappable) {
        this.mappable = mappable;
    }

    /** Pages gathered into contiguous ranges: pairs of offset and length. */
    private static final class Runs implements PageTree.Sink {
        long[] ranges = new long[8];
        int count;
        long pages;

        @Override
        public void page(long index, long offset) {
            pages++;
            if (count > 0 && ranges[count - 2] + ranges[count - 1] == offset) {
                ranges[count - 1] += PAGE;
                return;
            }
            if (count == ranges.length) {
                ranges = Arrays.copyOf(ranges, count * 2);
            }
            ranges[count++] = offset;
            ranges[count++] = PAGE;
        }
    }

    /** fallocate(2): allocation, KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE; others EOPNOTSUPP. */
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        if (offset < 0 || length <= 0) {
            throw Errno.EINVAL.exception();
        }
        int keep = Fcntl.FALLOC_FL_KEEP_SIZE;
        long end = offset + length;
        if (end < 0) {
            throw Errno.EFBIG.exception();
        }
        synchronized (writeLock) {
            switch (mode & ~keep) {
                case 0 -> {
                    if ((mode & keep) == 0 && end > size) {
                        checkNewSize(context, end);
                        checkSeals(Fcntl.F_SEAL_GROW);
                    }
                    reserve(offset, end);
                    if ((mode & keep) == 0 && end > size) {
                        size = end;
                    }
                }
                case Fcntl.FALLOC_FL_PUNCH_HOLE -> {
                    if ((mode & keep) == 0) {
                        throw Errno.EOPNOTSUPP.exception();
                    }
                    checkSeals(Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE);
                    punchHole(offset, end);
                }
                default -> throw Errno.EOPNOTSUPP.exception();
            }
        }
    }

    /** Gives memory to all holes of a range, or to none. */
    private void reserve(long offset, long end) throws ErrnoException {
        long last = end + PAGE - 1 >>> PAGE_SHIFT;
        if (budget.isBeyond(last - (offset >>> PAGE_SHIFT))) {
            throw Errno.ENOSPC.exception();
        }
        long[] made = new long[8];
        int count = 0;
        try {
            for (long i = offset >>> PAGE_SHIFT; i < last; ) {
                synchronized (this) {
                    i = tree.find(i, last, true);
                    if (i < last) {
                        long before = tree.count();
                        allocateRun(i, 0, last - i << PAGE_SHIFT);
                        if (count == made.length) {
                            made = Arrays.copyOf(made, count * 2);
                        }
                        made[count++] = i;
                        i += tree.count() - before;
                        made[count++] = i;
                    }
                }
            }
        } catch (ErrnoException e) {
            for (int i = 0; i < count; i += 2) {
                removePages(made[i], made[i + 1]);
            }
            throw e;
        }
    }

    /** Frees whole pages of a range and clears the rest. */
    void punchHole(long offset, long end) {
        long first = offset + PAGE - 1 >>> PAGE_SHIFT;
        long last = end >>> PAGE_SHIFT;
        if (first > last) {
            zeroWithinPage(offset, (int) (end - offset));
            return;
        }
        if ((offset & PAGE - 1) != 0) {
            zeroWithinPage(offset, (int) ((first << PAGE_SHIFT) - offset));
        }
        if ((end & PAGE - 1) != 0) {
            zeroWithinPage(last << PAGE_SHIFT, (int) (end & PAGE - 1));
        }
        if (first < last) {
            removePages(first, last);
        }
    }

    /** SEEK_DATA or SEEK_HOLE. ENXIO behind the end. */
    public long seek(long offset, boolean data) throws ErrnoException {
        long end = size;
        if (offset < 0 || offset >= end) {
            throw Errno.ENXIO.exception();
        }
        long lastPage = end + PAGE - 1 >>> PAGE_SHIFT;
        long index = offset >>> PAGE_SHIFT;
        long found;
        synchronized (this) {
            found = tree.find(index, lastPage, !data);
        }
        if (found >= lastPage) {
            if (data) {
                throw Errno.ENXIO.exception();
            }
            return end;
        }
        return Math.min(end, Math.max(offset, found << PAGE_SHIFT));
    }

    public int seals() {
        return seals;
    }

    /**
     * Makes it a memfd that takes seals (MFD_ALLOW_SEALING).
     *
     * @param initial what it is sealed with
     */
    public void allowSealing(int initial) {
        seals = initial;
    }

    /** Adds F_SEAL_* bits: EPERM if F_SEAL_SEAL is set. */
    public void addSeals(int added) throws ErrnoException {
        synchronized (writeLock) {
            checkSeals(Fcntl.F_SEAL_SEAL);
            seals |= added;
        }
    }

    private void checkSeals(int forbidding) throws ErrnoException {
        if ((seals & forbidding) != 0) {
            throw Errno.EPERM.exception();
        }
    }

    public synchronized void addMapping(MemoryManager mm, long length) {
        for (int i = 0; i < mapperCount; i++) {
            if (mappers[i] == mm) {
                mappedBytes[i] += length;
                return;
            }
        }
        if (mapperCount == mappers.length) {
            mappers = Arrays.copyOf(mappers, mapperCount * 2 + 1);
            mappedBytes = Arrays.copyOf(mappedBytes, mapperCount * 2 + 1);
        }
        mappers[mapperCount] = mm;
        mappedBytes[mapperCount++] = length;
    }

    public synchronized void removeMapping(MemoryManager mm, long length) {
        for (int i = 0; i < mapperCount; i++) {
            if (mappers[i] == mm) {
                mappedBytes[i] -= length;
                if (mappedBytes[i] <= 0) {
                    mapperCount--;
                    mappers[i] = mappers[mapperCount];
                    mappedBytes[i] = mappedBytes[mapperCount];
                    mappers[mapperCount] = null;
                }
                return;
            }
        }
    }

    public synchronized boolean isMapped() {
        return mapperCount > 0;
    }

    /** Frees everything: no name, no description and no mapping leads here any more. */
    public void discard() {
        synchronized (this) {
            if (discarded) {
                return;
            }
            discarded = true;
        }
        size = 0;
        removePages(0, INDEX_END);
    }

    /** Reads into an array (for the mapping's copies and for copy-up). */
    public int read(long offset, byte[] destination, int index, int length) throws ErrnoException {
        return (int) read(IovIter.of(destination, index, length), offset);
    }

    /** Writes through a mapping: within the size, without limits, seals and locks of a write(2). */
    public int write(long offset, byte[] source, int index, int length) throws ErrnoException {
        return (int) writeThrough(IovIter.of(source, index, length), offset);
    }
}
