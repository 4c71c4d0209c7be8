// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.PlatformContract;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.testing.GuestProgram;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class PtracePlatformTests extends PlatformContract {

    /** Before any context ties a thread to one of them. */
    private static final int CPUS = Runtime.getRuntime().availableProcessors();

    @TempDir
    private Path directory;

    @Override
    protected Platform createPlatform() throws Exception {
        return PtracePlatform.create(MemoryFile.create());
    }

    private int tgid() {
        return ((PtraceContext) context).tracee().tgid;
    }

    private static int openHost(Path path) {
        NativeBuffer buffer = NativeBuffer.scratch();
        byte[] bytes = path.toString().getBytes(StandardCharsets.ISO_8859_1);
        return (int) Host.syscall(Sys.OPEN, buffer.putCString(0, bytes), 0x80000, 0);
    }

    @Test
    void stubHasNothingButItsOwnPages() throws Exception {
        context.addressSpace(); // nothing mapped yet
        List<String> maps = Files.readAllLines(Path.of("/proc/" + tgid() + "/maps"));
        maps.removeIf(line -> line.contains("[vsyscall]"));
        assertThat(maps).hasSize(2);
        assertThat(maps.get(0)).startsWith("7ffff0000000-7ffff0001000 r-xp");
        assertThat(maps.get(1)).startsWith("7ffff0001000-7ffff0002000 r--s");
        String status = Files.readString(Path.of("/proc/" + tgid() + "/status"));
        assertThat(status)
                .contains("Seccomp:\t2")
                .contains("NoNewPrivs:\t1")
                .contains("CapEff:\t0000000000000000")
                .contains("CapPrm:\t0000000000000000");
        try (var descriptors = Files.list(Path.of("/proc/" + tgid() + "/fd"))) {
            assertThat(descriptors).hasSize(3);
        }
    }

    @Test
    void hostFilesAreMappedAndNumbersThatMeanAnotherFileLaterAreNotConfused() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, 0x900000);
        Label loop = a.here();
        a.load(Reg.RDI, Reg.RBX, 0).mov(Reg.RAX, 39).syscall().jmp(loop);
        load(a);
        for (int i = 0; i < 5; i++) {
            Path file = directory.resolve("f" + i);
            Files.writeString(file, "content" + i);
            int fd = openHost(file);
            context.addressSpace().mapHostFile(0x900000, PAGE, fd, 0, R, true);
            expectSyscall(context, 39);
            assertThat(context.registers().rdi >>> 56).isEqualTo('0' + i);
            platform.forgetHostFile(fd);
            Host.syscall(Sys.CLOSE, fd, 0, 0);
        }
        context.addressSpace().unmap(0x900000, PAGE);
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
    }

    @Test
    void manyHostFilesFitIntoFewDescriptorsAndForksShareThem() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, 0x900000);
        Label loop = a.here();
        a.load(Reg.RDI, Reg.RBX, 0).mov(Reg.RAX, 39).syscall().jmp(loop);
        load(a);
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Path file = directory.resolve("f" + i);
            Files.writeString(file, String.format("%08d", i));
            fds.add(openHost(file));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 300; i++) {
                context.addressSpace()
                        .mapHostFile(0x900000 + i * (long) PAGE, PAGE, fds.get(i), 0, R, false);
            }
            for (int i = 0; i < 300; i += 37) {
                context.registers().rbx = 0x900000 + i * (long) PAGE;
                context.registers().rip = loop.position() + GuestProgram.CODE;
                expectSyscall(context, 39);
                byte[] digits = String.format("%08d", i).getBytes(StandardCharsets.US_ASCII);
                assertThat((byte) (context.registers().rdi >>> 56)).isEqualTo(digits[7]);
                assertThat((byte) (context.registers().rdi >>> 48)).isEqualTo(digits[6]);
            }
        }
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                child.addressSpace().mapHostFile(0x900000, PAGE, fds.get(123), 0, R, false);
                child.registers().rbx = 0x900000;
                expectSyscall(child, 39);
                assertThat((byte) (child.registers().rdi >>> 56)).isEqualTo((byte) '3');
            }
            return 0;
        });
        for (int fd : fds) {
            Host.syscall(Sys.CLOSE, fd, 0, 0);
        }
    }

    @Test
    void truncatedHostFileIsSigbusOfTheGuest() throws Exception {
        load(new Assembler().mov(Reg.RBX, 0x900000).load(Reg.RDI, Reg.RBX, 0));
        Path file = directory.resolve("empty");
        Files.createFile(file);
        int fd = openHost(file);
        context.addressSpace().mapHostFile(0x900000, PAGE, fd, 0, R, true);
        expectFault(Signals.SIGBUS, Signals.BUS_ADRERR);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }

    @Test
    void moreMappingsThanTheHostAllowsAreEnomemAndTheGuestGoesOn() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        long page = platform.memory().allocate(PAGE);
        // A sysctl has to be read at once: Files.readString asks for a byte first.
        int limit = Integer.parseInt(
                Files.readAllLines(Path.of("/proc/sys/vm/max_map_count")).get(0));
        assumeTrue(limit < 200_000);
        for (int i = 0; i < limit + 100; i++) {
            context.addressSpace().map(0x10_0000_0000L + 2L * i * PAGE, PAGE, page, R);
        }
        assertThatThrownBy(() -> context.run())
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(Errno.ENOMEM));
        assertThat(context.addressSpace().hasPending()).isFalse();
        expectSyscall(context, 1001);
        context.addressSpace().unmap(0x10_0000_0000L, 2L * (limit + 100) * PAGE);
        expectSyscall(context, 1002);
    }

    @Test
    void contextsLeaveNoDescriptorsAndNoControlPagesBehind() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        long before = descriptors();
        ControlFile control = ((PtracePlatform) platform).control();
        long page = control.allocate();
        control.free(page);
        for (int i = 0; i < 20; i++) {
            onNewThread(() -> {
                try (GuestContext other = platform.newContext()) {
                    GuestProgram.load(platform, other, callLoop());
                    expectSyscall(other, 1000);
                }
                return 0;
            });
            context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE).discard();
        }
        assertThat(descriptors()).isEqualTo(before);
        assertThat(control.allocate()).isEqualTo(page);
    }

    private static long descriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    @Test
    void vsyscallPageTrapsOrFaults() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RDI, GuestProgram.DATA).xor32(Reg.RSI, Reg.RSI);
        a.mov(Reg.RCX, 0xffffffffff600000L).callReg(Reg.RCX);
        a.mov(Reg.RDI, Reg.RAX).mov(Reg.RAX, 39).syscall();
        long data = load(a);
        context.run();
        if (context.trap().kind == Trap.Kind.SYSCALL) {
            assertThat(context.registers().syscallNumber()).isEqualTo(96);
            assertThat(context.registers().rdi).isEqualTo(GuestProgram.DATA);
            assertThat(platform.memory().getLong(data)).isZero(); // the host did not answer it
            context.registers().rax = 0;
            expectSyscall(context, 39);
        } else {
            assertThat(context.trap().signal).isEqualTo(Signals.SIGSEGV);
        }
    }

    @Test
    void callThatNoStubNeedsKillsIt() throws Exception {
        PtraceContext ptrace = (PtraceContext) context;
        long gadget = ((PtracePlatform) platform).image().gadgetSyscall;
        assertThat(ptrace.tracee().inject(gadget, Sys.GETPPID, 0, 0, 0, 0, 0, 0))
                .isEqualTo(ProcessHandle.current().pid());
        assertThatThrownBy(() -> ptrace.tracee().inject(gadget, Sys.GETPID, 0, 0, 0, 0, 0, 0))
                .isInstanceOf(ContextLostException.class);
    }

    @Test
    void signalsFromOutsideMeanNothingToTheGuest() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        HostProcess.kill(tgid(), Signals.SIGTERM);
        HostProcess.kill(tgid(), Signals.SIGSEGV);
        HostProcess.kill(tgid(), Signals.SIGSTOP);
        expectSyscall(context, 1001);
        HostProcess.kill(tgid(), Signals.SIGTRAP);
        HostProcess.kill(tgid(), Signals.SIGSEGV);
        context.addressSpace().unmap(GuestProgram.DATA, PAGE); // made by the stub's own code
        context.addressSpace().map(0x900000, PAGE, 0, R);
        expectSyscall(context, 1002);
    }

    @Test
    void killedStubIsALostContext() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        HostProcess.kill(tgid(), Signals.SIGKILL);
        assertThatThrownBy(() -> {
                    context.run();
                    context.run();
                })
                .isInstanceOf(ContextLostException.class);
        assertThatThrownBy(() -> context.run()).isInstanceOf(ContextLostException.class);
    }

    @Test
    void contextsThatTalkArePinnedAndThoseThatComputeFloat() throws Exception {
        assumeTrue(CPUS > 1);
        Assembler a = new Assembler();
        Label loop = a.here();
        a.mov(Reg.RAX, 110).syscall().test(Reg.RAX).jcc(Assembler.EQUAL, loop);
        Label burn = a.here();
        a.jmp(burn);
        load(a);
        String pinned = talkUntil(true);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        int child = ((PtraceAddressSpace) seed.addressSpace()).process.tgid;
        assertThat(cpusOf(child)).isEqualTo(pinned);
        seed.discard();

        context.registers().rax = 1; // compute
        Thread watcher = new Thread(() -> {
            try {
                for (int i = 0; i < 250 && isPinned(cpusOf(tgid())); i++) {
                    Thread.sleep(20);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                context.interrupt();
            }
        });
        watcher.start();
        context.run();
        watcher.join();
        assertThat(isPinned(cpusOf(tgid()))).isFalse();
        assertThat(Long.bitCount(HostProcess.affinity(0)[0])).isGreaterThan(1); // its owner, too

        context.registers().rip = GuestProgram.CODE;
        talkUntil(true);
    }

    /** Lets the guest make calls until it is pinned (or not); returns the CPUs it may use. */
    private String talkUntil(boolean pinned) throws Exception {
        String cpus = "";
        for (int i = 0; i < 10_000; i++) {
            expectSyscall(context, 110);
            context.registers().rax = 0;
            cpus = cpusOf(tgid());
            if (i >= 50 && isPinned(cpus) == pinned) {
                return cpus;
            }
        }
        throw new AssertionError(cpus);
    }

    private static boolean isPinned(String cpus) {
        return !cpus.contains("-") && !cpus.contains(",");
    }

    private static String cpusOf(int pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("Cpus_allowed_list")) {
                return line;
            }
        }
        return "";
    }

    @Test
    void nothingIsLeftAfterClose() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        int child = ((PtraceAddressSpace) seed.addressSpace()).process.tgid;
        int parent = tgid();
        context.close();
        assertThat(Files.exists(Path.of("/proc/" + parent))).isFalse();
        assertThat(Files.exists(Path.of("/proc/" + child))).isTrue();
        platform.close();
        assertThat(Files.exists(Path.of("/proc/" + child))).isFalse();
        platform = createPlatform();
        context = platform.newContext();
    }

    /** Makes an attached stub, a thread of it, and a parked one, tells their ids, and waits. */
    public static final class DoomedSentry {
        public static void main(String[] arguments) throws Exception {
            Platform platform = PtracePlatform.create(MemoryFile.create());
            GuestContext context = platform.newContext();
            Assembler a = new Assembler();
            a.syscall();
            Label loop = a.here();
            a.jmp(loop);
            GuestProgram.load(platform, context, a);
            context.run();
            GuestContext.Seed process =
                    context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
            context.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
            System.out.println(((PtraceContext) context).tracee().tgid);
            System.out.println(((PtraceAddressSpace) process.addressSpace()).process.tgid);
            System.out.flush();
            context.run();
        }
    }

    @Test
    void killedSentryLeavesNoStub() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process sentry = new ProcessBuilder(
                        java,
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DoomedSentry.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(sentry.getInputStream(), StandardCharsets.US_ASCII))) {
            int attached = Integer.parseInt(reader.readLine());
            int parked = Integer.parseInt(reader.readLine());
            assertThat(Files.exists(Path.of("/proc/" + attached))).isTrue();
            assertThat(Files.exists(Path.of("/proc/" + parked))).isTrue();
            sentry.destroyForcibly().waitFor();
            for (int i = 0; i < 100 && (isAlive(attached) || isAlive(parked)); i++) {
                Thread.sleep(50);
            }
            assertThat(isAlive(attached)).isFalse();
            assertThat(isAlive(parked)).isFalse();
        }
    }

    /** A zombie that nobody has collected yet is not alive. */
    private static boolean isAlive(int pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (java.nio.file.NoSuchFileException e) {
            return false;
        }
    }
}
