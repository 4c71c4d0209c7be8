// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.LittleEndian;

import java.nio.charset.StandardCharsets;

/** A small valid program to break. */
final class ElfSamples {

    static final int SIZE = 0x3000;
    static final int HEADERS = ElfImage.HEADER_SIZE;

    private ElfSamples() {}

    /** PIE with interpreter, text, data with bss, and a stack mark. */
    static byte[] pie() {
        byte[] b = new byte[SIZE];
        LittleEndian.putInt(b, 0, 0x464c457f);
        b[4] = 2;
        b[5] = 1;
        b[6] = 1;
        LittleEndian.putShort(b, 16, Elf.ET_DYN);
        LittleEndian.putShort(b, 18, Elf.EM_X86_64);
        LittleEndian.putInt(b, 20, 1);
        LittleEndian.putLong(b, 24, 0x1040);
        LittleEndian.putLong(b, 32, HEADERS);
        LittleEndian.putShort(b, 52, ElfImage.HEADER_SIZE);
        LittleEndian.putShort(b, 54, ElfImage.PROGRAM_HEADER_SIZE);
        LittleEndian.putShort(b, 56, 5);
        byte[] path = "/lib64/ld.so\0".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(path, 0, b, 0x400, path.length);
        header(b, 0, Elf.PT_INTERP, Elf.PF_R, 0x400, 0x400, path.length, path.length, 1);
        header(b, 1, Elf.PT_LOAD, Elf.PF_R, 0, 0, 0x500, 0x500, 0x1000);
        header(b, 2, Elf.PT_LOAD, Elf.PF_R | Elf.PF_X, 0x1000, 0x1000, 0x800, 0x800, 0x1000);
        header(b, 3, Elf.PT_LOAD, Elf.PF_R | Elf.PF_W, 0x2010, 0x3010, 0x400, 0x9000, 0x1000);
        header(b, 4, Elf.PT_GNU_STACK, Elf.PF_R | Elf.PF_W, 0, 0, 0, 0, 16);
        return b;
    }

    static void header(
            byte[] b,
            int index,
            int type,
            int flags,
            long offset,
            long address,
            long fileSize,
            long memorySize,
            long alignment) {
        int at = HEADERS + index * ElfImage.PROGRAM_HEADER_SIZE;
        LittleEndian.putInt(b, at, type);
        LittleEndian.putInt(b, at + 4, flags);
        LittleEndian.putLong(b, at + 8, offset);
        LittleEndian.putLong(b, at + 16, address);
        LittleEndian.putLong(b, at + 24, address);
        LittleEndian.putLong(b, at + 32, fileSize);
        LittleEndian.putLong(b, at + 40, memorySize);
        LittleEndian.putLong(b, at + 48, alignment);
    }

    /** Reads an array as a file. */
    static FileReader reader(byte[] file) {
        return (offset, destination, index, length) -> {
            if (offset < 0) {
                throw new AssertionError("negative offset " + offset);
            }
            if (offset >= file.length) {
                return 0;
            }
            int n = Math.min(length, file.length - (int) offset);
            System.arraycopy(file, (int) offset, destination, index, n);
            return n;
        };
    }
}
