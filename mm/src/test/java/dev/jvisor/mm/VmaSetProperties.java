// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Mman;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import java.util.List;

final class VmaSetProperties {

    private static final long P = 4096;

    /** Pages of the space: a few guard gaps long. */
    private static final int PAGES = 1200;

    private static final int GAP = 256;
    private static final long LOW = 16 * P;

    record Step(boolean map, int first, int count, int protection, boolean stack) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(true, true, false),
                        Arbitraries.integers().between(16, PAGES - 1),
                        Arbitraries.integers().between(1, 300),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(false, false, false, true))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }

    /** A mapping for each page: 0 none, otherwise protection + 1, negative for a stack. */
    private static void apply(VmaSet set, int[] model, Step step) {
        int end = Math.min(PAGES, step.first + step.count);
        long from = step.first * P;
        long to = end * P;
        set.isolate(from, to);
        for (Vma v = set.endingAfter(from); v != null && v.start < to; v = set.endingAfter(v.end)) {
            set.remove(v);
        }
        if (step.map) {
            int flags = Mman.MAP_PRIVATE | (step.stack ? Mman.MAP_GROWSDOWN : 0);
            set.add(new Vma(from, to, step.protection, 7, flags, null, 0, false));
        }
        set.merge(from, to);
        for (int i = step.first; i < end; i++) {
            int value = step.protection + 1;
            model[i] = step.map ? (step.stack ? -value : value) : 0;
        }
    }

    @Property(tries = 300)
    void showsTheFewestMappingsThatTellTheSame(@ForAll("steps") List<Step> steps) {
        VmaSet set = new VmaSet();
        int[] model = new int[PAGES];
        for (Step step : steps) {
            apply(set, model, step);
            set.checkInvariants();
        }
        int runs = 0;
        int mapped = 0;
        for (int i = 0; i < PAGES; i++) {
            Vma vma = set.at(i * P);
            int actual = vma == null ? 0 : (vma.protection + 1) * (vma.growsDown() ? -1 : 1);
            assertThat(actual).isEqualTo(model[i]);
            mapped += model[i] != 0 ? 1 : 0;
            runs += model[i] != 0 && (i == 0 || model[i - 1] != model[i]) ? 1 : 0;
        }
        assertThat(set.size()).isEqualTo(runs);
        assertThat(set.mappedBytes()).isEqualTo(mapped * P);
    }

    @Property(tries = 300)
    void findsTheHighestGap(
            @ForAll("steps") List<Step> steps,
            @ForAll @IntRange(min = 1, max = 400) int count,
            @ForAll @IntRange(min = 0, max = 3) int alignmentBits,
            @ForAll @IntRange(min = 600, max = PAGES) int base) {
        VmaSet set = new VmaSet();
        int[] model = new int[PAGES];
        for (Step step : steps) {
            apply(set, model, step);
            // Searches in between leave behind what they have learnt: it must not become wrong.
            set.findTopDown(step.count * P, P, LOW, base * P);
        }
        long alignment = P << alignmentBits;
        long expected = -1;
        for (int start = base - count; start >= LOW / P && expected < 0; start--) {
            if (start % (1 << alignmentBits) == 0 && isFree(model, start, count)) {
                expected = start * P;
            }
        }
        assertThat(set.findTopDown(count * P, alignment, LOW, base * P)).isEqualTo(expected);
    }

    private static boolean isFree(int[] model, int start, int count) {
        for (int i = start; i < start + count; i++) {
            if (model[i] != 0) {
                return false;
            }
        }
        // The guard gap is that of the next mapping, wherever it starts.
        int next = start + count;
        while (next < PAGES && model[next] == 0) {
            next++;
        }
        return next == PAGES || model[next] > 0 || next - (start + count) >= GAP;
    }
}
