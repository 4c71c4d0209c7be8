// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.executor.GuestExecutor.FREE_MEMORY;
import static dev.jvisor.conformance.family.ProgramBuilder.buffer;
import static dev.jvisor.conformance.family.ProgramBuilder.bytes;
import static dev.jvisor.conformance.family.ProgramBuilder.of;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;

/**
 * Programs about mappings. All lie in sixteen pages at a fixed place, whose contents are read and
 * written by way of a file, so that missing memory is an errno and no fatal signal.
 */
final class MemoryPrograms {

    private static final int STEPS = 20;
    private static final int PAGE = 4096;
    private static final int PAGES = 16;
    private static final int BUFFER_SIZE = 32;
    private static final int MAP_FIXED = 0x10;

    private MemoryPrograms() {}

    static void memory(ProgramBuilder p) {
        Argument file = p.openFile("a", 0, "");
        Argument channel = p.step(Call.MEMFD_CREATE, p.string("channel"), of(0));
        long content = p.filled(BUFFER_SIZE);
        long read = p.reserve(BUFFER_SIZE);
        p.step(Call.PWRITE64, file, buffer(content), of(BUFFER_SIZE), of(PAGE - 10));
        p.step(Call.PWRITE64, file, buffer(content), of(BUFFER_SIZE), of(0));
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(12)) {
                case 0, 1, 2 -> map(p);
                case 3 -> p.step(Call.MUNMAP, address(p), size(p));
                case 4 -> p.step(Call.MPROTECT, address(p), size(p), protection(p));
                case 5 ->
                    p.step(
                            Call.MREMAP,
                            address(p),
                            size(p),
                            size(p),
                            Argument.constant(3, "MREMAP_MAYMOVE|MREMAP_FIXED"),
                            address(p));
                case 6 -> p.step(Call.MREMAP, address(p), size(p), size(p), of(0));
                case 7 ->
                    p.step(
                            Call.MADVISE,
                            address(p),
                            size(p),
                            of(p.pickLong(0, 1, 2, 3, 4, 4, 9, 10, 18, 200)));
                case 8 ->
                    p.step(Call.MSYNC, address(p), size(p), of(p.pickLong(0, 1, 2, 4, 5, 6, 8)));
                case 9 -> p.step(Call.FTRUNCATE, file, of(p.pickLong(0, 100, PAGE, 3 * PAGE)));
                default -> access(p, channel, content, read);
            }
        }
        look(p, channel, read);
    }

    private static void access(ProgramBuilder p, Argument channel, long content, long read) {
        Argument place = of(address(p).value() + p.pickLong(0, 0, 8, PAGE - 16));
        if (p.oneIn(2)) {
            p.step(Call.PWRITE64, channel, buffer(content), of(BUFFER_SIZE), of(0));
            p.step(Call.PREAD64, channel, place, of(BUFFER_SIZE), of(0));
        } else {
            p.step(Call.PWRITE64, channel, place, of(BUFFER_SIZE), of(0));
            p.step(
                    Call.PREAD64,
                    bytes(read, BUFFER_SIZE),
                    channel,
                    buffer(read),
                    of(BUFFER_SIZE),
                    of(0));
        }
    }

    /** Which pages are there, and what is in them. */
    private static void look(ProgramBuilder p, Argument channel, long read) {
        for (int page = 0; page < PAGES; page++) {
            p.step(
                    Call.PWRITE64,
                    channel,
                    of(FREE_MEMORY + (long) page * PAGE),
                    of(BUFFER_SIZE),
                    of(0));
            p.step(
                    Call.PREAD64,
                    bytes(read, BUFFER_SIZE),
                    channel,
                    buffer(read),
                    of(BUFFER_SIZE),
                    of(0));
        }
    }

    private static void map(ProgramBuilder p) {
        Argument flags = p.pick(
                Argument.constant(0x22 | MAP_FIXED, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED"),
                Argument.constant(0x21 | MAP_FIXED, "MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED"),
                Argument.constant(0x01 | MAP_FIXED, "MAP_SHARED|MAP_FIXED"),
                Argument.constant(0x02 | MAP_FIXED, "MAP_PRIVATE|MAP_FIXED"),
                Argument.constant(0x100022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE"));
        if (p.oneIn(20)) {
            flags = p.pick(of(MAP_FIXED), of(0x20 | MAP_FIXED), of(0x03 | MAP_FIXED));
        }
        p.step(
                Call.MMAP,
                address(p),
                size(p),
                protection(p),
                flags,
                p.descriptor(),
                of(p.pickLong(0, 0, PAGE, 2 * PAGE, 1, -PAGE)));
    }

    private static Argument protection(ProgramBuilder p) {
        return p.pick(
                Argument.constant(0, "PROT_NONE"),
                Argument.constant(1, "PROT_READ"),
                Argument.constant(3, "PROT_READ|PROT_WRITE"),
                Argument.constant(3, "PROT_READ|PROT_WRITE"),
                Argument.constant(3, "PROT_READ|PROT_WRITE"),
                Argument.constant(2, "PROT_WRITE"));
    }

    private static Argument address(ProgramBuilder p) {
        long address = FREE_MEMORY + (long) p.random.nextInt(PAGES - 4) * PAGE;
        return of(p.oneIn(20) ? address + 1 : address);
    }

    private static Argument size(ProgramBuilder p) {
        return of(
                p.oneIn(12)
                        ? p.pickLong(0, 1, PAGE + 1, -1, Long.MAX_VALUE, -PAGE)
                        : (long) (1 + p.random.nextInt(4)) * PAGE);
    }
}
