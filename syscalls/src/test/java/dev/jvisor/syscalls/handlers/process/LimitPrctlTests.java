// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.EFAULT;
import static dev.jvisor.platform.abi.Errno.EINVAL;
import static dev.jvisor.platform.abi.Errno.EMFILE;
import static dev.jvisor.platform.abi.Errno.EPERM;
import static dev.jvisor.platform.abi.Errno.ESRCH;
import static dev.jvisor.platform.abi.Prctl.PR_GET_NAME;
import static dev.jvisor.platform.abi.Prctl.PR_SET_NAME;
import static dev.jvisor.platform.abi.Prctl.PR_SET_PDEATHSIG;
import static dev.jvisor.platform.abi.Resource.RLIMIT_CORE;
import static dev.jvisor.platform.abi.Resource.RLIMIT_CPU;
import static dev.jvisor.platform.abi.Resource.RLIMIT_NOFILE;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGTERM;
import static dev.jvisor.platform.abi.Signals.SIGXCPU;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits, prctl(2), ids and usage through the system calls. */
@Timeout(30)
final class LimitPrctlTests {

    private final TestSandbox sandbox = new TestSandbox();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private long setLimit(Cpu cpu, long at, int resource, long soft, long hard) {
        sandbox.putLong(cpu, at, soft);
        sandbox.putLong(cpu, at + 8, hard);
        return cpu.syscall(160, resource, at);
    }

