// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.Reserves.Growth;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes pages accessible on demand (Linux: mm/memory.c, handle_mm_fault). Every method needs the
 * write lock of the {@link Space}.
 */
final class Faults {

    private Faults() {}

    /** What became of an attempt to make a page accessible. */
    enum Outcome {
        /** Something was mapped or unprotected: try again. */
        CHANGED,
        /** The page was accessible already (or another thread has just made it so). */
        UNCHANGED,
        /**
         * The page is a host file's and the stub has it mapped; the Sentry reads it through the
         * file.
         */
        HOST_FILE,
        /** SIGSEGV, SEGV_MAPERR: nothing is mapped. */
        NOT_MAPPED,
        /** SIGSEGV, SEGV_ACCERR: the mapping does not allow it. */
        NOT_ALLOWED,
        /** SIGBUS, BUS_ADRERR: behind the end of the mapped object, or it cannot be read. */
        BEHIND_END,
        /** The memory file is exhausted. */
        NO_MEMORY
    }

    /** Pages around a fault that are copied with it (aligned window). */
    static final long COPY_WINDOW_BYTES = 16 * Space.PAGE_SIZE;

    /** The same where the pages before have been copied by such faults, and how many of them. */
    private static final long ROW_WINDOW_BYTES = 64 * Space.PAGE_SIZE;

    private static final long ROW_MIN_BYTES = 4 * COPY_WINDOW_BYTES;

    /**
     * The same where there are so many pieces that the host's limit of mappings comes near: memory
     * of any size must not be cut into more than the host allows.
     */
    private static final long CROWDED_WINDOW_BYTES = 4L << 20;

    private static final int CROWDED_PIECES = 20_000;

    /** Pages around a fault that are mapped with it from an object in the memory file. */
    static final long LOCATE_WINDOW_BYTES = 64 * Space.PAGE_SIZE;

    /** Private anonymous ranges up to this get their pages as soon as they become accessible. */
    static final long EAGER_MAX_BYTES = 256L << 20;

    /**
     * Parts in which larger ones get theirs; the small one for those that are used as sparse
     * tables.
     */
    private static final long LAZY_WINDOW_BYTES = 64L << 20;

    private static final long SPARSE_WINDOW_BYTES = 4L << 20;
    private static final long SPARSE_MIN_BYTES = 64L << 30;

    /**
     * Private writable mappings of a host file up to this are copied when they are made (.data).
     */
    static final long EAGER_COPY_MAX_BYTES = 128 << 10;

    /** A stack grows by at least this where the limits allow. */
    private static final long STACK_STEP_BYTES = 16 * Space.PAGE_SIZE;

    /** One buffer for file contents, lent to one thread at a time. */
    private static final AtomicReference<byte @Nullable []> BUFFER = new AtomicReference<>();

    static byte[] borrowBuffer() {
        byte[] buffer = BUFFER.getAndSet(null);
        return buffer != null ? buffer : new byte[(int) COPY_WINDOW_BYTES];
    }

    static void returnBuffer(byte[] buffer) {
        BUFFER.set(buffer);
    }

    /** Makes the page of an address accessible for reading or writing. */
    static Outcome resolve(Space s, long address, boolean write) {
        Vma vma = s.vmas.at(address);
        if (vma == null) {
            vma = growStack(s, address);
            if (vma == null) {
                return Outcome.NOT_MAPPED;
            }
        }
        if (!vma.allows(write)) {
            return Outcome.NOT_ALLOWED;
        }
        long page = Space.pageStart(address);
        Piece piece = s.backing.at(page);
        try {
            if (piece == null) {
                return addBacking(s, vma, page, write);
            }
            return write && piece.cow ? breakCopyOnWrite(s, piece, page) : Outcome.UNCHANGED;
        } catch (ErrnoException e) {
            return Outcome.NO_MEMORY;
        }
    }

    private static Outcome addBacking(Space s, Vma vma, long page, boolean write)
            throws ErrnoException {
        if (vma.file == null) {
            addZeroPages(s, vma, page);
            return Outcome.CHANGED;
        }
        if (vma.isHostBacked()) {
            return vma.isShared() || !write ? Outcome.HOST_FILE : copyFromFile(s, vma, page);
        }
        Outcome outcome = locate(s, vma, page, LOCATE_WINDOW_BYTES);
        if (outcome == Outcome.CHANGED && write && !vma.isShared()) {
            Piece piece = s.backing.at(page);
            return piece == null ? Outcome.BEHIND_END : breakCopyOnWrite(s, piece, page);
        }
        return outcome;
    }

