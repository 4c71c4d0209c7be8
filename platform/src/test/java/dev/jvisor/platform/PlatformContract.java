// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.testing.GuestProgram;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What every platform has to do, shown with small guest programs. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SAME_THREAD)
public abstract class PlatformContract {

    protected static final int PAGE = MemoryFile.PAGE_SIZE;
    protected static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    protected static final int R = Mman.PROT_READ;

    protected Platform platform;
    protected GuestContext context;

    protected abstract Platform createPlatform() throws Exception;

    @BeforeEach
    void create() throws Exception {
        platform = createPlatform();
        context = platform.newContext();
    }

    @AfterEach
    void end() {
        context.close();
        platform.close();
    }

    /** Runs on a thread of its own, as the tasks of the kernel do. */
    protected interface Body<T> {
        T run() throws Exception;
    }

    protected static <T> T onNewThread(Body<T> body) throws Exception {
        FutureTask<T> task = new FutureTask<>(body::run);
        new Thread(task).start();
        return task.get(30, TimeUnit.SECONDS);
    }

    protected long load(Assembler code) throws ErrnoException {
        return GuestProgram.load(platform, context, code);
    }

    protected static void expectSyscall(GuestContext context, long number) throws ErrnoException {
        context.run();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.SYSCALL);
        assertThat(context.registers().syscallNumber()).isEqualTo(number);
    }

    protected void expectFault(int signal, int code) throws ErrnoException {
        context.run();
        Trap trap = context.trap();
        assertThat(trap.kind).isEqualTo(Trap.Kind.FAULT);
        assertThat(trap.signal).isEqualTo(signal);
        assertThat(trap.code).isEqualTo(code);
    }

    /** A program that makes calls 1000, 1001, ... with rbx as first argument. */
    protected static Assembler callLoop() {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, 1000);
        Label loop = a.here();
        a.movReg(Reg.RAX, Reg.RBX)
                .movReg(Reg.RDI, Reg.RBX)
                .inc(Reg.RBX)
                .syscall()
                .jmp(loop);
        return a;
    }

    // System calls and registers.

    @Test
    void systemCallTrapsWithArgumentsAndAnswerArrives() throws ErrnoException {
        Assembler a = new Assembler();
        a.mov(Reg.RAX, 110).mov(Reg.RDI, 1).mov(Reg.RSI, 2).mov(Reg.RDX, 3);
        a.mov(Reg.R10, 4).mov(Reg.R8, 5).mov(Reg.R9, -6).syscall();
        a.movReg(Reg.RBX, Reg.RAX).mov(Reg.RAX, 39).syscall();
        load(a);
        expectSyscall(context, 110);
        Registers r = context.registers();
        assertThat(new long[] {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9})
                .containsExactly(1, 2, 3, 4, 5, -6);
        r.rax = 0x123456789abcdefL;
        expectSyscall(context, 39);
        assertThat(r.rbx).isEqualTo(0x123456789abcdefL);
        assertThat(r.rdi).isEqualTo(1);
    }

    @Test
    void resultThatLooksLikeRestartCodeIsJustAResult() throws ErrnoException {
        Assembler a = new Assembler();
        a.mov(Reg.RAX, 110).syscall();
        a.movReg(Reg.RBX, Reg.RAX).mov(Reg.RAX, 39).syscall();
        load(a);
        for (long result = -516; result <= -511; result++) {
            context.registers().rip = GuestProgram.CODE;
            expectSyscall(context, 110);
            context.registers().rax = result;
            context.interrupt();
            context.run();
            assertThat(context.trap().kind).isEqualTo(Trap.Kind.INTERRUPT);
            expectSyscall(context, 39);
            assertThat(context.registers().rbx).isEqualTo(result);
        }
    }

    @Test
    void allGeneralRegistersCanBeSet() throws ErrnoException {
        load(new Assembler().syscall().nop().syscall());
        Registers r = context.registers();
        r.rax = 110;
        expectSyscall(context, 110);
        r.r15 = 15;
        r.r14 = 14;
        r.r13 = 13;
        r.r12 = 12;
        r.rbp = 6;
        r.rbx = 3;
        r.r10 = 10;
        r.r9 = 9;
        r.r8 = 8;
        r.rax = 39;
        r.rdx = 2;
        r.rsi = 4;
        r.rdi = 5;
        r.fsBase = 0x7000_1000;
        r.gsBase = 0x7000_2000;
        r.eflags |= 1; // carry
        expectSyscall(context, 39);
        assertThat(new long[] {r.r15, r.r14, r.r13, r.r12, r.rbp, r.rbx, r.r10, r.r9, r.r8})
                .containsExactly(15, 14, 13, 12, 6, 3, 10, 9, 8);
        assertThat(new long[] {r.rdx, r.rsi, r.rdi, r.fsBase, r.gsBase, r.eflags & 1})
                .containsExactly(2, 4, 5, 0x7000_1000, 0x7000_2000, 1);
    }

    @Test
    void thirtyTwoBitDoorIsToldApart() throws ErrnoException {
        load(new Assembler().mov(Reg.RAX, 20).int80().mov(Reg.RAX, 39).syscall());
        context.run();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.SYSCALL_COMPAT);
        expectSyscall(context, 39);
    }

    @Test
    void x32NumberIsPassedOn() throws ErrnoException {
        load(new Assembler().mov(Reg.RAX, 0x40000027).syscall());
        expectSyscall(context, 0x40000027);
    }

    // Faults.

    @Test
    void loadFromNowhereIsMaperr() throws ErrnoException {
        load(new Assembler().mov(Reg.RBX, 0x12345678).load(Reg.RAX, Reg.RBX, 0));
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
        assertThat(context.trap().address).isEqualTo(0x12345678);
    }

    @Test
    void storeToCodeIsAccerr() throws ErrnoException {
        load(new Assembler().mov(Reg.RBX, GuestProgram.CODE).store(Reg.RBX, 8, Reg.RAX));
        expectFault(Signals.SIGSEGV, Signals.SEGV_ACCERR);
        assertThat(context.trap().address).isEqualTo(GuestProgram.CODE + 8);
    }

    @Test
    void nonCanonicalAddressIsAProtectionFault() throws ErrnoException {
        load(new Assembler().mov(Reg.RBX, 0x8000_0000_0000_0000L).load(Reg.RAX, Reg.RBX, 0));
        expectFault(Signals.SIGSEGV, Signals.SI_KERNEL);
    }

    @Test
    void faultIsRestartable() throws ErrnoException {
        load(new Assembler()
                .mov(Reg.RBX, 0x700000)
                .load(Reg.RDI, Reg.RBX, 8)
                .mov(Reg.RAX, 39)
                .syscall());
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
        long page = platform.memory().allocate(PAGE);
        platform.memory().putLong(page + 8, 4711);
        context.addressSpace().map(0x700000, PAGE, page, R);
        expectSyscall(context, 39);
        assertThat(context.registers().rdi).isEqualTo(4711);
    }

    @Test
    void divisionByZeroIsIntdiv() throws ErrnoException {
        load(new Assembler().mov(Reg.RCX, 0).idiv(Reg.RCX));
        expectFault(Signals.SIGFPE, Signals.FPE_INTDIV);
        assertThat(context.trap().address).isEqualTo(context.registers().rip);
    }

    @Test
    void undefinedInstructionIsIllopn() throws ErrnoException {
        load(new Assembler().nop().ud2());
        expectFault(Signals.SIGILL, Signals.ILL_ILLOPN);
        assertThat(context.trap().address).isEqualTo(GuestProgram.CODE + 1);
    }

    @Test
    void breakpointIsSigtrapBehindTheInstruction() throws ErrnoException {
        load(new Assembler().int3());
        expectFault(Signals.SIGTRAP, Signals.SI_KERNEL);
        assertThat(context.registers().rip).isEqualTo(GuestProgram.CODE + 1);
    }

    @Test
    void unalignedStackAccessWithAlignmentCheckIsSigbus() throws ErrnoException {
        load(new Assembler().load(Reg.RAX, Reg.RSP, -15));
        context.registers().eflags |= 1 << 18;
        expectFault(Signals.SIGBUS, Signals.BUS_ADRALN);
    }

    // Mappings.

    @Test
    void guestAndSentrySeeTheSameBytes() throws ErrnoException {
        long data = load(new Assembler()
                .mov(Reg.RBX, GuestProgram.DATA)
                .load(Reg.RAX, Reg.RBX, 0)
                .store(Reg.RBX, 8, Reg.RAX)
                .mov(Reg.RAX, 39)
                .syscall());
        platform.memory().putLong(data, 0x1122334455667788L);
        expectSyscall(context, 39);
        assertThat(platform.memory().getLong(data + 8)).isEqualTo(0x1122334455667788L);
    }

    @Test
    void unmappedPageFaultsAndProtectedPageRefusesStores() throws ErrnoException {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, GuestProgram.DATA);
        Label loop = a.here();
        a.store(Reg.RBX, 0, Reg.RBX)
                .load(Reg.RCX, Reg.RBX, 0)
                .mov(Reg.RAX, 39)
                .syscall()
                .jmp(loop);
        load(a);
        expectSyscall(context, 39);
        AddressSpace space = context.addressSpace();
        space.protect(GuestProgram.DATA, PAGE, R);
        assertThat(space.hasPending()).isTrue();
        expectFault(Signals.SIGSEGV, Signals.SEGV_ACCERR);
        assertThat(space.hasPending()).isFalse();
        space.protect(GuestProgram.DATA, PAGE, RW);
        expectSyscall(context, 39);
        space.unmap(GuestProgram.DATA, PAGE);
        space.commit();
        assertThat(space.hasPending()).isFalse();
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
    }

    @Test
    void protectLeavesGapsAlone() throws ErrnoException {
        load(new Assembler().mov(Reg.RBX, 0x700000 + 2 * PAGE).store(Reg.RBX, 0, Reg.RBX));
        long pages = platform.memory().allocate(PAGE);
        AddressSpace space = context.addressSpace();
        space.map(0x700000, PAGE, pages, RW);
        space.map(0x700000 + 2 * PAGE, PAGE, pages, RW);
        space.commit();
        space.protect(0x700000 - PAGE, 10 * PAGE, R);
        expectFault(Signals.SIGSEGV, Signals.SEGV_ACCERR);
    }

    @Test
    void manyQueuedChangesTakeEffectTogether() throws ErrnoException {
        int count = 500;
        Assembler a = new Assembler();
        a.mov(Reg.RBX, 0x10_0000_0000L).mov(Reg.RCX, count).xor32(Reg.RDI, Reg.RDI);
        Label loop = a.here();
        a.load(Reg.RAX, Reg.RBX, 0).db(0x48).db(0x01).db(0xc7); // add rdi, rax
        a.add(Reg.RBX, 2 * PAGE).dec(Reg.RCX).jcc(Assembler.NOT_EQUAL, loop);
        a.mov(Reg.RAX, 39).syscall();
        load(a);
        long pages = platform.memory().allocate(count * (long) PAGE);
        for (int i = 0; i < count; i++) {
            platform.memory().putLong(pages + i * (long) PAGE, i);
            context.addressSpace()
                    .map(0x10_0000_0000L + 2L * i * PAGE, PAGE, pages + i * (long) PAGE, R);
        }
        expectSyscall(context, 39);
        assertThat(context.registers().rdi).isEqualTo(count * (count - 1) / 2);
    }

    @Test
    void commitFromAnotherThreadReachesRunningGuest() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, GuestProgram.DATA);
        Label loop = a.here();
        a.load(Reg.RAX, Reg.RBX, 0).jmp(loop);
        load(a);
        AddressSpace space = context.addressSpace();
        CountDownLatch done = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                Thread.sleep(50);
                space.unmap(GuestProgram.DATA, PAGE);
                space.commit();
                done.countDown();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        other.start();
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void commitWithoutGuestRunningDoesNotBlock() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        AddressSpace space = context.addressSpace();
        space.unmap(GuestProgram.DATA, PAGE);
        onNewThread(() -> {
            space.commit();
            return 0;
        });
        expectSyscall(context, 1001);
    }

    // Interrupt and step.

    @Test
    void interruptStopsEndlessLoop() throws Exception {
        Assembler a = new Assembler();
        Label loop = a.here();
        a.jmp(loop);
        load(a);
        for (int i = 0; i < 20; i++) {
            Thread other = new Thread(() -> context.interrupt());
            other.start();
            context.run();
            assertThat(context.trap().kind).isEqualTo(Trap.Kind.INTERRUPT);
            assertThat(context.registers().rip).isEqualTo(GuestProgram.CODE);
            other.join();
        }
    }

    @Test
    void interruptBeforeRunIsNotLost() throws ErrnoException {
        load(callLoop());
        context.interrupt();
        context.interrupt();
        context.run();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.INTERRUPT);
        expectSyscall(context, 1000);
    }

    @Test
    void stepExecutesOneInstruction() throws ErrnoException {
        load(new Assembler().nop().inc(Reg.RBX).mov(Reg.RAX, 39).syscall());
        Registers r = context.registers();
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.STEP);
        assertThat(r.rip).isEqualTo(GuestProgram.CODE + 1);
        context.step();
        assertThat(r.rbx).isEqualTo(1);
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.STEP);
        context.step();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.SYSCALL);
        assertThat(r.eflags & 0x100).isZero();
    }

    @Test
    void trapFlagOfTheGuestIsAFaultOfTheGuest() throws ErrnoException {
        load(new Assembler().nop().nop());
        context.registers().eflags |= 0x100;
        expectFault(Signals.SIGTRAP, Signals.TRAP_TRACE);
        assertThat(context.registers().rip).isEqualTo(GuestProgram.CODE + 1);
    }

    // Vector state.

    @Test
    void vectorStateIsKeptOverTrapsAndCanBeExchanged() throws ErrnoException {
        Assembler a = new Assembler();
        a.db(0x66).db(0x48).db(0x0f).db(0x6e).db(0xc3); // movq xmm0, rbx
        a.mov(Reg.RAX, 39).syscall();
        a.db(0x66).db(0x48).db(0x0f).db(0x7e).db(0xc7); // movq rdi, xmm0
        a.mov(Reg.RAX, 40).syscall();
        load(a);
        context.registers().rbx = 0x1234567812345678L;
        expectSyscall(context, 39);
        byte[] state = new byte[context.vectorStateSize()];
        assertThat(context.saveVectorState(state)).isEqualTo(state.length);
        assertThat(state[160]).isEqualTo((byte) 0x78); // xmm0
        assertThat(context.vectorStateFeatures() & 3).isEqualTo(3);
        state[160] = 0x11;
        context.restoreVectorState(state, state.length);
        expectSyscall(context, 40);
        assertThat(context.registers().rdi).isEqualTo(0x1234567812345611L);
    }

    @Test
    void madeUpVectorStateIsTamedAndLegacyStateAccepted() throws ErrnoException {
        Assembler a = new Assembler();
        a.db(0x66).db(0x48).db(0x0f).db(0x7e).db(0xc7); // movq rdi, xmm0
        a.mov(Reg.RAX, 40).syscall();
        load(a);
        byte[] state = new byte[context.vectorStateSize()];
        Arrays.fill(state, (byte) 0xff);
        context.restoreVectorState(state, state.length);
        expectSyscall(context, 40);
        assertThat(context.registers().rdi).isEqualTo(-1);

        byte[] legacy = new byte[512];
        legacy[160] = 5;
        context.restoreVectorState(legacy, 512);
        context.registers().rip = GuestProgram.CODE;
        expectSyscall(context, 40);
        assertThat(context.registers().rdi).isEqualTo(5);

        context.resetVectorState();
        context.registers().rip = GuestProgram.CODE;
        expectSyscall(context, 40);
        assertThat(context.registers().rdi).isZero();
        context.saveVectorState(state);
        assertThat(state[24] & 0xff | (state[25] & 0xff) << 8).isEqualTo(0x1f80);
        assertThat(state[0] & 0xff | (state[1] & 0xff) << 8).isEqualTo(0x37f);
    }

    // Hostile registers.

    @Test
    void registersNoProcessorCanHaveBecomeFaults() throws ErrnoException {
        load(callLoop());
        expectSyscall(context, 1000);
        Registers good = new Registers();
        good.copyFrom(context.registers());
        Registers r = context.registers();

        r.rip = 0x8000_0000_0000_0000L;
        expectFault(Signals.SIGSEGV, Signals.SI_KERNEL);
        r.copyFrom(good);
        r.rip = -1;
        context.run();
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.FAULT);
        r.copyFrom(good);
        r.fsBase = 0x8000_0000_0000_0000L;
        expectFault(Signals.SIGSEGV, Signals.SI_KERNEL);
        r.copyFrom(good);
        r.gsBase = -4096;
        expectFault(Signals.SIGSEGV, Signals.SI_KERNEL);
        r.copyFrom(good);
        r.cs = 8;
        expectFault(Signals.SIGSEGV, Signals.SI_KERNEL);
        r.copyFrom(good);
        r.eflags = -1;
        r.cs = 0x10;
        r.ss = 0;
        r.ds = 0xffff;
        r.fs = 0x1234;
        r.sanitize();
        r.eflags &= ~0x40100; // trap flag, alignment check
        expectSyscall(context, 1001);
        r.copyFrom(good);
        expectSyscall(context, 1001);
    }

    // Children.

    @Test
    void threadSharesMemoryAndInheritsState() throws Exception {
        Assembler a = new Assembler();
        a.db(0x66).db(0x48).db(0x0f).db(0x6e).db(0xc3); // movq xmm0, rbx
        a.mov(Reg.RAX, 56).syscall();
        a.mov(Reg.RBX, GuestProgram.DATA);
        a.store(Reg.RBX, 0, Reg.RAX);
        a.db(0x66).db(0x48).db(0x0f).db(0x7e).db(0xc7); // movq rdi, xmm0
        a.mov(Reg.RAX, 39).syscall();
        long data = load(a);
        context.registers().rbx = 0xabcdef;
        context.registers().r12 = 12;
        context.registers().fsBase = 0x5000_0000;
        expectSyscall(context, 56);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
        assertThat(seed.addressSpace()).isSameAs(context.addressSpace());
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                child.registers().rax = 77;
                expectSyscall(child, 39);
                assertThat(child.registers().rdi).isEqualTo(0xabcdef);
                assertThat(child.registers().r12).isEqualTo(12);
                assertThat(child.registers().fsBase).isEqualTo(0x5000_0000);
                assertThat(platform.memory().getLong(data)).isEqualTo(77);
                // Mapped by the child, seen by the parent.
                long page = platform.memory().allocate(PAGE);
                child.addressSpace().map(0x900000, PAGE, page, RW);
                child.addressSpace().commit();
            }
            return 0;
        });
        context.registers().rax = 78;
        expectSyscall(context, 39);
        assertThat(platform.memory().getLong(data)).isEqualTo(78);
    }

    @Test
    void forkCopiesMappingsAndThenTheyPartWays() throws Exception {
        Assembler a = new Assembler();
        a.mov(Reg.RBX, GuestProgram.DATA).mov(Reg.RAX, 57).syscall();
        a.store(Reg.RBX, 0, Reg.RAX).mov(Reg.RAX, 39).syscall();
        a.load(Reg.RDI, Reg.RBX, 0).mov(Reg.RAX, 60).syscall();
        long data = load(a);
        expectSyscall(context, 57);
        long extra = platform.memory().allocate(PAGE);
        context.addressSpace().map(0x900000, PAGE, extra, RW); // queued, must be in the copy
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        assertThat(seed.addressSpace()).isNotSameAs(context.addressSpace());
        long childData = platform.memory().allocate(PAGE);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                child.registers().rax = 5;
                expectSyscall(child, 39);
                assertThat(platform.memory().getLong(data)).isEqualTo(5);
                child.addressSpace().map(GuestProgram.DATA, PAGE, childData, RW);
                expectSyscall(child, 60);
                assertThat(child.registers().rdi).isZero();
                child.addressSpace().protect(0x900000, PAGE, R);
                child.addressSpace().commit();
            }
            return 0;
        });
        context.registers().rax = 6;
        expectSyscall(context, 39);
        assertThat(platform.memory().getLong(data)).isEqualTo(6);
        assertThat(platform.memory().getLong(childData)).isZero();
    }

    @Test
    void discardedSeedsLeaveTheParentAlone() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE).discard();
        GuestContext.Seed thread = context.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
        onNewThread(() -> {
            thread.discard();
            return 0;
        });
        expectSyscall(context, 1001);
    }

    @Test
    void grandchildrenWork() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
        onNewThread(() -> {
            try (GuestContext child = seed.attach()) {
                expectSyscall(child, 1001);
                GuestContext.Seed next =
                        child.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
                onNewThread(() -> {
                    try (GuestContext grandchild = next.attach()) {
                        expectSyscall(grandchild, 1002);
                    }
                    return 0;
                });
                expectSyscall(child, 1002);
            }
            return 0;
        });
        expectSyscall(context, 1001);
    }

    @Test
    void execInPlaceStartsEmpty() throws ErrnoException {
        load(callLoop());
        context.registers().fsBase = 0x1000;
        expectSyscall(context, 1000);
        AddressSpace before = context.addressSpace();
        AddressSpace after = context.resetAddressSpace();
        assertThat(after).isNotSameAs(before).isSameAs(context.addressSpace());
        assertThat(context.registers().rbx).isZero();
        assertThat(context.registers().fsBase).isZero();
        before.unmap(GuestProgram.CODE, PAGE); // the old one has no effect any more
        context.registers().rip = GuestProgram.CODE;
        expectFault(Signals.SIGSEGV, Signals.SEGV_MAPERR);
        load(callLoop());
        expectSyscall(context, 1000);
    }

    @Test
    void execOfOneThreadLeavesTheOthersTheirAddressSpace() throws Exception {
        load(callLoop());
        expectSyscall(context, 1000);
        GuestContext.Seed seed = context.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
        CountDownLatch execDone = new CountDownLatch(1);
        CountDownLatch childDone = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try (GuestContext child = seed.attach()) {
                expectSyscall(child, 1001);
                execDone.await();
                expectSyscall(child, 1002);
                childDone.countDown();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        other.start();
        // The first context is the leader of its host process: the harder case.
        context.resetAddressSpace();
        load(callLoop());
        expectSyscall(context, 1000);
        execDone.countDown();
        assertThat(childDone.await(10, TimeUnit.SECONDS)).isTrue();
        other.join();
        expectSyscall(context, 1001);
    }

    @Test
    void processOutlivesItsFirstThread() throws Exception {
        GuestContext.Seed[] seed = new GuestContext.Seed[1];
        onNewThread(() -> {
            try (GuestContext first = platform.newContext()) {
                GuestProgram.load(platform, first, callLoop());
                expectSyscall(first, 1000);
                seed[0] = first.cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
            }
            return 0;
        });
        Thread.sleep(50); // the first thread has ended on the host, too
        onNewThread(() -> {
            try (GuestContext second = seed[0].attach()) {
                expectSyscall(second, 1001);
                second.resetAddressSpace();
                GuestProgram.load(platform, second, callLoop());
                expectSyscall(second, 1000);
            }
            return 0;
        });
    }
}
