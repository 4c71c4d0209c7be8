// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.util.Arrays;
import java.util.List;

final class PageAllocatorProperties {

    private static final int PAGES = 32;
    private static final long PAGE = MemoryFile.PAGE_SIZE;

    record Step(boolean retain, int first, int count) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, PAGES - 1),
                        Arbitraries.integers().between(1, PAGES))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    @Property(tries = 300)
    void countsAsAnArrayOfCounters(@ForAll("steps") List<Step> steps) throws ErrnoException {
        FakeMemoryFile memory = new FakeMemoryFile();
        PageAllocator pages = new PageAllocator(memory);
        long base = pages.allocate(PAGES * PAGE);
        int[] counts = new int[PAGES];
        Arrays.fill(counts, 1);
        for (Step step : steps) {
            int end = Math.min(PAGES, step.first + step.count);
            boolean alive = true;
            for (int i = step.first; i < end; i++) {
                alive &= counts[i] > 0;
            }
            if (!alive) {
                continue; // nobody has a reference to retain or drop
            }
            long offset = base + step.first * PAGE;
            long length = (end - step.first) * PAGE;
            if (step.retain) {
                pages.retain(offset, length);
            } else {
                pages.release(offset, length);
            }
            boolean exclusive = true;
            long allocated = 0;
            for (int i = 0; i < PAGES; i++) {
                if (i >= step.first && i < end) {
                    counts[i] += step.retain ? 1 : -1;
                    exclusive &= counts[i] <= 1;
                }
                allocated += counts[i] > 0 ? PAGE : 0;
            }
            pages.checkInvariants();
            assertThat(memory.allocatedBytes()).isEqualTo(allocated);
            assertThat(pages.isExclusive(offset, length)).isEqualTo(exclusive);
        }
        for (int i = 0; i < PAGES; i++) {
            for (; counts[i] > 0; counts[i]--) {
                pages.release(base + i * PAGE, PAGE);
            }
        }
        assertThat(memory.allocatedBytes()).isZero();
        assertThat(pages.recordCount()).isZero();
    }

    @Example
    void exclusiveMemoryNeedsNoRecordsAndSharedRangesOne() throws ErrnoException {
        PageAllocator pages = new PageAllocator(new FakeMemoryFile());
        long a = pages.allocate(1 << 30);
        assertThat(pages.recordCount()).isZero();
        pages.retain(a, 1 << 29);
        pages.retain(a + (1 << 29), 1 << 29);
        assertThat(pages.recordCount()).isEqualTo(1);
    }
}
