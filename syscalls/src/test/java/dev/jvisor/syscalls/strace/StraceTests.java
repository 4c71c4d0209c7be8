// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.SyscallTables;
import dev.jvisor.syscalls.discovery.UnistdNames;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Lines in the form of strace(1). */
final class StraceTests {

    private static final List<SyscallDescriptor> CALLS = SyscallTables.descriptors();
    private static final int PID = 2;

    private final FakeMemory memory = new FakeMemory();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Strace strace = new Strace(CALLS, log, null);

    private static int number(String name) {
        return UnistdNames.number(name);
    }

    private String text() {
        return log.toString(StandardCharsets.US_ASCII);
    }

    /** What one whole call of a task prints, without the prefix. */
    private String call(String name, long result, long... arguments) {
        long[] six = Arrays.copyOf(arguments, 6);
        log.reset();
        strace.enter(PID, memory, number(name), six);
        strace.exit(PID, memory, number(name), six, result);
        assertThat(text()).startsWith("[pid 2] ").endsWith("\n");
        return text().substring(8, text().length() - 1);
    }

    private static long failed(Errno errno) {
        return -errno.number;
    }

    @Nested
    final class Arguments {

        @Test
        void pathsAndFlags() {
            assertThat(call(
                            "openat",
                            3,
                            Fcntl.AT_FDCWD,
                            memory.string("/etc/passwd"),
                            Fcntl.O_CLOEXEC,
                            0x1b6))
                    .isEqualTo("openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3");
            assertThat(call("open", 3, memory.string("x"), 01102, 0644))
                    .isEqualTo("open(\"x\", O_RDWR|O_CREAT|O_TRUNC, 0644) = 3");
            assertThat(call("openat", 3, 5, memory.string("d"), 0200000 | 04000))
                    .isEqualTo("openat(5, \"d\", O_RDONLY|O_NONBLOCK|O_DIRECTORY) = 3");
            assertThat(call("open", 3, memory.string("s"), 04010001))
                    .isEqualTo("open(\"s\", O_WRONLY|O_SYNC) = 3");
            assertThat(call("open", 3, memory.string("f"), 020200002, 0600))
                    .isEqualTo("open(\"f\", O_RDWR|O_TMPFILE, 0600) = 3");
        }

        @Test
        void unknownBitsAndValuesAreNumbers() {
            assertThat(call("mprotect", 0, 0x1000, 4096, 0x40))
                    .isEqualTo("mprotect(0x1000, 4096, 0x40 /* PROT_??? */) = 0");
            assertThat(call("mprotect", 0, 0x1000, 4096, 0x41))
                    .isEqualTo("mprotect(0x1000, 4096, PROT_READ|0x40) = 0");
            assertThat(call("lseek", failed(Errno.EINVAL), 3, -5, 9))
                    .isEqualTo(
                            "lseek(3, -5, 0x9 /* SEEK_??? */)" + " = -1 EINVAL (Invalid argument)");
        }

        @Test
        void stringsAreEscapedAndCut() {
            assertThat(call("write", 9, 1, memory.string("a\"b\\\n\t\0\1" + "2x\377"), 11))
                    .isEqualTo("write(1, \"a\\\"b\\\\\\n\\t\\0\\0012x\\377\", 11) = 9");
            assertThat(call("write", 40, 1, memory.string("0123456789".repeat(4)), 40))
                    .isEqualTo("write(1, \"01234567890123456789012345678901\"..., 40) = 40");
            assertThat(call("write", 32, 1, memory.string("0123456789".repeat(4)), 32))
                    .isEqualTo("write(1, \"01234567890123456789012345678901\", 32) = 32");
        }

        @Test
        void pathsAreNotCutAtStringLength() {
            String path = "/" + "0123456789".repeat(6);
            assertThat(call("chdir", 0, memory.string(path)))
                    .isEqualTo("chdir(\"" + path + "\") = 0");
        }

