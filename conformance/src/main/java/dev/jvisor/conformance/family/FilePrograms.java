// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.executor.GuestExecutor.ARENA;
import static dev.jvisor.conformance.executor.GuestExecutor.ARENA_SIZE;
import static dev.jvisor.conformance.family.ProgramBuilder.UNMAPPED;
import static dev.jvisor.conformance.family.ProgramBuilder.buffer;
import static dev.jvisor.conformance.family.ProgramBuilder.bytes;
import static dev.jvisor.conformance.family.ProgramBuilder.of;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Format;
import dev.jvisor.conformance.program.Output;

/** Programs about open files: transfers, their size, their descriptors. */
final class FilePrograms {

    private static final int STEPS = 20;
    private static final int STAT_SIZE = 144;
    private static final int BUFFER_SIZE = 64;

    private FilePrograms() {}

    static void transfer(ProgramBuilder p) {
        p.openFile("a", 0, "");
        p.openFile("a", 0x400, "|O_APPEND");
        p.openFile("a", 0, "");
        if (p.oneIn(3)) {
            p.opening(Call.OPENAT, ProgramBuilder.AT_FDCWD, p.string("a"), p.openFlags(), p.mode());
        }
        long content = p.filled(BUFFER_SIZE);
        long read = p.reserve(BUFFER_SIZE);
        for (int i = 0; i < STEPS; i++) {
            one(p, content, read);
        }
        finalState(p, read);
    }

    private static void one(ProgramBuilder p, long content, long read) {
        switch (p.random.nextInt(10)) {
            case 0 ->
                p.step(
                        Call.READ,
                        bytes(read, BUFFER_SIZE),
                        p.descriptor(),
                        target(p, read),
                        length(p));
            case 1, 2 -> p.step(Call.WRITE, p.descriptor(), target(p, content), length(p));
            case 3 ->
                p.step(
                        Call.PREAD64,
                        bytes(read, BUFFER_SIZE),
                        p.descriptor(),
                        target(p, read),
                        length(p),
                        p.offset());
            case 4 ->
                p.step(Call.PWRITE64, p.descriptor(), target(p, content), length(p), p.offset());
            case 5, 6 ->
                p.step(
                        Call.LSEEK,
                        p.descriptor(),
                        p.offset(),
                        of(p.pickLong(0, 0, 1, 1, 2, 3, 4, 5, -1)));
            case 7 ->
                p.step(
                        p.pick(Call.WRITEV, Call.WRITEV, Call.PWRITEV),
                        p.descriptor(),
                        vector(p, content),
                        count(p),
                        p.offset(),
                        of(0));
            case 8 ->
                p.step(
                        p.pick(Call.READV, Call.PREADV),
                        bytes(read, BUFFER_SIZE),
                        p.descriptor(),
                        vector(p, read),
                        count(p),
                        p.offset(),
                        of(0));
            default ->
                p.step(
                        p.pick(Call.PREADV2, Call.PWRITEV2),
                        bytes(read, BUFFER_SIZE),
                        p.descriptor(),
                        vector(p, read),
                        count(p),
                        p.offset(),
                        of(0),
                        p.flags(
                                6,
                                "RWF_HIPRI",
                                1,
                                "RWF_DSYNC",
                                2,
                                "RWF_APPEND",
                                16,
                                "0x8000",
                                0x8000));
        }
    }

    /** A buffer, seldom one that ends or lies where nothing is mapped. */
    private static Argument target(ProgramBuilder p, long buffer) {
        if (p.oneIn(10)) {
            long left = 1 + p.random.nextInt(16);
            return p.pick(
                    of(0),
                    UNMAPPED,
                    of(-4096),
                    Argument.constant(ARENA + ARENA_SIZE - left, "END-" + left));
        }
        return buffer(buffer);
    }

    private static Argument length(ProgramBuilder p) {
        return p.oneIn(20)
                ? of(p.pickLong(-1, Long.MIN_VALUE, 0))
                : of(p.random.nextInt(BUFFER_SIZE / 2));
    }

    private static Argument count(ProgramBuilder p) {
        return p.oneIn(12) ? of(p.pickLong(-1, 1025, 1024, 0)) : of(1 + p.random.nextInt(3));
    }

