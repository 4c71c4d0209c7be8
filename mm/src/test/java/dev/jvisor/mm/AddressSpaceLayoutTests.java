// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeAddressSpace;
import dev.jvisor.mm.testing.FakeFile;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Where mappings go, how they grow, what they cost the host. */
final class AddressSpaceLayoutTests {

    private static final long P = 4096;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int ANONYMOUS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
    private static final long TOP = 0x7fff_0000_0000L;

    private final FakeMemoryFile memory = new FakeMemoryFile();
    private final PageAllocator pages = new PageAllocator(memory);
    private final FakeProcess process = FakeProcess.create(pages);
    private final FakeAddressSpace host = process.host;
    private final MemoryManager mm = process.mm;

    private long map(long length) throws ErrnoException {
        return mm.mmap(0, length, RW, ANONYMOUS, null, 0);
    }

    private void limit(int resource, long bytes) {
        mm.setLimits(r -> r == resource ? bytes : -1);
    }

    private List<String> maps() {
        List<String> lines = new ArrayList<>();
        mm.forEachVma((start, end, protection, flags, offset, file, name) ->
                lines.add((end - start) / P + " " + protection + " " + name));
        return lines;
    }

    @Test
    void mappingsGoDownFromTheBaseAndMerge() throws ErrnoException {
        mm.setMmapBase(TOP);
        assertThat(map(P)).isEqualTo(TOP - P);
        assertThat(map(3 * P)).isEqualTo(TOP - 4 * P);
        assertThat(maps()).containsExactly("4 3 null");
        long hinted = mm.mmap(TOP - 8 * P + 1, P, RW, ANONYMOUS, null, 0);
        assertThat(hinted).isEqualTo(TOP - 8 * P);
        assertThat(mm.mmap(TOP - 4 * P, P, RW, ANONYMOUS, null, 0)).isEqualTo(TOP - 5 * P);
        assertThat(mm.mmap(0, P, RW, ANONYMOUS | Mman.MAP_32BIT, null, 0)).isEqualTo(0x40000000L);
        assertThat(mm.findFree(P, 1 << 21) % (1 << 21)).isZero();
    }

    @Test
    void reservationsCostNothing() throws ErrnoException {
        long a = mm.mmap(0, 1L << 45, Mman.PROT_NONE, ANONYMOUS | Mman.MAP_NORESERVE, null, 0);
        assertThat(memory.allocatedBytes()).isZero();
        assertThat(host.requests()).isZero();
        mm.mprotect(a, 1 << 20, RW);
        assertThat(process.store(a, 1)).isZero();
        assertThat(process.faults).isZero();
        assertThat(memory.allocatedBytes()).isLessThan(4 << 20);
    }

    @Test
    void hugeWritableMappingsAreBackedWhereTheyAreTouched() throws ErrnoException {
        long a = mm.mmap(0, 1L << 44, RW, ANONYMOUS | Mman.MAP_NORESERVE, null, 0);
        for (int i = 0; i < 100; i++) {
            assertThat(process.store(a + i * (1L << 37) + 12345, i)).isZero();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(process.load(a + i * (1L << 37) + 12345)).isEqualTo(i);
        }
        assertThat(memory.allocatedBytes()).isLessThan(1L << 30);
        assertThat(process.faults).isEqualTo(100);
    }

    @Test
    void privateMemoryNeverFaultsInTheSentry() throws ErrnoException {
        long a = map(64 * P);
        for (int i = 0; i < 64; i++) {
            process.store(a + i * P, i);
        }
        assertThat(process.faults).isZero();
        assertThat(host.requests()).isEqualTo(1);
    }

    @Test
    void heapGrowsAndShrinks() throws ErrnoException {
        long start = 0x5555_0000_0800L;
        mm.setBrkStart(start);
        assertThat(mm.brk(0)).isEqualTo(start);
        assertThat(mm.brk(start + 10 * P)).isEqualTo(start + 10 * P);
        assertThat(process.store(start + 10 * P - 1, 7)).isZero();
        assertThat(process.store(start, 7)).isEqualTo(-Signals.SIGSEGV);
        assertThat(maps()).containsExactly("10 3 [heap]");
        assertThat(mm.brk(start + P)).isEqualTo(start + P);
        assertThat(mm.brk(start + 10 * P)).isEqualTo(start + 10 * P);
        assertThat(process.load(start + 10 * P - 1)).isZero();
        assertThat(mm.brk(start - 1)).isEqualTo(start + 10 * P);
        mm.mmap(0x5555_0000_0000L + 20 * P, P, RW, ANONYMOUS | Mman.MAP_FIXED, null, 0);
        assertThat(mm.brk(start + 18 * P)).isEqualTo(start + 18 * P);
        assertThat(mm.brk(start + 19 * P)).isEqualTo(start + 18 * P);
        limit(Resource.RLIMIT_DATA, 8 * P);
        assertThat(mm.brk(start + 9 * P)).isEqualTo(start + 18 * P);
        assertThat(mm.brk(start + 7 * P)).isEqualTo(start + 7 * P);
    }

