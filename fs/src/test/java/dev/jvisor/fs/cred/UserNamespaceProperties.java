// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class UserNamespaceProperties {

    private static Credentials user(int uid, UserNamespace namespace, long capabilities) {
        int[] none = {};
        return new Credentials(
                uid,
                uid,
                uid,
                uid,
                uid,
                uid,
                uid,
                uid,
                none,
                capabilities,
                capabilities,
                0,
                capabilities,
                0,
                0,
                false,
                namespace);
    }

    /** A map is a table, looked up from both sides; ranges have to lie in one extent. */
    @Property(tries = 200)
    void aMapIsATable(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 9) Integer> counts,
            @ForAll @IntRange(max = 90) int id,
            @ForAll @IntRange(min = 1, max = 12) int range) {
        int[] extents = new int[counts.size() * 3];
        Map<Integer, Integer> inside = new HashMap<>();
        Map<Integer, Integer> outside = new HashMap<>();
        int first = 0;
        for (int i = 0; i < counts.size(); i++) {
            extents[3 * i] = first;
            extents[3 * i + 1] = 200 - first;
            extents[3 * i + 2] = counts.get(i);
            for (int j = 0; j < counts.get(i); j++) {
                inside.put(first + j, 200 - first + j);
                outside.putIfAbsent(200 - first + j, first + j);
            }
            first += 2 * counts.get(i) + 1;
        }
        IdMap map = new IdMap(extents);
        assertThat(map.toKernel(id)).isEqualTo(inside.getOrDefault(id, -1));
        assertThat(map.fromKernel(200 - id)).isEqualTo(outside.getOrDefault(200 - id, -1));
        int wanted = inside.getOrDefault(id, -1);
        for (int j = 1; j < range; j++) {
            if (inside.getOrDefault(id + j, -1) != wanted + j) {
                wanted = -1;
                break;
            }
        }
        assertThat(map.rangeToKernel(id, range)).isEqualTo(wanted);
    }

    @Example
    void idsWithoutANameAreShownAsTheOverflowId() throws ErrnoException {
        UserNamespace n = UserNamespace.create(user(1000, UserNamespace.INITIAL, 0));
        assertThat(n.shownUid(1000)).isEqualTo(IdMap.OVERFLOW);
        assertThat(n.kernelUid(0)).isEqualTo(-1);
        n.setUids(new IdMap(new int[] {0, 1000, 1}));
        n.setGids(new IdMap(new int[] {0, 1000, 1}));
        assertThat(n.shownUid(1000)).isZero();
        assertThat(n.shownUid(0)).isEqualTo(IdMap.OVERFLOW);
        assertThat(n.kernelUid(0)).isEqualTo(1000);
        assertThat(n.maps(1000, 1000)).isTrue();
        assertThat(n.maps(1000, 0)).isFalse();
        assertThatThrownBy(() -> n.setUids(IdMap.IDENTITY)).isInstanceOf(ErrnoException.class);
    }

    /** Capabilities hold in the own namespace and below; the maker of a namespace has all there. */
    @Example
    void capabilitiesReachDownOnly() throws ErrnoException {
        int cap = Capabilities.CAP_SYS_ADMIN;
        long one = 1L << cap;
        UserNamespace top = UserNamespace.INITIAL;
        UserNamespace child = UserNamespace.create(user(1000, top, 0));
        child.setUids(new IdMap(new int[] {0, 1000, 1}));
        child.setGids(new IdMap(new int[] {0, 1000, 1}));
        UserNamespace grandchild = UserNamespace.create(user(1000, child, one));
        assertThat(user(0, top, one).hasIn(grandchild, cap)).isTrue();
        assertThat(user(7, top, 0).hasIn(child, cap)).isFalse();
        assertThat(user(1000, top, 0).hasIn(child, cap)).isTrue();
        assertThat(user(1000, top, 0).hasIn(grandchild, cap)).isTrue();
        assertThat(user(1000, child, one).has(cap)).isFalse();
        assertThat(user(1000, child, one).hasOwn(cap)).isTrue();
        assertThat(user(1000, child, one).hasIn(top, cap)).isFalse();
        assertThat(user(1000, grandchild, one).hasIn(child, cap)).isFalse();
    }
}
