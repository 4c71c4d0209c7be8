// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.E2BIG;
import static dev.jvisor.platform.abi.Errno.EAGAIN;
import static dev.jvisor.platform.abi.Errno.EBADF;
import static dev.jvisor.platform.abi.Errno.EFAULT;
import static dev.jvisor.platform.abi.Errno.EINVAL;
import static dev.jvisor.platform.abi.Errno.ENOENT;
import static dev.jvisor.platform.abi.Sched.CLONE_CHILD_CLEARTID;
import static dev.jvisor.platform.abi.Sched.CLONE_CHILD_SETTID;
import static dev.jvisor.platform.abi.Sched.CLONE_FILES;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT_SETTID;
import static dev.jvisor.platform.abi.Sched.CLONE_SETTLS;
import static dev.jvisor.platform.abi.Sched.CLONE_SIGHAND;
import static dev.jvisor.platform.abi.Sched.CLONE_THREAD;
import static dev.jvisor.platform.abi.Sched.CLONE_VM;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGUSR1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** clone(2), execve(2) and exit(2), on the real kernel with scripted guests. */
@Timeout(30)
final class CloneExecTests {

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
    void flagsThatDoNotGoTogetherAreRefused() {
        sandbox.run(cpu -> {
            long[] refused = {
                CLONE_THREAD,
                CLONE_THREAD | CLONE_SIGHAND,
                CLONE_SIGHAND,
                CLONE_PARENT | SIGCHLD, // of the first process
                0x20000 | 0x200, // CLONE_NEWNS | CLONE_FS
                0x1000 | CLONE_PARENT_SETTID, // CLONE_PIDFD
            };
            for (long flags : refused) {
                assertThat(cpu.clone(c -> {}, flags)).isEqualTo(-EINVAL.number);
            }
        });
    }

