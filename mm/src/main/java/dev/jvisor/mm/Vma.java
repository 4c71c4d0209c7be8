// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.interval.Interval;
import dev.jvisor.platform.abi.Mman;

import org.jspecify.annotations.Nullable;

/**
 * What the guest mapped in a range (Linux: {@code struct vm_area_struct}). Guarded by
 * {@link Space#lock}.
 */
final class Vma extends Interval {

    /** Bits of {@link #state}: what madvise(2) asked for (Linux: VM_DONTCOPY and so on). */
    static final int DONT_FORK = 1;

    static final int WIPE_ON_FORK = 1 << 1;
    static final int SEQUENTIAL = 1 << 2;
    static final int RANDOM = 1 << 3;
    static final int DONT_DUMP = 1 << 4;
    static final int HUGE = 1 << 5;
    static final int NO_HUGE = 1 << 6;

    /** What mlock(2) asked for (Linux: VM_LOCKED, VM_LOCKONFAULT). */
    static final int LOCKED = 1 << 7;

    static final int LOCK_ON_FAULT = 1 << 8;

    /** It counts in the memory that is promised to guests (Linux: VM_ACCOUNT). */
    static final int ACCOUNTED = 1 << 9;

    /** {@code PROT_*} bits that accesses need. */
    int protection;

    /** {@code PROT_*} bits that mprotect(2) may give (Linux: VM_MAYREAD and so on). */
    int maxProtection;

    /** MAP_SHARED or MAP_PRIVATE, and MAP_GROWSDOWN, MAP_NORESERVE. */
    final int flags;

    /** What may change of the flags that Linux keeps in {@code vm_flags}. */
    int state;

    /** What is mapped; null for private anonymous memory. */
    final @Nullable Mappable file;

    /** Where {@link #start} is in {@link #file}, in bytes. */
    long offset;

    /** Name given by prctl(PR_SET_VMA) or for a special mapping. */
    @Nullable
    String name;

    /** Whether {@link Mapper#mapSpecial} made it: never merged, not accounted. */
    final boolean special;

    Vma(
            long start,
            long end,
            int protection,
            int maxProtection,
            int flags,
            @Nullable Mappable file,
            long offset,
            boolean special) {
        super(start, end);
        this.protection = protection;
        this.maxProtection = maxProtection;
        this.flags = flags;
        this.file = file;
        this.offset = offset;
        this.special = special;
    }

    /** Returns a copy that covers another range of the same mapping. */
    Vma copy(long newStart, long newEnd) {
        Vma copy = new Vma(
                newStart,
                newEnd,
                protection,
                maxProtection,
                flags,
                file,
                file == null ? 0 : offset + (newStart - start),
                special);
        copy.state = state;
        copy.name = name;
        return copy;
    }

    boolean isShared() {
        return (flags & Mman.MAP_TYPE) == Mman.MAP_SHARED;
    }

    boolean growsDown() {
        return (flags & Mman.MAP_GROWSDOWN) != 0;
    }

    /** Whether an access is allowed; any right implies reading, as on the processor. */
    boolean allows(boolean write) {
        return write ? (protection & Mman.PROT_WRITE) != 0 : protection != 0;
    }

    /** Private and writable: what RLIMIT_DATA counts, except stacks. */
    boolean isData() {
        return (protection & Mman.PROT_WRITE) != 0 && !isShared() && !growsDown();
    }

    boolean isLocked() {
        return (state & LOCKED) != 0;
    }

    boolean isAccounted() {
        return (state & ACCOUNTED) != 0;
    }

    /** Whether it is the kernel's own data, which nobody else reads or writes (VM_PFNMAP). */
    boolean isReserved() {
        return special && "[vvar]".equals(name);
    }

    /** Whether the host shows a file of its own where there is no backing. */
    boolean isHostBacked() {
        return file != null && file.hostFd() >= 0;
    }

    /** Returns where an address of this mapping is in the file. */
    long fileOffset(long address) {
        return offset + (address - start);
    }

    /** Whether the next mapping continues this one so that they can be one. */
    boolean canMerge(Vma next) {
        return end == next.start
                && protection == next.protection
                && maxProtection == next.maxProtection
                && flags == next.flags
                && state == next.state
                && file == next.file
                && (file == null || offset + length() == next.offset)
                && !special
                && !next.special
                && (name == null ? next.name == null : name.equals(next.name));
    }
}
