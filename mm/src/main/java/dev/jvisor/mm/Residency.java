// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.AddressSpace.HostUsage;
import dev.jvisor.platform.abi.Mman;

/**
 * Counts which pages are resident. Guests touch their pages without us, so the memory file is asked
 * what it holds, and the host how much of its files a stub has touched. Every method needs the lock
 * of the {@link Space}.
 */
final class Residency {

    /** More pieces than this are estimated rather than counted. */
    private static final int PIECES_MAX = 4096;

    private final Space s;

    /** Written under the lock in either mode: a race loses a maximum that the next count finds. */
    private volatile long peakBytes;

    Residency(Space s) {
        this.s = s;
    }

    void count(MemoryManager.Resident result) {
        countPages(result);
        HostUsage usage = new HostUsage();
        s.host.hostUsage(usage, true);
        result.file += usage.residentFileBytes;
        peakBytes = Math.max(peakBytes, result.total());
    }

    private void countPages(MemoryManager.Resident result) {
        if (s.backing.size() > PIECES_MAX) {
            result.anonymous += Math.min(s.backing.bytes(), s.memory.residentBytes());
            return;
        }
        long from = -1;
        long to = -1;
        for (Piece p = s.backing.endingAfter(0); p != null; p = s.backing.endingAfter(p.end)) {
            if (p.foreign) {
                Vma vma = s.vmas.at(p.start);
                long bytes = s.memory.residentBytes(p.offset, p.length());
                if (vma != null && vma.special) {
                    result.file += bytes;
                } else {
                    result.shared += bytes;
                }
                continue;
            }
            if (p.offset != to) {
                result.anonymous += from < to ? s.memory.residentBytes(from, to - from) : 0;
                from = p.offset;
            }
            to = p.offset + p.length();
        }
        result.anonymous += from < to ? s.memory.residentBytes(from, to - from) : 0;
    }

    /** Most bytes known, after a look that costs little. */
    long peakBytes(HostUsage usage) {
        MemoryManager.Resident now = new MemoryManager.Resident();
        countPages(now);
        s.host.hostUsage(usage, false);
        // The stub has touched host files and a part of the pages counted here.
        peakBytes = Math.max(peakBytes, Math.max(now.total(), usage.residentBytes));
        return peakBytes;
    }

    void resetPeak() {
        peakBytes = 0;
    }

    MemoryManager.VmaUsage usageOf(Vma vma) {
        MemoryManager.VmaUsage usage = new MemoryManager.VmaUsage();
        PageAllocator pages = s.backing.pages;
        for (long position = vma.start; position < vma.end; ) {
            Piece piece = s.backing.endingAfter(position);
            long next = piece == null ? vma.end : Math.min(vma.end, piece.start);
            if (position < next) {
                if (vma.isHostBacked()) {
                    addFile(usage, s.host.touchedBytes(position, next - position), vma);
                }
                position = next;
                continue;
            }
            if (piece == null) {
                break;
            }
            long end = Math.min(vma.end, piece.end);
            while (position < end) {
                long offset = piece.offsetOf(position);
                long runEnd = pages.runEnd(offset, piece.offsetOf(end));
                int references = pages.references(offset) - (piece.foreign ? 1 : 0);
                long bytes = s.memory.residentBytes(offset, runEnd - offset);
                addPages(usage, bytes, Math.max(1, references), piece.foreign);
                position += runEnd - offset;
            }
        }
        usage.locked = vma.isLocked() ? usage.proportional : 0;
        usage.flags = flags(vma);
        return usage;
    }

    private static void addFile(MemoryManager.VmaUsage usage, long bytes, Vma vma) {
        usage.resident += bytes;
        usage.proportional += bytes;
        if (vma.isShared() && vma.allows(true)) {
            usage.privateDirty += bytes;
        } else {
            usage.privateClean += bytes;
        }
    }

    private static void addPages(
            MemoryManager.VmaUsage usage, long bytes, int references, boolean foreign) {
        usage.resident += bytes;
        usage.proportional += bytes / references;
        usage.anonymous += foreign ? 0 : bytes;
        if (references > 1) {
            usage.sharedDirty += bytes;
        } else {
            usage.privateDirty += bytes;
        }
    }

    /** Linux: fs/proc/task_mmu.c, show_smap_vma_flags. */
    private static String flags(Vma vma) {
        if (vma.special && (vma.protection & Mman.PROT_EXEC) == 0) {
            return "rd mr pf io de dd "; // the vDSO's data
        }
        boolean mayWrite = (vma.maxProtection & Mman.PROT_WRITE) != 0;
        StringBuilder text = new StringBuilder(48);
        text.append((vma.protection & Mman.PROT_READ) != 0 ? "rd " : "");
        text.append((vma.protection & Mman.PROT_WRITE) != 0 ? "wr " : "");
        text.append((vma.protection & Mman.PROT_EXEC) != 0 ? "ex " : "");
        text.append(vma.isShared() && mayWrite ? "sh " : "");
        text.append((vma.maxProtection & Mman.PROT_READ) != 0 ? "mr " : "");
        text.append(mayWrite ? "mw " : "");
        text.append((vma.maxProtection & Mman.PROT_EXEC) != 0 ? "me " : "");
        text.append(vma.isShared() ? "ms " : "");
        text.append(vma.growsDown() ? "gd " : "");
        text.append(vma.isLocked() ? "lo " : "");
        text.append((vma.state & Vma.SEQUENTIAL) != 0 ? "sr " : "");
        text.append((vma.state & Vma.RANDOM) != 0 ? "rr " : "");
        text.append((vma.state & Vma.DONT_FORK) != 0 ? "dc " : "");
        text.append(vma.special ? "de " : "");
        text.append((vma.state & Vma.LOCK_ON_FAULT) != 0 ? "lf " : "");
        text.append(vma.isAccounted() ? "ac " : "");
        text.append((vma.flags & Mman.MAP_NORESERVE) != 0 ? "nr " : "");
        text.append((vma.state & Vma.WIPE_ON_FORK) != 0 ? "wf " : "");
        text.append((vma.state & Vma.DONT_DUMP) != 0 ? "dd " : "");
        text.append((vma.state & Vma.HUGE) != 0 ? "hg " : "");
        text.append((vma.state & Vma.NO_HUGE) != 0 ? "nh " : "");
        return text.toString();
    }
}