    @Test
    void aHeapThatGrowsInStepsIsContiguousInTheMemoryFile() throws ErrnoException {
        mm.setBrkStart(0x5555_0000_0000L);
        mm.brk(0x5555_0000_0000L + P);
        host.commit();
        long first = host.at(0x5555_0000_0000L).fileOffset();
        for (int i = 2; i < 60; i++) {
            mm.brk(0x5555_0000_0000L + i * P);
        }
        host.commit();
        assertThat(host.at(0x5555_0000_0000L + 58 * P).fileOffset()).isEqualTo(first + 58 * P);
    }

    @Test
    void stackGrowsToItsLimitAndKeepsTheGap() throws ErrnoException {
        mm.mapStack(TOP, 32 * P, RW);
        mm.layout().startStack = TOP - 100;
        assertThat(process.store(TOP - 33 * P, 1)).isZero();
        assertThat(process.load(TOP - 200 * P)).isZero();
        assertThat(maps()).containsExactly("200 3 [stack]");
        limit(Resource.RLIMIT_STACK, 300 * P);
        assertThat(process.load(TOP - 300 * P)).isZero();
        assertThat(process.load(TOP - 301 * P)).isEqualTo(-Signals.SIGSEGV);
        assertThat(process.trap.code).isEqualTo(Signals.SEGV_MAPERR);
        limit(Resource.RLIMIT_STACK, -1);
        mm.mmap(TOP - 700 * P, P, RW, ANONYMOUS | Mman.MAP_FIXED, null, 0);
        assertThat(process.load(TOP - 443 * P)).isZero();
        assertThat(process.load(TOP - 444 * P)).isEqualTo(-Signals.SIGSEGV);
        // A copy-out grows it as a store does.
        mm.munmap(TOP - 700 * P, P);
        mm.putLong(TOP - 500 * P, 1);
        // Nothing else is placed in the gap.
        mm.setMmapBase(TOP);
        assertThat(map(P)).isLessThan(TOP - (500 + 256) * P);
    }

    @Test
    void addressSpaceLimit() throws ErrnoException {
        long a = map(4 * P);
        limit(Resource.RLIMIT_AS, 10 * P);
        assertThatThrownBy(() -> map(7 * P)).hasMessage("ENOMEM");
        map(6 * P);
        mm.mmap(a, 4 * P, RW, ANONYMOUS | Mman.MAP_FIXED, null, 0);
        assertThatThrownBy(() -> mm.mremap(a, P, 2 * P, Mman.MREMAP_MAYMOVE, 0))
                .hasMessage("ENOMEM");
        assertThat(mm.mappedBytes()).isEqualTo(10 * P);
    }

    @Test
    void libraryIsReadFromTheHostAndItsDataCopied() throws ErrnoException {
        FakeFile file = FakeFile.onHost(20, 10);
        long text = mm.mmap(0, 10 * P, Mman.PROT_READ | Mman.PROT_EXEC, Mman.MAP_PRIVATE, file, 0);
        long data = mm.mmap(0, 4 * P, RW, Mman.MAP_PRIVATE, file, 10 * P);
        assertThat(process.load(text + 9 * P)).isEqualTo(19);
        assertThat(process.store(data + P, 99)).isZero();
        assertThat(process.load(data + 2 * P)).isEqualTo(22);
        assertThat(process.faults).isZero();
        assertThat(host.at(text).isMemory()).isFalse();
        assertThat(host.at(data).isMemory()).isTrue();
        assertThat(process.store(text, 1)).isEqualTo(-Signals.SIGSEGV);
        assertThat(process.trap.code).isEqualTo(Signals.SEGV_ACCERR);
    }

    @Test
    void forkWriteProtectsInFewRequestsAndCopiesTheStack() throws ErrnoException {
        mm.mapStack(TOP, 64 * P, RW);
        long a = map(32 * P);
        for (int i = 0; i < 32; i++) {
            process.store(a + i * P, i);
        }
        process.store(TOP - P, 1);
        process.context.registers().rsp = TOP - 2 * P;
        int before = host.requests();
        FakeProcess child = process.fork();
        assertThat(host.requests() - before).isLessThanOrEqualTo(3);
        process.store(TOP - P, 2);
        child.store(TOP - P, 3);
        assertThat(process.faults + child.faults).isZero();
        assertThat(process.load(TOP - P)).isEqualTo(2);
        child.store(a, 5);
        child.store(a + 15 * P, 5);
        assertThat(child.faults).isEqualTo(a % (16 * P) == 0 ? 1 : 2);
        child.mm.release();
        process.store(a, 6);
        process.store(a + 31 * P, 6);
        assertThat(process.faults).as("alone again: one fault for all").isEqualTo(1);
        assertThat(process.load(a + 15 * P)).isEqualTo(15);
    }

