// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.syscalls.discovery.UnistdNames;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** System calls by name, for tests that read like the C they stand for. On the guest's thread. */
public final class Calls {

    public static final int AT_FDCWD = -100;

    private static final int SIGUSR1 = 10;
    private static final int TGKILL = 234;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final TestSandbox sandbox;
    private final Cpu cpu;
    private final long scratch;

    public Calls(TestSandbox sandbox, Cpu cpu) {
        this.sandbox = sandbox;
        this.cpu = cpu;
        this.scratch = cpu.page();
    }

    /** Runs a test's body as the only guest of a fresh sandbox. */
    public static void run(Body body) {
        assertTimeoutPreemptively(LIMIT, () -> {
            try (TestSandbox sandbox = new TestSandbox()) {
                int status = sandbox.run(cpu -> body.run(new Calls(sandbox, cpu)));
                Throwable bug = sandbox.kernel().internalError();
                if (bug != null) {
                    throw new AssertionError("the sandbox ended", bug);
                }
                assertThat(status).isZero();
            }
        });
    }

    /** A test's body. */
    public interface Body {
        void run(Calls c) throws Throwable;
    }

    public Cpu cpu() {
        return cpu;
    }

    public TestSandbox sandbox() {
        return sandbox;
    }

    /** Makes a call; returns rax. Arguments are ints, longs and Strings (stored on fresh pages). */
    public long call(String name, Object... arguments) {
        long[] words = new long[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i] instanceof String text
                    ? sandbox.string(cpu, text)
                    : ((Number) arguments[i]).longValue();
        }
        int number = UnistdNames.number(name);
        assertThat(number).as(name).isNotNegative();
        return cpu.syscall(number, words);
    }

    /** Makes a call that must succeed. */
    public long ok(String name, Object... arguments) {
        long result = call(name, arguments);
        assertThat(result).as(name).isNotNegative();
        return result;
    }

    /** Makes a call that must give a result. */
    public void gives(long expected, String name, Object... arguments) {
        long result = call(name, arguments);
        assertThat(text(result)).as(name).isEqualTo(text(expected));
    }

    /** Makes a call that must fail. */
    public void fails(Errno errno, String name, Object... arguments) {
        gives(-errno.number, name, arguments);
    }

    /**
     * Makes a call that blocks and that a signal ends: SIGUSR1, sent again and again by another
     * thread until the call has returned. The signal has a handler.
     *
     * @return the result
     */
    public long interrupted(long handlerFlags, String name, Object... arguments) {
        int pid = cpu.getpid();
        int tid = cpu.gettid();
        cpu.sigaction(sandbox, SIGUSR1, cpu.handler(() -> {}), handlerFlags);
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean gone = new AtomicBoolean();
        cpu.thread(other -> {
            while (!over.get()) {
                other.compute();
                other.syscall(TGKILL, pid, tid, SIGUSR1);
            }
            gone.set(true);
            other.exit(0);
        });
        long result = call(name, arguments);
        over.set(true);
        // No signal is under way when the test goes on.
        while (!gone.get()) {
            cpu.compute();
        }
        return result;
    }

    /** The name of an error number, or the value. */
    public static String name(long result) {
        return text(result);
    }

    private static String text(long result) {
        return result < 0 && result > -4096 ? Errno.of((int) -result).name() : "" + result;
    }

    /** A page that a test may use for whatever it passes by address. */
    public long scratch() {
        return scratch;
    }

    public void put(long address, long... words) {
        for (int i = 0; i < words.length; i++) {
            sandbox.putLong(cpu, address + 8L * i, words[i]);
        }
    }

    public long get(long address) {
        return sandbox.getLong(cpu, address);
    }

    /** Bytes of the guest's memory as ISO-8859-1. */
    public String text(long address, int length) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < length; i++) {
            long word = sandbox.getLong(cpu, address + i & -8L);
            b.append((char) (word >>> 8 * (address + i & 7) & 0xff));
        }
        return b.toString();
    }

    /** Opens a file that the test creates, with some contents. */
    public int file(String path, String contents) {
        int fd = (int) ok("open", path, 02 | 0100, 0644);
        gives(contents.length(), "write", fd, contents, contents.length());
        ok("lseek", fd, 0, 0);
        return fd;
    }

    /** The two ends of a new pipe. */
    public int[] pipe(int flags) {
        gives(0, "pipe2", scratch, flags);
        long ends = get(scratch);
        return new int[] {(int) ends, (int) (ends >> 32)};
    }
}
