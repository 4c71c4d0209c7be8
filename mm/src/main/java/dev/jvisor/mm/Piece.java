// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.interval.Interval;
import dev.jvisor.platform.abi.Mman;

/**
 * A range of guest addresses that a contiguous range of the memory file backs. Holds one reference
 * of each page. Guarded by {@link Space#lock}.
 */
final class Piece extends Interval {

    /** Where {@link #start} is in the memory file, in bytes. */
    long offset;

    /** The protection of the mapping ({@link Vma#protection}), kept here for access checks. */
    int protection;

    /**
     * The pages must be copied (or found to be unshared) before a write; the stub has them
     * read-only.
     */
    boolean cow;

    /** The pages are a {@link Mappable}'s or a special mapping's: a private write always copies. */
    final boolean foreign;

    Piece(long start, long end, long offset, int protection, boolean cow, boolean foreign) {
        super(start, end);
        this.offset = offset;
        this.protection = protection;
        this.cow = cow;
        this.foreign = foreign;
    }

    boolean allows(boolean write) {
        return write ? (protection & Mman.PROT_WRITE) != 0 && !cow : protection != 0;
    }

    long offsetOf(long address) {
        return offset + (address - start);
    }

    /** Returns the protection that the stub has the range mapped with. */
    int hostProtection() {
        return cow ? readOnly(protection) : protection;
    }

    /** Returns a protection without writing; a write-only page can be read as well. */
    static int readOnly(int protection) {
        return (protection & Mman.PROT_WRITE) == 0
                ? protection
                : protection & ~Mman.PROT_WRITE | Mman.PROT_READ;
    }

    boolean isLike(int otherProtection, boolean otherCow, boolean otherForeign) {
        return protection == otherProtection && cow == otherCow && foreign == otherForeign;
    }
}
