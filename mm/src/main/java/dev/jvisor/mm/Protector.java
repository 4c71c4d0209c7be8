// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

/** mprotect(2) (Linux: mm/mprotect.c). Needs the write lock of the {@link Space}. */
final class Protector {

    private static final int RIGHTS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
    private static final int GROWS = Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP;

    private Protector() {}

    static void mprotect(Space s, long address, long length, int protection) throws ErrnoException {
        if ((protection & GROWS) == GROWS || !Space.isPageAligned(address)) {
            throw Errno.EINVAL.exception();
        }
        if (length == 0) {
            return;
        }
        long end = address + Space.pageUp(length);
        if (Long.compareUnsigned(end, address) <= 0) {
            throw Errno.ENOMEM.exception();
        }
        if ((protection & ~(RIGHTS | GROWS | Mman.PROT_SEM)) != 0) {
            throw Errno.EINVAL.exception();
        }
        Vma first = address < 0 ? null : s.vmas.endingAfter(address);
        if (first == null || Long.compareUnsigned(first.start, end) >= 0) {
            throw Errno.ENOMEM.exception();
        }
        long start = address;
        if ((protection & Mman.PROT_GROWSDOWN) != 0) {
            if (!first.growsDown()) {
                throw Errno.EINVAL.exception();
            }
            start = first.start;
        } else if (first.start > address) {
            throw Errno.ENOMEM.exception();
        }
        if ((protection & Mman.PROT_GROWSUP) != 0) {
            throw Errno.EINVAL.exception(); // no mapping grows up on this architecture
        }
        long limit = end < 0 ? s.maxAddress + Space.PAGE_SIZE : end;
        try {
            protectRange(s, start, limit, protection & RIGHTS);
        } finally {
            s.vmas.merge(start, limit);
            s.backing.merge(start, limit);
        }
    }

    /** Works up to the first hole or mapping that must not have the rights. */
    private static void protectRange(Space s, long start, long end, int rights)
            throws ErrnoException {
        long position = start;
        while (position < end) {
            Vma vma = s.vmas.at(position);
            if (vma == null) {
                throw Errno.ENOMEM.exception();
            }
            if ((rights & ~vma.maxProtection) != 0) {
                throw Errno.EACCES.exception();
            }
            long next = Math.min(end, vma.end);
            if (vma.protection != rights) {
                change(s, vma, position, next, rights);
            }
            position = next;
        }
    }

    private static void change(Space s, Vma whole, long start, long end, int rights)
            throws ErrnoException {
        if (becomesData(whole, rights) && !whole.growsDown() && !s.mayExpand(0, end - start)) {
            throw Errno.ENOMEM.exception();
        }
        int pieces = (whole.start < start ? 1 : 0) + (whole.end > end ? 1 : 0);
        if (pieces > 0 && s.isFull()) {
            throw Errno.ENOMEM.exception();
        }
        boolean account = becomesData(whole, rights)
                && !whole.isAccounted()
                && (whole.flags & Mman.MAP_NORESERVE) == 0;
        if (account) {
            s.charge(end - start);
        }
        // What nobody has touched is promised no longer (since Linux 6.4).
        boolean forget = (rights & Mman.PROT_WRITE) == 0
                && whole.isAccounted()
                && whole.file == null
                && !isTouched(s, whole);
        s.vmas.isolate(start, end);
        Vma vma = s.vmas.at(start);
        if (vma == null) {
            return;
        }
        s.vmas.setState(vma, forget ? Vma.ACCOUNTED : 0, account ? Vma.ACCOUNTED : 0);
        vma.protection = rights;
        s.backing.isolate(start, end);
        long position = start;
        while (position < end) {
            Piece piece = s.backing.endingAfter(position);
            long gapEnd = piece == null ? end : Math.min(end, piece.start);
            if (position < gapEnd) {
                changeUnbacked(s, vma, position, gapEnd);
                position = gapEnd;
            } else if (piece != null) {
                int before = piece.hostProtection();
                piece.protection = rights;
                int after = piece.hostProtection();
                if (before != after) {
                    s.host.protect(piece.start, piece.length(), after);
                }
                position = piece.end;
            }
        }
    }

    private static boolean becomesData(Vma vma, int rights) {
        return (rights & ~vma.protection & Mman.PROT_WRITE) != 0 && !vma.isShared();
    }

    private static boolean isTouched(Space s, Vma vma) {
        for (Piece p = s.backing.endingAfter(vma.start);
                p != null && p.start < vma.end;
                p = s.backing.endingAfter(p.end)) {
            long from = Math.max(vma.start, p.start);
            if (s.memory.residentBytes(p.offsetOf(from), Math.min(vma.end, p.end) - from) > 0) {
                return true;
            }
        }
        return false;
    }

    private static void changeUnbacked(Space s, Vma vma, long start, long end)
            throws ErrnoException {
        if (vma.isHostBacked()) {
            int shown = vma.isShared() ? vma.protection : Piece.readOnly(vma.protection);
            s.host.protect(start, end - start, shown);
        } else if (vma.file == null
                && vma.protection != Mman.PROT_NONE
                && end - start <= Faults.EAGER_MAX_BYTES) {
            // Who unlocks a part of a reservation is about to use it.
            Faults.mapZeroPages(s, vma, start, end, Reserves.Growth.UP);
        }
    }
}
