// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.mm.pages.CommitAccount;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Locked and promised memory. */
final class LockingTests {

    private static final long P = 4096;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int ANONYMOUS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;

    private final PageAllocator pages = new PageAllocator(new FakeMemoryFile());
    private final CommitAccount commit = pages.commit();
    private final FakeProcess process = FakeProcess.create(pages);
    private final MemoryManager mm = process.mm;

    private long map(long length, int protection, int flags) throws ErrnoException {
        return mm.mmap(0, length, protection, flags, null, 0);
    }

    private void lockLimit(long bytes) {
        mm.setLimits(r -> r == Resource.RLIMIT_MEMLOCK ? bytes : -1);
    }

    private static void assertFails(String errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno.name()).isEqualTo(errno));
    }

    private List<Long> mappings() {
        List<Long> lengths = new ArrayList<>();
        mm.forEachVma((start, end, protection, flags, offset, file, name) ->
                lengths.add((end - start) / P));
        return lengths;
    }

    @Test
    void lockingSplitsCountsAndObeysTheLimit() throws ErrnoException {
        long a = map(8 * P, RW, ANONYMOUS);
        lockLimit(3 * P);
        mm.lock(a + P + 1, P, false);
        assertThat(mm.lockedBytes()).isEqualTo(2 * P);
        assertThat(mappings()).containsExactly(1L, 2L, 5L);
        mm.lock(a + P, 3 * P, true); // what is locked already does not count twice
        assertFails("ENOMEM", () -> mm.lock(a, 5 * P, false));
        assertFails("EAGAIN", () -> map(P, RW, ANONYMOUS | Mman.MAP_LOCKED));
        mm.unlock(a, 8 * P);
        assertThat(mm.lockedBytes()).isZero();
        assertThat(mappings()).containsExactly(8L);
        assertFails("ENOMEM", () -> mm.unlock(a, 9 * P));
        lockLimit(0);
        assertFails("EPERM", () -> mm.lock(a, P, false));
        assertFails("EPERM", () -> mm.lockAll(Mman.MCL_FUTURE));
        assertFails("EPERM", () -> map(P, RW, ANONYMOUS | Mman.MAP_LOCKED));
    }

    @Test
    void mlockallHoldsForWhatComes() throws ErrnoException {
        long a = map(2 * P, RW, ANONYMOUS);
        lockLimit(4 * P);
        mm.lockAll(Mman.MCL_CURRENT | Mman.MCL_FUTURE);
        map(2 * P, RW, ANONYMOUS);
        assertThat(mm.lockedBytes()).isEqualTo(4 * P);
        assertFails("EAGAIN", () -> map(P, RW, ANONYMOUS));
        assertFails("EINVAL", () -> mm.madvise(a, P, Mman.MADV_DONTNEED));
        mm.madvise(a, P, Mman.MADV_DONTNEED_LOCKED);
        FakeProcess child = process.fork();
        assertThat(child.mm.lockedBytes()).isZero();
        mm.unlockAll();
        assertThat(mm.lockedBytes()).isZero();
        map(8 * P, RW, ANONYMOUS);
    }

    @Test
    void writablePrivateMemoryIsPromised() throws ErrnoException {
        assertThat(commit.committedBytes()).isZero();
        long a = map(4 * P, RW, ANONYMOUS);
        map(4 * P, Mman.PROT_READ, ANONYMOUS);
        map(4 * P, RW, ANONYMOUS | Mman.MAP_NORESERVE);
        assertThat(commit.committedBytes()).isEqualTo(4 * P);
        long shared = map(2 * P, Mman.PROT_NONE, Mman.MAP_SHARED | Mman.MAP_ANONYMOUS);
        assertThat(commit.committedBytes()).isEqualTo(6 * P);
        FakeProcess child = process.fork();
        assertThat(commit.committedBytes()).isEqualTo(10 * P);
        child.mm.release();
        mm.munmap(shared, 2 * P);
        mm.munmap(a, P);
        assertThat(commit.committedBytes()).isEqualTo(3 * P);
        mm.release();
        assertThat(commit.committedBytes()).isZero();
    }

    @Test
    void promisesEndWhereTheModeSaysSo() throws ErrnoException {
        long gibibyte = 1L << 30;
        commit.setMemoryBytes(gibibyte);
        assertFails("ENOMEM", () -> map(gibibyte + P, RW, ANONYMOUS));
        map(gibibyte, RW, ANONYMOUS);
        map(gibibyte, RW, ANONYMOUS);
        commit.setMode(CommitAccount.OVERCOMMIT_ALWAYS);
        map(4 * gibibyte, RW, ANONYMOUS);
        commit.setMode(CommitAccount.OVERCOMMIT_NEVER);
        assertFails("ENOMEM", () -> map(P, RW, ANONYMOUS | Mman.MAP_NORESERVE));
        long readOnly = map(P, Mman.PROT_READ, ANONYMOUS);
        assertFails("ENOMEM", () -> mm.mprotect(readOnly, P, RW));
    }

    /** As Linux: a part that was writable once does not merge with one that never was. */
    @Test
    void promisedReadOnlyMemoryStaysApart() throws ErrnoException {
        long a = map(3 * P, Mman.PROT_READ, ANONYMOUS);
        mm.mprotect(a + 2 * P, P, RW);
        mm.putInt(a + 2 * P, 1);
        mm.mprotect(a + 2 * P, P, Mman.PROT_READ);
        assertThat(mappings()).containsExactly(2L, 1L);
    }
}
