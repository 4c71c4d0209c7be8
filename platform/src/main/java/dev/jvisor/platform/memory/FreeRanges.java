// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import dev.jvisor.platform.SentryBug;

import java.util.Map;
import java.util.TreeMap;

/** Disjoint free ranges of an offset space; neighbours are joined. Not thread-safe. */
final class FreeRanges {

    /** Offset to length, in bytes. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    private long bytes;

    /** Returns the sum of all lengths. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Throws if a range has a byte in common with one of these: it would be free twice. */
    void checkApart(long offset, long length) {
        Map.Entry<Long, Long> below = ranges.lowerEntry(offset + length);
        if (below != null && below.getKey() + below.getValue() > offset) {
            throw new SentryBug("range freed twice offset=" + offset + " length=" + length
                    + " free=" + below.getKey() + "+" + below.getValue());
        }
    }

    /** Adds a range and returns the offset of the joined range that has it now. */
    long add(long offset, long length) {
        checkApart(offset, length);
        bytes += length;
        long start = offset;
        long total = length;
        Map.Entry<Long, Long> before = ranges.lowerEntry(offset);
        if (before != null && before.getKey() + before.getValue() == offset) {
            start = before.getKey();
            total += before.getValue();
        }
        Long after = ranges.remove(offset + length);
        if (after != null) {
            total += after;
        }
        ranges.put(start, total);
        return start;
    }

    /** Returns the length of the range that starts at an offset, or 0. */
    long lengthAt(long offset) {
        Long length = ranges.get(offset);
        return length == null ? 0 : length;
    }

    /** Takes a whole range out; returns its length. */
    long remove(long offset) {
        Long length = ranges.remove(offset);
        if (length == null) {
            throw new SentryBug("no free range at offset=" + offset);
        }
        bytes -= length;
        return length;
    }

    /**
     * Takes {@code length} bytes from the lowest range that has them.
     *
     * @param probes how many ranges to look at
     * @return their offset, or -1
     */
    long take(long length, int probes) {
        if (bytes < length) {
            return -1;
        }
        int left = probes;
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            long available = range.getValue();
            if (available >= length) {
                long offset = range.getKey();
                ranges.remove(offset);
                if (available > length) {
                    ranges.put(offset + length, available - length);
                }
                bytes -= length;
                return offset;
            }
            if (--left == 0) {
                return -1;
            }
        }
        return -1;
    }

    /** Returns the offset of the lowest range, or -1. */
    long first() {
        return ranges.isEmpty() ? -1 : ranges.firstKey();
    }

    /**
     * Takes the range out that ends at an offset, if there is one; returns its start, or
     * {@code end}.
     */
    long removeEndingAt(long end) {
        Map.Entry<Long, Long> last = ranges.lowerEntry(end);
        if (last == null || last.getKey() + last.getValue() != end) {
            return end;
        }
        bytes -= last.getValue();
        ranges.remove(last.getKey());
        return last.getKey();
    }
}
