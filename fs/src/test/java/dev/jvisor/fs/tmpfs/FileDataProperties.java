// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.util.Arrays;
import java.util.List;

/** File data behave as a byte array that grows, and give all memory back. */
final class FileDataProperties {

    private static final int SIZE_MAX = 60_000;

    record Step(int kind, int offset, int length) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(0, SIZE_MAX / 2),
                                Arbitraries.integers().between(0, 6).map(i -> i * 4096)),
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(1, SIZE_MAX / 2),
                                Arbitraries.integers().between(1, 6).map(i -> i * 4096)))
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    @Property(tries = 300)
    void dataBehaveAsAnArray(@ForAll("steps") List<Step> steps) throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        long before = TestContext.pages().memory().allocatedBytes();
        FileData data = new FileData(TestContext.pages(), new PageBudget(0, 0));
        byte[] model = new byte[SIZE_MAX * 2];
        int size = 0;
        byte next = 1;
        for (Step s : steps) {
            int end = s.offset + s.length;
            switch (s.kind) {
                case 0, 1 -> {
                    byte[] bytes = new byte[s.length];
                    Arrays.fill(bytes, next++);
                    long n = data.write(c, IovIter.of(bytes, 0, s.length), s.offset);
                    assertThat(n).isEqualTo(s.length);
                    System.arraycopy(bytes, 0, model, s.offset, s.length);
                    size = Math.max(size, end);
                }
                case 2 -> {
                    data.truncate(c, s.offset);
                    if (s.offset < size) {
                        Arrays.fill(model, s.offset, size, (byte) 0);
                    }
                    size = s.offset;
                }
                case 3 -> {
                    int mode = Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE;
                    data.allocate(c, mode, s.offset, s.length);
                    Arrays.fill(model, s.offset, end, (byte) 0);
                }
                case 4 -> {
                    data.allocate(c, 0, s.offset, s.length);
                    size = Math.max(size, end);
                }
                default -> touchThroughMapping(data, model, s.offset, size);
            }
            assertThat(data.size()).isEqualTo(size);
        }
        byte[] seen = new byte[size];
        assertThat(data.read(IovIter.of(seen, 0, size), 0)).isEqualTo(size);
        assertThat(seen).isEqualTo(Arrays.copyOf(model, size));
        assertThat(data.read(IovIter.of(new byte[1], 0, 1), size)).isZero();
        data.discard();
        assertThat(TestContext.pages().memory().allocatedBytes()).isEqualTo(before);
    }

    /** Stores a byte as a guest with a shared mapping does. */
    private static void touchThroughMapping(FileData data, byte[] model, int offset, int size)
            throws ErrnoException {
        if (offset >= size) {
            return;
        }
        Mappable.Location location = new Mappable.Location();
        long page = offset & -4096;
        data.locate(page, 8192, location);
        assertThat(location.length).isIn(4096L, 8192L);
        TestContext.pages().memory().putByte(location.offset + offset - page, (byte) 99);
        model[offset] = 99;
    }
}
