// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.seccomp.BpfProgram;
import dev.jvisor.platform.seccomp.BpfProgram.Target;

/**
 * The two seccomp filters of a stub.
 *
 * <p>The agent's is in force for all threads: calls from the stub's text may be those that a stub
 * needs at all, everything else is a SIGSYS, which is how the calls of guest code trap. The guest's
 * comes on top in guest threads, and of two filters the stricter answer counts: guest code that
 * jumps into the text can wait for or wake its own hand-over, return from a signal (set its own
 * registers and mask), and end its own thread; nothing else.
 */
final class StubFilters {

    private static final int[] AGENT_CALLS = {
        Sys.FUTEX,
        Sys.MMAP,
        Sys.MUNMAP,
        Sys.MPROTECT,
        Sys.PWRITE64,
        Sys.CLONE,
        Sys.RECVMSG,
        Sys.FCNTL,
        Sys.CLOSE,
        Sys.PRCTL,
        Sys.GETPPID,
        Sys.SIGALTSTACK,
        Sys.SECCOMP,
        Sys.RT_SIGPROCMASK,
        Sys.RT_SIGRETURN,
        Sys.EXIT,
        Sys.EXIT_GROUP,
    };

    private StubFilters() {}

    static BpfProgram agent() {
        Target allow = new Target();
        Target trap = new Target();
        BpfProgram program = new BpfProgram();
        inText(program, trap);
        program.load(BpfProgram.OFFSET_NR);
        for (int number : AGENT_CALLS) {
            program.jumpIfEqual(number, allow);
        }
        return end(program, allow, trap);
    }

    static BpfProgram guest() {
        Target allow = new Target();
        Target trap = new Target();
        Target futex = new Target();
        BpfProgram program = new BpfProgram();
        inText(program, trap);
        program.load(BpfProgram.OFFSET_NR);
        program.jumpIfEqual(Sys.FUTEX, futex);
        program.jumpIfEqual(Sys.RT_SIGRETURN, allow);
        program.jumpIfEqual(Sys.RT_SIGPROCMASK, allow);
        program.jumpIfEqual(Sys.EXIT, allow);
        program.jump(trap);
        program.bind(futex);
        // Only FUTEX_WAIT and FUTEX_WAKE, on a word among the slots.
        int start = (int) StubCode.CONTEXTS;
        program.load(BpfProgram.offsetArgument(1)).jumpIfAtLeast(2, trap);
        program.load(BpfProgram.offsetArgument(0) + 4)
                .jumpUnlessEqual((int) (StubCode.CONTEXTS >>> 32), trap);
        program.load(BpfProgram.offsetArgument(0))
                .jumpIfBelow(start, trap)
                .jumpIfBelow(start + (int) StubCode.CONTEXTS_SIZE, allow);
        return end(program, allow, trap);
    }

    /** Continues if a call comes by the 64-bit door and from the text. */
    private static void inText(BpfProgram program, Target otherwise) {
        int start = (int) StubCode.TEXT;
        program.load(BpfProgram.OFFSET_ARCH)
                .jumpUnlessEqual(BpfProgram.AUDIT_ARCH_X86_64, otherwise);
        program.load(BpfProgram.OFFSET_IP_HIGH)
                .jumpUnlessEqual((int) (StubCode.TEXT >>> 32), otherwise);
        program.load(BpfProgram.OFFSET_IP_LOW)
                .jumpIfBelow(start, otherwise)
                .jumpIfAtLeast(start + StubCode.TEXT_SIZE, otherwise);
    }

    private static BpfProgram end(BpfProgram program, Target allow, Target trap) {
        program.bind(trap).ret(BpfProgram.RET_TRAP);
        program.bind(allow).ret(BpfProgram.RET_ALLOW);
        return program;
    }
}
