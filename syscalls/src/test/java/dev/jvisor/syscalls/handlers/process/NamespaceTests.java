// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.EBADF;
import static dev.jvisor.platform.abi.Errno.ECHILD;
import static dev.jvisor.platform.abi.Errno.EINVAL;
import static dev.jvisor.platform.abi.Errno.EPERM;
import static dev.jvisor.platform.abi.Errno.ESRCH;
import static dev.jvisor.platform.abi.Sched.CLONE_FS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWPID;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWTIME;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUSER;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUTS;
import static dev.jvisor.platform.abi.Sched.CLONE_PIDFD;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGTERM;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Namespaces and pidfds, on the real kernel with scripted guests. */
@Timeout(30)
final class NamespaceTests {

    private static final int KILL = 62;
    private static final int SETUID = 105;
    private static final int GETUID = 102;
    private static final int SETSID = 112;
    private static final int WAITID = 247;
    private static final int UNSHARE = 272;
    private static final int SETNS = 308;
    private static final int PIDFD_SEND_SIGNAL = 424;
    private static final int PIDFD_OPEN = 434;

    private final TestSandbox sandbox = new TestSandbox();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static void forever(Cpu cpu) {
        for (; ; ) {
            cpu.compute();
        }
    }

    @Test
    void theFirstProcessOfANamespaceIsOneAndNotKilledFromInside() {
        sandbox.run(cpu -> {
            int child = cpu.clone(
                    c -> {
                        assertThat(c.getpid()).isEqualTo(1);
                        assertThat(c.getppid()).isZero();
                        assertThat(c.syscall(KILL, 1, SIGKILL)).isZero();
                        assertThat(c.syscall(KILL, 2, 0)).isEqualTo(-ESRCH.number);
                        int inner = c.fork(g -> assertThat(g.getppid()).isEqualTo(1));
                        assertThat(inner).isEqualTo(2);
                        assertThat(c.wait4(-1, 0, 0)).isEqualTo(2);
                        c.exit(9);
                    },
                    CLONE_NEWPID | SIGCHLD);
            assertThat(child).isEqualTo(2);
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
        });
    }

    @Test
    void theEndOfTheFirstProcessIsTheEndOfAll() {
        sandbox.run(cpu -> {
            int child = cpu.clone(
                    c -> {
                        c.fork(g -> {
                            g.syscall(SETSID);
                            g.fork(NamespaceTests::forever);
                            forever(g);
                        });
                        c.exit(0);
                    },
                    CLONE_NEWPID | SIGCHLD);
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
            assertThat(sandbox.kernel().tasks().count()).isEqualTo(1);
        });
    }

    @Test
    void aSignalFromAboveKillsTheFirstProcess() {
        sandbox.run(cpu -> {
            int child = cpu.clone(NamespaceTests::forever, CLONE_NEWPID | SIGCHLD);
            assertThat(cpu.syscall(KILL, child, SIGTERM)).isZero(); // it has no handler
            assertThat(cpu.wait4(child, 0, 1)).isZero();
            assertThat(cpu.syscall(KILL, child, SIGKILL)).isZero();
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
        });
    }

    @Test
    void aUserNamespaceGivesCapabilitiesInItself() {
        sandbox.run(cpu -> {
            int child = cpu.fork(c -> {
                assertThat(c.syscall(SETUID, 1000)).isZero();
                assertThat(c.syscall(UNSHARE, CLONE_NEWUTS)).isEqualTo(-EPERM.number);
                assertThat(c.syscall(UNSHARE, CLONE_NEWUSER | CLONE_NEWUTS)).isZero();
                assertThat(c.syscall(GETUID)).isEqualTo(65534);
                assertThat(c.syscall(SETUID, 0)).isEqualTo(-EINVAL.number);
                assertThat(c.syscall(UNSHARE, CLONE_NEWTIME)).isEqualTo(-EINVAL.number);
                assertThat(c.syscall(KILL, 1, SIGKILL)).isEqualTo(-EPERM.number);
            });
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
            assertThat(cpu.clone(c -> {}, CLONE_NEWUSER | CLONE_FS)).isEqualTo(-EINVAL.number);
            assertThat(cpu.clone(c -> {}, CLONE_NEWNS | CLONE_FS)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(SETNS, 99, 0)).isEqualTo(-EBADF.number);
        });
    }

    @Test
    void aPidfdNamesAProcessAndNoOtherOne() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.clone(NamespaceTests::forever, CLONE_PIDFD | SIGCHLD, 0, at, 0, 0);
            int fd = sandbox.getInt(cpu, at);
            int other = (int) cpu.syscall(PIDFD_OPEN, child, 0);
            assertThat(other).isGreaterThan(fd);
            assertThat(cpu.syscall(PIDFD_OPEN, 0, 0)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(PIDFD_OPEN, 77, 0)).isEqualTo(-ESRCH.number);
            assertThat(cpu.syscall(PIDFD_OPEN, child, 1)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(PIDFD_SEND_SIGNAL, fd, SIGKILL, 0, 0)).isZero();
            assertThat(cpu.syscall(WAITID, 3, fd, 0, 4, 0)).isZero();
            assertThat(cpu.syscall(WAITID, 3, other, 0, 4, 0)).isEqualTo(-ECHILD.number);
            assertThat(cpu.syscall(WAITID, 3, 99, 0, 4, 0)).isEqualTo(-EBADF.number);
            assertThat(cpu.syscall(PIDFD_SEND_SIGNAL, fd, 0, 0, 0)).isEqualTo(-ESRCH.number);
        });
    }
}