    @Test
    void limitsAreCheckedKeptAndInherited() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            assertThat(setLimit(cpu, at, RLIMIT_CORE, 10, 5)).isEqualTo(-EINVAL.number);
            assertThat(setLimit(cpu, at, 16, 1, 1)).isEqualTo(-EINVAL.number);
            assertThat(setLimit(cpu, at, RLIMIT_NOFILE, 1, 1 << 21)).isEqualTo(-EPERM.number);
            assertThat(setLimit(cpu, at, RLIMIT_CORE, 5, 10)).isZero();
            assertThat(cpu.syscall(302, 0, RLIMIT_CORE, 8, 0)).isEqualTo(-EFAULT.number);
            assertThat(cpu.syscall(302, 77, RLIMIT_CORE, 0, at)).isEqualTo(-ESRCH.number);
            int child = cpu.fork(c -> {
                assertThat(c.syscall(302, 0, RLIMIT_CORE, 0, at)).isZero();
                assertThat(sandbox.getLong(c, at)).isEqualTo(5);
                assertThat(sandbox.getLong(c, at + 8)).isEqualTo(10);
            });
            cpu.wait4(child, 0, 0);
        });
    }

    @Test
    void aHardLimitIsRaisedWithCapabilityOnly() {
        sandbox.credentials = Credentials.of(1000, 1000, new int[0], 0);
        sandbox.run(cpu -> {
            long at = cpu.page();
            assertThat(setLimit(cpu, at, RLIMIT_CORE, 1, 2)).isZero();
            assertThat(setLimit(cpu, at, RLIMIT_CORE, 1, 3)).isEqualTo(-EPERM.number);
            assertThat(setLimit(cpu, at, RLIMIT_CORE, 2, 2)).isZero();
        });
    }

    @Test
    void theDescriptorLimitIsEnforced() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            long path = sandbox.string(cpu, "/init");
            assertThat(setLimit(cpu, at, RLIMIT_NOFILE, 2, 2)).isZero();
            assertThat(cpu.syscall(2, path, 0)).isZero();
            assertThat(cpu.syscall(2, path, 0)).isEqualTo(1);
            assertThat(cpu.syscall(2, path, 0)).isEqualTo(-EMFILE.number);
        });
    }

    @Test
    void cpuTimeIsLimited() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int soft = cpu.fork(c -> {
                assertThat(setLimit(c, at, RLIMIT_CPU, 0, 100)).isZero();
                for (; ; ) {
                    c.compute();
                }
            });
            assertThat(cpu.wait4(soft, at, 0)).isEqualTo(soft);
            assertThat(sandbox.getInt(cpu, at) & 0x7f).isEqualTo(SIGXCPU);
            int hard = cpu.fork(c -> {
                c.sigaction(sandbox, SIGXCPU, 1, 0);
                assertThat(setLimit(c, at, RLIMIT_CPU, 0, 0)).isZero();
                for (; ; ) {
                    c.compute();
                }
            });
            assertThat(cpu.wait4(hard, at, 0)).isEqualTo(hard);
            assertThat(sandbox.getInt(cpu, at) & 0x7f).isEqualTo(SIGKILL);
        });
    }

    @Test
    void namesAreCutAtFifteenBytes() {
        sandbox.run(cpu -> {
            long text = sandbox.string(cpu, "abcdefghijklmnopqrst");
            long at = cpu.page();
            assertThat(cpu.syscall(157, PR_SET_NAME, text)).isZero();
            assertThat(cpu.syscall(157, PR_GET_NAME, at)).isZero();
            assertThat(sandbox.getLong(cpu, at + 8)).isEqualTo(0x006f6e6d6c6b6a69L);
            assertThat(cpu.syscall(157, PR_SET_NAME, 8)).isEqualTo(-EFAULT.number);
            assertThat(cpu.syscall(157, 99999)).isEqualTo(-EINVAL.number);
        });
    }

    @Test
    void theParentsEndSendsTheDeathSignal() {
        sandbox.run(cpu -> {
            long flag = cpu.syscall(9, 0, 4096, 3, 0x21, -1, 0);
            cpu.syscall(157, 36, 1);
            int middle = cpu.fork(parent -> {
                parent.fork(c -> {
                    c.syscall(157, PR_SET_PDEATHSIG, SIGTERM);
                    sandbox.putLong(c, flag, 1);
                    for (; ; ) {
                        c.compute();
                    }
                });
                while (sandbox.getLong(parent, flag) == 0) {
                    parent.compute();
                }
            });
            long at = cpu.page();
            assertThat(cpu.wait4(middle, at, 0)).isEqualTo(middle);
            assertThat(cpu.wait4(-1, at, 0)).isGreaterThan(middle);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(SIGTERM);
        });
    }

    @Test
    void cpuTimeOfAWaitedChildIsCounted() {
        sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.fork(c -> {
                for (int i = 0; i < 30; i++) {
                    c.compute();
                }
            });
            assertThat(cpu.wait4(child, 0, 0)).isEqualTo(child);
            assertThat(cpu.syscall(98, -1, at)).isZero();
            long micros = sandbox.getLong(cpu, at) * 1_000_000 + sandbox.getLong(cpu, at + 8);
            assertThat(micros).isBetween(20_000L, 5_000_000L);
        });
    }

    @Test
    void capabilitiesAreReadAndGivenUp() {
        sandbox.run(cpu -> {
            long header = cpu.page();
            long data = cpu.page();
            sandbox.putLong(cpu, header, 0x20080522);
            assertThat(cpu.syscall(125, header, data)).isZero();
            assertThat(sandbox.getInt(cpu, data)).isEqualTo(-1);
            assertThat(sandbox.getInt(cpu, data + 12)).isEqualTo(0x1ff);
            sandbox.putLong(cpu, data, 0);
            sandbox.putLong(cpu, data + 8, 0);
            sandbox.putLong(cpu, data + 16, 0);
            assertThat(cpu.syscall(126, header, data)).isZero();
            assertThat(cpu.syscall(105, 1000)).isEqualTo(-EPERM.number);
            sandbox.putLong(cpu, data, -1);
            assertThat(cpu.syscall(126, header, data)).isEqualTo(-EPERM.number);
            sandbox.putLong(cpu, header, 5);
            assertThat(cpu.syscall(125, header, data)).isEqualTo(-EINVAL.number);
            assertThat(sandbox.getInt(cpu, header)).isEqualTo(0x20080522);
        });
    }
}
