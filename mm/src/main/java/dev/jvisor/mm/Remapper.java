// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

/** mremap(2) (Linux: mm/mremap.c). Needs the write lock of the {@link Space}. */
final class Remapper {

    private static final int FLAGS =
            Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED | Mman.MREMAP_DONTUNMAP;

    private Remapper() {}

    static long mremap(
            Space s, long address, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException {
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        boolean mayMove = (flags & Mman.MREMAP_MAYMOVE) != 0;
        long oldSize = Space.pageUp(oldLength);
        long newSize = Space.pageUp(newLength);
        boolean bad = (flags & ~FLAGS) != 0
                || !Space.isPageAligned(address)
                || newSize <= 0
                || newSize > s.maxAddress
                || (fixed || keep) && !mayMove
                || keep && oldSize != newSize;
        boolean targetGiven = fixed || keep;
        if (bad || targetGiven && !isGoodTarget(s, address, oldSize, newSize, newAddress)) {
            throw Errno.EINVAL.exception();
        }
        if (s.isFull()) {
            throw Errno.ENOMEM.exception();
        }
        Vma vma = address < 0 ? null : s.vmas.at(address);
        if (vma == null) {
            throw Errno.EFAULT.exception();
        }
        if (oldSize == 0 && !vma.isShared()) {
            throw Errno.EINVAL.exception();
        }
        if (!targetGiven && Long.compareUnsigned(newSize, oldSize) <= 0) {
            shrink(s, address, oldSize, newSize);
            return address;
        }
        // Without a change of size, a range may take along several mappings (since Linux 6.17).
        boolean moveOnly = targetGiven && oldSize == newSize;
        long kept = Long.compareUnsigned(newSize, oldSize) < 0 ? newSize : oldSize;
        if (!moveOnly && Long.compareUnsigned(kept, vma.end - address) > 0) {
            throw Errno.EFAULT.exception();
        }
        if (Long.compareUnsigned(newSize, oldSize) > 0) {
            checkGrowth(s, vma, newSize - oldSize);
            if (!fixed && growInPlace(s, vma, address, oldSize, newSize)) {
                return address;
            }
        }
        if (!mayMove) {
            throw Errno.ENOMEM.exception();
        }
        long target;
        if (fixed) {
            target = newAddress;
            if (target < s.minAddress) {
                throw Errno.EPERM.exception();
            }
            if (!moveOnly) {
                Mapper.remove(s, target, target + newSize, true);
            }
        } else {
            target = Mapper.chooseAddress(s, keep ? newAddress : 0, newSize, 0);
        }
        if (kept != oldSize) {
            shrink(s, address, oldSize, newSize);
        }
        if (moveOnly) {
            moveAll(s, address, oldSize, target, fixed, keep);
        } else {
            move(s, address, kept, target, newSize, keep);
        }
        return target;
    }

    /**
     * Moves all mappings of a range. Where the range has holes, what is at the target stays.
     *
     * @param replaces whether there may be mappings at the target
     */
    private static void moveAll(
            Space s, long address, long size, long target, boolean replaces, boolean keep)
            throws ErrnoException {
        long end = address + size;
        for (long position = address; position < end; ) {
            Vma vma = s.vmas.endingAfter(position);
            if (vma == null || vma.start >= end) {
                return;
            }
            long from = Math.max(position, vma.start);
            position = Math.min(end, vma.end);
            if (replaces) {
                Mapper.remove(s, target + (from - address), target + (position - address), true);
            }
            move(s, from, position - from, target + (from - address), position - from, keep);
        }
    }

    private static boolean isGoodTarget(
            Space s, long address, long oldSize, long newSize, long newAddress) {
        return Space.isPageAligned(newAddress)
                && newAddress >= 0
                && newAddress <= s.maxAddress - newSize
                && !(Long.compareUnsigned(newAddress, address + oldSize) < 0
                        && Long.compareUnsigned(address, newAddress + newSize) < 0);
    }

    private static void shrink(Space s, long address, long oldSize, long newSize)
            throws ErrnoException {
        if (Long.compareUnsigned(newSize, oldSize) < 0) {
            if (Long.compareUnsigned(oldSize, Space.TASK_SIZE_MAX - address) > 0) {
                throw Errno.EINVAL.exception();
            }
            Mapper.checkSplit(s, address + newSize, address + oldSize);
            Mapper.remove(s, address + newSize, address + oldSize, true);
        }
    }

    private static void checkGrowth(Space s, Vma vma, long more) throws ErrnoException {
        if (vma.special) {
            throw Errno.EFAULT.exception();
        }
        if (vma.file != null && vma.offset > Long.MAX_VALUE - vma.length() - more) {
            throw Errno.EINVAL.exception();
        }
        if (vma.isLocked() && !s.mayLockMore(more)) {
            throw Errno.EAGAIN.exception();
        }
        if (!s.mayExpand(more, vma.isData() ? more : 0)) {
            throw Errno.ENOMEM.exception();
        }
        if (vma.isAccounted()) {
            s.charge(more);
        }
    }

    private static boolean growInPlace(Space s, Vma vma, long address, long oldSize, long newSize)
            throws ErrnoException {
        long oldEnd = address + oldSize;
        long newEnd = address + newSize;
        if (oldSize == 0
                || oldEnd != vma.end
                || newEnd > s.maxAddress
                || !s.vmas.isFreeWithGap(oldEnd, newEnd)) {
            return false;
        }
        if (vma.file != null) {
            vma.file.addMapping(s.owner, oldEnd, newEnd - oldEnd, vma.fileOffset(oldEnd));
        }
        s.vmas.resize(vma, vma.start, newEnd);
        backNewPart(s, vma, oldEnd, newEnd);
        populateIfLocked(s, vma, oldEnd, newEnd);
        s.vmas.merge(vma.start, vma.end);
        return true;
    }

    private static void populateIfLocked(Space s, Vma vma, long start, long end) {
        if ((vma.state & (Vma.LOCKED | Vma.LOCK_ON_FAULT)) == Vma.LOCKED) {
            try {
                Locker.populate(s, start, end);
            } catch (ErrnoException e) {
                // As Linux: what cannot be had now is left to faults.
            }
        }
    }

    /** Shows what a mapping has in a part that has just been added to it. */
    private static void backNewPart(Space s, Vma vma, long start, long end) throws ErrnoException {
        if (start >= end) {
            return;
        }
        if (vma.isHostBacked()) {
            Mapper.showFile(s, vma, start, end);
        } else if (vma.file == null
                && vma.protection != Mman.PROT_NONE
                && end - start <= Faults.EAGER_MAX_BYTES) {
            Faults.mapZeroPages(s, vma, start, end, Reserves.Growth.UP);
        }
    }

    /**
     * Moves a range of one mapping, with its pages, into free space.
     *
     * @param oldSize bytes to take along; 0 to make a second view of a shared mapping
     * @param keep whether the old range stays mapped, without its pages
     */
    private static void move(
            Space s, long address, long oldSize, long target, long newSize, boolean keep)
            throws ErrnoException {
        s.vmas.isolate(address, address + Math.max(oldSize, Space.PAGE_SIZE));
        Vma old = s.vmas.at(address);
        if (old == null) {
            throw Errno.EFAULT.exception();
        }
        if (keep && old.isAccounted()) {
            s.charge(newSize);
        }
        Vma moved = old.copy(address, address + Space.PAGE_SIZE);
        long shift = target - address;
        moved.start += shift;
        moved.end = target + newSize;
        s.vmas.add(moved);
        if (moved.file != null) {
            moved.file.addMapping(s.owner, target, newSize, moved.offset);
        }
        long position = address;
        while (position < address + oldSize) {
            Piece piece = s.backing.endingAfter(position);
            long gapEnd =
                    piece == null ? address + oldSize : Math.min(address + oldSize, piece.start);
            if (position < gapEnd) {
                if (moved.isHostBacked()) {
                    Mapper.showFile(s, moved, position + shift, gapEnd + shift);
                }
                position = gapEnd;
            } else if (piece != null) {
                position = movePiece(s, piece, address, address + oldSize, shift);
            }
        }
        if (oldSize > 0) {
            leaveOld(s, old, keep);
        }
        backNewPart(s, moved, target + oldSize, target + newSize);
        populateIfLocked(s, moved, target + oldSize, target + newSize);
        s.vmas.merge(target, target + newSize);
        s.vmas.merge(address, address + oldSize);
    }

    /** Moves the part of a piece in a range; returns where it ended. */
    private static long movePiece(Space s, Piece whole, long start, long end, long shift) {
        long from = Math.max(start, whole.start);
        long to = Math.min(end, whole.end);
        s.backing.isolate(from, to);
        Piece piece = s.backing.at(from);
        if (piece != null) {
            s.backing.detach(piece);
            s.backing.add(
                    from + shift,
                    to + shift,
                    piece.offset,
                    piece.protection,
                    piece.cow,
                    piece.foreign);
            s.host.map(from + shift, to - from, piece.offset, piece.hostProtection());
        }
        return to;
    }

    private static void leaveOld(Space s, Vma old, boolean keep) {
        if (!keep) {
            s.vmas.remove(old);
            s.host.unmap(old.start, old.length());
            if (old.file != null) {
                old.file.removeMapping(s.owner, old.start, old.length(), old.offset);
            }
            return;
        }
        s.vmas.setState(old, Vma.LOCKED | Vma.LOCK_ON_FAULT, 0);
        if (old.isHostBacked()) {
            Mapper.showFile(s, old, old.start, old.end);
        } else {
            s.host.unmap(old.start, old.length()); // zero or the object's pages come by faults
        }
    }
}
