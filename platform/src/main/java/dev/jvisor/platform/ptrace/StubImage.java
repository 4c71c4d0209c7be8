// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R15;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.R9;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.StubFiles;
import dev.jvisor.platform.stub.StubProgram;

import java.util.Arrays;

/**
 * The stub program: what a host process runs that holds a guest address space.
 *
 * <p>A two-page file. Page 0 is a static ELF executable with the boot code, page 1 is the stub
 * page, which boot maps at {@link #CODE} before it removes everything else. From then on the
 * process has no writable memory of its own and keeps all state in registers.
 *
 * <pre>
 *   LIMIT = CODE   stub page: gadgets, park loop, seccomp filter   read, execute
 *   LIST           command list of this process, written by the Sentry   read
 *   SCRATCH        mapped only while a descriptor is received
 * </pre>
 *
 * Descriptors: {@link #MEMORY_FD}, {@link #CONTROL_FD}, {@link #SOCKET_FD}; {@link #IMAGE_FD}
 * during boot.
 */
final class StubImage {

    static final int PAGE = ControlFile.PAGE;

    /** End of what a guest may map, and start of the stub's own pages. */
    static final long CODE = 0x7fff_f000_0000L;

    static final long LIST = CODE + PAGE;
    static final long SCRATCH = LIST + PAGE;

    static final int MEMORY_FD = StubFiles.MEMORY_FD;
    static final int CONTROL_FD = StubFiles.CONTROL_FD;
    static final int SOCKET_FD = StubFiles.SOCKET_FD;
    static final int IMAGE_FD = 3;

    static final int ENTRY_SIZE = ControlFile.ENTRY_SIZE;

    private static final int FILTER_OFFSET = 0xc00;
    private static final int FPROG_OFFSET = FILTER_OFFSET - 16;

    private static final int PROT_READ = 1;
    private static final int MAP_SHARED_FIXED = 0x11;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_NAME = 15;
    private static final int RLIMIT_CORE = 4;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int PARK_SECONDS = 1;
    private static final int RETIRE_SECONDS = 60;

    /** The image file. */
    final byte[] file;

    /**
     * One call with its arguments in registers. If it is a clone(2), the child continues at r15;
     * r15 is 0 otherwise.
     */
    final long gadgetSyscall;

    /**
     * Executes the entries at rbx, rbp of them; rbp is what is left when it stops. A clone(2) may
     * be the last one; r15 as above.
     */
    final long gadgetList;

    /** Where the instruction pointer is when a gadget is done. */
    final long stopped;

    /**
     * For r15 of clone(2) of a process: maps its list (offset r13 of the control file) and parks.
     */
    final long childProcess;

    /** As {@link #childProcess}, but removes all guest mappings first. */
    final long childFresh;

    /** A loop that only waits for the end of the process. */
    final long gadgetRetire;

    /** Parked: {@code parkStart <= rip < parkEnd}. Also r15 of clone(2) of a thread. */
    final long parkStart;

    final long parkEnd;

    StubImage(int parentPid) {
        Page page = new Page();
        byte[] stub = page.assemble(parentPid);
        byte[] boot = boot(page.stage2.position());
        file = new byte[2 * PAGE];
        System.arraycopy(boot, 0, file, 0, boot.length);
        System.arraycopy(stub, 0, file, PAGE, stub.length);
        gadgetSyscall = CODE + page.gadgetSyscall.position();
        gadgetList = CODE + page.gadgetList.position();
        stopped = CODE + page.stopped.position();
        childProcess = CODE + page.childProcess.position();
        childFresh = CODE + page.childFresh.position();
        gadgetRetire = CODE + page.gadgetRetire.position();
        parkStart = CODE + page.parkStart.position();
        parkEnd = CODE + page.parkEnd.position();
    }

    /** The stub page and the labels in it. */
    private static final class Page {
        final Label stage2 = new Label();
        final Label gadgetSyscall = new Label();
        final Label gadgetList = new Label();
        final Label stopped = new Label();
        private final Label stop = new Label();
        final Label gadgetRetire = new Label();
        final Label parkStart = new Label();
        final Label parkEnd = new Label();
        private final Label park = new Label();
        final Label childProcess = new Label();
        final Label childFresh = new Label();
        private final Label exitList = new Label();
        private final Label second = new Label();
        private final Label minute = new Label();
        private final Label capHeader = new Label();
        private final Label zeroes = new Label();
        private final Label name = new Label();
        private final Label readyByte = new Label();

        byte[] assemble(int parentPid) {
            Assembler a = new Assembler();
            gadgets(a);
            children(a);
            parking(a);
            stage2(a, parentPid);
            data(a);
            if (a.position() > FPROG_OFFSET) {
                throw new IllegalStateException("stub code too long bytes=" + a.position());
            }
            byte[] filter = StubFilter.build(CODE, PAGE).toBytes();
            byte[] bytes = Arrays.copyOf(a.toBytes(), PAGE);
            Assembler fprog = new Assembler();
            fprog.dq(filter.length / 8).dq(CODE + FILTER_OFFSET);
            System.arraycopy(fprog.toBytes(), 0, bytes, FPROG_OFFSET, 16);
            System.arraycopy(filter, 0, bytes, FILTER_OFFSET, filter.length);
            return bytes;
        }

