// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.seccomp.BpfProgram;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The stubs' filter, run by an interpreter of the few instructions it uses. */
class StubFilterTests {

    private static final long CODE = StubImage.CODE;
    private static final int I386 = 0x40000003;

    private static int decide(int arch, long number, long ip) {
        ByteBuffer program = ByteBuffer.wrap(
                        StubFilter.build(CODE, StubImage.PAGE).toBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt((int) number).putInt(arch).putLong(ip);
        int accumulator = 0;
        for (int pc = 0; ; pc++) {
            int at = pc * BpfProgram.INSTRUCTION_SIZE;
            int code = program.getShort(at);
            int whenTrue = program.get(at + 2) & 0xff;
            int whenFalse = program.get(at + 3) & 0xff;
            int k = program.getInt(at + 4);
            switch (code) {
                case 0x20 -> accumulator = data.getInt(k);
                case 0x15 -> pc += accumulator == k ? whenTrue : whenFalse;
                case 0x35 ->
                    pc += Integer.compareUnsigned(accumulator, k) >= 0 ? whenTrue : whenFalse;
                case 0x05 -> pc += k;
                case 0x06 -> {
                    return k;
                }
                default -> throw new IllegalStateException("instruction " + code);
            }
        }
    }

    @Test
    void stubPageMayMakeTheCallsOfTheStub() {
        assertThat(decide(BpfProgram.AUDIT_ARCH_X86_64, Sys.MMAP, CODE + 2))
                .isEqualTo(BpfProgram.RET_ALLOW);
        assertThat(decide(BpfProgram.AUDIT_ARCH_X86_64, Sys.CLONE, CODE + 4095))
                .isEqualTo(BpfProgram.RET_ALLOW);
    }

    @Test
    void anythingElseKills() {
        int arch = BpfProgram.AUDIT_ARCH_X86_64;
        assertThat(decide(arch, Sys.OPEN, CODE + 2)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.PTRACE, CODE + 2)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.MMAP, 0x400000)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.MMAP, CODE - 1)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.MMAP, CODE + 4096)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.MMAP | 0x40000000, CODE + 2))
                .isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(I386, Sys.MMAP, CODE + 2)).isEqualTo(BpfProgram.RET_KILL_PROCESS);
    }

    @Test
    void vsyscallPageTraps() {
        int arch = BpfProgram.AUDIT_ARCH_X86_64;
        assertThat(decide(arch, Sys.GETTIMEOFDAY, StubFilter.VSYSCALL))
                .isEqualTo(BpfProgram.RET_TRAP);
        assertThat(decide(arch, Sys.TIME, StubFilter.VSYSCALL + 0x400))
                .isEqualTo(BpfProgram.RET_TRAP);
        assertThat(decide(arch, Sys.TIME, StubFilter.VSYSCALL + 0x1000))
                .isEqualTo(BpfProgram.RET_KILL_PROCESS);
        assertThat(decide(arch, Sys.TIME, StubFilter.VSYSCALL - 1))
                .isEqualTo(BpfProgram.RET_KILL_PROCESS);
    }
}
