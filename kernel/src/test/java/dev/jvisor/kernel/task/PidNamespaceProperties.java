// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers of nested PID namespaces against a table for each. */
final class PidNamespaceProperties {

    private final List<PidNamespace> namespaces = new ArrayList<>();
    private final Map<PidNamespace, Map<Integer, Pid>> model = new HashMap<>();
    private final Map<PidNamespace, Integer> next = new HashMap<>();
    private final List<Pid> alive = new ArrayList<>();

    private void add(PidNamespace namespace) {
        namespaces.add(namespace);
        model.put(namespace, new HashMap<>());
        next.put(namespace, 1);
    }

    @Property(tries = 200)
    void everyNamespaceHasNumbersOfItsOwn(
            @ForAll @Size(max = 60) List<@IntRange(max = 999) Integer> steps)
            throws ErrnoException {
        namespaces.clear();
        model.clear();
        next.clear();
        alive.clear();
        add(new PidNamespace());
        for (int step : steps) {
            PidNamespace at = namespaces.get(step / 3 % namespaces.size());
            if (step % 7 == 0 && namespaces.size() < 8 && at.level() < 4) {
                add(PidNamespace.create(at, UserNamespace.INITIAL));
            } else if (step % 3 == 0 && !alive.isEmpty()) {
                release(alive.remove(step % alive.size()));
            } else {
                allocate(at);
            }
            check();
        }
    }

    private void allocate(PidNamespace at) throws ErrnoException {
        Pid pid = at.allocate();
        alive.add(pid);
        for (PidNamespace n = at; n != null; n = n.parent()) {
            int number = next.merge(n, 1, Integer::sum) - 1;
            model.get(n).put(number, pid);
        }
    }

    private void release(Pid pid) {
        PidNamespace.releaseIfUnused(pid);
        for (Map<Integer, Pid> table : model.values()) {
            table.values().remove(pid);
        }
    }

    private void check() {
        for (PidNamespace n : namespaces) {
            Map<Integer, Pid> table = model.get(n);
            assertThat(n.count()).isEqualTo(table.size());
            table.forEach((number, pid) -> {
                assertThat(n.find(number)).isSameAs(pid);
                assertThat(pid.numberIn(n)).isEqualTo(number);
                assertThat(pid.namespace().isWithin(n)).isTrue();
            });
            for (Pid pid : alive) {
                if (!table.containsValue(pid)) {
                    assertThat(pid.numberIn(n)).isZero();
                }
            }
        }
        for (Pid pid : alive) {
            assertThat(pid.number()).isEqualTo(pid.numberIn(pid.namespace()));
            assertThat(pid.globalNumber()).isEqualTo(pid.numberIn(namespaces.get(0)));
        }
    }
}