    @Test
    void aShellThatForksForEveryCommandStopsFaulting() throws ErrnoException {
        long small = map(3 * P);
        mm.mmap(0, P, Mman.PROT_NONE, ANONYMOUS, null, 0); // keeps the two apart
        long heap = map(100 * P);
        int faults = 0;
        for (int i = 0; i < 4; i++) {
            int before = process.faults;
            FakeProcess child = process.fork();
            child.store(small, i);
            child.store(heap + 10 * P, i);
            process.store(small, i + 100);
            process.store(heap + 10 * P, i + 100);
            process.store(heap + 70 * P, i + 100);
            assertThat(child.load(heap + 10 * P)).isEqualTo(i);
            child.mm.release();
            faults = process.faults - before + child.faults;
            assertThat(faults).as("round %d", i).isLessThanOrEqualTo(i == 0 ? 3 : 1);
        }
        assertThat(faults).isZero();
    }

    @Test
    void failedForkChangesNothing() throws ErrnoException {
        long a = map(4 * P);
        process.store(a, 1);
        long allocated = memory.allocatedBytes();
        process.context.failClone(true);
        assertThatThrownBy(process::fork).hasMessage("EAGAIN");
        assertThat(memory.allocatedBytes()).isEqualTo(allocated);
        assertThat(process.store(a, 2)).isZero();
    }

    @Test
    void adviceDecidesWhatTheChildGets() throws ErrnoException {
        long a = map(4 * P);
        process.store(a, 1);
        process.store(a + P, 2);
        process.store(a + 2 * P, 3);
        mm.madvise(a, P, Mman.MADV_DONTFORK);
        mm.madvise(a + P, P, Mman.MADV_WIPEONFORK);
        FakeProcess child = process.fork();
        assertThat(child.load(a)).isEqualTo(-Signals.SIGSEGV);
        assertThat(child.load(a + P)).isZero();
        assertThat(child.load(a + 2 * P)).isEqualTo(3);
        assertThat(process.load(a + P)).isEqualTo(2);
    }

    @Test
    void aFaultThatNothingHelpsEndsInASignal() throws ErrnoException {
        long a = map(P);
        mm.mprotect(a, P, Mman.PROT_READ);
        mm.retain(); // a second thread might have been faster
        assertThat(process.store(a, 1)).isEqualTo(-Signals.SIGSEGV);
        assertThat(process.trap.code).isEqualTo(Signals.SEGV_ACCERR);
        assertThat(process.faults).isEqualTo(2);
    }

    @Test
    void specialMappingsShowTheCallersPagesAndAreCopiedWhenWritten() throws ErrnoException {
        long own = pages.allocate(2 * P);
        memory.putByte(own, (byte) 42);
        mm.mapSpecial(TOP, 2 * P, Mman.PROT_READ | Mman.PROT_EXEC, own, "[vdso]");
        assertThat(process.load(TOP)).isEqualTo(42);
        assertThat(maps()).containsExactly("2 5 [vdso]");
        mm.mprotect(TOP, P, RW);
        assertThat(process.store(TOP, 1)).isZero();
        assertThat(memory.getByte(own)).isEqualTo((byte) 42);
        mm.release();
        assertThat(memory.allocatedBytes()).isEqualTo(2 * P);
    }

    @Test
    void namesOfAnonymousMemory() throws ErrnoException {
        long a = map(4 * P);
        mm.setAnonymousName(a + P, P, "arena");
        assertThat(maps()).containsExactly("1 3 null", "1 3 [anon:arena]", "2 3 null");
        mm.setAnonymousName(a, 4 * P, null);
        assertThat(maps()).containsExactly("4 3 null");
    }

    @Test
    void droppedPagesAreFreeOnlyWhenTheHostDoesNotShowThem() throws ErrnoException {
        long a = map(4 * P);
        host.commit();
        mm.munmap(a, 4 * P);
        assertThat(memory.allocatedBytes()).isEqualTo(4 * P);
        host.commit();
        mm.brk(0);
        assertThat(memory.allocatedBytes()).isZero();
        long large = map(64 << 20);
        host.commit();
        mm.munmap(large, 64 << 20);
        assertThat(memory.allocatedBytes()).as("much memory does not wait").isZero();
        assertThat(host.hasPending()).isFalse();
    }

    @Test
    void exhaustedMemoryIsEnomemAndLeavesNothing() throws ErrnoException {
        memory.setLimit(8 * P);
        assertThatThrownBy(() -> map(9 * P)).hasMessage("ENOMEM");
        assertThat(maps()).isEmpty();
        assertThatThrownBy(
                        () -> mm.mmap(0, 9 * P, RW, Mman.MAP_SHARED | Mman.MAP_ANONYMOUS, null, 0))
                .hasMessage("ENOMEM");
        assertThat(memory.allocatedBytes()).isZero();
        map(8 * P);
    }
}
