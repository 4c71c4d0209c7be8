// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.host.HostRandom;

/**
 * Where the parts of a new program go (Linux: arch/x86/mm/mmap.c, fs/binfmt_elf.c), with its
 * randomisation: 28 bits of pages for PIE and mmap base, 22 bits for the stack, 13 bits for brk.
 */
final class Layouts {

    private static final long PAGE_SIZE = 4096;
    private static final int PAGE_SHIFT = 12;
    private static final int MMAP_RANDOM_BITS = 28; // vm.mmap_rnd_bits
    private static final long STACK_RANDOM_PAGES = 0x3fffff; // __STACK_RND_MASK
    private static final long STACK_RANDOM_SIZE = 16L << 30; // stack_maxrandom_size
    private static final long STACK_GUARD_GAP = 256 * PAGE_SIZE;
    private static final long GAP_MIN = 128L << 20;
    private static final long BRK_RANDOM_SIZE = 0x02000000;
    private static final int STACK_ALIGN_RANDOM = 8192;

    /** End of the stack area. */
    final long stackTop;

    /** Where mappings without an address go down from. */
    final long mmapBase;

    /** Where a PIE that has an interpreter starts. */
    final long pieBase;

    /** Added to the heap's start. */
    final long brkOffset;

    /** Bytes the first stack pointer moves down further. */
    final int stackOffset;

    /** For AT_RANDOM. */
    final byte[] random = new byte[16];

    /**
     * @param maxAddress end of usable addresses
     * @param stackLimit RLIMIT_STACK, unsigned
     * @param randomize false with the personality ADDR_NO_RANDOMIZE
     */
    Layouts(long minAddress, long maxAddress, long stackLimit, boolean randomize) {
        byte[] bits = new byte[random.length + 5 * Long.BYTES];
        HostRandom.fill(bits, 0, bits.length);
        System.arraycopy(bits, 5 * Long.BYTES, random, 0, random.length);
        // A small address space (a platform without the upper part) gets fewer random bits.
        long room = maxAddress - minAddress;
        int mmapBits = MMAP_RANDOM_BITS;
        while (mmapBits > 8 && (PAGE_SIZE << mmapBits) > room / 32) {
            mmapBits--;
        }
        long stackPages = STACK_RANDOM_PAGES;
        while (stackPages > 0xff && (stackPages + 1) * PAGE_SIZE > room / 64) {
            stackPages >>= 1;
        }
        long stackShift =
                randomize ? (LittleEndian.getLong(bits, 0) & stackPages) << PAGE_SHIFT : 0;
        stackTop = maxAddress - stackShift & -PAGE_SIZE;
        mmapBase = mmapBase(maxAddress, stackLimit, room, (stackPages + 1) * PAGE_SIZE, randomize)
                - (randomize ? pages(bits, 8, mmapBits) : 0);
        long third = maxAddress / 3 * 2 & -PAGE_SIZE; // ELF_ET_DYN_BASE
        pieBase = third + (randomize ? pages(bits, 16, mmapBits) : 0);
        brkOffset =
                randomize ? LittleEndian.getLong(bits, 24) & (BRK_RANDOM_SIZE - 1) & -PAGE_SIZE : 0;
        stackOffset =
                randomize ? (int) (LittleEndian.getLong(bits, 32) & STACK_ALIGN_RANDOM - 1) : 0;
    }

    private static long pages(byte[] bits, int at, int count) {
        return (LittleEndian.getLong(bits, at) & (1L << count) - 1) << PAGE_SHIFT;
    }

    private static long mmapBase(
            long maxAddress, long stackLimit, long room, long stackRandom, boolean randomize) {
        long gapMax = room / 6 * 5;
        long gap = stackLimit < 0 || stackLimit > gapMax ? gapMax : stackLimit;
        long pad = STACK_GUARD_GAP + (randomize ? Math.min(stackRandom, STACK_RANDOM_SIZE) : 0);
        gap = Math.min(Math.max(gap + pad, GAP_MIN), gapMax);
        return maxAddress - gap & -PAGE_SIZE;
    }
}
