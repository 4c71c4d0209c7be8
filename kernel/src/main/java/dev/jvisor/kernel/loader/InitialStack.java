// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.host.HostAuxv;

/**
 * What a program finds at its stack pointer (System V ABI for x86-64, 3.4.1; Linux:
 * create_elf_tables).
 *
 * <pre>
 *   top - 8   null word
 *             path given to execve            AT_EXECFN
 *             environment strings
 *             argument strings                (lowest)
 *             random gap
 *             "x86_64"                        AT_PLATFORM
 *             16 random bytes                 AT_RANDOM
 *   aligned   auxiliary vector, pairs of words, ended by AT_NULL
 *             environment pointers, null
 *             argument pointers, null
 *   rsp       argument count
 * </pre>
 */
final class InitialStack {

    /** Longest argument or environment string with its NUL (Linux: MAX_ARG_STRLEN). */
    static final int STRING_SIZE_MAX = 32 * 4096;

    private static final long STACK_LIMIT_DEFAULT = 8L << 20; // _STK_LIM
    private static final long ARG_MAX = 131072;
    private static final int WORD = 8;
    private static final long PAGE_SIZE = 4096;
    private static final int AUXV_WORDS_MAX = 64;
    private static final byte[] PLATFORM = {'x', '8', '6', '_', '6', '4', 0};

    private final byte[] execName;
    private final byte[][] arguments;
    private final byte[][] environment;
    private final long[] auxv = new long[AUXV_WORDS_MAX];
    private int auxvWords;

    /** Results of {@link #build}. */
    long argStart;

    long argEnd;
    long envStart;
    long envEnd;
    long pointer;

    InitialStack(byte[] execName, byte[][] arguments, byte[][] environment) {
        this.execName = execName;
        this.arguments = arguments;
        this.environment = environment;
    }

    /**
     * Checks the sizes against execve(2)'s limits.
     *
     * @param stackLimit RLIMIT_STACK, unsigned
     * @throws ErrnoException E2BIG
     */
    static void checkSize(
            byte[] execName, byte[][] arguments, byte[][] environment, long stackLimit)
            throws ErrnoException {
        long limit = STACK_LIMIT_DEFAULT / 4 * 3;
        if (Long.compareUnsigned(stackLimit >>> 2, limit) < 0) {
            limit = stackLimit >>> 2;
        }
        limit = Math.max(limit, ARG_MAX);
        limit -= (long) (Math.max(arguments.length, 1) + environment.length) * WORD;
        long strings = execName.length + 1 + stringsSize(arguments) + stringsSize(environment);
        if (strings > limit) {
            throw Errno.E2BIG.exception();
        }
        // The strings are written to the new stack, which does not grow beyond its limit either.
        long pages = strings + WORD + PAGE_SIZE - 1 & -PAGE_SIZE;
        if (Long.compareUnsigned(pages, stackLimit) > 0) {
            throw Errno.E2BIG.exception();
        }
    }

    private static long stringsSize(byte[][] strings) throws ErrnoException {
        long size = 0;
        for (byte[] s : strings) {
            if (s.length + 1 > STRING_SIZE_MAX) {
                throw Errno.E2BIG.exception();
            }
            size += s.length + 1;
        }
        return size;
    }

    /** Adds an entry of the auxiliary vector. */
    void aux(int type, long value) {
        auxv[auxvWords++] = type;
        auxv[auxvWords++] = value;
    }

    /** Upper bound of what {@link #build} takes below {@code top}, in bytes. */
    long sizeBound(int randomGap) throws ErrnoException {
        return WORD
                + execName.length
                + 1
                + stringsSize(arguments)
                + stringsSize(environment)
                + randomGap
                + 128
                + (long) (AUXV_WORDS_MAX + arguments.length + environment.length + 3) * WORD;
    }

    /**
     * Lays the stack out.
     *
     * @param top end of the stack, page-aligned
     * @param randomGap bytes left free above the tables
     * @param random 16 bytes for AT_RANDOM
     * @return what lies from {@link #pointer} to {@code top}
     */
    byte[] build(long top, int randomGap, byte[] random) throws ErrnoException {
        long execNameAt = top - WORD - (execName.length + 1);
        envEnd = execNameAt;
        envStart = envEnd - stringsSize(environment);
        argEnd = envStart;
        argStart = argEnd - stringsSize(arguments);
        long at = argStart - randomGap & -16;
        at -= PLATFORM.length;
        final long platformAt = at;
        at -= random.length;
        final long randomAt = at;
        aux(Elf.AT_RANDOM, randomAt);
        aux(Elf.AT_HWCAP2, HostAuxv.value(Elf.AT_HWCAP2));
        aux(Elf.AT_EXECFN, execNameAt);
        aux(Elf.AT_PLATFORM, platformAt);
        aux(Elf.AT_NULL, 0);
        int words = 1 + arguments.length + 1 + environment.length + 1 + auxvWords;
        pointer = at - (long) words * WORD & -16;
        byte[] image = new byte[Math.toIntExact(top - pointer)];
        put(image, execNameAt, execName);
        put(image, platformAt, PLATFORM);
        put(image, randomAt, random);
        int index = 0;
        LittleEndian.putLong(image, index, arguments.length);
        index += WORD;
        index = putStrings(image, index, arguments, argStart);
        index = putStrings(image, index, environment, envStart);
        for (int i = 0; i < auxvWords; i++) {
            LittleEndian.putLong(image, index, auxv[i]);
            index += WORD;
        }
        return image;
    }

    private void put(byte[] image, long address, byte[] bytes) {
        System.arraycopy(bytes, 0, image, (int) (address - pointer), bytes.length);
    }

    /** Writes the strings and their pointers; returns the index behind the null pointer. */
    private int putStrings(byte[] image, int index, byte[][] strings, long start) {
        int at = index;
        long address = start;
        for (byte[] s : strings) {
            put(image, address, s);
            LittleEndian.putLong(image, at, address);
            at += WORD;
            address += s.length + 1;
        }
        return at + WORD;
    }

    /** The auxiliary vector as {@code /proc/PID/auxv} shows it; after {@link #build}. */
    byte[] auxvBytes() {
        byte[] bytes = new byte[auxvWords * WORD];
        for (int i = 0; i < auxvWords; i++) {
            LittleEndian.putLong(bytes, i * WORD, auxv[i]);
        }
        return bytes;
    }
}
