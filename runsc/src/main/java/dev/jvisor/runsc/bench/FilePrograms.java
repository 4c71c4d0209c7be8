// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.runsc.bench.GuestCode.BLOCK;
import static dev.jvisor.runsc.bench.GuestCode.READ;
import static dev.jvisor.runsc.bench.GuestCode.WRITE;
import static dev.jvisor.runsc.bench.GuestCode.call;
import static dev.jvisor.runsc.bench.GuestCode.loop;
import static dev.jvisor.runsc.bench.GuestCode.map;
import static dev.jvisor.runsc.bench.GuestCode.open;
import static dev.jvisor.runsc.bench.GuestCode.repeat;

import dev.jvisor.platform.asm.Assembler;

/** A large file, written and read from its start to its end in blocks of 64 KiB. */
final class FilePrograms {

    private static final int LSEEK = 8;
    private static final int BLOCKS = 2000;
    private static final int O_RDWR_CREAT = 0102;

    private FilePrograms() {}

    /** Writes 125 MiB to a file in /tmp. */
    static GuestWorkload write() {
        return loop("seq_write_64k", BLOCKS, FilePrograms::create, a -> transfer(a, WRITE));
    }

    /** Reads 125 MiB that were just written. */
    static GuestWorkload read() {
        GuestCode.Body setUp = a -> {
            create(a);
            repeat(a, BLOCKS, b -> transfer(b, WRITE));
            a.movReg(RDI, R12).mov(RSI, 0).mov(RDX, 0);
            call(a, LSEEK);
        };
        return loop("seq_read_64k", BLOCKS, setUp, a -> transfer(a, READ));
    }

    private static void create(Assembler a) {
        map(a, BLOCK);
        open(a, "tmp/f", O_RDWR_CREAT, 0600);
    }

    private static void transfer(Assembler a, int number) {
        a.movReg(RDI, R12).movReg(RSI, R13).mov(RDX, BLOCK);
        call(a, number);
    }
}
