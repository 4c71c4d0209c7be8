// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.GuestText;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.PlatformContract;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.memory.MemoryFile;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class SystrapPlatformTests extends PlatformContract {

    private static final int CALL = 110;
    private static final long TEXT = 0x900000;

    @Override
    protected Platform createPlatform() throws Exception {
        return SystrapPlatform.create(MemoryFile.create());
    }

    private SystrapAddressSpace space() {
        return (SystrapAddressSpace) context.addressSpace();
    }

    private int tgid() {
        return space().process.tgid;
    }

    /** Maps a page of code at TEXT that the platform may rewrite, and goes there. */
    private GuestText loadText(Assembler code) throws Exception {
        load(new Assembler().nop());
        byte[] bytes = code.toBytes();
        MemoryFile memory = platform.memory();
        long page = memory.allocate(PAGE);
        memory.put(page, bytes, 0, bytes.length);
        context.addressSpace().map(TEXT, PAGE, page, Mman.PROT_READ | Mman.PROT_EXEC);
        context.registers().rip = TEXT;
        return new GuestText() {
            @Override
            public int read(long address, byte[] destination, int length) {
                memory.get(page + address - TEXT, destination, 0, length);
                return length;
            }

            @Override
            public int write(long address, byte[] source, int length) {
                memory.put(page + address - TEXT, source, 0, length);
                return length;
            }
        };
    }

    /** Runs to a call from a place until the platform has rewritten it. */
    private void heat(GuestText text, int calls) throws Exception {
        for (int i = 0; i < calls; i++) {
            expectSyscall(context, CALL);
            if (context.trap().hotSite) {
                context.patchCallSite(text);
            }
            context.registers().rax = i;
        }
        assertThat(space().sites.count()).isEqualTo(1);
    }

    /** A loop of calls with the number in a move, 7 bytes from its start at TEXT + 16. */
    private static Assembler movingLoop() {
        Assembler a = new Assembler();
        while (a.position() < 16) {
            a.nop();
        }
        Label loop = a.here();
        return a.mov(Reg.RAX, CALL)
                .syscall()
                .movReg(Reg.RBX, Reg.RAX)
                .inc(Reg.R12)
                .jmp(loop);
    }

    /** A loop of calls with the comparison behind it that C libraries have. */
    private static Assembler comparingLoop() {
        Assembler a = new Assembler();
        Label loop = a.here();
        Label failed = new Label();
        a.movReg(Reg.RAX, Reg.R13);
        a.syscall().db(0x48).db(0x3d).dd(-4095).jcc(Assembler.ABOVE_EQUAL, failed);
        a.movReg(Reg.RBX, Reg.RAX).inc(Reg.R12).jmp(loop);
        a.bind(failed);
        return a.mov(Reg.R14, 1).inc(Reg.R12).jmp(loop);
    }

    @Test
    void patchedMoveFormBehavesAsTheCall() throws Exception {
        GuestText text = loadText(movingLoop());
        heat(text, 100);
        Registers r = context.registers();
        r.rax = 0x123456789abcL;
        r.rdi = 77;
        r.eflags |= 1;
        long back = r.rip;
        assertThat(back).isEqualTo(TEXT + 16 + 7);
        expectSyscall(context, CALL);
        assertThat(r.rbx).isEqualTo(0x123456789abcL);
        assertThat(r.rdi).isEqualTo(77);
        assertThat(r.rip).isEqualTo(back);
        assertThat(r.rcx).isEqualTo(back);
        assertThat(r.r11).isEqualTo(r.eflags);
        assertThat(r.r12).isEqualTo(100);
        r.rip -= 2; // a restart of the call, as for a signal
        r.rax = CALL;
        expectSyscall(context, CALL);
        assertThat(r.rip).isEqualTo(back);
        assertThat(r.r12).isEqualTo(100);
    }

    @Test
    void patchedComparingFormBehavesAsTheCall() throws Exception {
        Assembler code = comparingLoop();
        context.registers().r13 = CALL;
        GuestText text = loadText(code);
        context.registers().r13 = CALL;
        heat(text, 100);
        Registers r = context.registers();
        r.rax = -5;
        expectSyscall(context, CALL);
        assertThat(r.r14).isEqualTo(1);
        long back = r.rip;
        r.rax = 42;
        r.r15 = 15; // not the short way back
        expectSyscall(context, CALL);
        assertThat(r.rbx).isEqualTo(42);
        assertThat(r.rip).isEqualTo(back);
        assertThat(r.r15).isEqualTo(15);
    }

    @Test
    void patchedSiteIsStepped() throws Exception {
        GuestText text = loadText(movingLoop());
        heat(text, 100);
        Registers r = context.registers();
        r.rip = TEXT + 16;
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.STEP);
        assertThat(r.rip).isEqualTo(TEXT + 16 + 5);
        assertThat(r.rax).isEqualTo(CALL);
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.SYSCALL);
        r.rax = 9;
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.STEP);
        assertThat(r.rbx).isEqualTo(9);
    }

    @Test
    void patchedCallKeepsVectorStateAndTlsAndForks() throws Exception {
        GuestText text = loadText(movingLoop());
        context.registers().fsBase = 0x5000_0000;
        heat(text, 100);
        byte[] state = new byte[context.vectorStateSize()];
        context.saveVectorState(state);
        state[160] = 0x33; // xmm0
        state[512] |= 2;
        context.restoreVectorState(state, state.length);
        expectSyscall(context, CALL);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                expectSyscall(child, CALL);
                byte[] childState = new byte[child.vectorStateSize()];
                child.saveVectorState(childState);
                assertThat(childState[160]).isEqualTo((byte) 0x33);
                assertThat(child.registers().fsBase).isEqualTo(0x5000_0000);
                expectSyscall(child, CALL);
            }
            return 0;
        });
        assertThat(context.registers().fsBase).isEqualTo(0x5000_0000);
        context.registers().gsBase = 0x7000_0000; // the guest's own
        expectSyscall(context, CALL);
        assertThat(context.registers().gsBase).isEqualTo(0x7000_0000);
        expectSyscall(context, CALL);
        assertThat(context.registers().rip).isEqualTo(TEXT + 16 + 7);
    }

    @Test
    void patchedLoopIsInterrupted() throws Exception {
        GuestText text = loadText(movingLoop());
        heat(text, 100);
        for (int i = 0; i < 200; i++) {
            context.registers().rax = 0;
            Thread other = new Thread(context::interrupt);
            other.start();
            int calls = 0;
            context.run();
            while (context.trap().kind == Trap.Kind.SYSCALL) {
                context.registers().rax = calls++;
                context.run();
            }
            assertThat(context.trap().kind).isEqualTo(Trap.Kind.INTERRUPT);
            other.join();
        }
    }

    @Test
    void publishedIdsAreAnsweredByTheStub() throws Exception {
        Assembler a = new Assembler();
        Label loop = a.here();
        a.mov(Reg.RAX, Sys.GETPID).syscall().movReg(Reg.RBX, Reg.RAX);
        a.movReg(Reg.RAX, Reg.R13).syscall().inc(Reg.R12).jmp(loop);
        GuestText text = loadText(a);
        Registers r = context.registers();
        r.r13 = CALL;
        for (int i = 0; i < 100; i++) {
            expectSyscall(context, Sys.GETPID);
            if (context.trap().hotSite) {
                context.patchCallSite(text);
            }
            r.rax = 5;
            expectSyscall(context, CALL);
            assertThat(r.rbx).isEqualTo(5);
        }
        context.publishIds(77, 78);
        r.eflags |= 1;
        expectSyscall(context, CALL); // on the way to the next getpid
        assertThat(r.rbx).isEqualTo(77);
        expectSyscall(context, CALL);
        r.gsBase = 0x7000_0000; // the guest's own
        expectSyscall(context, Sys.GETPID);
        r.gsBase = 0;
        expectSyscall(context, CALL);
        Thread other = new Thread(context::interrupt);
        r.r13 = Sys.GETPID; // a call that is not patched
        other.start();
        while (context.trap().kind != Trap.Kind.INTERRUPT) {
            context.run();
        }
        other.join();
        context.publishIds(0, 0);
        context.run();
        assertThat(r.syscallNumber()).isEqualTo(Sys.GETPID);
    }

    @Test
    void stubHasNothingButItsOwnPages() throws Exception {
        List<String> maps = Files.readAllLines(Path.of("/proc/" + tgid() + "/maps"));
        maps.removeIf(line -> line.contains("[vsyscall]"));
        assertThat(maps).hasSize(3);
        assertThat(maps.get(0)).contains(" r-xp ").contains("jvisor-stub");
        assertThat(maps.get(1)).contains(" r--s ").contains("jvisor-ctl");
        assertThat(maps.get(2)).contains(" rw-s ").contains("jvisor-ctx");
        assertThat(Files.readString(Path.of("/proc/" + tgid() + "/status")))
                .contains("Seccomp:\t2")
                .contains("NoNewPrivs:\t1")
                .contains("CapEff:\t0000000000000000");
    }

    /** Finds the agent's system call instruction that makes what a list says. */
    private static long agentCall(SystrapPlatform platform) {
        byte[] text = platform.code().file;
        // test r15, r15 follows it.
        for (int i = StubCode.PAGE; i < text.length - 5; i++) {
            if (text[i] == 0x0f
                    && text[i + 1] == 0x05
                    && text[i + 2] == 0x4d
                    && text[i + 3] == (byte) 0x85
                    && text[i + 4] == (byte) 0xff) {
                return StubCode.TEXT + i - StubCode.PAGE;
            }
        }
        throw new AssertionError("no such instruction");
    }

    @Test
    void guestThatJumpsIntoTheAgentsCodeMapsNothing() throws Exception {
        long target = agentCall((SystrapPlatform) platform);
        Assembler a = new Assembler();
        a.mov(Reg.RAX, Sys.MMAP).mov(Reg.RDI, 0xa00000).mov(Reg.RSI, PAGE).mov(Reg.RDX, 3);
        a.mov(Reg.R10, 0x11).mov(Reg.R8, 0).mov(Reg.R9, 0);
        a.mov(Reg.RCX, target).jmpReg(Reg.RCX);
        load(a);
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
        assertThat(Files.readString(Path.of("/proc/" + tgid() + "/maps")))
                .doesNotContain("00a00000-");
    }

    @Test
    void guestThatForgesAHandOverEndsOnlyItself() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        long slot = StubCode.CONTEXTS; // of the first thread: of the parent
        Assembler a = new Assembler();
        a.mov(Reg.RBX, slot).mov(Reg.RAX, -1);
        a.store(Reg.RBX, Block.FRAME, Reg.RAX).store(Reg.RBX, Block.INFO, Reg.RAX);
        a.mov(Reg.RAX, Block.KIND_SIGNAL).store32(Reg.RBX, Block.KIND, Reg.RAX);
        a.mov(Reg.RAX, 2).store32(Reg.RBX, Block.STATE, Reg.RAX);
        Label loop = a.here();
        a.jmp(loop);
        load(a);
        assertThatThrownBy(() -> context.run()).isInstanceOf(ContextLostException.class);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                expectSyscall(child, 1001);
            }
            return 0;
        });
    }

    @Test
    void slotOfTheParentIsNotTheChilds() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RAX, CALL).syscall();
        a.mov(Reg.RBX, StubCode.CONTEXTS).load(Reg.RAX, Reg.RBX, 0);
        load(a);
        expectSyscall(context, CALL);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                child.run();
                assertThat(child.trap().kind).isEqualTo(Trap.Kind.FAULT);
                assertThat(child.trap().address).isEqualTo(StubCode.CONTEXTS);
            }
            return 0;
        });
    }

    @Test
    void killedStubIsALostContextAndSignalsFromOutsideMeanNothing() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        HostProcess.kill(tgid(), Signals.SIGTERM);
        HostProcess.kill(tgid(), Signals.SIGSEGV);
        expectSyscall(context, 1001);
        HostProcess.kill(tgid(), Signals.SIGKILL);
        assertThatThrownBy(() -> {
                    context.run();
                    context.run();
                })
                .isInstanceOf(ContextLostException.class);
    }

    @Test
    void threadsThatComeAndGoLeaveNothingBehind() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        for (int round = 0; round < 3; round++) {
            GuestContext.Seed[] seeds = new GuestContext.Seed[20];
            for (int i = 0; i < seeds.length; i++) {
                seeds[i] = context.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
            }
            for (GuestContext.Seed seed : seeds) {
                onNewThread(() -> {
                    try (GuestContext child = seed.attach()) {
                        child.run();
                        assertThat(child.trap().kind).isEqualTo(Trap.Kind.SYSCALL);
                    }
                    return 0;
                });
            }
        }
        try (var tasks = Files.list(Path.of("/proc/" + tgid() + "/task"))) {
            assertThat(tasks.count()).isLessThan(20); // the agent, ours, those kept for later
        }
    }
}
