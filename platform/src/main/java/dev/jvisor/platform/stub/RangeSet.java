// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import java.util.Arrays;

/**
 * A set of addresses as sorted, disjoint, not adjoining ranges. A guest has few of them (neighbours
 * join, whatever they map), so arrays it is: cheap to search and to copy on fork. Not thread-safe.
 */
public final class RangeSet {

    /** Start and end (exclusive) of each range, ascending. */
    private long[] bounds;

    private int count;

    public RangeSet() {
        bounds = new long[32];
    }

    private RangeSet(long[] bounds, int count) {
        this.bounds = bounds;
        this.count = count;
    }

    public RangeSet copy() {
        return new RangeSet(Arrays.copyOf(bounds, Math.max(32, count)), count);
    }

    public void clear() {
        count = 0;
    }

    /** Returns the number of bounds that are at or below an address; odd: it lies in a range. */
    private int below(long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bounds[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Adds [start, end). */
    public void add(long start, long end) {
        // Ranges that touch [start, end), those that only adjoin it included, become one.
        int from = below(start - 1);
        int to = below(end);
        boolean startInside = (from & 1) != 0;
        boolean endInside = (to & 1) != 0;
        replace(from, to, !startInside, start, !endInside, end);
    }

    /** Removes [start, end). */
    public void remove(long start, long end) {
        int from = below(start - 1);
        int to = below(end);
        boolean startInside = (from & 1) != 0;
        boolean endInside = (to & 1) != 0;
        replace(from, to, startInside, start, endInside, end);
    }

    private void replace(
            int from, int to, boolean withFirst, long first, boolean withSecond, long second) {
        int inserted = (withFirst ? 1 : 0) + (withSecond ? 1 : 0);
        int newCount = count - (to - from) + inserted;
        if (newCount > bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(newCount, bounds.length * 2));
        }
        System.arraycopy(bounds, to, bounds, from + inserted, count - to);
        int at = from;
        if (withFirst) {
            bounds[at++] = first;
        }
        if (withSecond) {
            bounds[at] = second;
        }
        count = newCount;
    }

    /** Returns the first address at or above one that is in the set, or -1. */
    public long firstIn(long address) {
        int at = below(address);
        if ((at & 1) != 0) {
            return address;
        }
        return at < count ? bounds[at] : -1;
    }

    /** Returns the end of the range that has an address of the set. */
    public long endOf(long address) {
        return bounds[below(address)];
    }
}
