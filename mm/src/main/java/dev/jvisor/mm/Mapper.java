// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static dev.jvisor.mm.Space.isPageAligned;
import static dev.jvisor.mm.Space.pageStart;
import static dev.jvisor.mm.Space.pageUp;

import dev.jvisor.mm.Reserves.Growth;
import dev.jvisor.mm.pages.CommitAccount;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

/**
 * Makes and removes mappings (Linux: mm/mmap.c): mmap(2), munmap(2), brk(2) and what the loader
 * maps. Every method needs the write lock of the {@link Space}.
 */
final class Mapper {

    private static final int RIGHTS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;

    /** Flags of mmap(2) that a mapping keeps. */
    private static final int KEPT_FLAGS = Mman.MAP_GROWSDOWN | Mman.MAP_NORESERVE;

    /** Flags that MAP_SHARED_VALIDATE knows. // include/linux/mman.h: LEGACY_MAP_MASK */
    private static final int LEGACY_FLAGS = Mman.MAP_TYPE
            | Mman.MAP_FIXED
            | Mman.MAP_ANONYMOUS
            | Mman.MAP_DENYWRITE
            | Mman.MAP_EXECUTABLE
            | Mman.MAP_UNINITIALIZED
            | Mman.MAP_GROWSDOWN
            | Mman.MAP_LOCKED
            | Mman.MAP_NORESERVE
            | Mman.MAP_POPULATE
            | Mman.MAP_NONBLOCK
            | Mman.MAP_STACK
            | Mman.MAP_HUGETLB
            | Mman.MAP_32BIT
            | Mman.MAP_FIXED_NOREPLACE
            | Mman.MAP_HUGE_MASK << Mman.MAP_HUGE_SHIFT;

    /**
     * Private memory that may be dropped under pressure; we never do. // uapi/linux/mman.h (6.11)
     */
    private static final int MAP_DROPPABLE = 8;

    /** Where MAP_32BIT mappings go. // x86/kernel/sys_x86_64.c: find_start_end */
    private static final long LOW_BEGIN = 0x40000000L;

    private static final long LOW_END = 0x80000000L;

    /** Window of a fault that takes in everything. */
    private static final long WHOLE_MAPPING = 1L << 62;

    /** Bottom-up search starts here when the top-down one fails. // TASK_UNMAPPED_BASE: a third */
    private static final long BOTTOM_UP_DIVISOR = 3;

    private Mapper() {}