        @Test
        void whatCannotBeReadIsAnAddress() {
            assertThat(call("chdir", failed(Errno.EFAULT), 0x10))
                    .isEqualTo("chdir(0x10) = -1 EFAULT (Bad address)");
            assertThat(call("chdir", failed(Errno.EFAULT), 0))
                    .isEqualTo("chdir(NULL) = -1 EFAULT (Bad address)");
            long cut = memory.stringAtEnd("no end");
            assertThat(call("chdir", failed(Errno.EFAULT), cut))
                    .isEqualTo("chdir(0x" + Long.toHexString(cut) + ") = -1 EFAULT (Bad address)");
            assertThat(call("write", failed(Errno.EFAULT), 1, 0x10, 5))
                    .isEqualTo("write(1, 0x10, 5) = -1 EFAULT (Bad address)");
            assertThat(call("write", failed(Errno.EFAULT), 1, 0x10, -1))
                    .isEqualTo("write(1, 0x10, 18446744073709551615) = -1 EFAULT (Bad address)");
        }

        @Test
        void resultBuffersShowWhatWasFilledIn() {
            long buffer = memory.string("hello world");
            assertThat(call("read", 5, 0, buffer, 4096)).isEqualTo("read(0, \"hello\", 4096) = 5");
            assertThat(call("read", 0, 0, buffer, 4096)).isEqualTo("read(0, \"\", 4096) = 0");
            assertThat(call("read", failed(Errno.EAGAIN), 0, 0x1234, 10))
                    .isEqualTo("read(0, 0x1234, 10)"
                            + " = -1 EAGAIN (Resource temporarily unavailable)");
        }

        @Test
        void addressesAndMappings() {
            assertThat(call("mmap", 0x7f1234560000L, 0, 8192, 3, 0x22, -1, 0))
                    .isEqualTo("mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS,"
                            + " -1, 0) = 0x7f1234560000");
            assertThat(call("mmap", 0x7f1234560000L, 0, 4096, 5, 0x12, 3, 0x2000))
                    .isEqualTo("mmap(NULL, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3,"
                            + " 0x2000) = 0x7f1234560000");
            assertThat(call("mprotect", 0, 0x1000, 4096, 0))
                    .isEqualTo("mprotect(0x1000, 4096, PROT_NONE) = 0");
            assertThat(call("brk", 0x555500000000L)).isEqualTo("brk(NULL) = 0x555500000000");
        }

        @Test
        void modesAreOctal() {
            assertThat(call("mkdir", 0, memory.string("d"), 01777))
                    .isEqualTo("mkdir(\"d\", 01777) = 0");
            assertThat(call("chmod", 0, memory.string("d"), 0)).isEqualTo("chmod(\"d\", 000) = 0");
            assertThat(call("mknod", 0, memory.string("p"), 0010644, 0x103))
                    .isEqualTo("mknod(\"p\", S_IFIFO|0644, makedev(0x1, 0x3)) = 0");
        }

        @Test
        void intsAreTheLowHalfOfTheWord() {
            assertThat(call("close", 0, 0xdead_0000_0007L)).isEqualTo("close(7) = 0");
            assertThat(call("unlinkat", 0, 0xffff_ff9cL, memory.string("d"), 0x200))
                    .isEqualTo("unlinkat(AT_FDCWD, \"d\", AT_REMOVEDIR) = 0");
        }

