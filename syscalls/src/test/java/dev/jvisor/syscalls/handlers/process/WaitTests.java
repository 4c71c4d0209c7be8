// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.ECHILD;
import static dev.jvisor.platform.abi.Errno.EINVAL;
import static dev.jvisor.platform.abi.Errno.ESRCH;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;
import static dev.jvisor.platform.abi.WaitFlags.WCONTINUED;
import static dev.jvisor.platform.abi.WaitFlags.WEXITED;
import static dev.jvisor.platform.abi.WaitFlags.WNOHANG;
import static dev.jvisor.platform.abi.WaitFlags.WNOWAIT;
import static dev.jvisor.platform.abi.WaitFlags.WUNTRACED;
import static dev.jvisor.platform.abi.WaitFlags.__WALL;
import static dev.jvisor.platform.abi.WaitFlags.__WCLONE;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.Guest;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** wait4(2) and waitid(2), reaping and reparenting, on the real kernel with scripted guests. */
@Timeout(30)
final class WaitTests {

    private final TestSandbox sandbox = new TestSandbox();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static Guest exitWith(int status) {
        return cpu -> cpu.exitGroup(status);
    }

    private static void forever(Cpu cpu) {
        for (; ; ) {
            cpu.compute();
        }
    }

    @Test
    void waitReturnsTheExitStatusAndReapsTheChild() {
        int status = sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.fork(exitWith(7));
            assertThat(cpu.wait4(-1, at, 0)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(7 << 8);
            assertThat(cpu.wait4(-1, at, 0)).isEqualTo(-ECHILD.number);
            assertThat(cpu.kill(child, 0)).isEqualTo(-ESRCH.number);
            cpu.exitGroup(3);
        });
        assertThat(status).isEqualTo(3 << 8);
    }

    @Test
    void waitSelectsByProcessAndByGroup() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int first = cpu.fork(exitWith(1));
            int second = cpu.fork(guest -> {
                guest.syscall(109, 0, 0);
                guest.exitGroup(2);
            });
            assertThat(cpu.wait4(second, at, 0)).isEqualTo(second);
            assertThat(cpu.wait4(-second, at, 0)).isEqualTo(-ECHILD.number);
            assertThat(cpu.wait4(0, at, 0)).isEqualTo(first);
        });
    }

    @Test
    void waitWithNohangReturnsZeroWhileTheChildRuns() {
        sandbox.run(cpu -> {
            int child = cpu.fork(WaitTests::forever);
            assertThat(cpu.wait4(child, 0, WNOHANG)).isZero();
            cpu.kill(child, SIGKILL);
            long at = cpu.page();
            assertThat(cpu.wait4(child, at, 0)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(SIGKILL);
        });
    }

    @Test
    void nowaitLeavesTheChildToBeWaitedForAgain() {
        sandbox.run(cpu -> {
            long info = cpu.page();
            int child = cpu.fork(exitWith(5));
            assertThat(cpu.syscall(247, 0, 0, info, WEXITED | WNOWAIT, 0)).isZero();
            assertThat(sandbox.getInt(cpu, info)).isEqualTo(SIGCHLD);
            assertThat(sandbox.getInt(cpu, info + 16)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, info + 24)).isEqualTo(5);
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
        });
    }

    @Test
    void waitidWithNohangClearsTheInformation() {
        sandbox.run(cpu -> {
            long info = cpu.page();
            sandbox.putLong(cpu, info, -1);
            sandbox.putLong(cpu, info + 16, -1);
            int child = cpu.fork(WaitTests::forever);
            assertThat(cpu.syscall(247, 0, 0, info, WEXITED | WNOHANG, 0)).isZero();
            assertThat(sandbox.getLong(cpu, info)).isZero();
            assertThat(sandbox.getLong(cpu, info + 16)).isZero();
            cpu.kill(child, SIGKILL);
        });
    }

    @Test
    void optionsAreChecked() {
        sandbox.run(cpu -> {
            assertThat(cpu.wait4(-1, 0, 0x40)).isEqualTo(-EINVAL.number);
            assertThat(cpu.wait4(Integer.MIN_VALUE, 0, 0)).isEqualTo(-ESRCH.number);
            assertThat(cpu.syscall(247, 0, 0, 0, WNOHANG, 0)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(247, 1, 0, 0, WEXITED, 0)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(247, 9, 1, 0, WEXITED, 0)).isEqualTo(-EINVAL.number);
        });
    }

    @Test
    void childrenWithoutSigchldNeedWclone() {
        sandbox.run(cpu -> {
            int child = cpu.clone(exitWith(0), 0);
            assertThat(cpu.wait4(-1, 0, 0)).isEqualTo(-ECHILD.number);
            assertThat(cpu.wait4(-1, 0, __WCLONE)).isEqualTo(child);
            int other = cpu.clone(exitWith(0), 0);
            assertThat(cpu.wait4(-1, 0, __WALL)).isEqualTo(other);
        });
    }

    @Test
    void ignoredSigchldLeavesNoZombie() {
        sandbox.run(cpu -> {
            cpu.sigaction(sandbox, SIGCHLD, 1, 0);
            int child = cpu.fork(exitWith(0));
            assertThat(cpu.wait4(-1, 0, 0)).isEqualTo(-ECHILD.number);
            assertThat(cpu.kill(child, 0)).isEqualTo(-ESRCH.number);
        });
    }

    @Test
    void stopAndContinueAreReported() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.fork(WaitTests::forever);
            cpu.kill(child, SIGSTOP);
            assertThat(cpu.wait4(child, at, WUNTRACED)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(SIGSTOP << 8 | 0x7f);
            assertThat(cpu.wait4(child, at, WUNTRACED | WNOHANG)).isZero();
            cpu.kill(child, SIGCONT);
            assertThat(cpu.wait4(child, at, WCONTINUED)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(0xffff);
            cpu.kill(child, SIGKILL);
            assertThat(cpu.wait4(child, at, 0)).isEqualTo(child);
        });
    }

    @Test
    void orphansGoToTheFirstProcess() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int middle = cpu.fork(parent -> {
                parent.fork(orphan -> {
                    while (orphan.getppid() != 1) {
                        orphan.compute();
                    }
                    orphan.exitGroup(21);
                });
                parent.exitGroup(0);
            });
            assertThat(cpu.wait4(middle, at, 0)).isEqualTo(middle);
            assertThat(cpu.wait4(-1, at, 0)).isGreaterThan(middle);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(21 << 8);
        });
    }

    @Test
    void orphansGoToTheNearestSubreaper() {
        sandbox.run(cpu -> {
            int reaper = cpu.fork(sub -> {
                long at = sub.page();
                sub.syscall(157, 36, 1, 0, 0, 0);
                int own = sub.getpid();
                int middle = sub.fork(parent -> {
                    parent.fork(orphan -> {
                        while (orphan.getppid() != own) {
                            orphan.compute();
                        }
                        orphan.exitGroup(5);
                    });
                    parent.exitGroup(0);
                });
                assertThat(sub.wait4(middle, at, 0)).isEqualTo(middle);
                assertThat(sub.wait4(-1, at, 0)).isGreaterThan(0);
                assertThat(sandbox.getInt(sub, at)).isEqualTo(5 << 8);
            });
            assertThat(cpu.wait4(reaper, 0, 0)).isEqualTo(reaper);
            assertThat(cpu.wait4(-1, 0, 0)).isEqualTo(-ECHILD.number);
        });
    }

    @Test
    void aProcessIsAZombieWhenItsLastThreadEndsWithThatOnesStatus() {
        sandbox.run(cpu -> {
            int child = cpu.fork(leader -> {
                leader.thread(other -> {
                    for (int i = 0; i < 20; i++) {
                        other.compute();
                    }
                    other.exit(9);
                });
                leader.exit(4);
            });
            long at = cpu.page();
            assertThat(cpu.wait4(child, at, 0)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(9 << 8);
        });
    }

    @Test
    void anInterruptedWaitIsMadeAgainAfterTheHandler() {
        sandbox.run(cpu -> {
            int[] handled = {0};
            cpu.sigaction(sandbox, 10, cpu.handler(() -> handled[0]++), 0x10000000);
            int parent = cpu.getpid();
            int child = cpu.fork(guest -> {
                for (int i = 0; i < 10; i++) {
                    guest.compute();
                }
                guest.kill(parent, 10);
                for (int i = 0; i < 10; i++) {
                    guest.compute();
                }
            });
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
            assertThat(handled[0]).isEqualTo(1);
        });
    }

    @Test
    void everyIdIsGivenBack() {
        sandbox.run(cpu -> {
            for (int i = 0; i < 20; i++) {
                int child = cpu.fork(c -> {
                    c.syscall(112);
                    c.thread(t -> t.exit(0));
                });
                assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
            }
            assertThat(sandbox.kernel().tasks().count()).isEqualTo(1);
        });
        assertThat(sandbox.kernel().tasks().count()).isZero();
    }
}
