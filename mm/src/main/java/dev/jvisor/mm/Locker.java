// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;

/**
 * mlock(2) and its relatives (Linux: mm/mlock.c). We never take pages away, so what is left is to
 * count, to obey the limits, and to make pages resident. Needs the write lock of the {@link Space}.
 */
final class Locker {

    private static final int BOTH = Vma.LOCKED | Vma.LOCK_ON_FAULT;

    /**
     * Most that one call makes resident: it cannot be interrupted, and holds the lock. The rest
     * comes by faults.
     */
    static final long POPULATE_MAX_BYTES = 1L << 30;

    private Locker() {}

    /** EPERM for who must not lock anything. */
    static void checkAllowed(Space s) throws ErrnoException {
        if (s.limit(Resource.RLIMIT_MEMLOCK) == 0 && !s.capable(Capabilities.CAP_IPC_LOCK)) {
            throw Errno.EPERM.exception();
        }
    }

    static void lock(Space s, long address, long length, boolean onFault) throws ErrnoException {
        checkAllowed(s);
        long start = Space.pageStart(address);
        long size = Space.pageUp(length + (address - start));
        if (!s.mayLockMore(size) && !s.mayLockMore(size - lockedBytes(s, start, start + size))) {
            throw Errno.ENOMEM.exception();
        }
        apply(s, start, size, Vma.LOCKED | (onFault ? Vma.LOCK_ON_FAULT : 0));
        if (!onFault) {
            try {
                populate(s, start, start + size);
            } catch (ErrnoException e) {
                throw (e.errno == Errno.ENOMEM ? Errno.EAGAIN : Errno.ENOMEM).exception();
            }
        }
    }

    private static long lockedBytes(Space s, long start, long end) {
        long sum = 0;
        for (Vma v = s.vmas.endingAfter(Math.max(0, start));
                v != null && v.start < end;
                v = s.vmas.endingAfter(v.end)) {
            sum += v.isLocked() ? Math.min(end, v.end) - Math.max(start, v.start) : 0;
        }
        return sum;
    }

    static void unlock(Space s, long address, long length) throws ErrnoException {
        long start = Space.pageStart(address);
        apply(s, start, Space.pageUp(length + (address - start)), 0);
    }

    /** Changes mappings up to the first hole. // mm/mlock.c: apply_vma_lock_flags */
    private static void apply(Space s, long start, long size, int state) throws ErrnoException {
        long end = start + size;
        if (Long.compareUnsigned(end, start) < 0) {
            throw Errno.EINVAL.exception();
        }
        if (end == start) {
            return;
        }
        long last = end < 0 ? Long.MAX_VALUE : end;
        try {
            for (long position = start; position < last; ) {
                Vma vma = position < 0 ? null : s.vmas.at(position);
                if (vma == null) {
                    throw Errno.ENOMEM.exception();
                }
                long next = Math.min(last, vma.end);
                if (!vma.special) {
                    s.setState(vma, position, next, BOTH, state);
                }
                position = next;
            }
        } finally {
            s.vmas.merge(Math.max(0, start), last);
        }
    }

    /** mlockall(2); {@code flags} are valid. */
    static void lockAll(Space s, int flags) throws ErrnoException {
        checkAllowed(s);
        boolean current = (flags & Mman.MCL_CURRENT) != 0;
        if (current
                && s.vmas.mappedBytes() > s.limit(Resource.RLIMIT_MEMLOCK)
                && !s.capable(Capabilities.CAP_IPC_LOCK)) {
            throw Errno.ENOMEM.exception();
        }
        boolean onFault = (flags & Mman.MCL_ONFAULT) != 0;
        int state = Vma.LOCKED | (onFault ? Vma.LOCK_ON_FAULT : 0);
        s.futureState = (flags & Mman.MCL_FUTURE) != 0 ? state : 0;
        if (!current) {
            return;
        }
        setAll(s, state);
        if (!onFault) {
            for (Vma v = s.vmas.first(); v != null; v = s.vmas.endingAfter(v.end)) {
                try {
                    populate(s, v.start, v.end);
                } catch (ErrnoException e) {
                    // As Linux: what cannot be had now is left to faults.
                }
            }
        }
    }

    static void unlockAll(Space s) {
        s.futureState = 0;
        setAll(s, 0);
    }

    private static void setAll(Space s, int state) {
        for (Vma v = s.vmas.first(); v != null; v = s.vmas.endingAfter(v.end)) {
            if (!v.special) {
                s.vmas.setState(v, BOTH, state);
            }
        }
        s.vmas.merge(0, s.maxAddress);
    }

    /**
     * Makes the pages of a range resident (Linux: __mm_populate).
     *
     * @throws ErrnoException ENOMEM if there is no memory; EFAULT for what is not accessible
     */
    static void populate(Space s, long start, long rangeEnd) throws ErrnoException {
        long end = rangeEnd - start > POPULATE_MAX_BYTES ? start + POPULATE_MAX_BYTES : rangeEnd;
        for (long position = start; position < end; ) {
            Vma vma = s.vmas.endingAfter(position);
            if (vma == null || vma.start >= end) {
                return;
            }
            long from = Math.max(position, vma.start);
            position = Math.min(end, vma.end);
            if (vma.protection == Mman.PROT_NONE) {
                throw Errno.EFAULT.exception();
            }
            populate(s, vma, from, position);
        }
    }

    private static void populate(Space s, Vma vma, long start, long end) throws ErrnoException {
        boolean write = !vma.isShared() && vma.allows(true);
        for (long page = start; page < end; ) {
            switch (Faults.resolve(s, page, write)) {
                case CHANGED, UNCHANGED -> {}
                case HOST_FILE -> {
                    Piece next = s.backing.endingAfter(page);
                    page = next == null ? end : Math.min(end, next.start);
                    continue;
                }
                case NO_MEMORY -> throw Errno.ENOMEM.exception();
                default -> throw Errno.EFAULT.exception();
            }
            Piece piece = s.backing.at(page);
            if (piece == null) {
                page += Space.PAGE_SIZE;
                continue;
            }
            long to = Math.min(end, piece.end);
            s.memory.populate(piece.offsetOf(page), to - page);
            page = to;
        }
    }
}
