// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.seccomp.BpfProgram;
import dev.jvisor.platform.seccomp.BpfProgram.Target;

/**
 * The seccomp filter of stubs, the second line of defence: guest code runs under PTRACE_SYSEMU, so
 * none of its calls gets this far.
 *
 * <p>Only calls from the stub page are allowed, and only those that the Sentry has it make. Calls
 * through the vsyscall page, which the host kernel would answer itself, become SIGSYS and so a trap
 * of the guest. Anything else kills the process.
 */
final class StubFilter {

    /** Where the vsyscall page lies (arch/x86/include/uapi/asm/vsyscall.h). */
    static final long VSYSCALL = 0xffff_ffff_ff60_0000L;

    private static final int[] ALLOWED = {
        Sys.MMAP,
        Sys.MUNMAP,
        Sys.MPROTECT,
        Sys.CLONE,
        Sys.NANOSLEEP,
        Sys.GETPPID,
        Sys.RESTART_SYSCALL,
        Sys.RECVMSG,
        Sys.FCNTL,
        Sys.CLOSE,
        Sys.WRITE,
        Sys.EXIT,
        Sys.EXIT_GROUP,
    };

    private StubFilter() {}

    /** Builds it for a stub page at an address. */
    static BpfProgram build(long code, int size) {
        Target kill = new Target();
        Target allow = new Target();
        Target notStub = new Target();
        Target trap = new Target();
        BpfProgram program = new BpfProgram();
        program.load(BpfProgram.OFFSET_ARCH).jumpUnlessEqual(BpfProgram.AUDIT_ARCH_X86_64, kill);
        program.load(BpfProgram.OFFSET_IP_HIGH).jumpUnlessEqual((int) (code >>> 32), notStub);
        program.load(BpfProgram.OFFSET_IP_LOW)
                .jumpIfBelow((int) code, kill)
                .jumpIfAtLeast((int) code + size, kill);
        program.load(BpfProgram.OFFSET_NR);
        for (int number : ALLOWED) {
            program.jumpIfEqual(number, allow);
        }
        program.jump(kill);
        program.bind(notStub)
                .jumpUnlessEqual((int) (VSYSCALL >>> 32), kill)
                .load(BpfProgram.OFFSET_IP_LOW)
                .jumpIfBelow((int) VSYSCALL, kill)
                .jumpIfAtLeast((int) VSYSCALL + 4096, kill);
        program.bind(trap).ret(BpfProgram.RET_TRAP);
        program.bind(kill).ret(BpfProgram.RET_KILL_PROCESS);
        program.bind(allow).ret(BpfProgram.RET_ALLOW);
        return program;
    }
}
