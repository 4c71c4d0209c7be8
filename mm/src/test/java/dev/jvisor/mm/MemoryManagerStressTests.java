// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads of one process copy while others unmap, map and fork. The fake memory file fails on any
 * access to a page that is free, so a copy that outlives its pages shows.
 */
final class MemoryManagerStressTests {

    private static final long P = MemoryFile.PAGE_SIZE;
    private static final int PAGES = 32;
    private static final long BASE = 0x7000_0000_0000L;
    private static final int ROUNDS = 3000;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int FLAGS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED;

    private final FakeMemoryFile memory = new FakeMemoryFile();
    private final PageAllocator pages = new PageAllocator(memory);
    private final FakeProcess process = FakeProcess.create(pages);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private interface Work {
        void run(SplittableRandom random, long address, long length) throws ErrnoException;
    }

    private Thread start(long seed, Work work) {
        Thread thread = new Thread(() -> {
            SplittableRandom random = new SplittableRandom(seed);
            try {
                for (int i = 0; i < ROUNDS && failure.get() == null; i++) {
                    int first = random.nextInt(PAGES);
                    int count = 1 + random.nextInt(PAGES - first);
                    try {
                        work.run(random, BASE + first * P, count * P);
                    } catch (ErrnoException e) {
                        // what another thread has unmapped
                    }
                }
            } catch (Throwable t) {
                failure.set(t);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    @Timeout(60)
    void copiesNeverTouchFreedPages() throws Exception {
        MemoryManager mm = process.mm;
        mm.retain();
        mm.retain();
        mm.mmap(BASE, PAGES * P, RW, FLAGS, null, 0);
        byte[] ones = new byte[(int) (PAGES * P)];
        Thread[] threads = {
            start(1, (r, a, n) -> mm.copyOutPartial(a, ones, 0, (int) n)),
            start(2, (r, a, n) -> mm.copyInPartial(a, new byte[(int) n], 0, (int) n)),
            start(3, MemoryManagerStressTests.this::change),
            start(4, (r, a, n) -> {
                IovIter iter = mm.iter(a, n);
                long span = iter.spanAddress(n, r.nextBoolean());
                if (span != 0) {
                    memory.getByte(span - memory.address(0));
                }
                if (r.nextBoolean()) {
                    iter.advance(1);
                }
            }),
            start(5, (r, a, n) -> mm.compareAndExchangeInt(a, 0, 1)),
        };
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        mm.release();
        mm.release();
        mm.release();
        pages.checkInvariants();
        assertThat(memory.allocatedBytes()).isZero();
    }

    private void change(SplittableRandom random, long address, long length) throws ErrnoException {
        MemoryManager mm = process.mm;
        switch (random.nextInt(6)) {
            case 0 -> mm.munmap(address, length);
            case 1 -> mm.mprotect(address, length, random.nextInt(4));
            case 2 -> mm.madvise(address, length, Mman.MADV_DONTNEED);
            case 3 -> process.fork().mm.release();
            default -> mm.mmap(address, length, RW, FLAGS, null, 0);
        }
    }
}
