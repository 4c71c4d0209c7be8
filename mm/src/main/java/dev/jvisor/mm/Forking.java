// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

/**
 * Copies an address space for fork(2) (Linux: kernel/fork.c, dup_mmap). Needs the write locks of
 * both {@link Space}s; the child's host address space is made between the two steps.
 */
final class Forking {

    /**
     * Memory around the stack pointer that is copied at once: both sides are sure to write there,
     * and each copy-on-write fault costs more than copying these pages.
     */
    private static final long HOT_BELOW_BYTES = 2 * Space.PAGE_SIZE;

    private static final long HOT_ABOVE_BYTES = 6 * Space.PAGE_SIZE;

    /** Most that a fork copies at once. */
    private static final long HOT_MAX_BYTES = 128 * Space.PAGE_SIZE;

    private Forking() {}

    /**
     * Enters the parent's mappings and pages in the child, and makes private pages copy-on-write in
     * the parent (queued, not in effect yet).
     *
     * @throws ErrnoException ENOMEM if so much memory cannot be promised
     */
    static void share(Space parent, Space child) throws ErrnoException {
        int mappings = parent.vmas.size() + parent.backing.size();
        if (!parent.backing.pages.hasRoomForMappings(mappings)) {
            throw Errno.ENOMEM.exception();
        }
        child.charge(parent.vmas.accountedBytes());
        // What was copied is no part of a larger piece: lifting a protection may have joined some
        // again.
        for (Piece p = child.backing.endingAfter(0);
                p != null;
                p = child.backing.endingAfter(p.end)) {
            parent.backing.isolate(p.start, p.end);
        }
        for (Vma v = parent.vmas.first(); v != null; v = parent.vmas.endingAfter(v.end)) {
            if ((v.state & Vma.DONT_FORK) != 0) {
                continue;
            }
            Vma copy = v.copy(v.start, v.end);
            copy.state &= ~(Vma.LOCKED | Vma.LOCK_ON_FAULT);
            child.vmas.add(copy);
            if (copy.file != null) {
                copy.file.addMapping(child.owner, copy.start, copy.length(), copy.offset);
            }
            if ((v.state & Vma.WIPE_ON_FORK) == 0) {
                sharePieces(parent, child, v);
            }
        }
        child.mmapBase = parent.mmapBase;
        child.brkStart = parent.brkStart;
        child.brk = parent.brk;
        child.limits = parent.limits;
        child.layout.copyFrom(parent.layout);
    }

    private static void sharePieces(Space parent, Space child, Vma v) {
        boolean cow = !v.isShared();
        parent.backing.isolate(v.start, v.end);
        for (Piece p = parent.backing.endingAfter(v.start);
                p != null && p.start < v.end;
                p = parent.backing.endingAfter(p.end)) {
            if (child.backing.at(p.start) != null) {
                continue; // copied already
            }
            if (cow && !p.cow) {
                int before = p.hostProtection();
                p.cow = true;
                int after = p.hostProtection();
                if (before != after) {
                    parent.host.protect(p.start, p.length(), after);
                }
            }
            parent.backing.pages.retain(p.offset, p.length());
            child.backing.add(p.start, p.end, p.offset, p.protection, p.cow, p.foreign);
        }
    }

    /**
     * Copies for the child what both sides are likely to write before the child calls execve or
     * exits, so that neither has to fault for it: the pages around the stack pointer, small
     * writable pieces (data, bss, thread-local storage), and windows that were written after
     * earlier forks. Called before {@link #share}, which leaves these ranges alone then.
     */
    static void copyHot(Space parent, Space child, long stackPointer) {
        long sp = Space.pageStart(stackPointer);
        long budget = HOT_MAX_BYTES;
        budget -= copy(parent, child, sp, sp - HOT_BELOW_BYTES, sp + HOT_ABOVE_BYTES, budget);
        HotWindows hot = parent.hotWindows;
        child.hotWindows.copyFrom(hot);
        for (int i = 0; i < hot.count(); i++) {
            long window = hot.address(i);
            long end = window + Faults.COPY_WINDOW_BYTES;
            // The window may lie on several pieces: a program's data, its bss and its heap.
            for (long a = window; a < end; ) {
                Piece piece = parent.backing.endingAfter(a);
                if (piece == null || piece.start >= end) {
                    break;
                }
                a = Math.min(end, piece.end);
                budget -= copy(parent, child, piece.start, window, end, budget);
            }
        }
        for (Piece p = parent.backing.endingAfter(0);
                p != null && budget > 0;
                p = parent.backing.endingAfter(p.end)) {
            if (p.length() <= Faults.COPY_WINDOW_BYTES) {
                budget -= copy(parent, child, p.start, p.start, p.end, budget);
            }
        }
    }

    /**
     * Copies a range for the child as far as it is in the piece and the mapping that contain an
     * address.
     *
     * @return bytes copied; 0 if the range is not private writable memory or was copied before
     */
    private static long copy(
            Space parent, Space child, long address, long from, long to, long budget) {
        Piece piece = parent.backing.at(address);
        Vma vma = parent.vmas.at(address);
        if (piece == null
                || vma == null
                || vma.isShared()
                || piece.foreign
                || (vma.state & (Vma.DONT_FORK | Vma.WIPE_ON_FORK)) != 0
                || (vma.protection & Mman.PROT_WRITE) == 0) {
            return 0;
        }
        long start = Math.max(Math.max(vma.start, piece.start), from);
        long end = Math.min(Math.min(vma.end, piece.end), to);
        if (start >= end || end - start > budget || !child.backing.isFree(start, end)) {
            return 0;
        }
        long offset;
        try {
            offset = child.backing.pages.allocateToOverwrite(end - start);
        } catch (ErrnoException e) {
            return 0; // it can be shared as everything else
        }
        child.memory.copy(piece.offsetOf(start), offset, end - start);
        child.backing.add(start, end, offset, vma.protection, false, false);
        parent.backing.isolate(start, end);
        Piece own = parent.backing.at(start);
        if (own != null && own.cow && parent.backing.pages.isExclusive(own.offset, own.length())) {
            Faults.unprotect(parent, start, end); // an earlier child is gone: save this fault too
        }
        return end - start;
    }

    /**
     * Makes the child's host address space, a copy of the parent's, differ where the child's memory
     * does.
     */
    static void adjustChild(Space parent, Space child) {
        for (Vma v = parent.vmas.first(); v != null; v = parent.vmas.endingAfter(v.end)) {
            if ((v.state & (Vma.DONT_FORK | Vma.WIPE_ON_FORK)) != 0) {
                child.host.unmap(v.start, v.length());
            }
        }
        for (Piece p = child.backing.endingAfter(0);
                p != null;
                p = child.backing.endingAfter(p.end)) {
            if (!p.cow && !p.foreign) {
                child.host.map(p.start, p.length(), p.offset, p.protection);
            }
        }
    }
}
