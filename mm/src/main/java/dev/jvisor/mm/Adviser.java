// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * madvise(2) and mincore(2) (Linux: mm/madvise.c, mm/mincore.c). Needs the write lock of the
 * {@link Space}.
 */
final class Adviser {

    private Adviser() {}

    static void madvise(Space s, long address, long length, int advice, FileRanges toPunch)
            throws ErrnoException {
        if (!isKnown(advice) || !Space.isPageAligned(address)) {
            throw Errno.EINVAL.exception();
        }
        long size = Space.pageUp(length);
        if (length != 0 && size == 0 || Long.compareUnsigned(address + size, address) < 0) {
            throw Errno.EINVAL.exception();
        }
        if (size == 0) {
            return;
        }
        long end = address + size;
        if (address < 0 || end < 0) {
            throw Errno.ENOMEM.exception();
        }
        boolean hole = false;
        long position = address;
        while (position < end) {
            Vma vma = s.vmas.endingAfter(position);
            if (vma == null || vma.start >= end) {
                hole = true;
                break;
            }
            hole |= vma.start > position;
            long from = Math.max(position, vma.start);
            long to = Math.min(end, vma.end);
            position = to;
            apply(s, vma, from, to, advice, toPunch);
        }
        s.vmas.merge(address, end);
        s.backing.merge(address, end);
        if (hole) {
            throw Errno.ENOMEM.exception();
        }
    }

    private static boolean isKnown(int advice) {
        return advice >= Mman.MADV_NORMAL && advice <= Mman.MADV_DONTNEED
                || advice >= Mman.MADV_FREE && advice <= Mman.MADV_COLLAPSE;
    }

    private static void apply(
            Space s, Vma vma, long start, long end, int advice, FileRanges toPunch)
            throws ErrnoException {
        switch (advice) {
            case Mman.MADV_DONTNEED -> {
                require(!vma.isLocked());
                discard(s, vma, start, end);
            }
            case Mman.MADV_DONTNEED_LOCKED -> discard(s, vma, start, end);
            case Mman.MADV_FREE -> {
                require(vma.file == null && !vma.isLocked());
                discard(s, vma, start, end);
            }
            case Mman.MADV_REMOVE -> {
                Mappable file = vma.file;
                if (file == null || vma.isLocked()) {
                    throw Errno.EINVAL.exception();
                }
                if (!vma.isShared() || (vma.maxProtection & Mman.PROT_WRITE) == 0) {
                    throw Errno.EACCES.exception();
                }
                toPunch.add(file, vma.fileOffset(start), end - start);
            }
            case Mman.MADV_POPULATE_READ -> populate(s, vma, start, end, false);
            case Mman.MADV_POPULATE_WRITE -> populate(s, vma, start, end, true);
            case Mman.MADV_COLD, Mman.MADV_PAGEOUT -> require(!vma.isLocked());
            case Mman.MADV_COLLAPSE -> throw Errno.EINVAL.exception(); // no huge pages
            default -> changeState(s, vma, start, end, advice);
        }
    }

