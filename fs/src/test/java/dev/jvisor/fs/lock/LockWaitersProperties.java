// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A wait fails with EDEADLK exactly if it would close a circle of waiters. */
final class LockWaitersProperties {

    private static final int OWNERS = 5;

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void circlesAreFound(@ForAll @Size(max = 40) List<@IntRange(max = 49) Integer> steps) {
        Object[] owners = {"a", "b", "c", "d", "e"};
        FileLocks[] files = new FileLocks[OWNERS];
        for (int i = 0; i < OWNERS; i++) {
            files[i] = new FileLocks();
        }
        LockWaiters waiters = new LockWaiters();
        Map<Integer, Integer> holder = new HashMap<>(); // file to owner
        Map<Integer, Integer> waits = new HashMap<>(); // owner to owner
        for (int step : steps) {
            int owner = step % OWNERS;
            int file = step / OWNERS % OWNERS;
            if (step >= OWNERS * OWNERS) {
                files[file].releaseOwner(owners[owner]);
                holder.remove(file, owner);
                waiters.done(owners[owner]);
                waits.remove(owner);
                continue;
            }
            waits.remove(owner);
            Integer other = holder.get(file);
            boolean free = other == null || other == owner;
            boolean circle = !free && reaches(waits, other, owner);
            if (circle) {
                assertThat(attempt(waiters, files[file], owners[owner])).isEqualTo("EDEADLK");
            } else if (free) {
                assertThat(attempt(waiters, files[file], owners[owner])).isEqualTo("set");
                holder.put(file, owner);
            } else {
                assertThat(attempt(waiters, files[file], owners[owner])).isEqualTo("waits");
                waits.put(owner, other);
            }
        }
    }

    private static boolean reaches(Map<Integer, Integer> waits, int from, int to) {
        Integer next = from;
        for (int i = 0; next != null && i <= OWNERS; i++) {
            if (next == to) {
                return true;
            }
            next = waits.get(next);
        }
        return false;
    }

    private static String attempt(LockWaiters waiters, FileLocks file, Object owner) {
        try {
            boolean set = waiters.setOrWait(file, owner, Fcntl.F_WRLCK, 0, 9, 1);
            return set ? "set" : "waits";
        } catch (ErrnoException e) {
            return e.errno == Errno.EDEADLK ? "EDEADLK" : e.toString();
        }
    }
}
