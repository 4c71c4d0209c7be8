// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.testing.FakeFile;
import dev.jvisor.mm.testing.FakeMemoryFile;
import dev.jvisor.mm.testing.FakeProcess;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.memory.MemoryFile;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Random memory calls, loads, stores and copies of up to four processes that fork from each other,
 * against an array of pages.
 */
final class MemoryManagerProperties {

    private static final long PAGE = MemoryFile.PAGE_SIZE;
    private static final int PAGES = 48;
    private static final long BASE = 0x7000_0000_0000L;
    private static final int FILE_PAGES = 40;
    private static final int PROCESSES_MAX = 4;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;

    private static final int[] PROTECTIONS = {
        RW, RW, Mman.PROT_READ, Mman.PROT_NONE, RW | Mman.PROT_EXEC, Mman.PROT_WRITE
    };

    /** One call; what the numbers mean depends on the action. */
    record Step(Action action, int process, int first, int count, int argument) {}

    enum Action {
        MAP_ANONYMOUS,
        MAP_SHARED_ANONYMOUS,
        MAP_HOST_PRIVATE,
        MAP_HOST_SHARED,
        MAP_MEMORY_PRIVATE,
        MAP_MEMORY_SHARED,
        UNMAP,
        PROTECT,
        MOVE,
        DISCARD,
        STORE,
        STORE_MANY,
        COPY_OUT,
        LOAD,
        FORK,
        EXIT,
        TRUNCATE
    }

    private static final class World {
        final FakeMemoryFile memory = new FakeMemoryFile();
        final PageAllocator pages = new PageAllocator(memory);
        final FakeFile hostFile = FakeFile.onHost(FILE_PAGES, 1);
        final FakeFile memoryFile = FakeFile.inMemory(pages, FILE_PAGES);
        // Whether a private page shows later changes of the file is left open by mmap(2), and
        // depends
        // on copies of neighbours: so what is mapped privately is not changed through shared
        // mappings.
        final FakeFile hostProgram = FakeFile.onHost(FILE_PAGES, 101);
        final FakeFile memoryProgram = FakeFile.inMemory(pages, FILE_PAGES);
        final ModelMemory.Store hostProgramStore = new ModelMemory.Store(FILE_PAGES);
        final ModelMemory.Store memoryProgramStore = new ModelMemory.Store(FILE_PAGES);
        final ModelMemory.Store hostStore = new ModelMemory.Store(FILE_PAGES);
        final ModelMemory.Store memoryStore = new ModelMemory.Store(FILE_PAGES);
        final List<FakeProcess> processes = new ArrayList<>();
        final List<ModelMemory> models = new ArrayList<>();

