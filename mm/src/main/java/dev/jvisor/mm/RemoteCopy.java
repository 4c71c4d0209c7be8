// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.Reserves.Growth;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * Copies for another process (Linux: access_remote_vm, get_user_pages with FOLL_FORCE).
 *
 * <p>By force, any mapping can be read, and any private one be written: a page that is not writable
 * becomes a page of this memory alone, with the protection it had. So a debugger sets a breakpoint
 * in a program's text, which other processes share.
 */
final class RemoteCopy {

    private final Space s;
    private final UserCopy userCopy;

    RemoteCopy(Space s, UserCopy userCopy) {
        this.s = s;
        this.userCopy = userCopy;
    }

    int read(long address, byte[] destination, int index, int length, boolean force) {
        int done = 0;
        while (done < length) {
            long position = address + done;
            done += (int) userCopy.copy(
                    UserCopy.Kind.TO_ARRAY, position, length - done, destination, index + done);
            if (done >= length || !force) {
                break;
            }
            int n = inPage(address + done, length - done);
            if (!readByForce(address + done, destination, index + done, n)) {
                break;
            }
            done += n;
        }
        return done;
    }

    private static int inPage(long address, int length) {
        return (int) Math.min(length, Space.PAGE_SIZE - (address & Space.PAGE_SIZE - 1));
    }

    /** Reads within a page that nobody may read (PROT_NONE). */
    private boolean readByForce(long address, byte[] destination, int index, int length) {
        long stamp = s.beginChange();
        try {
            Vma vma = s.vmas.at(address);
            if (vma == null || vma.isReserved()) {
                return false;
            }
            Piece piece = pieceOf(vma, Space.pageStart(address), false);
            if (piece != null) {
                s.memory.get(piece.offsetOf(address), destination, index, length);
                return true;
            }
            if (vma.file == null) {
                java.util.Arrays.fill(destination, index, index + length, (byte) 0);
                return true;
            }
            return vma.isHostBacked() && readFile(vma, address, destination, index, length);
        } catch (ErrnoException e) {
            return false;
        } finally {
            s.endChange(stamp);
        }
    }

    private static boolean readFile(
            Vma vma, long address, byte[] destination, int index, int length)
            throws ErrnoException {
        Mappable file = vma.file;
        if (file == null || vma.fileOffset(address) >= Space.pageUp(file.size())) {
            return false;
        }
        int n = Math.max(0, file.read(vma.fileOffset(address), destination, index, length));
        java.util.Arrays.fill(destination, index + n, index + length, (byte) 0);
        return true;
    }

    int write(long address, byte[] source, int index, int length, boolean force) {
        int done = 0;
        while (done < length) {
            int n = inPage(address + done, length - done);
            int written = writePage(address + done, source, index + done, n, force);
            if (written < 0) {
                written = (int) userCopy.copy(
                        UserCopy.Kind.FROM_ARRAY, address + done, n, source, index + done);
            }
            done += written;
            if (written < n) {
                break;
            }
        }
        return done;
    }

    /** Writes within a page; -1 if it is one of a shared host file, 0 if it cannot be. */
    private int writePage(long address, byte[] source, int index, int length, boolean force) {
        long stamp = s.beginChange();
        try {
            long page = Space.pageStart(address);
            Vma vma = s.vmas.at(address);
            if (vma == null || vma.isReserved()) {
                return 0;
            }
            Piece piece;
            if (vma.allows(true)) {
                switch (Faults.resolve(s, address, true)) {
                    case CHANGED, UNCHANGED -> {}
                    case HOST_FILE -> {
                        return -1;
                    }
                    default -> {
                        return 0;
                    }
                }
                piece = s.backing.at(page);
            } else if (force && !vma.isShared()) {
                piece = ownPage(vma, page);
            } else {
                return 0;
            }
            if (piece == null) {
                return 0;
            }
            if (s.host.hasPending()) {
                Space.commit(s.host); // the guest must not go on with the old page
            }
            s.memory.put(piece.offsetOf(address), source, index, length);
            return length;
        } catch (ErrnoException e) {
            return 0;
        } finally {
            s.endChange(stamp);
        }
    }

    /** Finds what backs a page, making it if need be; null for what only the host shows. */
    private @Nullable Piece pieceOf(Vma vma, long page, boolean own) throws ErrnoException {
        Piece piece = s.backing.at(page);
        if (piece != null) {
            return piece;
        }
        if (vma.file == null) {
            if (own) {
                Faults.mapZeroPages(s, vma, page, page + Space.PAGE_SIZE, Growth.NONE);
            }
        } else if (!vma.isHostBacked()) {
            Faults.locate(s, vma, page, Space.PAGE_SIZE);
        } else if (own) {
            long fileEnd = vma.start + (Space.pageUp(vma.file.size()) - vma.offset);
            if (page < fileEnd) {
                Faults.copyFromFile(s, vma, page, page + Space.PAGE_SIZE);
            }
        }
        return s.backing.at(page);
    }

    /** Gives a private mapping a page that nobody else has; null if there is none to copy. */
    private @Nullable Piece ownPage(Vma vma, long page) throws ErrnoException {
        Piece piece = pieceOf(vma, page, true);
        if (piece == null) {
            return null;
        }
        PageAllocator pages = s.backing.pages;
        long old = piece.offsetOf(page);
        if (!piece.cow && !piece.foreign && pages.isExclusive(old, Space.PAGE_SIZE)) {
            return piece;
        }
        int protection = piece.protection;
        long end = page + Space.PAGE_SIZE;
        long offset = pages.allocateToOverwrite(Space.PAGE_SIZE);
        s.memory.copy(old, offset, Space.PAGE_SIZE);
        s.backing.drop(page, end);
        s.backing.add(page, end, offset, protection, false, false);
        s.host.map(page, Space.PAGE_SIZE, offset, protection);
        return s.backing.at(page);
    }
}
