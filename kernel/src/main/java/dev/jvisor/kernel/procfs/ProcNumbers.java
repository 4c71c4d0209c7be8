// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

/** Names that are numbers, and the inode numbers of what they stand for. */
final class ProcNumbers {

    /**
     * Inode numbers of the root's fixed entries start here (Linux: above
     * {@code PROC_DYNAMIC_FIRST}).
     */
    static final long FIRST_NAMED = 0xf0001000L;

    /**
     * Inode numbers within a process: entry in the low bits, then a number such as a descriptor.
     */
    private static final int ENTRY_BITS = 8;

    private static final int NUMBER_BITS = 22;
    private static final int NAME_LENGTH_MAX = 10;

    private ProcNumbers() {}

    /** The number that a name is the only spelling of, or -1 (Linux: {@code name_to_int}). */
    static int parse(String name) {
        int length = name.length();
        if (length == 0 || length > NAME_LENGTH_MAX || length > 1 && name.charAt(0) == '0') {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value > Integer.MAX_VALUE ? -1 : (int) value;
    }

    /** Inode number of the directory of a process or of a thread by its own number. */
    static long ofProcess(int id) {
        return ((long) id + 1) << ENTRY_BITS + NUMBER_BITS + 1;
    }

    /** Inode number of the directory of a thread in the task directory of its process. */
    static long ofThread(int tid) {
        return ofProcess(tid) | 1L << ENTRY_BITS + NUMBER_BITS;
    }

    /**
     * Inode number of something in a process directory.
     *
     * @param directory inode number of that directory
     * @param entry 1 to 255, which entry
     * @param number which one of several there, 0 for the entry itself, at most 2^22 - 1
     */
    static long of(long directory, int entry, int number) {
        return directory | (long) number << ENTRY_BITS | entry;
    }
}