    /** Gives zero pages to the part of a lazily backed range around a page. */
    private static void addZeroPages(Space s, Vma vma, long page) throws ErrnoException {
        long window = vma.length() >= SPARSE_MIN_BYTES ? SPARSE_WINDOW_BYTES : LAZY_WINDOW_BYTES;
        long start = Math.max(gapStart(s, vma, page), page & -window);
        long end = Math.min(gapEnd(s, vma, page), (page & -window) + window);
        mapZeroPages(s, vma, start, end, vma.growsDown() ? Growth.DOWN : Growth.NONE);
    }

    /** Backs a range of private anonymous memory that has no pages and shows it to the stub. */
    static void mapZeroPages(Space s, Vma vma, long start, long end, Growth growth)
            throws ErrnoException {
        long offset = s.backing.allocate(start, end, growth);
        s.backing.add(start, end, offset, vma.protection, false, false);
        s.host.map(start, end - start, offset, vma.protection);
    }

    /** Returns where the part of a mapping without pages around an address starts. */
    static long gapStart(Space s, Vma vma, long address) {
        Piece before = s.backing.startingBefore(address);
        return before == null ? vma.start : Math.max(vma.start, before.end);
    }

    /** Returns where the part of a mapping without pages around an address ends. */
    static long gapEnd(Space s, Vma vma, long address) {
        Piece after = s.backing.endingAfter(address);
        return after == null ? vma.end : Math.min(vma.end, after.start);
    }

    /** Maps pages of an object that lives in the memory file, in a window around a page. */
    static Outcome locate(Space s, Vma vma, long page, long window) {
        Mappable file = vma.file;
        if (file == null) {
            return Outcome.NOT_MAPPED;
        }
        try {
            long fileEnd = vma.start + (Space.pageUp(file.size()) - vma.offset);
            if (page >= fileEnd) {
                return Outcome.BEHIND_END;
            }
            long start = Math.max(gapStart(s, vma, page), page & -window);
            long end = Math.min(Math.min(gapEnd(s, vma, page), (page & -window) + window), fileEnd);
            Mappable.Location location = new Mappable.Location();
            for (long a = start; a < end; a += location.length) {
                try {
                    file.locate(vma.fileOffset(a), end - a, location);
                } catch (ErrnoException e) {
                    if (a <= page) {
                        throw e;
                    }
                    break; // pages behind the wanted one are a bonus
                }
                s.backing.pages.retain(location.offset, location.length);
                boolean cow = !vma.isShared();
                s.backing.add(a, a + location.length, location.offset, vma.protection, cow, true);
                int protection = cow ? Piece.readOnly(vma.protection) : vma.protection;
                s.host.map(a, location.length, location.offset, protection);
            }
            return Outcome.CHANGED;
        } catch (ErrnoException e) {
            return e.errno == Errno.ENOMEM ? Outcome.NO_MEMORY : Outcome.BEHIND_END;
        }
    }

    /**
     * Copies pages of a private host file mapping to the memory file, in a window around a page.
     */
    private static Outcome copyFromFile(Space s, Vma vma, long page) throws ErrnoException {
        Mappable file = vma.file;
        if (file == null) {
            return Outcome.NOT_MAPPED;
        }
        long fileEnd = vma.start + (Space.pageUp(file.size()) - vma.offset);
        if (page >= fileEnd) {
            return Outcome.BEHIND_END;
        }
        long gapStart = gapStart(s, vma, page);
        long size = windowBytes(s, copiedBefore(s, gapStart));
        long window = page & -size;
        long start = Math.max(gapStart, window);
        long end = Math.min(Math.min(gapEnd(s, vma, page), window + size), fileEnd);
        return copyFromFile(s, vma, start, end) ? Outcome.CHANGED : Outcome.BEHIND_END;
    }

    /**
     * Returns how many writable bytes lie directly before an address: a writer that goes upwards.
     */
    private static long copiedBefore(Space s, long address) {
        Piece left = s.backing.startingBefore(address);
        return left != null && left.end == address && left.allows(true) ? left.length() : 0;
    }

    /** How much to copy at once behind a row of so many bytes that were. */
    private static long windowBytes(Space s, long row) {
        if (s.backing.size() >= CROWDED_PIECES) {
            return CROWDED_WINDOW_BYTES;
        }
        return row >= ROW_MIN_BYTES ? ROW_WINDOW_BYTES : COPY_WINDOW_BYTES;
    }

    /**
     * Copies a range of a private host file mapping, wholly within the file's pages, to the memory
     * file.
     *
     * @return false if the file cannot be read
     * @throws ErrnoException ENOMEM
     */
    static boolean copyFromFile(Space s, Vma vma, long start, long end) throws ErrnoException {
        long offset = s.backing.allocate(start, end, Growth.NONE);
        if (vma.file == null
                || !readFile(s, vma.file, vma.fileOffset(start), offset, end - start)) {
            s.backing.pages.release(offset, end - start);
            return false;
        }
        s.backing.add(start, end, offset, vma.protection, false, false);
        s.host.map(start, end - start, offset, vma.protection);
        return true;
    }

