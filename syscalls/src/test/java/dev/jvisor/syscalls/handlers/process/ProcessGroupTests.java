// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.EACCES;
import static dev.jvisor.platform.abi.Errno.EINVAL;
import static dev.jvisor.platform.abi.Errno.EPERM;
import static dev.jvisor.platform.abi.Errno.ESRCH;
import static dev.jvisor.platform.abi.Signals.SIGHUP;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;
import static dev.jvisor.platform.abi.WaitFlags.WUNTRACED;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** setpgid(2), setsid(2) and orphaned groups, on the real kernel with scripted guests. */
@Timeout(30)
final class ProcessGroupTests {

    private final TestSandbox sandbox = new TestSandbox();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static long setpgid(Cpu cpu, int pid, int pgid) {
        return cpu.syscall(109, pid, pgid);
    }

    private static int getpgid(Cpu cpu, int pid) {
        return (int) cpu.syscall(121, pid);
    }

    private static int getsid(Cpu cpu, int pid) {
        return (int) cpu.syscall(124, pid);
    }

    private static void forever(Cpu cpu) {
        for (; ; ) {
            cpu.compute();
        }
    }

    @Test
    void theFirstProcessLeadsASessionAndAGroup() {
        sandbox.run(cpu -> {
            assertThat(cpu.getpid()).isEqualTo(1);
            assertThat(cpu.getppid()).isZero();
            assertThat(getpgid(cpu, 0)).isEqualTo(1);
            assertThat(getsid(cpu, 0)).isEqualTo(1);
            assertThat((int) cpu.syscall(112)).isEqualTo(-EPERM.number);
            assertThat(setpgid(cpu, 0, 0)).isEqualTo(-EPERM.number);
        });
    }

    @Test
    void aChildIsMovedByItselfOrItsParent() {
        sandbox.run(cpu -> {
            int first = cpu.fork(ProcessGroupTests::forever);
            int second = cpu.fork(ProcessGroupTests::forever);
            assertThat(getpgid(cpu, first)).isEqualTo(1);
            assertThat(setpgid(cpu, first, 0)).isZero();
            assertThat(getpgid(cpu, first)).isEqualTo(first);
            assertThat(setpgid(cpu, second, first)).isZero();
            assertThat(getpgid(cpu, second)).isEqualTo(first);
            assertThat(setpgid(cpu, second, second + 100)).isEqualTo(-EPERM.number);
            assertThat(setpgid(cpu, second, -1)).isEqualTo(-EINVAL.number);
            assertThat(setpgid(cpu, second + 100, 0)).isEqualTo(-ESRCH.number);
            cpu.kill(-first, SIGKILL);
            assertThat(cpu.wait4(-1, 0, 0)).isGreaterThan(0);
            assertThat(cpu.wait4(-1, 0, 0)).isGreaterThan(0);
            assertThat(cpu.kill(-first, 0)).isEqualTo(-ESRCH.number);
        });
    }

    @Test
    void aNewSessionIsOutOfReachOfTheParent() {
        sandbox.run(cpu -> {
            long flag = cpu.syscall(9, 0, 4096, 3, 0x21, -1, 0);
            int child = cpu.fork(c -> {
                int own = c.getpid();
                assertThat((int) c.syscall(112)).isEqualTo(own);
                assertThat(getsid(c, 0)).isEqualTo(own);
                assertThat(getpgid(c, 0)).isEqualTo(own);
                sandbox.putLong(c, flag, 1);
                forever(c);
            });
            while (sandbox.getLong(cpu, flag) == 0) {
                cpu.compute();
            }
            assertThat(setpgid(cpu, child, 1)).isEqualTo(-EPERM.number);
            cpu.kill(child, SIGKILL);
        });
    }

    @Test
    void aChildThatHasExecutedAProgramIsNotMoved() {
        sandbox.run(cpu -> {
            long flag = cpu.syscall(9, 0, 4096, 3, 0x21, -1, 0);
            long path = sandbox.string(cpu, "/init");
            int child = cpu.vfork(c -> c.exec(path, ProcessGroupTests::forever));
            assertThat(setpgid(cpu, child, 0)).isEqualTo(-EACCES.number);
            cpu.kill(child, SIGKILL);
            assertThat(sandbox.getLong(cpu, flag)).isZero();
        });
    }

    @Test
    void aThreadIsNoProcess() {
        sandbox.run(cpu -> {
            int thread = cpu.thread(ProcessGroupTests::forever);
            assertThat(setpgid(cpu, thread, 0)).isEqualTo(-EINVAL.number);
            assertThat(getpgid(cpu, thread)).isEqualTo(1);
        });
    }

    @Test
    void aGroupThatBecomesOrphanedWithStoppedMembersIsHungUp() {
        sandbox.run(cpu -> {
            long flag = cpu.syscall(9, 0, 4096, 3, 0x21, -1, 0);
            int[] job = {0};
            int shell = cpu.fork(sh -> {
                sh.syscall(112);
                job[0] = sh.fork(j -> {
                    j.sigaction(
                            sandbox, SIGHUP, j.handler(() -> sandbox.putLong(j, flag + 8, 1)), 0);
                    j.syscall(109, 0, 0);
                    sandbox.putLong(j, flag, 1);
                    forever(j);
                });
                while (sandbox.getLong(sh, flag) == 0) {
                    sh.compute();
                }
                sh.kill(job[0], SIGSTOP);
                sh.wait4(job[0], 0, WUNTRACED);
            });
            assertThat(cpu.wait4(shell, 0, 0)).isEqualTo(shell);
            while (sandbox.getLong(cpu, flag + 8) == 0) {
                cpu.compute();
            }
            cpu.kill(job[0], SIGKILL);
        });
    }
}