    /** Three parts, of which one may be bad. */
    static Argument vector(ProgramBuilder p, long buffer) {
        if (p.oneIn(25)) {
            return p.pick(of(0), UNMAPPED);
        }
        long address = p.reserve(48);
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 3; i++) {
            long base = target(p, buffer + 8L * i).value();
            long length = p.oneIn(15) ? p.pickLong(-1, Long.MAX_VALUE) : p.random.nextInt(12);
            p.poke(address + 16 * i, base);
            p.poke(address + 16 * i + 8, length);
            text.append(i == 0 ? "{" : ", {")
                    .append(base == UNMAPPED.value() ? "UNMAPPED" : "0x" + Long.toHexString(base))
                    .append(", ")
                    .append(length)
                    .append("}");
        }
        return Argument.constant(address, text + "}");
    }

    private static void finalState(ProgramBuilder p, long read) {
        Argument file = p.openFile("a", 0, "");
        long stat = p.reserve(STAT_SIZE);
        p.step(Call.FSTAT, new Output(stat, STAT_SIZE, Format.STAT), file, buffer(stat));
        p.step(Call.PREAD64, bytes(read, BUFFER_SIZE), file, buffer(read), of(BUFFER_SIZE), of(0));
        for (int i = 0; i < 3; i++) {
            p.step(Call.LSEEK, p.descriptor(), of(0), Argument.constant(1, "SEEK_CUR"));
        }
    }

    static void space(ProgramBuilder p) {
        p.openFile("a", 0, "");
        p.opening(Call.OPENAT, ProgramBuilder.AT_FDCWD, p.string("a"), p.openFlags(), p.mode());
        p.opening(
                Call.MEMFD_CREATE,
                p.string("memory"),
                p.flags(3, "MFD_CLOEXEC", 1, "MFD_ALLOW_SEALING", 2));
        long content = p.filled(BUFFER_SIZE);
        long read = p.reserve(BUFFER_SIZE);
        long stat = p.reserve(STAT_SIZE);
        p.makeTree();
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(9)) {
                case 0 -> p.step(Call.FTRUNCATE, p.descriptor(), size(p));
                case 1 -> p.step(Call.TRUNCATE, p.path(), size(p));
                case 2, 3 ->
                    p.step(
                            Call.FALLOCATE,
                            p.descriptor(),
                            p.flags(
                                    4,
                                    "FALLOC_FL_KEEP_SIZE",
                                    1,
                                    "FALLOC_FL_PUNCH_HOLE",
                                    2,
                                    "FALLOC_FL_KEEP_SIZE",
                                    1,
                                    "0x100",
                                    p.oneIn(20) ? 0x100 : 0),
                            smallSize(p),
                            smallSize(p));
                case 4 ->
                    p.step(
                            Call.PWRITE64,
                            p.descriptor(),
                            buffer(content),
                            of(p.random.nextInt(BUFFER_SIZE)),
                            smallSize(p));
                case 5 ->
                    p.step(
                            Call.PREAD64,
                            bytes(read, BUFFER_SIZE),
                            p.descriptor(),
                            buffer(read),
                            of(BUFFER_SIZE),
                            smallSize(p));
                case 6 ->
                    p.step(
                            Call.LSEEK,
                            p.descriptor(),
                            smallSize(p),
                            of(p.pickLong(3, 4))); // SEEK_DATA, SEEK_HOLE
                case 7 ->
                    p.step(
                            Call.FCNTL,
                            p.descriptor(),
                            of(p.pickLong(1033, 1034)),
                            p.flags(
                                    4,
                                    "F_SEAL_SEAL",
                                    1,
                                    "F_SEAL_SHRINK",
                                    2,
                                    "F_SEAL_GROW",
                                    4,
                                    "F_SEAL_WRITE",
                                    8,
                                    "0x100",
                                    p.oneIn(20) ? 0x100 : 0));
                default ->
                    p.step(
                            Call.FSTAT,
                            new Output(stat, STAT_SIZE, Format.STAT),
                            p.descriptor(),
                            buffer(stat));
            }
        }
        finalState(p, read);
    }

    private static Argument size(ProgramBuilder p) {
        return p.oneIn(8)
                ? of(p.pickLong(-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40))
                : smallSize(p);
    }

    private static Argument smallSize(ProgramBuilder p) {
        return p.oneIn(15) ? of(-1) : of(p.pickLong(0, 1, 5, 4095, 4096, 4097, 8192, 12000, 20000));
    }

    static void descriptors(ProgramBuilder p) {
        p.openFile("a", 0, "");
        p.opening(
                Call.OPENAT,
                ProgramBuilder.AT_FDCWD,
                p.string("."),
                Argument.constant(0x10000, "O_DIRECTORY"));
        long lock = p.reserve(32);
        long content = p.filled(16);
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(11)) {
                case 0 -> p.opening(Call.DUP, p.descriptor());
                case 1 -> p.opening(Call.DUP2, p.descriptor(), number(p));
                case 2 ->
                    p.opening(
                            Call.DUP3,
                            p.descriptor(),
                            number(p),
                            p.flags(3, "O_CLOEXEC", 0x80000, "O_NONBLOCK", p.oneIn(4) ? 0x800 : 0));
                case 3 -> p.step(Call.CLOSE, p.descriptor());
                case 4 ->
                    p.step(
                            Call.CLOSE_RANGE,
                            number(p),
                            number(p),
                            p.flags(4, "CLOSE_RANGE_UNSHARE", 2, "CLOSE_RANGE_CLOEXEC", 4));
                case 5 ->
                    p.opening(
                            Call.FCNTL,
                            p.descriptor(), // F_DUPFD, F_DUPFD_CLOEXEC
                            of(p.pickLong(0, 1030)),
                            number(p));
                case 6 ->
                    p.step(Call.FCNTL, p.descriptor(), of(p.pickLong(1, 3, 9, 11, 1032, 1024)));
                case 7 ->
                    p.step(
                            Call.FCNTL,
                            p.descriptor(),
                            of(p.pickLong(2, 4)),
                            p.flags(
                                    3,
                                    "O_APPEND|FD_CLOEXEC",
                                    0x401,
                                    "O_NONBLOCK",
                                    0x800,
                                    "O_RDWR",
                                    2,
                                    "O_NOATIME",
                                    0x40000));
                case 8 ->
                    p.opening(
                            Call.OPENAT,
                            ProgramBuilder.AT_FDCWD,
                            p.string("a"),
                            p.openFlags(),
                            p.mode());
                case 9 ->
                    p.step(
                            p.pick(Call.WRITE, Call.FSYNC, Call.FDATASYNC),
                            p.descriptor(),
                            buffer(content),
                            of(5));
                default -> locks(p, lock);
            }
        }
        for (int fd = 0; fd < 8; fd++) {
            p.step(Call.FCNTL, of(fd), Argument.constant(1, "F_GETFD"));
            p.step(Call.FCNTL, of(fd), Argument.constant(3, "F_GETFL"));
            p.step(Call.LSEEK, of(fd), of(0), Argument.constant(1, "SEEK_CUR"));
        }
    }

    private static Argument number(ProgramBuilder p) {
        return p.oneIn(8)
                ? of(p.pickLong(-1, 1023, 1024, Integer.MAX_VALUE))
                : of(p.random.nextInt(8));
    }

    private static void locks(ProgramBuilder p, long lock) {
        long flock = p.reserve(32);
        p.pokeInt(flock, p.random.nextInt(4) | p.random.nextInt(4) << 16);
        p.poke(flock + 8, p.offset().value());
        p.poke(flock + 16, p.offset().value());
        if (p.oneIn(2)) {
            p.step(Call.FLOCK, p.descriptor(), of(4 | p.pickLong(1, 2, 8, 0, 3)));
        } else {
            p.step(
                    Call.FCNTL,
                    bytes(flock, 24),
                    p.descriptor(), // F_GETLK, F_SETLK, F_OFD_*
                    of(p.pickLong(5, 6, 6, 36, 37)),
                    buffer(p.oneIn(5) ? lock : flock));
        }
    }
}
