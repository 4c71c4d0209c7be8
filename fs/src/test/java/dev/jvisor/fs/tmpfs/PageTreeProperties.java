// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The radix tree is a sorted map. */
final class PageTreeProperties {

    private static final long INDEX_END = 1L << 51;

    record Step(boolean removes, long index, long length) {}

    private static Arbitrary<Long> indices() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(0, 20),
                Arbitraries.longs().between(500, 530),
                Arbitraries.longs().between((1 << 18) - 3, (1 << 18) + 3),
                Arbitraries.longs().between(INDEX_END - 5, INDEX_END - 1),
                Arbitraries.longs().between(0, INDEX_END - 1));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.of(true, false, false), indices(), indices())
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 1000)
    void treeIsASortedMap(
            @ForAll("steps") List<Step> steps, @ForAll("steps") List<Step> questions) {
        PageTree tree = new PageTree();
        TreeMap<Long, Long> model = new TreeMap<>();
        long next = 0;
        for (Step s : steps) {
            if (s.removes) {
                TreeMap<Long, Long> gone = new TreeMap<>();
                long end = Math.min(INDEX_END, s.index + s.length);
                tree.remove(s.index, end, gone::put);
                SortedMap<Long, Long> expected = model.subMap(s.index, Math.max(s.index, end));
                assertThat(gone).isEqualTo(expected);
                expected.clear();
            } else if (!model.containsKey(s.index)) {
                tree.set(s.index, next);
                model.put(s.index, next);
                next += 4096;
            }
            assertThat(tree.count()).isEqualTo(model.size());
        }
        for (Map.Entry<Long, Long> e : model.entrySet()) {
            assertThat(tree.get(e.getKey())).isEqualTo(e.getValue());
        }
        for (Step q : questions) {
            long end = Math.min(INDEX_END, q.index + q.length);
            assertThat(tree.get(q.index)).isEqualTo(model.getOrDefault(q.index, PageTree.HOLE));
            Long data = model.ceilingKey(q.index);
            assertThat(tree.find(q.index, end, false))
                    .isEqualTo(Math.max(q.index, Math.min(end, data == null ? end : data)));
            long hole = q.index;
            while (hole < end && model.containsKey(hole)) {
                hole++;
            }
            assertThat(tree.find(q.index, end, true)).isEqualTo(hole);
        }
    }
}