    private static void require(boolean condition) throws ErrnoException {
        if (!condition) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Advice that a mapping keeps. // mm/madvise.c: madvise_vma_behavior */
    private static void changeState(Space s, Vma vma, long start, long end, int advice)
            throws ErrnoException {
        int order = Vma.SEQUENTIAL | Vma.RANDOM;
        switch (advice) {
            case Mman.MADV_NORMAL -> s.setState(vma, start, end, order, 0);
            case Mman.MADV_SEQUENTIAL -> s.setState(vma, start, end, order, Vma.SEQUENTIAL);
            case Mman.MADV_RANDOM -> s.setState(vma, start, end, order, Vma.RANDOM);
            case Mman.MADV_DONTFORK -> s.setState(vma, start, end, 0, Vma.DONT_FORK);
            case Mman.MADV_DOFORK -> {
                require(!vma.special);
                s.setState(vma, start, end, Vma.DONT_FORK, 0);
            }
            case Mman.MADV_WIPEONFORK -> {
                require(vma.file == null && !vma.special);
                s.setState(vma, start, end, 0, Vma.WIPE_ON_FORK);
            }
            case Mman.MADV_KEEPONFORK -> s.setState(vma, start, end, Vma.WIPE_ON_FORK, 0);
            case Mman.MADV_DONTDUMP -> s.setState(vma, start, end, 0, Vma.DONT_DUMP);
            case Mman.MADV_DODUMP -> {
                require(!vma.special);
                s.setState(vma, start, end, Vma.DONT_DUMP, 0);
            }
            case Mman.MADV_HUGEPAGE -> {
                require(!vma.special);
                s.setState(vma, start, end, Vma.NO_HUGE, Vma.HUGE);
            }
            case Mman.MADV_NOHUGEPAGE -> s.setState(vma, start, end, Vma.HUGE, Vma.NO_HUGE);
            default -> {} // a hint that changes nothing the guest can see
        }
    }

    private static void populate(Space s, Vma vma, long start, long end, boolean write)
            throws ErrnoException {
        require(vma.allows(write));
        for (long page = start; page < end; ) {
            switch (Faults.resolve(s, page, write)) {
                case CHANGED, UNCHANGED, HOST_FILE -> {}
                case NO_MEMORY -> throw Errno.ENOMEM.exception();
                default -> throw Errno.EFAULT.exception();
            }
            Piece piece = s.backing.at(page);
            long next = piece == null ? page + Space.PAGE_SIZE : Math.min(end, piece.end);
            if (piece != null && write && next - start <= Locker.POPULATE_MAX_BYTES) {
                s.memory.populate(piece.offsetOf(page), next - page);
            }
            page = next;
        }
    }

    /**
     * Makes private memory read as zero, or as the file, again; shared memory keeps its contents.
     */
    private static void discard(Space s, Vma vma, long start, long end) throws ErrnoException {
        if (vma.isShared() || vma.special) {
            return;
        }
        long position = start;
        while (position < end) {
            Piece whole = s.backing.endingAfter(position);
            if (whole == null || whole.start >= end) {
                return;
            }
            long from = Math.max(position, whole.start);
            long to = Math.min(end, whole.end);
            position = to;
            boolean exclusive = !whole.foreign
                    && vma.file == null
                    && s.backing.pages.isExclusive(whole.offsetOf(from), to - from);
            if (exclusive) {
                s.memory.zero(whole.offsetOf(from), to - from);
                continue;
            }
            s.backing.drop(from, to);
            if (vma.isHostBacked()) {
                Mapper.showFile(s, vma, from, to);
            } else if (vma.file == null && to - from <= Faults.EAGER_MAX_BYTES) {
                Faults.mapZeroPages(s, vma, from, to, Reserves.Growth.NONE);
            } else {
                s.host.unmap(from, to - from);
            }
        }
    }

    /**
     * msync(2).
     *
     * @return whether a part of the range is not mapped
     */
    static boolean msync(Space s, long address, long length, int flags, FileRanges toSync)
            throws ErrnoException {
        int known = Mman.MS_ASYNC | Mman.MS_INVALIDATE | Mman.MS_SYNC;
        boolean both = (flags & Mman.MS_ASYNC) != 0 && (flags & Mman.MS_SYNC) != 0;
        if ((flags & ~known) != 0 || !Space.isPageAligned(address) || both) {
            throw Errno.EINVAL.exception();
        }
        long end = address + Space.pageUp(length);
        if (Long.compareUnsigned(end, address) < 0 || address < 0 || end < 0) {
            throw Errno.ENOMEM.exception();
        }
        boolean hole = false;
        for (long position = address; position < end; ) {
            Vma vma = s.vmas.endingAfter(position);
            if (vma == null || vma.start >= end) {
                return true;
            }
            hole |= vma.start > position;
            long from = Math.max(position, vma.start);
            position = Math.min(end, vma.end);
            if ((flags & Mman.MS_INVALIDATE) != 0 && vma.isLocked()) {
                throw Errno.EBUSY.exception();
            }
            if ((flags & Mman.MS_SYNC) != 0 && vma.isShared() && vma.file != null) {
                toSync.add(vma.file, vma.fileOffset(from), position - from);
            }
        }
        return hole;
    }

    /** Drops what mappings show of a range that an object has lost. */
    static void invalidate(Space s, Mappable object, long offset, long length) {
        long rangeEnd =
                length < 0 || offset > Long.MAX_VALUE - length ? Long.MAX_VALUE : offset + length;
        long objectEnd;
        try {
            objectEnd = Space.pageUp(object.size());
        } catch (ErrnoException e) {
            objectEnd = 0;
        }
        for (Vma v = s.vmas.first(); v != null; v = s.vmas.endingAfter(v.end)) {
            if (v.file != object || v.isHostBacked()) {
                continue;
            }
            long from = Math.max(v.offset, Space.pageStart(offset));
            long to = Math.min(v.offset + v.length(), rangeEnd);
            if (from < to) {
                long shift = v.start - v.offset;
                dropPages(s, from + shift, Space.pageUp(to + shift), objectEnd + shift);
            }
        }
    }

    /**
     * Drops the object's pages in a range. A private copy stays, except behind the end of the
     * object.
     */
    private static void dropPages(Space s, long start, long end, long objectEnd) {
        for (long position = start; position < end; ) {
            Piece whole = s.backing.endingAfter(position);
            if (whole == null || whole.start >= end) {
                return;
            }
            long from = Math.max(position, whole.start);
            long to = Math.min(end, whole.end);
            position = to;
            if (!whole.foreign) {
                from = Math.max(from, objectEnd);
            }
            if (from < to) {
                s.backing.drop(from, to);
                s.host.unmap(from, to - from);
            }
        }
    }

    static void mincore(Space s, long address, long length, byte[] vector) throws ErrnoException {
        if (!Space.isPageAligned(address)) {
            throw Errno.EINVAL.exception();
        }
        if (address < 0 || length < 0 || length > s.maxAddress - address) {
            throw Errno.ENOMEM.exception();
        }
        long end = address + Space.pageUp(length);
        for (long page = address; page < end; ) {
            Vma vma = s.vmas.at(page);
            if (vma == null) {
                throw Errno.ENOMEM.exception();
            }
            Piece piece = s.backing.endingAfter(page);
            long vmaEnd = Math.min(end, vma.end);
            int index = (int) ((page - address) / Space.PAGE_SIZE);
            if (piece != null && piece.start <= page) {
                long next = Math.min(vmaEnd, piece.end);
                int pages = (int) ((next - page) / Space.PAGE_SIZE);
                s.memory.residency(piece.offsetOf(page), pages, vector, index);
                page = next;
            } else {
                // What the host shows of its files is in its page cache, as far as we can tell.
                long next = piece == null ? vmaEnd : Math.min(vmaEnd, piece.start);
                int pages = (int) ((next - page) / Space.PAGE_SIZE);
                Arrays.fill(vector, index, index + pages, (byte) (vma.isHostBacked() ? 1 : 0));
                page = next;
            }
        }
    }

    /** Names a range of private anonymous memory. */
    static void setName(Space s, long address, long length, @Nullable String name)
            throws ErrnoException {
        long size = Space.pageUp(length);
        if (!Space.isPageAligned(address) || length < 0 || address < 0 || address + size < 0) {
            throw Errno.EINVAL.exception();
        }
        long end = address + size;
        boolean hole = false;
        for (long position = address; position < end; ) {
            Vma vma = s.vmas.endingAfter(position);
            if (vma == null || vma.start >= end) {
                hole = true;
                break;
            }
            hole |= vma.start > position;
            if (vma.file != null || vma.special) {
                throw Errno.EBADF.exception();
            }
            long from = Math.max(position, vma.start);
            position = Math.min(end, vma.end);
            s.vmas.isolate(from, position);
            Vma named = s.vmas.at(from);
            if (named != null) {
                named.name = name;
            }
        }
        s.vmas.merge(address, end);
        if (hole) {
            throw Errno.ENOMEM.exception();
        }
    }
}
