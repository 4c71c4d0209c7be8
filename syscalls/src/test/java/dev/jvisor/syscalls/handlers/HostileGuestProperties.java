// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.SyscallTables;
import dev.jvisor.syscalls.testing.Calls;
import dev.jvisor.syscalls.testing.Cpu;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whatever a guest passes, a call answers with a value or an error number: an exception of another
 * kind would end the sandbox.
 */
final class HostileGuestProperties {

    private static final int CALLS = 1500;
    private static final int PAGE = 4096;

    /** What ends or replaces the guest, or changes how the test itself works. */
    private static final Set<String> LEFT_OUT = Set.of(
            "exit",
            "exit_group",
            "fork",
            "vfork",
            "clone",
            "clone3",
            "execve",
            "execveat",
            "kill",
            "tkill",
            "tgkill",
            "rt_sigqueueinfo",
            "rt_tgsigqueueinfo",
            "rt_sigreturn",
            "rt_sigaction",
            "rt_sigprocmask",
            "rt_sigpending",
            "rt_sigtimedwait",
            "alarm",
            "setitimer",
            "timer_create",
            "timer_settime",
            "setrlimit",
            "prlimit64",
            "prctl",
            "arch_prctl",
            "set_robust_list",
            "set_tid_address",
            "close_range",
            // Tests of their own throw these at the kernel: hostile.sh, ptrace-calls.sh,
            // seccomp.sh.
            "seccomp",
            "ptrace",
            "pidfd_send_signal",
            // These may block the signal that ends them.
            "rt_sigsuspend",
            "ppoll",
            "pselect6",
            "epoll_pwait",
            "epoll_pwait2");

    private static final String[] PATHS = {
        "", "/", ".", "..", "a", "b", "d", "d/a", "d/..", "/init", "a/", "//a", "loop", "x/y/z", "f"
    };

    private final List<SyscallDescriptor> calls = new ArrayList<>();

    HostileGuestProperties() {
        for (SyscallDescriptor call : SyscallTables.descriptors()) {
            if (!LEFT_OUT.contains(call.name())) {
                calls.add(call);
            }
        }
    }

    @Property(tries = 12, shrinking = ShrinkingMode.OFF)
    void everyCallAnswers(@ForAll long seed) {
        Calls.run(c -> {
            SplittableRandom random = new SplittableRandom(Long.getLong("jvisor.seed", seed));
            long[] pool = pool(c, random);
            AtomicBoolean done = new AtomicBoolean();
            kick(c, done);
            for (int i = 0; i < CALLS; i++) {
                SyscallDescriptor call = calls.get(random.nextInt(calls.size()));
                long[] arguments = new long[6];
                for (int j = 0; j < arguments.length; j++) {
                    boolean likely = j < call.parameters().size() && random.nextInt(4) != 0;
                    arguments[j] = likely
                            ? likely(random, call.parameters().get(j).format(), pool)
                            : argument(random, pool);
                }
                if (call.name().equals("futex") && waitsThroughSignals((int) arguments[1])) {
                    continue;
                }
                long result = c.cpu().syscall(call.number(), arguments);
                if (result < 0 && result >= -4095) {
                    assertThat(Errno.of((int) -result).number).isLessThan(512);
                }
            }
            done.set(true);
        });
    }

    /** FUTEX_LOCK_PI, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2: waits that begin again, always. */
    private static boolean waitsThroughSignals(int operation) {
        int command = operation & 0x7f;
        return command == 6 || command == 11 || command == 13;
    }

    /** A thread that ends every wait with EINTR. */
    private static void kick(Calls c, AtomicBoolean done) {
        int pid = c.cpu().getpid();
        int tid = c.cpu().gettid();
        c.cpu().sigaction(c.sandbox(), 10, c.cpu().handler(() -> {}), 0);
        c.cpu().thread((Cpu other) -> {
            while (!done.get()) {
                other.compute();
                other.syscall(234, pid, tid, 10);
            }
            other.exit(0);
        });
    }

    /** Addresses that the arguments point to: paths, zeros, garbage, the end of a mapping. */
    private static long[] pool(Calls c, SplittableRandom random) {
        c.file("a", "0123456789");
        c.gives(0, "mkdir", "d", 0755);
        c.gives(0, "symlink", "loop", "loop");
        c.gives(0, "mknod", "f", 0010644, 0);
        c.ok("open", "/", 0, 0);
        c.pipe(04000);
        c.ok("eventfd2", 1, 04000);
        c.ok("epoll_create1", 0);
        c.ok("memfd_create", "m", 2);
        c.ok("open", "/", 010000000, 0);
        List<Long> addresses = new ArrayList<>();
        for (String path : PATHS) {
            addresses.add(c.sandbox().string(c.cpu(), path));
        }
        long garbage = c.ok("mmap", 0, 4 * PAGE, 3, 0x22, -1, 0);
        c.gives(0, "munmap", garbage + 3 * PAGE, PAGE);
        for (int at = 0; at < PAGE; at += 8) {
            c.put(garbage + at, random.nextLong() >>> random.nextInt(64));
        }
        addresses.add(garbage);
        addresses.add(garbage + 8 * random.nextInt(400));
        addresses.add(garbage + 2 * PAGE);
        addresses.add(garbage + 3 * PAGE - 5);
        addresses.add(c.ok("mmap", 0, PAGE, 1, 0x22, -1, 0));
        long[] pool = new long[addresses.size()];
        for (int i = 0; i < pool.length; i++) {
            pool[i] = addresses.get(i);
        }
        return pool;
    }

    /** An argument of the kind that the call expects, so that it gets beyond its first checks. */
    private static long likely(SplittableRandom random, Arg.Format format, long[] pool) {
        return switch (format) {
            case PATH, STRING -> pool[random.nextInt(PATHS.length)];
            case FD, DIRFD -> random.nextInt(8) == 0 ? Calls.AT_FDCWD : random.nextInt(14);
            case SIZE, OFFSET -> random.nextInt(3 * PAGE);
            case TIMEOUT_MS -> random.nextInt(3);
            case OCTAL_MODE -> random.nextInt(01000) | random.nextInt(9) << 12;
            case BUFFER_IN, BUFFER_OUT, POINTER -> pool[random.nextInt(pool.length)];
            case OPEN_FLAGS, AT_FLAGS, PROT, MAP_FLAGS, HEX, INT, UNSIGNED ->
                random.nextInt(4) == 0 ? 0 : 1L << random.nextInt(22) | random.nextInt(4);
            case SEEK_WHENCE, FLOCK_OPERATION, MADVICE -> random.nextInt(10);
            case FCNTL_COMMAND ->
                random.nextInt(2) == 0 ? random.nextInt(40) : 1024 + random.nextInt(12);
            default -> argument(random, pool);
        };
    }

    private static long argument(SplittableRandom random, long[] pool) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> pool[random.nextInt(pool.length)];
            case 3, 4 -> random.nextInt(12);
            case 5 -> 1L << random.nextInt(64);
            case 6 -> random.nextInt(PAGE);
            case 7 ->
                new long[] {-1, -2, -100, Long.MIN_VALUE, Long.MAX_VALUE, 8, 0xffff_ffffL}
                        [random.nextInt(7)];
            case 8 -> random.nextLong() >>> random.nextInt(64);
            default -> 0;
        };
    }
}
