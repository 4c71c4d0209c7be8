// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.interval;

import dev.jvisor.platform.SentryBug;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Disjoint intervals in order.
 *
 * <p>Two levels of sorted arrays: leaves of at most {@link #LEAF_SIZE} members and an array of
 * leaves. A look-up is two binary searches; a change moves at most one leaf and, when a leaf is
 * split or becomes empty, the array of leaves. So a hostile guest that fragments its memory pays
 * the square root of the number of fragments, and a small process touches one array. Nothing is
 * boxed.
 *
 * <p>Not thread-safe; look-ups may run in parallel with each other. A walk over a range is
 *
 * <pre>{@code
 * for (T t = set.endingAfter(start); t != null && t.start < end; t = set.endingAfter(t.end)) ...
 * }</pre>
 *
 * <p>which also holds while members are removed or split.
 */
public final class IntervalSet<T extends Interval> {

    private static final int LEAF_SIZE = 64;
    private static final int FIRST_LEAF_SIZE = 16;

    /** Members in order; the first {@link #count} elements are used. */
    private static final class Leaf {
        Interval[] items;
        int count;

        Leaf(int capacity) {
            items = new Interval[capacity];
        }
    }

    private Leaf[] leaves = new Leaf[1];
    private int leafCount;
    private int size;

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Returns the member that contains a value. */
    public @Nullable T at(long key) {
        long position = floor(key);
        if (position < 0) {
            return null;
        }
        T t = get(position);
        return t.end > key ? t : null;
    }

    /**
     * Returns the first member that ends behind a value: the one that contains it, or the next one.
     */
    public @Nullable T endingAfter(long key) {
        long position = floor(key);
        if (position >= 0) {
            T t = get(position);
            if (t.end > key) {
                return t;
            }
        }
        return after(position);
    }

    /** Returns the last member that starts before a value. */
    public @Nullable T startingBefore(long key) {
        if (key == Long.MIN_VALUE) {
            return null;
        }
        long position = floor(key - 1);
        return position < 0 ? null : get(position);
    }

    public @Nullable T first() {
        return after(-1);
    }

    public @Nullable T last() {
        return startingBefore(Long.MAX_VALUE);
    }

    /** Whether no member has a value in common with a range. */
    public boolean isFree(long start, long end) {
        T t = endingAfter(start);
        return t == null || t.start >= end;
    }

    /** Adds an interval that overlaps no member. */
    public void add(T interval) {
        size++;
        if (leafCount == 0) {
            Leaf leaf = new Leaf(FIRST_LEAF_SIZE);
            leaf.items[0] = interval;
            leaf.count = 1;
            leaves[0] = leaf;
            leafCount = 1;
            return;
        }
        long position = floor(interval.start);
        int leafIndex = position < 0 ? 0 : (int) (position >>> 32);
        int index = position < 0 ? 0 : (int) position + 1;
        Leaf leaf = leaves[leafIndex];
        if (leaf.count == LEAF_SIZE) {
            Leaf right = split(leafIndex);
            if (index > leaf.count) {
                index -= leaf.count;
                leaf = right;
            }
        } else if (leaf.count == leaf.items.length) {
            Interval[] larger = new Interval[LEAF_SIZE];
            System.arraycopy(leaf.items, 0, larger, 0, leaf.count);
            leaf.items = larger;
        }
        System.arraycopy(leaf.items, index, leaf.items, index + 1, leaf.count - index);
        leaf.items[index] = interval;
        leaf.count++;
    }

    /** Removes a member. */
    public void remove(T interval) {
        long position = floor(interval.start);
        if (position < 0 || get(position) != interval) {
            throw new SentryBug("not a member: start=" + interval.start);
        }
        int leafIndex = (int) (position >>> 32);
        int index = (int) position;
        Leaf leaf = leaves[leafIndex];
        leaf.count--;
        System.arraycopy(leaf.items, index + 1, leaf.items, index, leaf.count - index);
        leaf.items[leaf.count] = null;
        size--;
        if (leaf.count == 0) {
            leafCount--;
            System.arraycopy(leaves, leafIndex + 1, leaves, leafIndex, leafCount - leafIndex);
            leaves[leafCount] = null;
        }
    }

    public void clear() {
        leaves = new Leaf[1];
        leafCount = 0;
        size = 0;
    }

    /** Throws {@link SentryBug} if members are empty, overlap or are out of order. */
    public void checkInvariants() {
        long previousEnd = Long.MIN_VALUE;
        int seen = 0;
        for (int i = 0; i < leafCount; i++) {
            Leaf leaf = leaves[i];
            for (int j = 0; j < leaf.count; j++) {
                Interval t = leaf.items[j];
                if (t.start >= t.end || t.start < previousEnd) {
                    throw new SentryBug("bad interval: start=" + Long.toHexString(t.start) + " end="
                            + Long.toHexString(t.end) + " previousEnd="
                            + Long.toHexString(previousEnd));
                }
                previousEnd = t.end;
                seen++;
            }
        }
        if (seen != size) {
            throw new SentryBug("size=" + size + " members=" + seen);
        }
    }

    /** Moves the upper half of a full leaf to a new leaf behind it, which is returned. */
    private Leaf split(int leafIndex) {
        Leaf leaf = leaves[leafIndex];
        Leaf right = new Leaf(LEAF_SIZE);
        int keep = LEAF_SIZE / 2;
        right.count = LEAF_SIZE - keep;
        System.arraycopy(leaf.items, keep, right.items, 0, right.count);
        Arrays.fill(leaf.items, keep, LEAF_SIZE, null);
        leaf.count = keep;
        if (leafCount == leaves.length) {
            Leaf[] larger = new Leaf[leaves.length * 2];
            System.arraycopy(leaves, 0, larger, 0, leafCount);
            leaves = larger;
        }
        System.arraycopy(leaves, leafIndex + 1, leaves, leafIndex + 2, leafCount - leafIndex - 1);
        leaves[leafIndex + 1] = right;
        leafCount++;
        return right;
    }

    /** Returns the position of the last member with {@code start <= key}, or -1. */
    private long floor(long key) {
        int low = 0;
        int high = leafCount - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (leaves[middle].items[0].start <= key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (high < 0) {
            return -1;
        }
        int leafIndex = high;
        Interval[] items = leaves[leafIndex].items;
        low = 1;
        high = leaves[leafIndex].count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (items[middle].start <= key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return (long) leafIndex << 32 | high;
    }

    @SuppressWarnings("unchecked") // only add() stores, and it takes a T
    private T get(long position) {
        return (T) leaves[(int) (position >>> 32)].items[(int) position];
    }

    /** Returns the member behind a position; -1 stands for the place before the first. */
    private @Nullable T after(long position) {
        if (position < 0) {
            return leafCount == 0 ? null : get(0);
        }
        int leafIndex = (int) (position >>> 32);
        int index = (int) position + 1;
        if (index < leaves[leafIndex].count) {
            return get(position + 1);
        }
        return leafIndex + 1 < leafCount ? get((long) (leafIndex + 1) << 32) : null;
    }
}
