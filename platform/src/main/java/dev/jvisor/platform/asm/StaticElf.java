// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.asm;

/**
 * Wraps machine code into the smallest static executable: ELF header, one program header, code
 * (elf(5)). The code starts running at its first byte and is mapped read-execute; its data is the
 * stack.
 */
public final class StaticElf {

    private static final long BASE = 0x400000;
    private static final int HEADERS_SIZE = 64 + 56;

    /** Address of the first byte of the code. */
    public static final long ENTRY = BASE + HEADERS_SIZE;

    private StaticElf() {}

    /** Returns the image of an executable. */
    public static byte[] image(byte[] code) {
        Assembler a = new Assembler();
        a.dd(0x464c457f).db(2).db(1).db(1).db(0).dq(0); // ELFCLASS64, ELFDATA2LSB, EV_CURRENT
        a.dd(2 | 62 << 16).dd(1); // ET_EXEC, EM_X86_64
        a.dq(ENTRY).dq(64).dq(0).dd(0); // entry, program headers, no sections
        a.dd(64 | 56 << 16).dd(1).dd(0); // sizes, one program header
        long size = HEADERS_SIZE + code.length;
        a.dd(1).dd(5).dq(0).dq(BASE).dq(BASE).dq(size).dq(size).dq(0x1000); // PT_LOAD, R+X
        return a.bytes(code).toBytes();
    }
}
