// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R14;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.R9;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

/**
 * What the stub programs of all platforms have in common: a static ELF executable whose first page
 * boots, that is, maps the text behind it at the stub's own address and removes everything else.
 */
public final class StubProgram {

    private static final int PAGE = ControlFile.PAGE;

    /** Where the first page is executed. */
    public static final long BOOT = 0x200000;

    /** {@code TASK_SIZE_MAX} with four-level page tables. */
    public static final long TASK_SIZE = 0x7fff_ffff_f000L;

    /** Exit codes of boot steps that failed. */
    public static final int EXIT_UNMAP = 101;

    public static final int EXIT_MAP = 102;
    public static final int EXIT_SECCOMP = 103;
    public static final int EXIT_ORPHAN = 104;
    public static final int EXIT_LIST = 105;

    private static final int ELF_HEADERS_SIZE = 64 + 56;
    private static final int PROT_READ_EXEC = 5;
    private static final int MAP_PRIVATE_FIXED = 0x12;
    private static final int F_DUPFD_CLOEXEC = 1030;

    /** Sources of descriptors for a stub lie above all its targets. */
    private static final int DESCRIPTOR_MIN = 16;

    private StubProgram() {}

    /**
     * Puts a program into an executable memfd.
     *
     * @return a descriptor above those that a stub has
     */
    public static int open(byte[] file) throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.allocate(file.length);
        try {
            int low = SharedFile.memfd("jvisor-stub", true);
            buffer.put(0, file, 0, file.length);
            Host.check(Host.syscall(Sys.WRITE, low, buffer.address(), file.length));
            int high = duplicate(low);
            Host.syscall(Sys.CLOSE, low, 0, 0);
            return high;
        } finally {
            buffer.free();
        }
    }

    /** Duplicates a descriptor to a number above those that a stub has. */
    public static int duplicate(int fd) throws ErrnoException {
        return (int) Host.check(Host.syscall(Sys.FCNTL, fd, F_DUPFD_CLOEXEC, DESCRIPTOR_MIN));
    }

    /** What to answer when a stub ended with a code of boot. */
    public static ErrnoException bootFailure(int code) {
        return switch (code) {
            case EXIT_UNMAP, EXIT_SECCOMP -> Errno.EPERM.exception();
            case EXIT_MAP -> Errno.ENOMEM.exception();
            default -> Errno.EAGAIN.exception();
        };
    }

    /** ELF header and one program header, for the first page; code follows. */
    public static void elfHeaders(Assembler a) {
        a.dd(0x464c457f).db(2).db(1).db(1).db(0).dq(0); // ELFCLASS64, little endian
        a.dd(2 | 62 << 16).dd(1); // ET_EXEC, EM_X86_64
        a.dq(BOOT + ELF_HEADERS_SIZE).dq(64).dq(0).dd(0); // entry, program headers
        a.dd(64 | 56 << 16).dd(1).dd(0); // sizes, one program header
        a.dd(1).dd(5).dq(0).dq(BOOT).dq(BOOT).dq(PAGE).dq(PAGE).dq(PAGE); // PT_LOAD, R|X
    }

    /**
     * Closes and unmaps all that execve(2) brought along, maps the text from the file's second page
     * on, and goes on there. Leaves RBX, RBP, R12, R13 and R15 alone.
     *
     * @param imageFd the program's own descriptor, the last one that a stub gets
     * @param entry offset in the text
     */
    public static void moveToText(Assembler a, int imageFd, long text, int textSize, int entry) {
        Label unmapFailed = new Label();
        Label mapFailed = new Label();
        a.mov(RAX, Sys.CLOSE_RANGE).mov(RDI, imageFd + 1).mov(RSI, 0xffffffffL);
        a.xor32(RDX, RDX).syscall();
        // Stack, vDSO, vvar: all of it lies above.
        a.mov(RAX, Sys.MUNMAP)
                .mov(RDI, BOOT + PAGE)
                .mov(RSI, TASK_SIZE - BOOT - PAGE)
                .syscall();
        a.test(RAX).jcc(Assembler.NOT_EQUAL, unmapFailed);
        a.mov(RAX, Sys.MMAP).mov(RDI, text).mov(RSI, textSize).mov(RDX, PROT_READ_EXEC);
        a.mov(R10, MAP_PRIVATE_FIXED).mov(R8, imageFd).mov(R9, PAGE).syscall();
        a.mov(R14, text).cmpReg(RAX, R14).jcc(Assembler.NOT_EQUAL, mapFailed);
        a.mov(RAX, Sys.CLOSE).mov(RDI, imageFd).syscall();
        a.add(R14, entry).jmpReg(R14);
        a.bind(unmapFailed);
        exitGroup(a, EXIT_UNMAP);
        a.bind(mapFailed);
        exitGroup(a, EXIT_MAP);
    }

    /** Ends the process with an exit code. */
    public static void exitGroup(Assembler a, int code) {
        a.mov(RDI, code).mov(RAX, Sys.EXIT_GROUP).syscall().ud2();
    }
}
