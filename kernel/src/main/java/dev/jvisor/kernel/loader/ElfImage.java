// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static dev.jvisor.platform.abi.Elf.EM_X86_64;
import static dev.jvisor.platform.abi.Elf.ET_DYN;
import static dev.jvisor.platform.abi.Elf.ET_EXEC;
import static dev.jvisor.platform.abi.Elf.PF_X;
import static dev.jvisor.platform.abi.Elf.PT_GNU_STACK;
import static dev.jvisor.platform.abi.Elf.PT_INTERP;
import static dev.jvisor.platform.abi.Elf.PT_LOAD;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * The headers of an ELF64 program or shared object, as far as execve(2) looks at them, checked.
 *
 * <p>Linux (fs/binfmt_elf.c) meets part of the errors while it maps, when the old image is gone
 * already, and kills the process. Here all of them are found before: execve fails with the number
 * that Linux has at that place, and the caller lives on.
 */
final class ElfImage {

    static final int HEADER_SIZE = 64;
    static final int PROGRAM_HEADER_SIZE = 56;

    private static final int PAGE_SIZE = 4096;
    private static final long PAGE_MASK = PAGE_SIZE - 1;
    private static final int PROGRAM_HEADERS_SIZE_MAX = 65536; // fs/binfmt_elf.c: load_elf_phdrs
    private static final int PATH_MAX = 4096;

    private static final int E_TYPE = 16;
    private static final int E_MACHINE = 18;
    private static final int E_ENTRY = 24;
    private static final int E_PHOFF = 32;
    private static final int E_PHENTSIZE = 54;
    private static final int E_PHNUM = 56;

    private static final int P_FLAGS = 4;
    private static final int P_OFFSET = 8;
    private static final int P_VADDR = 16;
    private static final int P_FILESZ = 32;
    private static final int P_MEMSZ = 40;
    private static final int P_ALIGN = 48;

    /** PT_LOAD entry; addresses before relocation. */
    record Segment(long fileOffset, long address, long fileSize, long memorySize, int flags) {

        boolean isExecutable() {
            return (flags & PF_X) != 0;
        }

        /** First byte behind it in memory. */
        long end() {
            return address + memorySize;
        }

        long fileEnd() {
            return address + fileSize;
        }
    }

    /** Whether addresses are relative to a base the kernel chooses. */
    final boolean isRelocatable;

    final long entry;
    final long headersOffset;
    final int headersCount;
    final Segment[] segments;

    /** Path of the program interpreter (ld.so), or null. */
    final @Nullable String interpreter;

    /** Whether PT_GNU_STACK asks for an executable stack. */
    final boolean hasExecutableStack;

    /** Largest valid p_align of a PT_LOAD, at least a page. */
    final long alignment;

    /** Page-aligned bounds of all segments, before relocation. */
    final long start;

    final long end;

    /** {@code headers} is the table, {@code loads} the number of PT_LOAD entries in it. */
    private ElfImage(
            byte[] header, byte[] headers, Segment[] segments, @Nullable String interpreter)
            throws ErrnoException {
        this.isRelocatable = LittleEndian.getUnsignedShort(header, E_TYPE) == ET_DYN;
        this.entry = LittleEndian.getLong(header, E_ENTRY);
        this.headersOffset = LittleEndian.getLong(header, E_PHOFF);
        this.headersCount = headers.length / PROGRAM_HEADER_SIZE;
        this.segments = segments;
        this.interpreter = interpreter;
        this.hasExecutableStack = executableStack(headers);
        this.alignment = maximumAlignment(headers);
        long lowest = Long.MAX_VALUE;
        long highest = 0;
        for (Segment s : segments) {
            lowest = Math.min(lowest, s.address & ~PAGE_MASK);
            highest = Math.max(highest, (s.end() + PAGE_MASK) & ~PAGE_MASK);
        }
        this.start = lowest;
        this.end = highest;
    }

    /** Whether the first bytes are those of an ELF file. */
    static boolean isElf(byte[] header, int length) {
        return length >= 4
                && header[0] == 0x7f
                && header[1] == 'E'
                && header[2] == 'L'
                && header[3] == 'F';
    }

    /**
     * Reads and checks the headers.
     *
     * @param wrong the error for a file that is no program for this machine: ENOEXEC, or ELIBBAD
     *     for an interpreter
     * @throws ErrnoException {@code wrong}; EINVAL or ENOMEM for segments that cannot be mapped;
     *     EIO for a truncated PT_INTERP; what reading the file gives
     */
    static ElfImage parse(FileReader file, Errno wrong) throws ErrnoException {
        byte[] header = new byte[HEADER_SIZE];
        int n = file.read(0, header, 0, HEADER_SIZE);
        int type = LittleEndian.getUnsignedShort(header, E_TYPE);
        if (n < HEADER_SIZE
                || !isElf(header, n)
                || type != ET_EXEC && type != ET_DYN
                || LittleEndian.getUnsignedShort(header, E_MACHINE) != EM_X86_64) {
            throw wrong.exception();
        }
        byte[] headers = readHeaders(file, header, wrong);
        String interpreter = readInterpreter(file, headers);
        Segment[] segments = readSegments(headers);
        if (segments.length == 0) {
            throw wrong.exception();
        }
        return new ElfImage(header, headers, segments, interpreter);
    }