    private static boolean readFile(
            Space s, Mappable file, long fileOffset, long memoryOffset, long length) {
        byte[] buffer = borrowBuffer();
        try {
            long done = 0;
            while (done < length) {
                int want = (int) Math.min(buffer.length, length - done);
                int n = file.read(fileOffset + done, buffer, 0, want);
                if (n <= 0) {
                    break; // the rest of the last page stays zero
                }
                s.memory.put(memoryOffset + done, buffer, 0, n);
                done += n;
            }
            return true;
        } catch (ErrnoException e) {
            return false;
        } finally {
            returnBuffer(buffer);
        }
    }

    /**
     * Makes a page writable that was shared by a fork or belongs to an object: in place if nobody
     * else has it any more, otherwise by copying the window around it.
     */
    private static Outcome breakCopyOnWrite(Space s, Piece piece, long page) throws ErrnoException {
        PageAllocator pages = s.backing.pages;
        s.hotWindows.add(page);
        if (!piece.foreign && pages.isExclusive(piece.offset, piece.length())) {
            unprotect(s, piece.start, piece.end);
            return Outcome.CHANGED;
        }
        long row = copiedBefore(s, piece.start);
        long size = windowBytes(s, row);
        long start = Math.max(piece.start, page & -size);
        // The second window in a row is likely to have a third.
        boolean inRow = row > 0 && start == piece.start;
        long end = Math.min(piece.end, (page & -size) + size);
        if (!piece.foreign && pages.isExclusive(piece.offsetOf(page), Space.PAGE_SIZE)) {
            long from = page;
            while (from > start
                    && pages.isExclusive(piece.offsetOf(from) - Space.PAGE_SIZE, Space.PAGE_SIZE)) {
                from -= Space.PAGE_SIZE;
            }
            long to = page + Space.PAGE_SIZE;
            while (to < end && pages.isExclusive(piece.offsetOf(to), Space.PAGE_SIZE)) {
                to += Space.PAGE_SIZE;
            }
            unprotect(s, from, to);
            return Outcome.CHANGED;
        }
        int protection = piece.protection;
        long old = piece.offsetOf(start);
        long offset = inRow
                ? s.backing.allocate(start, end, Growth.UP)
                : pages.allocateToOverwrite(end - start);
        s.memory.copy(old, offset, end - start);
        s.backing.drop(start, end);
        s.backing.add(start, end, offset, protection, false, false);
        s.host.map(start, end - start, offset, protection);
        return Outcome.CHANGED;
    }

    /** Ends copy-on-write of a range of one piece whose pages nobody else has. */
    static void unprotect(Space s, long start, long end) {
        s.backing.isolate(start, end);
        Piece piece = s.backing.at(start);
        if (piece != null) {
            piece.cow = false;
            if (piece.protection != Piece.readOnly(piece.protection)) {
                s.host.protect(start, end - start, piece.protection);
            }
            s.backing.merge(start, end);
        }
    }

    /**
     * Extends a growing stack down to an address (Linux: mm/mmap.c, expand_downwards).
     *
     * @return the stack's mapping, which then contains the address; null if there is none or it
     *     must not
     */
    private static @Nullable Vma growStack(Space s, long address) {
        Vma stack = s.vmas.endingAfter(address);
        long page = Space.pageStart(address);
        if (stack == null || !stack.growsDown() || page < s.minAddress) {
            return null;
        }
        long lowest = Math.max(
                s.minAddress, stack.end - Math.min(stack.end, s.limit(Resource.RLIMIT_STACK)));
        Vma below = s.vmas.startingBefore(stack.start);
        if (below != null) {
            boolean needsGap = !below.growsDown() && below.protection != Mman.PROT_NONE;
            lowest = Math.max(lowest, below.end + (needsGap ? VmaSet.STACK_GUARD_GAP_BYTES : 0));
        }
        lowest = Space.pageUp(lowest);
        if (page < lowest || !mayGrow(s, stack, stack.start - page)) {
            return null;
        }
        long start = Math.max(lowest, Math.min(page, stack.start - STACK_STEP_BYTES));
        if (!mayGrow(s, stack, stack.start - start)) {
            start = page;
        }
        if (stack.isAccounted()) {
            try {
                s.charge(stack.start - start);
            } catch (ErrnoException e) {
                return null;
            }
        }
        s.vmas.resize(stack, start, stack.end);
        return stack;
    }

    private static boolean mayGrow(Space s, Vma stack, long bytes) {
        return s.mayExpand(bytes, 0) && (!stack.isLocked() || s.mayLockMore(bytes));
    }
}
