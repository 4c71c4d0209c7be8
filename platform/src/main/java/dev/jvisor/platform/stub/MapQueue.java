// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import java.util.Arrays;

/**
 * Changes of an address space that wait to be made, in order. A change that continues the one
 * before is joined with it; changes that a later one hides completely are dropped as long as they
 * are the last ones. Not thread-safe.
 */
public final class MapQueue {

    public static final int MAP = 0;
    public static final int MAP_HOST = 1;
    public static final int UNMAP = 2;
    public static final int PROTECT = 3;

    private int count;
    private int[] kinds = new int[16];
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private long[] offsets = new long[16];
    /** PROT_* bits; SHARED_BIT for a host file that is mapped shared. */
    private int[] protections = new int[16];

    private int[] hostFds = new int[16];

    public int count() {
        return count;
    }

    public int kind(int i) {
        return kinds[i];
    }

    public long start(int i) {
        return starts[i];
    }

    public long length(int i) {
        return ends[i] - starts[i];
    }

    public long offset(int i) {
        return offsets[i];
    }

    public int protection(int i) {
        return protections[i];
    }

    public int hostFd(int i) {
        return hostFds[i];
    }

    public void clear() {
        count = 0;
    }

    /** Drops the first {@code n} changes. */
    public void removeFirst(int n) {
        int rest = count - n;
        System.arraycopy(kinds, n, kinds, 0, rest);
        System.arraycopy(starts, n, starts, 0, rest);
        System.arraycopy(ends, n, ends, 0, rest);
        System.arraycopy(offsets, n, offsets, 0, rest);
        System.arraycopy(protections, n, protections, 0, rest);
        System.arraycopy(hostFds, n, hostFds, 0, rest);
        count = rest;
    }

    public void map(int kind, long start, long end, long offset, int protection, int hostFd) {
        dropHidden(start, end);
        int last = count - 1;
        if (last >= 0
                && kinds[last] == kind
                && protections[last] == protection
                && hostFds[last] == hostFd) {
            if (ends[last] == start && offsets[last] + (start - starts[last]) == offset) {
                ends[last] = end;
                return;
            }
            if (starts[last] == end && offset + (end - start) == offsets[last]) {
                starts[last] = start;
                offsets[last] = offset;
                return;
            }
        }
        append(kind, start, end, offset, protection, hostFd);
    }

    public void unmap(long start, long end) {
        dropHidden(start, end);
        int last = count - 1;
        if (last >= 0 && kinds[last] == UNMAP && starts[last] <= end && ends[last] >= start) {
            starts[last] = Math.min(starts[last], start);
            ends[last] = Math.max(ends[last], end);
            return;
        }
        append(UNMAP, start, end, 0, 0, -1);
    }

    public void protect(long start, long end, int protection) {
        int last = count - 1;
        if (last >= 0 && kinds[last] == PROTECT) {
            if (start <= starts[last] && ends[last] <= end) {
                count--;
                protect(start, end, protection);
                return;
            }
            // No gap may come to lie between the two: mprotect(2) fails at gaps.
            if (protections[last] == protection && (ends[last] == start || starts[last] == end)) {
                starts[last] = Math.min(starts[last], start);
                ends[last] = Math.max(ends[last], end);
                return;
            }
        } else if (last >= 0 && kinds[last] == MAP && start <= starts[last] && ends[last] <= end) {
            if (start == starts[last] && end == ends[last]) {
                protections[last] = protection;
                return;
            }
        }
        append(PROTECT, start, end, 0, protection, -1);
    }

    private void dropHidden(long start, long end) {
        while (count > 0 && start <= starts[count - 1] && ends[count - 1] <= end) {
            count--;
        }
    }

    private void append(int kind, long start, long end, long offset, int protection, int hostFd) {
        if (count == kinds.length) {
            int capacity = count * 2;
            kinds = Arrays.copyOf(kinds, capacity);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
            offsets = Arrays.copyOf(offsets, capacity);
            protections = Arrays.copyOf(protections, capacity);
            hostFds = Arrays.copyOf(hostFds, capacity);
        }
        kinds[count] = kind;
        starts[count] = start;
        ends[count] = end;
        offsets[count] = offset;
        protections[count] = protection;
        hostFds[count] = hostFd;
        count++;
    }
}
