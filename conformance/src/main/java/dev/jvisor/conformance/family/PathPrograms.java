// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.family.ProgramBuilder.AT_FDCWD;
import static dev.jvisor.conformance.family.ProgramBuilder.buffer;
import static dev.jvisor.conformance.family.ProgramBuilder.bytes;
import static dev.jvisor.conformance.family.ProgramBuilder.of;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Format;
import dev.jvisor.conformance.program.Output;

/** Programs about names: open and path walk, directories, metadata. */
final class PathPrograms {

    private static final int STAT_SIZE = 144;
    private static final int STEPS = 14;
    private static final int DIRENTS_SIZE = 512;

    private PathPrograms() {}

    static void open(ProgramBuilder p) {
        p.makeTree();
        long buffer = p.reserve(64);
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(8)) {
                case 0 -> p.opening(Call.OPEN, p.path(), p.openFlags(), p.mode());
                case 1, 2, 3, 4 ->
                    p.opening(Call.OPENAT, p.directory(), p.path(), p.openFlags(), p.mode());
                case 5 ->
                    p.step(Call.READ, bytes(buffer, 64), p.descriptor(), buffer(buffer), of(32));
                case 6 ->
                    p.step(
                            p.pick(Call.ACCESS, Call.CREAT, Call.CHDIR),
                            p.path(),
                            of(p.random.nextInt(9)));
                default -> readLink(p);
            }
        }
        states(p);
    }

    private static void readLink(ProgramBuilder p) {
        long buffer = p.reserve(32);
        p.step(
                Call.READLINKAT,
                bytes(buffer, 32),
                p.directory(),
                p.path(),
                buffer(buffer),
                of(p.pickLong(32, 3, 0, -1)));
    }

    static void directories(ProgramBuilder p) {
        p.makeTree();
        p.opening(
                Call.OPENAT,
                AT_FDCWD,
                p.string("d"),
                Argument.constant(0x10000, "O_RDONLY|O_DIRECTORY"));
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(13)) {
                case 0 -> p.step(Call.MKDIRAT, p.directory(), p.path(), p.mode());
                case 1 -> p.step(Call.RMDIR, p.path());
                case 2, 3 ->
                    p.step(
                            Call.UNLINKAT,
                            p.directory(),
                            p.path(),
                            p.flags(3, "AT_REMOVEDIR", 0x200, "0x1", p.oneIn(20) ? 1 : 0));
                case 4, 5 ->
                    p.step(
                            Call.RENAMEAT2,
                            p.directory(),
                            p.path(),
                            p.directory(),
                            p.path(),
                            p.flags(4, "RENAME_NOREPLACE", 1, "RENAME_EXCHANGE", 2));
                case 6 -> p.step(Call.RENAME, p.path(), p.path());
                case 7, 8 ->
                    p.step(
                            Call.LINKAT,
                            p.directory(),
                            p.path(),
                            p.directory(),
                            p.path(),
                            p.flags(4, "AT_SYMLINK_FOLLOW", 0x400, "AT_EMPTY_PATH", 0x1000));
                case 9 -> p.step(Call.SYMLINKAT, p.path(), p.directory(), p.path());
                case 10 ->
                    p.opening(
                            Call.OPENAT, p.directory(), p.path(), Argument.constant(0, "O_RDONLY"));
                case 11 -> p.step(Call.FCHDIR, p.descriptor());
                default -> list(p, p.descriptor());
            }
        }
        Argument root =
                p.step(Call.OPENAT, AT_FDCWD, p.string("/"), Argument.constant(0, "O_RDONLY"));
        list(p, root);
        working(p);
        states(p);
    }

    private static void list(ProgramBuilder p, Argument directory) {
        long buffer = p.reserve(DIRENTS_SIZE);
        p.step(
                Call.GETDENTS64,
                new Output(buffer, DIRENTS_SIZE, Format.DIRENTS),
                directory,
                buffer(buffer),
                of(DIRENTS_SIZE));
    }

    private static void working(ProgramBuilder p) {
        long buffer = p.reserve(64);
        p.step(Call.GETCWD, bytes(buffer, 64), buffer(buffer), of(p.pickLong(64, 64, 2, 1, 0)));
    }

    /** The visible state of the tree. */
    private static void states(ProgramBuilder p) {
        for (String path : new String[] {"a", "b", "d", "d/a", "d/b", "l"}) {
            stat(p, AT_FDCWD, p.string(path), Argument.constant(0x100, "AT_SYMLINK_NOFOLLOW"));
        }
    }

    private static void stat(ProgramBuilder p, Argument directory, Argument path, Argument flags) {
        long buffer = p.reserve(STAT_SIZE);
        p.step(
                Call.NEWFSTATAT,
                new Output(buffer, STAT_SIZE, Format.STAT),
                directory,
                path,
                buffer(buffer),
                flags);
    }

    static void metadata(ProgramBuilder p) {
        p.makeTree();
        p.opening(Call.OPENAT, AT_FDCWD, p.string(p.pick("a", "d", "l")), p.openFlags(), p.mode());
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(10)) {
                case 0 -> p.step(Call.FCHMODAT, p.directory(), p.path(), p.mode());
                case 1 -> p.step(Call.FCHMOD, p.descriptor(), p.mode());
                case 2 -> p.step(Call.FCHOWNAT, p.directory(), p.path(), id(p), id(p), atFlags(p));
                case 3 -> p.step(p.pick(Call.CHOWN, Call.LCHOWN), p.path(), id(p), id(p));
                case 4 -> setTimes(p);
                case 5 ->
                    p.step(
                            Call.FACCESSAT2,
                            p.directory(),
                            p.path(),
                            of(p.random.nextInt(9)),
                            atFlags(p));
                case 6 -> p.step(Call.UMASK, p.mode());
                case 7 -> p.opening(Call.OPENAT, p.directory(), p.path(), p.openFlags(), p.mode());
                case 8 ->
                    p.step(
                            Call.MKNODAT,
                            p.directory(),
                            p.path(),
                            of(p.pickLong(0100644, 0010600, 0140600, 0644, 0040755, 0120777)),
                            of(0));
                default -> stat(p, p.directory(), p.path(), atFlags(p));
            }
        }
        states(p);
    }

    private static Argument id(ProgramBuilder p) {
        return of(p.pickLong(-1, 0, 1, 1000, 65534, 0xffffffffL, 1L << 40));
    }

    private static Argument atFlags(ProgramBuilder p) {
        return p.flags(
                4,
                "AT_SYMLINK_NOFOLLOW",
                0x100,
                "AT_EMPTY_PATH",
                0x1000,
                "0x1",
                p.oneIn(20) ? 1 : 0);
    }

    private static void setTimes(ProgramBuilder p) {
        long times = p.reserve(32);
        for (int i = 0; i < 4; i += 2) {
            p.poke(times + 8 * i, p.pickLong(0, 1, 1_000_000, -1, 1L << 33));
            p.poke(
                    times + 8 * i + 8,
                    p.pickLong(0, 1, 999_999_999, 1_000_000_000, -1, 0x3fffffff, 0x3ffffffe));
        }
        p.step(
                Call.UTIMENSAT,
                p.directory(),
                p.oneIn(5) ? of(0) : p.path(),
                p.oneIn(6) ? of(0) : buffer(times),
                atFlags(p));
    }
}
