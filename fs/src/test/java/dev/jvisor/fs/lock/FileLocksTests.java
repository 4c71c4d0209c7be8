// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.lock;

import static dev.jvisor.fs.testing.Files.assertErrno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class FileLocksTests {

    private static final int BYTES = 12;

    record Request(int owner, int type, int start, int length) {}

    @Test
    void flockIsSharedOrExclusive() throws ErrnoException {
        FileLocks locks = new FileLocks();
        assertThat(locks.flock("a", Fcntl.LOCK_SH)).isTrue();
        assertThat(locks.flock("b", Fcntl.LOCK_SH | Fcntl.LOCK_NB)).isTrue();
        assertThat(locks.flock("c", Fcntl.LOCK_EX)).isFalse();
        locks.releaseDescription("a");
        assertThat(locks.flock("b", Fcntl.LOCK_EX)).isTrue();
        assertThat(locks.flock("a", Fcntl.LOCK_SH)).isFalse();
        assertThat(locks.flock("b", Fcntl.LOCK_UN)).isTrue();
        assertThat(locks.flock("a", Fcntl.LOCK_SH)).isTrue();
    }

    @Test
    void veryManyRecordLocksAreRefused() throws ErrnoException {
        FileLocks locks = new FileLocks();
        for (int i = 0; i < 10_000; i++) {
            locks.checkRoom();
            locks.setRecord("a", Fcntl.F_WRLCK, 2L * i, 2L * i, 1);
        }
        assertErrno(Errno.ENOLCK, locks::checkRoom);
        locks.releaseOwner("a");
        locks.checkRoom();
    }

    @Provide
    Arbitrary<List<Request>> requests() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.of(Fcntl.F_RDLCK, Fcntl.F_WRLCK, Fcntl.F_UNLCK),
                        Arbitraries.integers().between(0, BYTES - 1),
                        Arbitraries.integers().between(1, BYTES))
                .as(Request::new)
                .list()
                .ofMaxSize(40);
    }

    /** Each byte is locked by itself in the model. */
    @Property(tries = 500)
    void recordLocksActOnEachByte(@ForAll("requests") List<Request> requests) {
        FileLocks locks = new FileLocks();
        List<Map<Integer, Integer>> model =
                List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());
        String[] owners = {"a", "b", "c"};
        for (Request r : requests) {
            int end = Math.min(BYTES, r.start + r.length) - 1;
            boolean free = true;
            for (int b = r.start; b <= end; b++) {
                for (int o = 0; o < 3; o++) {
                    Integer held = model.get(o).get(b);
                    boolean conflict = o != r.owner
                            && held != null
                            && r.type != Fcntl.F_UNLCK
                            && (held == Fcntl.F_WRLCK || r.type == Fcntl.F_WRLCK);
                    free &= !conflict;
                }
            }
            assertThat(locks.setRecord(owners[r.owner], r.type, r.start, end, 1))
                    .isEqualTo(free);
            for (int b = r.start; free && b <= end; b++) {
                if (r.type == Fcntl.F_UNLCK) {
                    model.get(r.owner).remove(b);
                } else {
                    model.get(r.owner).put(b, r.type);
                }
            }
        }
        int[] counted = new int[3];
        for (FileLocks.RecordLock l : locks.records()) {
            int o = "abc".indexOf((String) l.owner());
            for (long b = l.start(); b <= l.end(); b++) {
                assertThat(model.get(o).get((int) b)).isEqualTo(l.type());
                counted[o]++;
            }
        }
        for (int o = 0; o < 3; o++) {
            assertThat(counted[o]).isEqualTo(model.get(o).size());
        }
    }
}
