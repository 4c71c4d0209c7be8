// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random sequences of allocate and free against a plain model. */
class SparseMemoryFileProperties {

    private static final int PAGE = MemoryFile.PAGE_SIZE;

    private record Range(long offset, long length) {
        boolean overlaps(Range other) {
            return offset < other.offset + other.length && other.offset < offset + length;
        }
    }

    @Property(tries = 60)
    void allocationsAreDisjointAndZeroAndCounted(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int pagesMax)
            throws ErrnoException {
        Random random = new Random(seed);
        List<Range> live = new ArrayList<>();
        try (MemoryFile file = MemoryFile.create(1L << 30)) {
            long expected = 0;
            for (int step = 0; step < 150; step++) {
                if (live.isEmpty() || random.nextInt(5) < 3) {
                    Range range = allocate(file, (1 + random.nextInt(pagesMax)) * (long) PAGE);
                    assertThat(live).noneMatch(range::overlaps);
                    live.add(range);
                    expected += range.length;
                } else {
                    Range range = live.remove(random.nextInt(live.size()));
                    Range part = partOf(range, random, live);
                    file.free(part.offset, part.length);
                    expected -= part.length;
                }
                assertThat(file.allocatedBytes()).isEqualTo(expected);
            }
        }
    }

    private static Range allocate(MemoryFile file, long length) throws ErrnoException {
        long offset = file.allocate(length);
        for (long at = offset; at < offset + length; at += PAGE) {
            assertThat(file.getLong(at)).isZero();
            assertThat(file.getLong(at + PAGE - 8)).isZero();
            file.putLong(at, at ^ -1L);
            file.putLong(at + PAGE - 8, -1L);
        }
        return new Range(offset, length);
    }

    /** Returns the whole range, or its first part and leaves the rest alive. */
    private static Range partOf(Range range, Random random, List<Range> live) {
        long pages = range.length / PAGE;
        if (pages == 1 || random.nextBoolean()) {
            return range;
        }
        long first = (1 + random.nextInt((int) pages - 1)) * (long) PAGE;
        live.add(new Range(range.offset + first, range.length - first));
        return new Range(range.offset, first);
    }
}
