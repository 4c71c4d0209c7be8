// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static dev.jvisor.fs.testing.Files.errnoOf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.anon.EpollFile;
import dev.jvisor.fs.anon.EventFile;
import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
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

import java.util.List;

/** Whatever numbers a guest gives, it gets an errno or an answer, and all memory comes back. */
final class HostileArgumentsProperties {

    private static final long PAGES_MAX = 64;

    record Call(int kind, int file, long a, long b, int c) {}

    private static Arbitrary<Long> longs() {
        return Arbitraries.oneOf(
                Arbitraries.longs(),
                Arbitraries.longs().between(0, 20_000),
                Arbitraries.of(
                        Long.MAX_VALUE,
                        Long.MAX_VALUE - 1,
                        Long.MAX_VALUE - 4096,
                        -1L,
                        Long.MIN_VALUE,
                        1L << 31,
                        1L << 32,
                        1L << 52,
                        4096L));
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.integers().between(0, 6),
                        longs(),
                        longs(),
                        Arbitraries.oneOf(
                                Arbitraries.integers(), Arbitraries.integers().between(0, 64)))
                .as(Call::new)
                .list()
                .ofMaxSize(60);
    }

    @Property(tries = 300)
    void anyNumberIsAnswered(@ForAll("calls") List<Call> calls) throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        c.fs().mounts().registerType(Tmpfs.type(TestContext.pages(), 1 << 30));
        Vfs.mkdir(c, null, "/m", 0777);
        Vfs.mount(c, "none", "/m", "tmpfs", 0, "nr_blocks=" + PAGES_MAX);
        long before = TestContext.pages().memory().allocatedBytes();
        int create = Fcntl.O_CREAT | Fcntl.O_RDWR;
        Pipefs.Ends ends = Pipefs.create(c, 0);
        FileDescription[] files = {
            Vfs.open(c, null, "/m/a", create, 0666, 0),
            Vfs.open(c, null, "/m/a", create | Fcntl.O_APPEND, 0666, 0),
            Vfs.open(c, null, "/m", Fcntl.O_RDONLY, 0, 0),
            ends.reader(),
            ends.writer(),
            EventFile.create(3, 0),
            EpollFile.create(0)
        };
        byte[] bytes = new byte[10_000];
        for (Call call : calls) {
            errnoOf(() -> run(c, files[call.file], call, bytes));
        }
        for (FileDescription file : files) {
            file.release();
        }
        Vfs.unlink(c, null, "/m/a", 0);
        assertThat(TestContext.pages().memory().allocatedBytes()).isEqualTo(before);
    }

    private static void run(TestContext c, FileDescription file, Call call, byte[] bytes)
            throws ErrnoException {
        int length = (int) Math.floorMod(call.b, (long) bytes.length);
        switch (call.kind) {
            case 0 -> file.readAt(c, IovIter.of(bytes, 0, length), call.a);
            case 1 -> file.writeAt(c, IovIter.of(bytes, 0, length), call.a);
            case 2 -> file.seek(c, call.a, call.c);
            case 3 -> file.truncate(c, call.a & Long.MAX_VALUE);
            case 4 -> file.allocate(c, call.c, call.a, call.b);
            case 5 -> file.read(c, IovIter.of(bytes, 0, length));
            case 6 -> file.write(c, IovIter.of(bytes, 0, length));
            case 7 -> file.fcntl(c, 1024 + (call.c & 15), call.a);
            case 8 -> file.iterate(c, (name, inode, type, offset) -> true);
            default -> {
                Mappable.Location location = new Mappable.Location();
                file.mappable(c).locate(call.a & -4096, call.b & 0xfff000, location);
            }
        }
    }
}