        @Test
        void fcntlByCommand() {
            assertThat(call("fcntl", 0x8802, 3, Fcntl.F_GETFL))
                    .isEqualTo("fcntl(3, F_GETFL) = 0x8802 (flags O_RDWR|O_NONBLOCK|O_LARGEFILE)");
            assertThat(call("fcntl", 1, 3, Fcntl.F_GETFD))
                    .isEqualTo("fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
            assertThat(call("fcntl", 0, 3, Fcntl.F_SETFD, 1))
                    .isEqualTo("fcntl(3, F_SETFD, FD_CLOEXEC) = 0");
            assertThat(call("fcntl", 10, 3, Fcntl.F_DUPFD_CLOEXEC, 10))
                    .isEqualTo("fcntl(3, F_DUPFD_CLOEXEC, 10) = 10");
            long flock = memory.words(0x0000_0000_0000_0001L, 7, 11, 0);
            assertThat(call("fcntl", 0, 3, Fcntl.F_SETLK, flock))
                    .isEqualTo("fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET,"
                            + " l_start=7, l_len=11}) = 0");
        }

        @Test
        void cloneNamesItsArguments() {
            assertThat(call("clone", 7, 0x1200011, 0, 0x10, 0x20, 0x30))
                    .isEqualTo("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|"
                            + "CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x20) = 7");
            assertThat(call("clone", 7, 0x180f00, 0x1000, 0x10, 0x20, 0x30))
                    .isEqualTo("clone(child_stack=0x1000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|"
                            + "CLONE_SIGHAND|CLONE_SETTLS|CLONE_PARENT_SETTID, parent_tid=0x10,"
                            + " tls=0x30) = 7");
        }

        @Test
        void futexShowsWhatTheOperationUses() {
            assertThat(call("futex", 1, 0x1000, 129, 1, 0x20, 0x30, 5))
                    .isEqualTo("futex(0x1000, FUTEX_WAKE_PRIVATE, 1) = 1");
            assertThat(call("futex", failed(Errno.EAGAIN), 0x1000, 128, 2, 0, 0x30, 5))
                    .isEqualTo("futex(0x1000, FUTEX_WAIT_PRIVATE, 2, NULL)"
                            + " = -1 EAGAIN (Resource temporarily unavailable)");
        }

        @Test
        void vectors() {
            long iov = memory.words(memory.string("abc"), 3, memory.string("defg"), 4);
            assertThat(call("writev", 7, 1, iov, 2))
                    .isEqualTo("writev(1, [{iov_base=\"abc\", iov_len=3},"
                            + " {iov_base=\"defg\", iov_len=4}], 2) = 7");
            assertThat(call("readv", 4, 0, iov, 2))
                    .isEqualTo("readv(0, [{iov_base=\"abc\", iov_len=3},"
                            + " {iov_base=\"d\", iov_len=4}], 2) = 4");
        }

        @Test
        void unknownCallsShowTheirWords() {
            log.reset();
            strace.enter(PID, memory, 450, new long[] {1, 0, -1, 0x20, 0, 0});
            strace.exit(PID, memory, 450, new long[6], failed(Errno.ENOSYS));
            assertThat(text())
                    .isEqualTo("[pid 2] set_mempolicy_home_node(0x1, 0, 0xffffffffffffffff, 0x20,"
                            + " 0, 0) = -1 ENOSYS (Function not implemented)\n");
            log.reset();
            strace.enter(PID, memory, 0x4000_0000L, new long[6]);
            strace.exit(PID, memory, 0x4000_0000L, new long[6], failed(Errno.ENOSYS));
            assertThat(text()).startsWith("[pid 2] syscall_0x40000000(0, 0, 0, 0, 0, 0) = -1");
        }
    }

    @Nested
    final class Structures {

        private byte[] stat(int mode, long size, long rdev) {
            byte[] b = new byte[StatStruct.SIZE];
            LittleEndian.putInt(b, StatStruct.MODE, mode);
            LittleEndian.putLong(b, StatStruct.SIZE_BYTES, size);
            LittleEndian.putLong(b, StatStruct.RDEV, rdev);
            return b;
        }

        @Test
        void stat() {
            long regular = memory.bytes(stat(0100644, 18, 0));
            assertThat(call("fstat", 0, 3, regular))
                    .isEqualTo("fstat(3, {st_mode=S_IFREG|0644, st_size=18, ...}) = 0");
            long tty = memory.bytes(stat(0020620, 0, 0x8801));
            assertThat(call("fstat", 0, 1, tty))
                    .isEqualTo("fstat(1, {st_mode=S_IFCHR|0620, st_rdev=makedev(0x88, 0x1), ...})"
                            + " = 0");
            long tmp = memory.bytes(stat(0041777, 40, 0));
            assertThat(call("stat", 0, memory.string("/tmp"), tmp))
                    .isEqualTo("stat(\"/tmp\", {st_mode=S_IFDIR|S_ISVTX|0777, st_size=40, ...})"
                            + " = 0");
            assertThat(call("stat", failed(Errno.ENOENT), memory.string("x"), 0x7ff0))
                    .isEqualTo("stat(\"x\", 0x7ff0) = -1 ENOENT (No such file or directory)");
        }

        @Test
        void pollShowsWhatWasFound() {
            long fds = memory.words(3 | 1L << 32 | 1L << 48, 4 | 5L << 32);
            assertThat(call("poll", 1, fds, 2, -1))
                    .isEqualTo("poll([{fd=3, events=POLLIN}, {fd=4, events=POLLIN|POLLOUT}], 2,"
                            + " -1) = 1 ([{fd=3, revents=POLLIN}])");
            assertThat(call("poll", 0, fds, 1, 100))
                    .isEqualTo("poll([{fd=3, events=POLLIN}], 1, 100) = 0 (Timeout)");
        }