        World(boolean knowsAccess) throws ErrnoException {
            memoryProgram.fill(51);
            for (int i = 0; i < FILE_PAGES; i++) {
                hostStore.values[i] = i + 1;
                hostProgramStore.values[i] = i + 101;
                memoryProgramStore.values[i] = i + 51;
            }
            FakeProcess first = FakeProcess.create(pages);
            first.knowsAccess = knowsAccess;
            processes.add(first);
            models.add(new ModelMemory(PAGES));
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Action.class),
                        Arbitraries.integers().between(0, PROCESSES_MAX - 1),
                        Arbitraries.integers().between(0, PAGES - 1),
                        Arbitraries.integers().between(1, 24),
                        Arbitraries.integers().between(0, 200))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED, edgeCases = EdgeCasesMode.NONE)
    void behavesAsAnArrayOfPages(@ForAll("steps") List<Step> steps, @ForAll boolean knowsAccess)
            throws ErrnoException {
        World w = new World(knowsAccess);
        try {
            run(w, steps);
        } finally {
            w.hostFile.destroy();
            w.hostProgram.destroy();
        }
    }

    private static void run(World w, List<Step> steps) throws ErrnoException {
        for (Step step : steps) {
            int p = step.process % w.processes.size();
            apply(w, p, step);
        }
        for (int p = 0; p < w.processes.size(); p++) {
            compareAll(w, p);
        }
        for (FakeProcess process : w.processes) {
            process.mm.release();
        }
        assertThat(w.hostFile.mappedBytes()).isZero();
        assertThat(w.hostProgram.mappedBytes()).isZero();
        assertThat(w.memoryFile.mappedBytes()).isZero();
        assertThat(w.memoryProgram.mappedBytes()).isZero();
        w.memoryFile.destroy();
        w.memoryProgram.destroy();
        w.pages.checkInvariants();
        assertThat(w.memory.allocatedBytes()).isZero();
    }

    private static void apply(World w, int p, Step step) throws ErrnoException {
        FakeProcess process = w.processes.get(p);
        ModelMemory model = w.models.get(p);
        int first = step.first;
        int count = Math.min(step.count, PAGES - first);
        long address = BASE + first * PAGE;
        long length = count * PAGE;
        switch (step.action) {
            case MAP_ANONYMOUS -> map(process, model, step, count, false, null, null);
            case MAP_SHARED_ANONYMOUS ->
                map(process, model, step, count, true, null, new ModelMemory.Store(count));
            case MAP_HOST_PRIVATE ->
                map(process, model, step, count, false, w.hostProgram, w.hostProgramStore);
            case MAP_HOST_SHARED -> map(process, model, step, count, true, w.hostFile, w.hostStore);
            case MAP_MEMORY_PRIVATE ->
                map(process, model, step, count, false, w.memoryProgram, w.memoryProgramStore);
            case MAP_MEMORY_SHARED ->
                map(process, model, step, count, true, w.memoryFile, w.memoryStore);
            case UNMAP -> {
                process.mm.munmap(address, length);
                model.unmap(first, count);
            }
            case PROTECT -> {
                int protection = PROTECTIONS[step.argument % PROTECTIONS.length];
                boolean whole = model.protect(first, count, protection);
                expect(whole, Errno.ENOMEM, () -> process.mm.mprotect(address, length, protection));
            }
            case DISCARD -> {
                boolean whole = model.discard(first, count);
                expect(
                        whole,
                        Errno.ENOMEM,
                        () -> process.mm.madvise(address, length, Mman.MADV_DONTNEED));
            }
            case MOVE -> move(process, model, first, count, step.argument);
            case STORE -> store(process, model, first, step.argument);
            case STORE_MANY -> {
                for (int i = 0; i < count; i++) {
                    store(process, model, first + i, step.argument);
                }
            }
            case COPY_OUT -> copyOut(process, model, first, count, step.argument);
            case LOAD -> load(process, model, first);
            case FORK -> {
                if (w.processes.size() < PROCESSES_MAX) {
                    process.context.registers().rsp = address;
                    w.processes.add(process.fork());
                    w.models.add(model.fork());
                }
            }
            case EXIT -> {
                if (w.processes.size() > 1) {
                    process.mm.release();
                    w.processes.remove(p);
                    w.models.remove(p);
                }
            }
            case TRUNCATE -> {
                int size = step.argument % FILE_PAGES;
                truncate(w, w.memoryFile, w.memoryStore, size);
                truncate(w, w.memoryProgram, w.memoryProgramStore, size);
            }
        }
    }

    private static void truncate(World w, FakeFile file, ModelMemory.Store store, int size) {
        file.truncate(size * PAGE);
        store.size = size;
        Arrays.fill(store.values, size, FILE_PAGES, 0);
        w.models.forEach(m -> m.truncated(store));
    }

    private static void map(
            FakeProcess process,
            ModelMemory model,
            Step step,
            int count,
            boolean shared,
            @Nullable FakeFile file,
            ModelMemory.@Nullable Store store)
            throws ErrnoException {
        int protection = PROTECTIONS[step.argument % PROTECTIONS.length];
        int index = file == null ? 0 : step.argument % (FILE_PAGES / 2);
        int flags = Mman.MAP_FIXED
                | (shared ? Mman.MAP_SHARED : Mman.MAP_PRIVATE)
                | (file == null ? Mman.MAP_ANONYMOUS : 0);
        long address = BASE + step.first * PAGE;
        long mapped = process.mm.mmap(address, count * PAGE, protection, flags, file, index * PAGE);
        assertThat(mapped).isEqualTo(address);
        model.map(step.first, count, protection, shared, store, index);
    }

    private static void move(FakeProcess process, ModelMemory model, int first, int count, int to) {
        int target = to % PAGES;
        int newCount = Math.min(1 + to % 24, PAGES - target);
        boolean overlaps = target < first + count && first < target + newCount;
        if (overlaps) {
            return;
        }
        try {
            process.mm.mremap(
                    BASE + first * PAGE,
                    count * PAGE,
                    newCount * PAGE,
                    Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED,
                    BASE + target * PAGE);
        } catch (ErrnoException e) {
            assertThat(e.errno).isEqualTo(Errno.EFAULT); // the range is not of one mapping
            return;
        }
        if (newCount < count) {
            model.unmap(first + newCount, count - newCount);
        }
        model.move(first, Math.min(count, newCount), target, newCount);
    }

    private static void store(FakeProcess process, ModelMemory model, int page, int value) {
        int expected = model.store(page, value);
        int actual = process.store(BASE + page * PAGE + value, value);
        if (!process.knowsAccess && expected == -Signals.SIGSEGV && actual == -Signals.SIGBUS) {
            return; // behind the end and not writable: without the kind of access either is right
        }
        assertThat(actual).isEqualTo(expected);
        if (expected == 0) {
            // The model has one byte for each page: let the first byte be that.
            assertThat(process.store(BASE + page * PAGE, value)).isZero();
        }
    }

    private static void copyOut(
            FakeProcess process, ModelMemory model, int first, int count, int value) {
        byte[] bytes = new byte[(int) (count * PAGE)];
        Arrays.fill(bytes, (byte) value);
        int copied = process.mm.copyOutPartial(BASE + first * PAGE, bytes, 0, bytes.length);
        int expected = 0;
        while (expected < count && model.store(first + expected, value) == 0) {
            expected++;
        }
        assertThat(copied).isEqualTo((int) (expected * PAGE));
    }

    private static void load(FakeProcess process, ModelMemory model, int page) {
        assertThat(process.load(BASE + page * PAGE)).isEqualTo(model.load(page));
    }

    /** Compares every page as the guest sees it and as a copy-in does. */
    private static void compareAll(World w, int p) {
        FakeProcess process = w.processes.get(p);
        ModelMemory model = w.models.get(p);
        for (int page = 0; page < PAGES; page++) {
            long address = BASE + page * PAGE;
            int expected = model.load(page);
            byte[] one = new byte[1];
            int copied = process.mm.copyInPartial(address, one, 0, 1);
            assertThat(copied == 1 ? one[0] & 0xff : -1)
                    .as("copy-in of page %d of process %d", page, p)
                    .isEqualTo(Math.max(expected, -1));
            assertThat(process.load(address))
                    .as("page %d of process %d", page, p)
                    .isEqualTo(expected);
        }
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static void expect(boolean success, Errno errno, Call call) {
        try {
            call.run();
            assertThat(success).as("%s expected", errno).isTrue();
        } catch (ErrnoException e) {
            assertThat(e.errno).isEqualTo(errno);
            assertThat(success).as("success expected").isFalse();
        }
    }
}