    private static byte[] readHeaders(FileReader file, byte[] header, Errno wrong)
            throws ErrnoException {
        int size = LittleEndian.getUnsignedShort(header, E_PHNUM) * PROGRAM_HEADER_SIZE;
        long offset = LittleEndian.getLong(header, E_PHOFF);
        if (LittleEndian.getUnsignedShort(header, E_PHENTSIZE) != PROGRAM_HEADER_SIZE
                || size == 0
                || size > PROGRAM_HEADERS_SIZE_MAX
                || offset < 0
                || offset > Long.MAX_VALUE - size) {
            throw wrong.exception();
        }
        byte[] headers = new byte[size];
        if (file.read(offset, headers, 0, size) < size) {
            throw wrong.exception();
        }
        return headers;
    }

    private static @Nullable String readInterpreter(FileReader file, byte[] headers)
            throws ErrnoException {
        for (int at = 0; at < headers.length; at += PROGRAM_HEADER_SIZE) {
            if (LittleEndian.getInt(headers, at) != PT_INTERP) {
                continue;
            }
            long size = LittleEndian.getLong(headers, at + P_FILESZ);
            long offset = LittleEndian.getLong(headers, at + P_OFFSET);
            if (size > PATH_MAX || size < 2) { // signed: a huge size is negative, so refused too
                throw Errno.ENOEXEC.exception();
            }
            if (offset < 0 || offset > Long.MAX_VALUE - PATH_MAX) {
                throw Errno.EINVAL.exception();
            }
            byte[] path = new byte[(int) size];
            if (file.read(offset, path, 0, path.length) < path.length) {
                throw Errno.EIO.exception();
            }
            if (path[path.length - 1] != 0) {
                throw Errno.ENOEXEC.exception();
            }
            int length = 0;
            while (path[length] != 0) {
                length++;
            }
            return new String(path, 0, length, StandardCharsets.ISO_8859_1);
        }
        return null;
    }

    private static Segment[] readSegments(byte[] headers) throws ErrnoException {
        int count = 0;
        for (int at = 0; at < headers.length; at += PROGRAM_HEADER_SIZE) {
            if (LittleEndian.getInt(headers, at) == PT_LOAD) {
                count++;
            }
        }
        Segment[] segments = new Segment[count];
        int i = 0;
        for (int at = 0; at < headers.length; at += PROGRAM_HEADER_SIZE) {
            if (LittleEndian.getInt(headers, at) == PT_LOAD) {
                segments[i++] = readSegment(headers, at);
            }
        }
        return segments;
    }

    private static Segment readSegment(byte[] headers, int at) throws ErrnoException {
        long offset = LittleEndian.getLong(headers, at + P_OFFSET);
        long address = LittleEndian.getLong(headers, at + P_VADDR);
        long fileSize = LittleEndian.getLong(headers, at + P_FILESZ);
        long memorySize = LittleEndian.getLong(headers, at + P_MEMSZ);
        // Everything below fits 63 bits, so sums of two do not wrap.
        long limit = Long.MAX_VALUE / 4;
        if (address < 0
                || address > limit
                || memorySize < 0
                || memorySize > limit
                || fileSize < 0
                || fileSize > memorySize
                || offset < 0
                || offset > limit) {
            throw Errno.EINVAL.exception();
        }
        if (fileSize > 0 && (offset - address & PAGE_MASK) != 0) {
            throw Errno.EINVAL.exception(); // mmap refuses an offset inside a page
        }
        int flags = LittleEndian.getInt(headers, at + P_FLAGS);
        return new Segment(offset, address, fileSize, memorySize, flags);
    }

    private static boolean executableStack(byte[] headers) {
        for (int at = 0; at < headers.length; at += PROGRAM_HEADER_SIZE) {
            if (LittleEndian.getInt(headers, at) == PT_GNU_STACK) {
                return (LittleEndian.getInt(headers, at + P_FLAGS) & PF_X) != 0;
            }
        }
        return false;
    }

    private static long maximumAlignment(byte[] headers) {
        long maximum = PAGE_SIZE;
        for (int at = 0; at < headers.length; at += PROGRAM_HEADER_SIZE) {
            long alignment = LittleEndian.getLong(headers, at + P_ALIGN);
            if (LittleEndian.getInt(headers, at) == PT_LOAD && Long.bitCount(alignment) == 1) {
                maximum = Math.max(maximum, alignment);
            }
        }
        return maximum;
    }

    /**
     * Checks that the image can lie in guest memory.
     *
     * @param minAddress first usable address
     * @param maxAddress first address behind the usable ones
     */
    void checkBounds(long minAddress, long maxAddress) throws ErrnoException {
        long room = maxAddress - minAddress;
        if (end - start > room || alignment > room) {
            throw Errno.ENOMEM.exception();
        }
        if (!isRelocatable) {
            if (start < minAddress) {
                throw Errno.EPERM.exception();
            }
            if (end > maxAddress) {
                throw Errno.ENOMEM.exception();
            }
            if (entry < 0 || entry >= maxAddress) {
                throw Errno.EINVAL.exception();
            }
        } else if (entry < 0 || entry - start >= room) {
            throw Errno.EINVAL.exception();
        }
    }

    /**
     * Address of the program header table in memory, before relocation; 0 if no segment holds it.
     */
    long headersAddress() {
        for (Segment s : segments) {
            if (s.fileOffset <= headersOffset && headersOffset < s.fileOffset + s.fileSize) {
                return headersOffset - s.fileOffset + s.address;
            }
        }
        return 0;
    }
}