        @Test
        void selectShowsSets() {
            long in = memory.words(0b1001);
            assertThat(call("select", 1, 4, in, 0, 0, 0))
                    .isEqualTo("select(4, [0 3], NULL, NULL, NULL) = 1 (in [0 3])");
            long none = memory.words(0);
            assertThat(call("select", 1, 4, in, none, 0, 0))
                    .isEqualTo("select(4, [0 3], [], NULL, NULL) = 1 (in [0 3])");
        }

        @Test
        void pipes() {
            long fds = memory.words(3 | 4L << 32);
            assertThat(call("pipe2", 0, fds, Fcntl.O_CLOEXEC))
                    .isEqualTo("pipe2([3, 4], O_CLOEXEC) = 0");
            assertThat(call("pipe2", failed(Errno.EMFILE), fds, 0))
                    .isEqualTo("pipe2(0x" + Long.toHexString(fds)
                            + ", 0) = -1 EMFILE (Too many open files)");
        }

        @Test
        void directoryEntriesAreCounted() {
            long entries = memory.words(1, 1, 24, 0x2e00, 0, 0, 0);
            assertThat(call("getdents64", 24, 3, entries, 32768))
                    .isEqualTo("getdents64(3, 0x" + Long.toHexString(entries)
                            + " /* 1 entries */, 32768) = 24");
        }

        @Test
        void times() {
            long times = memory.words(1, 0x3fffffff, 5, 7);
            assertThat(call("utimensat", 0, Fcntl.AT_FDCWD, memory.string("f"), times, 0x100))
                    .isEqualTo("utimensat(AT_FDCWD, \"f\", [UTIME_NOW, {tv_sec=5, tv_nsec=7}],"
                            + " AT_SYMLINK_NOFOLLOW) = 0");
        }
    }

    @Nested
    final class SignalLines {

        private String rendered(java.util.function.Consumer<StringBuilder> printer) {
            StringBuilder b = new StringBuilder();
            printer.accept(b);
            return b.toString();
        }

        @Test
        void setsAreNamesOrWhatTheyLack() {
            assertThat(rendered(b -> SignalPrinter.set(b, 0))).isEqualTo("[]");
            assertThat(rendered(b -> SignalPrinter.set(b, 1L << 16 | 1 | 1L << 31 | 1L << 63)))
                    .isEqualTo("[HUP CHLD RTMIN RT_32]");
            assertThat(rendered(b -> SignalPrinter.set(b, -1))).isEqualTo("~[]");
            assertThat(rendered(b -> SignalPrinter.set(b, ~(1L << 8)))).isEqualTo("~[KILL]");
        }

        @Test
        void actions() {
            byte[] action = new byte[32];
            LittleEndian.putLong(action, 0, 0x401000);
            LittleEndian.putLong(action, 8, 0x14000000);
            LittleEndian.putLong(action, 16, 0x402000);
            LittleEndian.putLong(action, 24, 2);
            assertThat(rendered(b -> SignalPrinter.action(b, action)))
                    .isEqualTo("{sa_handler=0x401000, sa_mask=[INT],"
                            + " sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x402000}");
            assertThat(rendered(b -> SignalPrinter.action(b, new byte[32])))
                    .isEqualTo("{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}");
        }

        @Test
        void waitStatuses() {
            assertThat(rendered(b -> SignalPrinter.waitStatus(b, 0x0700)))
                    .isEqualTo("{WIFEXITED(s) && WEXITSTATUS(s) == 7}");
            assertThat(rendered(b -> SignalPrinter.waitStatus(b, 9)))
                    .isEqualTo("{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}");
            assertThat(rendered(b -> SignalPrinter.waitStatus(b, 0x8b)))
                    .isEqualTo("{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}");
            assertThat(rendered(b -> SignalPrinter.waitStatus(b, 0x137f)))
                    .isEqualTo("{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}");
            assertThat(rendered(b -> SignalPrinter.waitStatus(b, 0xffff)))
                    .isEqualTo("{WIFCONTINUED(s)}");
        }