    static long mmap(
            Space s,
            long hint,
            long length,
            int protection,
            int flags,
            @Nullable Mappable file,
            long offset,
            int maxProtection)
            throws ErrnoException {
        if (!isPageAligned(offset)) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & Mman.MAP_HUGETLB) != 0) {
            // There are no huge pages, and no file of ours is on hugetlbfs.
            throw (file == null ? Errno.ENOMEM : Errno.EINVAL).exception();
        }
        if (length == 0) {
            throw Errno.EINVAL.exception();
        }
        long size = pageUp(length);
        if (size == 0) {
            throw Errno.ENOMEM.exception();
        }
        if (s.isFull()) {
            throw Errno.ENOMEM.exception();
        }
        long start = chooseAddress(s, hint, size, flags);
        boolean noReplace = (flags & Mman.MAP_FIXED_NOREPLACE) != 0;
        if (noReplace && !s.vmas.isFree(start, start + size)) {
            throw Errno.EEXIST.exception();
        }
        int lock = lockState(s, flags, size);
        int rights = protection & RIGHTS;
        int limit = checkType(flags, rights, file, offset, size, maxProtection);
        int type = flags & Mman.MAP_TYPE;
        boolean shared = type == Mman.MAP_SHARED || type == Mman.MAP_SHARED_VALIDATE;
        int kept = (shared ? Mman.MAP_SHARED : Mman.MAP_PRIVATE) | flags & KEPT_FLAGS;
        if (s.backing.pages.commit().mode() == CommitAccount.OVERCOMMIT_NEVER) {
            kept &= ~Mman.MAP_NORESERVE;
        }
        boolean reserve = (kept & Mman.MAP_NORESERVE) == 0;
        if (s.limits != null) {
            checkLimits(s, start, size, rights, kept);
        }
        boolean accounted = reserve && !shared && (rights & Mman.PROT_WRITE) != 0;
        if (accounted) {
            s.charge(size);
        }
        Mappable object = file;
        if (file == null && shared) {
            object = new SharedAnonymous(s.backing.pages, size, reserve);
            offset = 0;
        }
        Vma vma = new Vma(
                start,
                start + size,
                rights,
                limit,
                kept,
                object,
                object == null ? 0 : offset,
                false);
        vma.state = lock
                | (accounted ? Vma.ACCOUNTED : 0)
                | (type == MAP_DROPPABLE ? Vma.WIPE_ON_FORK : 0);
        boolean locked = (lock & (Vma.LOCKED | Vma.LOCK_ON_FAULT)) == Vma.LOCKED;
        boolean populate =
                locked || (flags & (Mman.MAP_POPULATE | Mman.MAP_NONBLOCK)) == Mman.MAP_POPULATE;
        establish(s, vma, populate, Growth.NONE);
        if (populate) {
            Locker.populate(s, start, start + size);
        }
        return start;
    }

    /** EPERM or EAGAIN if memory must not be locked. // mm/mmap.c: do_mmap */
    private static int lockState(Space s, int flags, long size) throws ErrnoException {
        int lock = s.futureState;
        if ((flags & Mman.MAP_LOCKED) != 0) {
            Locker.checkAllowed(s);
            lock |= Vma.LOCKED;
        }
        if (lock != 0 && !s.mayLockMore(size)) {
            throw Errno.EAGAIN.exception();
        }
        return lock;
    }

    /** Decides where a mapping goes. // mm/mmap.c: get_unmapped_area */
    static long chooseAddress(Space s, long hint, long size, int flags) throws ErrnoException {
        if (size < 0 || size > s.maxAddress) {
            throw Errno.ENOMEM.exception();
        }
        if ((flags & (Mman.MAP_FIXED | Mman.MAP_FIXED_NOREPLACE)) != 0) {
            if (Long.compareUnsigned(hint, s.maxAddress - size) > 0) {
                throw Errno.ENOMEM.exception();
            }
            if (!isPageAligned(hint)) {
                throw Errno.EINVAL.exception();
            }
            if (hint < s.minAddress) {
                throw Errno.EPERM.exception();
            }
            return hint;
        }
        long wanted = pageStart(hint);
        if (wanted != 0) {
            wanted = wanted > 0 ? Math.max(wanted, s.minAddress) : wanted;
            boolean fits = wanted >= s.minAddress && wanted <= s.maxAddress - size;
            if (fits && isFreeAt(s, wanted, size, flags)) {
                return wanted;
            }
        }
        long found;
        if ((flags & Mman.MAP_32BIT) != 0) {
            found = s.vmas.findBottomUp(size, Space.PAGE_SIZE, LOW_BEGIN, LOW_END);
        } else {
            found = findFree(s, size, Space.PAGE_SIZE);
        }
        if (found < 0) {
            throw Errno.ENOMEM.exception();
        }
        return found;
    }

    private static boolean isFreeAt(Space s, long start, long size, int flags) {
        boolean low = (flags & Mman.MAP_32BIT) != 0;
        return (!low || start + size <= LOW_END) && s.vmas.isFreeWithGap(start, start + size);
    }

    /** Finds a free range for a mapping without a wish; -1 if there is none. */
    static long findFree(Space s, long size, long alignment) {
        long found = s.vmas.findTopDown(size, alignment, s.minAddress, s.mmapBase);
        if (found < 0) {
            long low = Math.max(s.minAddress, pageStart(s.maxAddress / BOTTOM_UP_DIVISOR));
            found = s.vmas.findBottomUp(size, alignment, low, s.maxAddress);
        }
        return found;
    }

    /**
     * Checks sharing type and rights. // mm/mmap.c: do_mmap
     *
     * @return the protection bits that the mapping may ever have
     */
    private static int checkType(
            int flags,
            int rights,
            @Nullable Mappable file,
            long offset,
            long size,
            int maxProtection)
            throws ErrnoException {
        int type = flags & Mman.MAP_TYPE;
        boolean growsDown = (flags & Mman.MAP_GROWSDOWN) != 0;
        if (file == null) {
            boolean valid = type == Mman.MAP_PRIVATE
                    || type == MAP_DROPPABLE
                    || type == Mman.MAP_SHARED && !growsDown;
            if (!valid) {
                throw Errno.EINVAL.exception();
            }
            return RIGHTS;
        }
        if (offset < 0 || offset > Long.MAX_VALUE - size) {
            throw Errno.EOVERFLOW.exception();
        }
        int limit = maxProtection;
        switch (type) {
            case Mman.MAP_SHARED_VALIDATE -> {
                if ((flags & ~LEGACY_FLAGS) != 0) {
                    throw Errno.EOPNOTSUPP.exception();
                }
            }
            case Mman.MAP_SHARED -> {}
            case Mman.MAP_PRIVATE -> limit |= Mman.PROT_WRITE;
            default -> throw Errno.EINVAL.exception();
        }
        if ((rights & ~limit & Mman.PROT_WRITE) != 0 || (maxProtection & Mman.PROT_READ) == 0) {
            throw Errno.EACCES.exception();
        }
        if ((rights & ~limit & Mman.PROT_EXEC) != 0) {
            throw Errno.EPERM.exception();
        }
        if (growsDown) {
            throw Errno.EINVAL.exception();
        }
        return limit;
    }

    private static void checkLimits(Space s, long start, long size, int rights, int flags)
            throws ErrnoException {
        boolean data = (rights & Mman.PROT_WRITE) != 0
                && (flags & (Mman.MAP_SHARED | Mman.MAP_GROWSDOWN)) == 0;
        long replaced = s.vmas.mappedBytes(start, start + size);
        long replacedData = data ? s.vmas.dataBytes(start, start + size) : 0;
        if (!s.mayExpand(size - replaced, data ? size - replacedData : 0)) {
            throw Errno.ENOMEM.exception();
        }
    }

    /** Puts a mapping in place of whatever is in its range, with the backing it starts with. */
    private static void establish(Space s, Vma vma, boolean populate, Growth growth)
            throws ErrnoException {
        boolean replaced = remove(s, vma.start, vma.end, false);
        s.vmas.add(vma);
        if (vma.file != null) {
            vma.file.addMapping(s.owner, vma.start, vma.length(), vma.offset);
        }
        try {
            attach(s, vma, replaced, populate, growth);
        } catch (ErrnoException e) {
            remove(s, vma.start, vma.end, true);
            throw e;
        }
        s.vmas.merge(vma.start, vma.end);
    }

    /**
     * Gives a new mapping its first backing.
     *
     * @param replaced whether the stub may still show something in the range
     */
    private static void attach(Space s, Vma vma, boolean replaced, boolean populate, Growth growth)
            throws ErrnoException {
        Mappable file = vma.file;
        if (file == null) {
            if (vma.protection != Mman.PROT_NONE && vma.length() <= Faults.EAGER_MAX_BYTES) {
                Faults.mapZeroPages(s, vma, vma.start, vma.end, growth);
                return;
            }
        } else if (vma.isHostBacked()) {
            boolean copy = !vma.isShared()
                    && (vma.protection & Mman.PROT_WRITE) != 0
                    && vma.length() <= Faults.EAGER_COPY_MAX_BYTES
                    && vma.offset + vma.length() <= pageUp(file.size());
            if (!copy || !Faults.copyFromFile(s, vma, vma.start, vma.end)) {
                showFile(s, vma, vma.start, vma.end);
            }
            return;
        }
        if (replaced) {
            s.host.unmap(vma.start, vma.length());
        }
        if (file != null && (populate || file instanceof SharedAnonymous)) {
            Faults.locate(s, vma, vma.start, WHOLE_MAPPING);
        }
    }

    /** Shows a host file to the stub in a range of a mapping of it. */
    static void showFile(Space s, Vma vma, long start, long end) {
        Mappable file = vma.file;
        if (file != null) {
            boolean shared = vma.isShared();
            int protection = shared ? vma.protection : Piece.readOnly(vma.protection);
            s.host.mapHostFile(
                    start, end - start, file.hostFd(), vma.fileOffset(start), protection, shared);
        }
    }

    static void munmap(Space s, long address, long length) throws ErrnoException {
        long size = pageUp(length);
        boolean inside = address >= 0
                && address <= Space.TASK_SIZE_MAX
                && Long.compareUnsigned(length, Space.TASK_SIZE_MAX - address) <= 0;
        if (!isPageAligned(address) || !inside || size == 0) {
            throw Errno.EINVAL.exception();
        }
        checkSplit(s, address, address + size);
        remove(s, address, address + size, true);
    }

    /** ENOMEM if cutting a hole into a mapping would make too many. */
    static void checkSplit(Space s, long start, long end) throws ErrnoException {
        if (s.isFull()) {
            Vma vma = s.vmas.at(start);
            if (vma != null && vma.start < start && vma.end > end) {
                throw Errno.ENOMEM.exception();
            }
        }
    }

    /**
     * Removes all mappings in a range.
     *
     * @param fromHost whether the stub must stop showing them (not if something is mapped there
     *     next)
     * @return whether there was any
     */
    static boolean remove(Space s, long start, long end, boolean fromHost) {
        if (s.vmas.isFree(start, end)) {
            return false;
        }
        s.vmas.isolate(start, end);
        s.backing.drop(start, end);
        for (Vma v = s.vmas.endingAfter(start);
                v != null && v.start < end;
                v = s.vmas.endingAfter(v.end)) {
            s.vmas.remove(v);
            if (fromHost) {
                s.host.unmap(v.start, v.length());
            }
            if (v.file != null) {
                v.file.removeMapping(s.owner, v.start, v.length(), v.offset);
            }
        }
        return true;
    }

    static void mapSpecial(
            Space s, long address, long length, int protection, long memoryOffset, String name)
            throws ErrnoException {
        long size = pageUp(length);
        if (!isPageAligned(address)
                || size <= 0
                || address < s.minAddress
                || address > s.maxAddress - size) {
            throw Errno.EINVAL.exception();
        }
        remove(s, address, address + size, false);
        Vma vma = new Vma(
                address, address + size, protection, RIGHTS, Mman.MAP_PRIVATE, null, 0, true);
        vma.name = name;
        s.vmas.add(vma);
        s.backing.pages.retain(memoryOffset, size);
        s.backing.add(address, address + size, memoryOffset, protection, true, true);
        s.host.map(address, size, memoryOffset, Piece.readOnly(protection));
    }

    static void mapStack(Space s, long top, long initialLength, int protection)
            throws ErrnoException {
        long size = pageUp(initialLength);
        if (!isPageAligned(top) || size <= 0 || top > s.maxAddress || top - size < s.minAddress) {
            throw Errno.EINVAL.exception();
        }
        int flags = Mman.MAP_PRIVATE | Mman.MAP_GROWSDOWN;
        Vma vma = new Vma(top - size, top, protection, RIGHTS, flags, null, 0, false);
        s.charge(size);
        vma.state = Vma.ACCOUNTED;
        establish(s, vma, false, Growth.DOWN);
    }

    static long brk(Space s, long address) {
        if (address < s.brkStart || address > s.maxAddress) {
            return s.brk;
        }
        long data = address - s.brkStart + (s.layout.endData - s.layout.startData);
        if (data > s.limit(Resource.RLIMIT_DATA)) {
            return s.brk;
        }
        long oldEnd = pageUp(s.brk);
        long newEnd = pageUp(address);
        if (newEnd < oldEnd) {
            if (s.isFull()) {
                return s.brk;
            }
            remove(s, newEnd, oldEnd, true);
        } else if (newEnd > oldEnd && !growHeap(s, oldEnd, newEnd)) {
            return s.brk;
        }
        s.brk = address;
        return address;
    }

    private static boolean growHeap(Space s, long oldEnd, long newEnd) {
        long size = newEnd - oldEnd;
        // A page stays free between heap and next mapping, as in Linux.
        if (newEnd + Space.PAGE_SIZE > s.maxAddress
                || !s.vmas.isFreeWithGap(oldEnd, newEnd + Space.PAGE_SIZE)
                || s.isFull()
                || s.futureState != 0 && !s.mayLockMore(size)
                || !s.mayExpand(size, size)) {
            return false;
        }
        int protection = Mman.PROT_READ | Mman.PROT_WRITE;
        Vma vma = new Vma(oldEnd, newEnd, protection, RIGHTS, Mman.MAP_PRIVATE, null, 0, false);
        vma.state = Vma.ACCOUNTED | s.futureState;
        try {
            s.charge(size);
            establish(s, vma, false, Growth.UP);
            if (s.futureState == Vma.LOCKED) {
                Locker.populate(s, oldEnd, newEnd);
            }
        } catch (ErrnoException e) {
            return false;
        }
        return true;
    }
}
