// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Errno.ENOSYS;
import static dev.jvisor.platform.abi.Signals.SIGKILL;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.dispatch.SyscallHandler;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.testing.Cpu;
import dev.jvisor.syscalls.testing.TestSandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the dispatcher makes of numbers, results and failures. */
@Timeout(30)
final class DispatchTests {

    private static final int PROBE = 500;

    private final TestSandbox sandbox = new TestSandbox();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private interface Body {
        long call(Task task, long a0) throws ErrnoException;
    }

    private void probe(Body body) {
        sandbox.kernel().syscalls().put(new SyscallHandler() {
            @Override
            public int number() {
                return PROBE;
            }

            @Override
            public String name() {
                return "probe";
            }

            @Override
            public long invoke(Task task, long a0, long a1, long a2, long a3, long a4, long a5)
                    throws ErrnoException {
                return body.call(task, a0);
            }
        });
    }

    private static void forever(Cpu cpu) {
        for (; ; ) {
            cpu.compute();
        }
    }

    @Test
    void numbersThatAreNotServedAreEnosys() {
        sandbox.run(cpu -> {
            for (long number :
                    new long[] {334, 499, 511, 512, -1, 0x40000027, Long.MIN_VALUE - 1}) {
                assertThat(cpu.syscall(number)).isEqualTo(-ENOSYS.number);
            }
            assertThat(cpu.syscall(39 | 1L << 32)).isEqualTo(1);
        });
    }

    @Test
    void argumentsAndResultsAreWords() {
        probe((task, a0) -> a0 == 9 ? Long.MIN_VALUE : -1);
        sandbox.run(cpu -> assertThat(cpu.syscall(PROBE, 9)).isEqualTo(Long.MIN_VALUE));
    }

    @Test
    void restartNumbersDoNotReachTheGuest() {
        int[] calls = {0};
        probe((task, a0) -> {
            if (calls[0]++ < 3) {
                throw Errno.ERESTARTSYS.exception();
            }
            return 77;
        });
        sandbox.run(cpu -> assertThat(cpu.syscall(PROBE)).isEqualTo(77));
        assertThat(calls[0]).isEqualTo(4);
    }

    private int runWithReport(TestSandbox box, StringBuilder report) {
        PrintStream old = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            return box.run(cpu -> {
                cpu.fork(DispatchTests::forever);
                cpu.thread(DispatchTests::forever);
                cpu.syscall(PROBE, 0x1234);
            });
        } finally {
            System.setErr(old);
            report.append(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aBugOfOursEndsTheSandboxWithAReport() {
        probe((task, a0) -> {
            throw new IllegalStateException("broken");
        });
        StringBuilder report = new StringBuilder();
        assertThat(runWithReport(sandbox, report)).isEqualTo(Kernel.INTERNAL_ERROR_STATUS);
        assertThat(report)
                .contains("internal error in process 1")
                .contains("probe(0x1234")
                .contains("broken");
        assertThat(sandbox.kernel().taskCount()).isZero();
    }

    @Test
    void aStackOverflowEndsTheSandboxToo() {
        probe(new Body() {
            @Override
            @SuppressWarnings("InfiniteRecursion") // is the point
            public long call(Task task, long a0) throws ErrnoException {
                return call(task, a0 + 1) + 1;
            }
        });
        assertThat(runWithReport(sandbox, new StringBuilder()))
                .isEqualTo(Kernel.INTERNAL_ERROR_STATUS);
    }

    @Test
    void aLostContextEndsItsProcessAlone() {
        probe((task, a0) -> {
            throw new ContextLostException("gone");
        });
        int status = sandbox.run(cpu -> {
            long at = cpu.page();
            int child = cpu.fork(c -> c.syscall(PROBE));
            assertThat(cpu.wait4(child, at, 0)).isEqualTo(child);
            assertThat(sandbox.getInt(cpu, at)).isEqualTo(SIGKILL);
            cpu.exitGroup(1);
        });
        assertThat(status).isEqualTo(1 << 8);
    }

    @Test
    void anObserverSeesCallsAndResults() {
        List<String> seen = new ArrayList<>();
        sandbox.kernel().setObserver(new SyscallObserver() {
            @Override
            public void enter(
                    Task task, long n, long a0, long a1, long a2, long a3, long a4, long a5) {
                seen.add(n + " " + a0);
            }

            @Override
            public void exit(
                    Task task,
                    long n,
                    long a0,
                    long a1,
                    long a2,
                    long a3,
                    long a4,
                    long a5,
                    long result) {
                seen.add(n + "=" + result);
            }

            @Override
            public void exited(Task task, int status) {
                seen.add("exited " + status);
            }
        });
        sandbox.run(cpu -> {
            cpu.getpid();
            cpu.syscall(3, 77);
            cpu.exitGroup(2);
        });
        assertThat(seen)
                .containsExactly("39 0", "39=1", "3 77", "3=-9", "231 2", "231=0", "exited 512");
    }
}
