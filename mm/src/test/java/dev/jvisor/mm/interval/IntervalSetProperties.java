// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.interval;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.List;
import java.util.TreeMap;

final class IntervalSetProperties {

    private static final class Range extends Interval {
        Range(long start, long end) {
            super(start, end);
        }
    }

    /** Each number toggles the interval [n, n + 1) x 10 .. +5. */
    @Property(tries = 200)
    void answersAsATreeMap(@ForAll @Size(max = 600) List<@IntRange(max = 400) Integer> toggles) {
        IntervalSet<Range> set = new IntervalSet<>();
        TreeMap<Long, Range> model = new TreeMap<>();
        for (int n : toggles) {
            long start = n * 10L;
            Range old = model.remove(start);
            if (old != null) {
                set.remove(old);
            } else {
                Range range = new Range(start, start + 5);
                model.put(start, range);
                set.add(range);
            }
        }
        set.checkInvariants();
        assertThat(set.size()).isEqualTo(model.size());
        for (long key = -3; key < 4100; key += 4) {
            var floor = model.floorEntry(key);
            Range at = floor != null && floor.getValue().end > key ? floor.getValue() : null;
            var higher = model.higherEntry(key);
            Range next = at != null ? at : higher == null ? null : higher.getValue();
            var lower = model.lowerEntry(key);
            assertThat(set.at(key)).isSameAs(at);
            assertThat(set.endingAfter(key)).isSameAs(next);
            assertThat(set.startingBefore(key)).isSameAs(lower == null ? null : lower.getValue());
        }
    }
}