    @Test
    void aThreadSharesMemoryAndTellsItsId() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            long flags = 0x10f00
                    | CLONE_PARENT_SETTID
                    | CLONE_CHILD_SETTID
                    | CLONE_CHILD_CLEARTID
                    | CLONE_SETTLS;
            int[] tid = {0};
            int thread = cpu.clone(
                    t -> {
                        assertThat(t.registers().fsBase).isEqualTo(0x7000);
                        assertThat(t.registers().rsp).isEqualTo(at + 4096);
                        assertThat(t.registers().rax).isZero();
                        assertThat(t.getpid()).isEqualTo(1);
                        assertThat(sandbox.getInt(t, at + 4)).isEqualTo(t.gettid());
                        tid[0] = t.gettid();
                        t.exit(0);
                    },
                    flags,
                    at + 4096,
                    at + 4, // as pthread_create: set before the child starts, cleared at its end
                    at + 4,
                    0x7000);
            // As pthread_join: wait for the cleared word.
            while (sandbox.getInt(cpu, at + 4) != 0) {
                cpu.syscall(202, at + 4, 0, thread, 0);
            }
            assertThat(tid[0]).isEqualTo(thread);
        });
    }

    @Test
    void aForkedChildHasMemoryOfItsOwn() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            sandbox.putLong(cpu, at, 5);
            int child = cpu.fork(c -> {
                assertThat(sandbox.getLong(c, at)).isEqualTo(5);
                sandbox.putLong(c, at, 6);
                assertThat(c.getppid()).isEqualTo(1);
            });
            cpu.wait4(child, 0, 0);
            assertThat(sandbox.getLong(cpu, at)).isEqualTo(5);
        });
    }

    @Test
    void aVforkParentWaitsUntilTheChildHasExecuted() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            long path = sandbox.string(cpu, "/init");
            int child = cpu.vfork(c -> {
                for (int i = 0; i < 10; i++) {
                    c.compute();
                }
                sandbox.putLong(c, at, 1);
                c.exec(path, CloneExecTests::forever);
            });
            assertThat(sandbox.getLong(cpu, at)).isEqualTo(1);
            cpu.kill(child, SIGKILL);
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
        });
    }

    @Test
    void exitGroupEndsAllThreads() {
        int status = sandbox.run(cpu -> {
            for (int i = 0; i < 3; i++) {
                cpu.thread(CloneExecTests::forever);
            }
            cpu.thread(t -> t.exitGroup(6));
            forever(cpu);
        });
        assertThat(status).isEqualTo(6 << 8);
    }

    @Test
    void aFatalSignalToOneThreadEndsTheProcess() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.fork(c -> {
                int thread = c.thread(CloneExecTests::forever);
                c.syscall(234, c.getpid(), thread, SIGSEGV);
                forever(c);
            });
            cpu.wait4(child, at, 0);
            assertThat(sandbox.getInt(cpu, at) & 0x7f).isEqualTo(SIGSEGV);
        });
    }

    @Test
    void execByAThreadThatIsNotTheLeaderTakesOverTheLeadersId() {
        sandbox.run(cpu -> {
            int child = cpu.fork(leader -> {
                long path = sandbox.string(leader, "/init");
                int pid = leader.getpid();
                leader.thread(CloneExecTests::forever);
                leader.thread(t -> t.exec(path, program -> {
                    assertThat(program.getpid()).isEqualTo(pid);
                    assertThat(program.gettid()).isEqualTo(pid);
                    assertThat(program.getppid()).isEqualTo(1);
                    program.exitGroup(12);
                }));
                forever(leader);
            });
            long at = cpu.page();
            assertThat(cpu.wait4(child, at, 0)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(12 << 8);
            assertThat(sandbox.kernel().tasks().count()).isEqualTo(1);
        });
    }

    @Test
    void execClosesMarkedDescriptorsAndResetsHandlers() {
        sandbox.run(cpu -> {
            long path = sandbox.string(cpu, "/init");
            int kept = (int) cpu.syscall(2, path, 0);
            int marked = (int) cpu.syscall(2, path, 0x80000);
            cpu.sigaction(sandbox, SIGUSR1, cpu.handler(() -> {}), 0);
            int child = cpu.fork(c -> c.exec(path, program -> {
                assertThat(program.syscall(72, kept, 1)).isZero();
                assertThat(program.syscall(72, marked, 1)).isEqualTo(-EBADF.number);
                program.kill(program.getpid(), SIGUSR1);
                program.exitGroup(0);
            }));
            long at = cpu.page();
            cpu.wait4(child, at, 0);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(SIGUSR1);
            assertThat(cpu.syscall(72, marked, 1)).isEqualTo(1);
        });
    }

    @Test
    void aFailedExecChangesNothing() {
        sandbox.run(cpu -> {
            long missing = sandbox.string(cpu, "/missing");
            assertThat(cpu.exec(missing, c -> {})).isEqualTo(-ENOENT.number);
            assertThat(cpu.exec(8, c -> {})).isEqualTo(-EFAULT.number);
            long path = sandbox.string(cpu, "/init");
            assertThat(cpu.syscall(59, path, 8, 0)).isEqualTo(-EFAULT.number);
            assertThat(cpu.getpid()).isEqualTo(1);
        });
    }

    @Test
    void argumentsThatAreTooLongAreRefused() {
        sandbox.run(cpu -> {
            long path = sandbox.string(cpu, "/init");
            long text = cpu.syscall(9, 0, 256 << 10, 3, 0x22, -1, 0);
            for (int i = 0; i < 256 << 10; i += 8) {
                sandbox.putLong(cpu, text + i, 0x6161616161616161L);
            }
            long array = cpu.page();
            sandbox.putLong(cpu, array, text);
            assertThat(cpu.syscall(59, path, array, 0)).isEqualTo(-E2BIG.number);
        });
    }

    @Test
    void theLimitOfTasksIsEagain() {
        sandbox.kernel().setTasksMax(3);
        sandbox.run(cpu -> {
            assertThat(cpu.thread(CloneExecTests::forever)).isPositive();
            assertThat(cpu.thread(CloneExecTests::forever)).isPositive();
            assertThat(cpu.thread(CloneExecTests::forever)).isEqualTo(-EAGAIN.number);
        });
    }

    @Test
    void filesAreSharedOrCopied() {
        sandbox.run(cpu -> {
            long path = sandbox.string(cpu, "/init");
            int fd = (int) cpu.syscall(2, path, 0);
            int copying = cpu.fork(c -> assertThat(c.syscall(3, fd)).isZero());
            cpu.wait4(copying, 0, 0);
            assertThat(cpu.syscall(72, fd, 1)).isZero();
            int sharing = cpu.clone(
                    c -> assertThat(c.syscall(3, fd)).isZero(), CLONE_FILES | CLONE_VM | SIGCHLD);
            cpu.wait4(sharing, 0, 0);
            assertThat(cpu.syscall(72, fd, 1)).isEqualTo(-EBADF.number);
        });
    }

    @Test
    void clone3ChecksItsStructure() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            assertThat(cpu.syscall(435, at, 63)).isEqualTo(-EINVAL.number);
            assertThat(cpu.syscall(435, at, 4097)).isEqualTo(-E2BIG.number);
            sandbox.putLong(cpu, at + 88, 1);
            assertThat(cpu.syscall(435, at, 96)).isEqualTo(-E2BIG.number);
            assertThat(cpu.syscall(435, 8, 88)).isEqualTo(-EFAULT.number);
            sandbox.putLong(cpu, at + 32, 65);
            assertThat(cpu.syscall(435, at, 88)).isEqualTo(-EINVAL.number);
            sandbox.putLong(cpu, at + 32, 0);
            sandbox.putLong(cpu, at + 40, at);
            assertThat(cpu.syscall(435, at, 88)).isEqualTo(-EINVAL.number);
        });
    }
}
