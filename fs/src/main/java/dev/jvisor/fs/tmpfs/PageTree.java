// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Which page of the memory file holds each page of a file: a radix tree of 512-way nodes (Linux:
 * {@code address_space.i_pages}). Sparse; a small file costs a small array. Not thread-safe.
 */
final class PageTree {

    /** A page without memory. */
    static final long HOLE = -1;

    private static final int BITS = 9;
    private static final int FANOUT = 1 << BITS;
    private static final int MASK = FANOUT - 1;

    /** A leaf of at most 512 offsets plus one (0 is a hole) if height is 1, else a node. */
    private @Nullable Object root;

    private int height = 1;

    /** Pages with memory. */
    private long count;

    long count() {
        return count;
    }

    /** Returns the offset in the memory file, or {@link #HOLE}. */
    long get(long index) {
        long[] leaf = leaf(index);
        if (leaf == null) {
            return HOLE;
        }
        int i = (int) index & MASK;
        return i < leaf.length ? leaf[i] - 1 : HOLE;
    }

    private long @Nullable [] leaf(long index) {
        if (index >>> BITS * height != 0) {
            return null;
        }
        Object node = root;
        for (int level = height - 1; level > 0 && node != null; level--) {
            node = ((Object[]) node)[(int) (index >>> BITS * level) & MASK];
        }
        return (long[]) node;
    }

    /** Sets a page that was a hole. */
    void set(long index, long offset) {
        while (index >>> BITS * height != 0) {
            raise();
        }
        long[] leaf;
        int i = (int) index & MASK;
        if (height == 1) {
            long[] old = (long[]) root;
            int length = old == null ? 0 : old.length;
            if (i >= length) {
                int wanted = Math.max(Integer.highestOneBit(i) << 1, 1);
                long[] wider = new long[wanted];
                if (old != null) {
                    System.arraycopy(old, 0, wider, 0, length);
                }
                root = wider;
            }
            leaf = (long[]) Objects.requireNonNull(root);
        } else {
            Object[] node = (Object[]) Objects.requireNonNull(root);
            for (int level = height - 1; level > 1; level--) {
                int slot = (int) (index >>> BITS * level) & MASK;
                Object below = node[slot];
                if (below == null) {
                    node[slot] = below = new Object[FANOUT];
                }
                node = (Object[]) below;
            }
            int slot = (int) (index >>> BITS) & MASK;
            Object below = node[slot];
            if (below == null) {
                node[slot] = below = new long[FANOUT];
            }
            leaf = (long[]) below;
        }
        leaf[i] = offset + 1;
        count++;
    }

    private void raise() {
        Object old = root;
        if (old != null) {
            if (height == 1) {
                long[] full = new long[FANOUT];
                long[] leaf = (long[]) old;
                System.arraycopy(leaf, 0, full, 0, leaf.length);
                old = full;
            }
            Object[] node = new Object[FANOUT];
            node[0] = old;
            root = node;
        } else {
            root = new Object[FANOUT];
        }
        height++;
    }

    /** Takes pages out; gives each to a sink. */
    interface Sink {
        void page(long index, long offset);
    }

    /** Takes out all pages from {@code first} to before {@code end}. */
    void remove(long first, long end, Sink sink) {
        if (root != null && count > 0 && first < end) {
            remove(root, height - 1, 0, first, end, sink);
            if (count == 0) {
                root = null;
                height = 1;
            }
        }
    }

    private void remove(Object node, int level, long base, long first, long end, Sink sink) {
        long span = 1L << BITS * level;
        int length = level == 0 ? ((long[]) node).length : FANOUT;
        long from = Math.max(0, (first - base) / span);
        for (int i = (int) Math.min(from, length); i < length; i++) {
            long start = base + i * span;
            if (start >= end) {
                return;
            }
            if (level == 0) {
                long[] leaf = (long[]) node;
                if (leaf[i] != 0) {
                    long offset = leaf[i] - 1;
                    leaf[i] = 0;
                    count--;
                    sink.page(start, offset);
                }
            } else {
                Object[] children = (Object[]) node;
                Object child = children[i];
                if (child != null) {
                    remove(child, level - 1, start, first, end, sink);
                    if (start >= first && end - start >= span) {
                        children[i] = null;
                    }
                }
            }
        }
    }

    /**
     * The first page from {@code index} to before {@code end} that is (or is not) a hole; or
     * {@code end}.
     */
    long find(long index, long end, boolean hole) {
        long i = index;
        while (i < end) {
            long[] leaf = leaf(i);
            long leafEnd = Math.min(end, (i | MASK) + 1);
            if (leaf == null) {
                if (hole) {
                    return i;
                }
                i = Math.min(end, emptyEnd(i));
                continue;
            }
            for (; i < leafEnd; i++) {
                int slot = (int) i & MASK;
                boolean isHole = slot >= leaf.length || leaf[slot] == 0;
                if (isHole == hole) {
                    return i;
                }
            }
        }
        return end;
    }

    /** Where the subtree without pages that an index lies in ends. */
    private long emptyEnd(long index) {
        if (index >>> BITS * height != 0) {
            return Long.MAX_VALUE;
        }
        Object node = root;
        int level = height;
        while (level > 1 && node != null) {
            level--;
            node = ((Object[]) node)[(int) (index >>> BITS * level) & MASK];
        }
        long span = 1L << BITS * level;
        return (index & -span) + span;
    }
}