        private void gadgets(Assembler a) {
            Label end = new Label();
            a.bind(gadgetSyscall);
            a.syscall();
            a.bind(end);
            a.test(R15).jcc(Assembler.EQUAL, stop);
            a.test(RAX).jcc(Assembler.NOT_EQUAL, stop);
            a.jmpReg(R15); // the child of a clone
            a.bind(stop);
            a.int3();
            a.bind(stopped);

            a.align(16).bind(gadgetList);
            a.load(RAX, RBX, 0).load(RDI, RBX, 8).load(RSI, RBX, 16).load(RDX, RBX, 24);
            a.load(R10, RBX, 32).load(R8, RBX, 40).load(R9, RBX, 48);
            a.syscall();
            a.cmp(RAX, -4096).jcc(Assembler.ABOVE, stop);
            a.add(RBX, ENTRY_SIZE).dec(RBP).jcc(Assembler.NOT_EQUAL, gadgetList);
            a.jmp(end);
        }

        private void children(Assembler a) {
            a.bind(childFresh);
            a.mov(RAX, Sys.MUNMAP).mov(RDI, 0).mov(RSI, CODE).syscall();
            a.test(RAX).jcc(Assembler.NOT_EQUAL, exitList);
            a.bind(childProcess);
            a.mov(RAX, Sys.MMAP).mov(RDI, LIST).mov(RSI, PAGE).mov(RDX, PROT_READ);
            a.mov(R10, MAP_SHARED_FIXED).mov(R8, CONTROL_FD).movReg(R9, R13).syscall();
            a.mov(RDX, LIST).cmpReg(RAX, RDX).jcc(Assembler.EQUAL, park);
            a.bind(exitList);
            StubProgram.exitGroup(a, StubProgram.EXIT_LIST);
        }

        /** Waits for a tracer; a second after the Sentry's death the process ends. */
        private void parking(Assembler a) {
            a.bind(park);
            a.bind(parkStart);
            a.mov(RAX, Sys.GETPPID).syscall().movReg(R12, RAX);
            loop(a, second);
            a.bind(parkEnd);
            a.bind(gadgetRetire);
            a.mov(RAX, Sys.GETPPID).syscall().movReg(R12, RAX);
            loop(a, minute);
        }

        private void loop(Assembler a, Label timeout) {
            Label again = a.here();
            a.lea(RDI, timeout).xor32(RSI, RSI).mov(RAX, Sys.NANOSLEEP).syscall();
            a.mov(RAX, Sys.GETPPID).syscall();
            a.cmpReg(RAX, R12).jcc(Assembler.EQUAL, again);
            StubProgram.exitGroup(a, StubProgram.EXIT_ORPHAN);
        }

        private void stage2(Assembler a, int parentPid) {
            Label adopted = new Label();
            Label failed = new Label();
            a.bind(stage2);
            a.mov(RAX, Sys.MUNMAP).mov(RDI, StubProgram.BOOT).mov(RSI, PAGE).syscall();
            a.mov(RAX, Sys.PRCTL).mov(RDI, PR_SET_NAME).lea(RSI, name).syscall();
            a.mov(RAX, Sys.SETRLIMIT).mov(RDI, RLIMIT_CORE).lea(RSI, zeroes).syscall();
            // No capability of the Sentry is of any use here; without them the Sentry can attach
            // even after it dropped its own.
            a.mov(RAX, Sys.CAPSET).lea(RDI, capHeader).lea(RSI, zeroes).syscall();
            a.mov(RAX, Sys.PRCTL).mov(RDI, PR_SET_NO_NEW_PRIVS).mov(RSI, 1);
            a.xor32(RDX, RDX).xor32(R10, R10).xor32(R8, R8).syscall();
            a.mov(RAX, Sys.SECCOMP).mov(RDI, 1).xor32(RSI, RSI).mov(RDX, CODE + FPROG_OFFSET);
            a.syscall().test(RAX).jcc(Assembler.NOT_EQUAL, failed);
            // The parent may be gone already, and someone else our parent then. 0: a parent outside
            // of our PID namespace.
            a.mov(RAX, Sys.GETPPID).syscall().test(RAX).jcc(Assembler.EQUAL, adopted);
            a.cmp(RAX, parentPid).jcc(Assembler.EQUAL, adopted);
            StubProgram.exitGroup(a, StubProgram.EXIT_ORPHAN);
            a.bind(adopted);
            a.mov(RAX, Sys.WRITE).mov(RDI, SOCKET_FD).lea(RSI, readyByte).mov(RDX, 1);
            a.syscall().jmp(park);
            a.bind(failed);
            StubProgram.exitGroup(a, StubProgram.EXIT_SECCOMP);
        }

        private void data(Assembler a) {
            a.align(16).bind(second);
            a.dq(PARK_SECONDS).dq(0);
            a.bind(minute);
            a.dq(RETIRE_SECONDS).dq(0);
            a.bind(capHeader);
            a.dd(CAPABILITY_VERSION_3).dd(0);
            a.bind(zeroes);
            a.dq(0).dq(0).dq(0);
            a.bind(name);
            a.bytes(new byte[] {'j', 'v', 'i', 's', 'o', 'r', '-', 's', 't', 'u', 'b', 0});
            a.bind(readyByte);
            a.db('+');
        }
    }

    /** Page 0: ELF header, one program header, and the code that moves to the stub page. */
    private static byte[] boot(int stage2) {
        Assembler a = new Assembler();
        StubProgram.elfHeaders(a);
        StubProgram.moveToText(a, IMAGE_FD, CODE, PAGE, stage2);
        return a.toBytes();
    }
}