        @Test
        void deliveries() {
            strace.signal(2, Signals.SIGSEGV, Signals.SEGV_MAPERR, 0);
            strace.signal(2, Signals.SIGINT, Signals.SI_USER, 0);
            strace.signal(2, Signals.SIGCHLD, Signals.CLD_EXITED, 0);
            assertThat(text())
                    .isEqualTo("[pid 2] --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR,"
                            + " si_addr=NULL} ---\n"
                            + "[pid 2] --- SIGINT {si_signo=SIGINT, si_code=SI_USER} ---\n"
                            + "[pid 2] --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---\n");
        }
    }

    @Nested
    final class Lines {

        private final long[] none = new long[6];

        @Test
        void interleavedCallsAreUnfinishedAndResumed() {
            long buffer = memory.string("ab");
            long[] read = {0, buffer, 10, 0, 0, 0};
            strace.enter(1, memory, 0, read);
            strace.enter(2, memory, 24, none);
            strace.exit(2, memory, 24, none, 0);
            strace.exit(1, memory, 0, read, 2);
            assertThat(text())
                    .isEqualTo("[pid 1] read(0,  <unfinished ...>\n"
                            + "[pid 2] sched_yield(" + yieldArguments() + ") = 0\n"
                            + "[pid 1] <... read resumed>\"ab\", 10) = 2\n");
        }

        /** As long as nobody serves sched_yield(2), its words are shown. */
        private String yieldArguments() {
            boolean served = CALLS.stream().anyMatch(call -> call.number() == 24);
            return served ? "" : "0, 0, 0, 0, 0, 0";
        }

        @Test
        void bothOfTwoBlockedCallsAreResumed() {
            long[] close1 = {5, 0, 0, 0, 0, 0};
            strace.enter(1, memory, 3, close1);
            strace.enter(2, memory, 3, close1);
            strace.exit(1, memory, 3, close1, 0);
            strace.exit(2, memory, 3, close1, failed(Errno.EBADF));
            assertThat(text())
                    .isEqualTo("[pid 1] close(5 <unfinished ...>\n"
                            + "[pid 2] close(5 <unfinished ...>\n"
                            + "[pid 1] <... close resumed>) = 0\n"
                            + "[pid 2] <... close resumed>) = -1 EBADF (Bad file descriptor)\n");
        }

        @Test
        void callThatNeverReturnsEndsWithTheTask() {
            strace.enter(2, memory, 60, new long[] {3, 0, 0, 0, 0, 0});
            strace.exited(2, 0x300);
            assertThat(text()).endsWith(") = ?\n[pid 2] +++ exited with 3 +++\n");
        }

        @Test
        void fatalSignals() {
            strace.exited(7, 9);
            strace.exited(8, 0x8b);
            assertThat(text())
                    .isEqualTo("[pid 7] +++ killed by SIGKILL +++\n"
                            + "[pid 8] +++ killed by SIGSEGV (core dumped) +++\n");
        }

        @Test
        void interruptedCallsAreToBeRestarted() {
            assertThat(call("close", failed(Errno.ERESTARTSYS), 1))
                    .isEqualTo("close(1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)");
        }

        @Test
        void filterLeavesOnlyWhatWasAskedFor() {
            Strace filtered = new Strace(CALLS, log, Strace.parseFilter("close,dup", List.of()));
            filtered.enter(1, memory, 0, none);
            filtered.exit(1, memory, 0, none, 0);
            filtered.enter(1, memory, 3, none);
            filtered.exit(1, memory, 3, none, 0);
            assertThat(text()).isEqualTo("[pid 1] close(0) = 0\n");
        }

        @Test
        void filterRefusesUnknownNames() {
            assertThat(Strace.parseFilter("open,read", List.of()))
                    .isEqualTo(Set.of("open", "read"));
            assertThatThrownBy(() -> Strace.parseFilter("open,opn", List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("unknown system call 'opn'");
        }

        @Test
        void brokenOutputIsGivenUp() {
            Strace broken = new Strace(
                    CALLS,
                    new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            throw new IOException("gone");
                        }
                    },
                    null);
            broken.enter(1, memory, 3, none);
            broken.exit(1, memory, 3, none, 0);
            broken.exited(1, 0);
        }

        @Test
        void taskWithoutMemoryIsStillPrinted() {
            strace.enter(2, null, 80, new long[] {0x1000, 0, 0, 0, 0, 0});
            strace.exit(2, null, 80, new long[] {0x1000, 0, 0, 0, 0, 0}, 0);
            assertThat(text()).isEqualTo("[pid 2] chdir(0x1000) = 0\n");
        }
    }
}
