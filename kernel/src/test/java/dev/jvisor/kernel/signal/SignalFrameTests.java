// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SA_NODEFER;
import static dev.jvisor.platform.abi.Signals.SA_ONSTACK;
import static dev.jvisor.platform.abi.Signals.SA_RESETHAND;
import static dev.jvisor.platform.abi.Signals.SA_RESTART;
import static dev.jvisor.platform.abi.Signals.SA_SIGINFO;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGUSR1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** Frames; offsets are those of glibc's ucontext_t and struct _fpstate on x86-64. */
class SignalFrameTests extends SignalTestCase {

    private static final int UC = 8;
    private static final int GREGS = UC + 40;
    private static final int FPREGS = UC + 224;
    private static final int SIGMASK = UC + 296;
    private static final int INFO = UC + 304;
    private static final long MAGIC1 = 0x46505853;
    private static final int MAGIC2 = 0x46505845;

    private void fillRegisters(long seed) {
        Random random = new Random(seed);
        Registers r = context.registers();
        r.r8 = random.nextLong();
        r.r9 = random.nextLong();
        r.r10 = random.nextLong();
        r.r11 = random.nextLong();
        r.r12 = random.nextLong();
        r.r13 = random.nextLong();
        r.r14 = random.nextLong();
        r.r15 = random.nextLong();
        r.rdi = random.nextLong();
        r.rsi = random.nextLong();
        r.rbp = random.nextLong();
        r.rbx = random.nextLong();
        r.rdx = random.nextLong();
        r.rax = random.nextLong();
        r.rcx = random.nextLong();
        r.rip = 0x400123;
        r.eflags = 0x246;
        r.cs = 0x33;
        r.ss = 0x2b;
        random.nextBytes(context.vector);
        for (int i = 464; i < 576; i++) {
            context.vector[i] = 0; // software bytes and header
        }
        context.vector[512] = 7;
    }

    private byte[] frame() throws ErrnoException {
        byte[] b = new byte[INFO + SigInfo.SIZE];
        task.memory().copyIn(context.registers().rsp, b, 0, b.length);
        return b;
    }

    @Test
    void handlerStartsWithItsArguments() throws ErrnoException {
        catchSignal(SIGUSR1, SA_SIGINFO);
        fillRegisters(1);
        long before = context.registers().rsp;
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        Registers r = context.registers();
        assertThat(r.rip).isEqualTo(HANDLER);
        assertThat(r.rdi).isEqualTo(SIGUSR1);
        assertThat(r.rsi).isEqualTo(r.rsp + INFO);
        assertThat(r.rdx).isEqualTo(r.rsp + UC);
        assertThat(r.rax).isZero();
        assertThat(r.rsp % 16).isEqualTo(8);
        assertThat(r.rsp).isLessThan(before - 128 - RecordedContext.VECTOR_SIZE);
        assertThat(task.memory().getLong(r.rsp)).isEqualTo(RESTORER);
        assertThat(state().blocked()).isEqualTo(SignalSet.bit(SIGUSR1));
    }

    @Test
    void frameHasTheLayoutOfTheCLibrary() throws ErrnoException {
        catchSignal(SIGUSR1, SA_SIGINFO);
        state().setBlocked(SignalSet.bit(5));
        fillRegisters(2);
        Registers old = new Registers();
        old.copyFrom(context.registers());
        byte[] vector = context.vector.clone();
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        byte[] b = frame();
        long[] expected = {
            old.r8,
            old.r9,
            old.r10,
            old.r11,
            old.r12,
            old.r13,
            old.r14,
            old.r15,
            old.rdi,
            old.rsi,
            old.rbp,
            old.rbx,
            old.rdx,
            old.rax,
            old.rcx,
            old.rsp,
            old.rip,
            old.eflags,
        };
        for (int i = 0; i < expected.length; i++) {
            assertThat(LittleEndian.getLong(b, GREGS + 8 * i))
                    .as("greg " + i)
                    .isEqualTo(expected[i]);
        }
        assertThat(LittleEndian.getUnsignedShort(b, GREGS + 8 * 18)).isEqualTo(0x33);
        assertThat(LittleEndian.getLong(b, SIGMASK)).isEqualTo(SignalSet.bit(5));
        assertThat(LittleEndian.getInt(b, INFO)).isEqualTo(SIGUSR1);
        long state = LittleEndian.getLong(b, FPREGS);
        assertThat(state % 64).isZero();
        byte[] saved = new byte[RecordedContext.VECTOR_SIZE + 4];
        task.memory().copyIn(state, saved, 0, saved.length);
        assertThat(LittleEndian.getInt(saved, 464) & 0xffffffffL).isEqualTo(MAGIC1);
        assertThat(LittleEndian.getInt(saved, 468)).isEqualTo(saved.length);
        assertThat(LittleEndian.getLong(saved, 472)).isEqualTo(RecordedContext.VECTOR_FEATURES);
        assertThat(LittleEndian.getInt(saved, 480)).isEqualTo(RecordedContext.VECTOR_SIZE);
        assertThat(LittleEndian.getInt(saved, RecordedContext.VECTOR_SIZE)).isEqualTo(MAGIC2);
        for (int i = 0; i < 464; i++) {
            assertThat(saved[i]).isEqualTo(vector[i]);
        }
    }

    @Test
    void sigreturnRestoresEverything() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        for (int seed = 0; seed < 50; seed++) {
            fillRegisters(seed);
            state().setBlocked(SignalSet.bit(seed % 60 + 1) & ~SignalSet.bit(SIGUSR1));
            long mask = state().blocked();
            Registers old = new Registers();
            old.copyFrom(context.registers());
            byte[] vector = context.vector.clone();
            send(SIGUSR1);
            SignalDelivery.deliver(task);
            assertThat(context.vector).isNotEqualTo(vector); // initial for the handler
            Registers r = context.registers();
            r.rsp += 8; // the handler returned
            r.rbx = 1;
            r.eflags = 0x202;
            assertThat(SignalFrame.pop(task)).isEqualTo(old.rax);
            assertThat(r).usingRecursiveComparison().ignoringFields("origRax").isEqualTo(old);
            assertThat(context.vector).isEqualTo(vector);
            assertThat(state().blocked()).isEqualTo(mask);
        }
    }

    @Test
    void hostileFrameCannotForgeSelectorsOrFlags() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        fillRegisters(3);
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        Registers r = context.registers();
        long frame = r.rsp;
        task.memory().putLong(frame + GREGS + 8 * 17, -1L); // all flags
        task.memory().putLong(frame + GREGS + 8 * 18, 0x1111_2222_3333_0008L); // kernel selectors
        r.rsp += 8;
        SignalFrame.pop(task);
        assertThat(r.eflags & ~0x50dd5L).isEqualTo(0x246 & ~0x50dd5L); // no IOPL, IF, NT, VM
        assertThat(r.cs).isEqualTo(0x33);
        assertThat(r.ss).isEqualTo(0x2b);
    }

    @Test
    void frameThatCannotBeReadIsFatal() throws ErrnoException {
        context.registers().rsp = 0x10;
        SignalFrame.pop(task);
        SignalDelivery.deliver(task);
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGSEGV);
    }

    @Test
    void stackThatCannotTakeTheFrameIsFatal() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        context.registers().rsp = stack + 100;
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGSEGV);
    }

    @Test
    void alternateStackIsUsedOnceAndChecked() throws ErrnoException {
        long alternate = stack + 1024;
        state().setAltStack(alternate, 8192, 0, context.registers().rsp, 2048);
        catchSignal(SIGUSR1, SA_ONSTACK | SA_NODEFER);
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        long first = context.registers().rsp;
        assertThat(first).isBetween(alternate, alternate + 8192);
        assertThat(state().altStackFlagsFor(first)).isEqualTo(SignalState.SS_ONSTACK);
        send(SIGUSR1);
        SignalDelivery.deliver(task); // nested: goes on below
        assertThat(context.registers().rsp).isLessThan(first).isGreaterThan(alternate);
        context.registers().rsp = alternate + 500;
        send(SIGUSR1);
        SignalDelivery.deliver(task); // does not fit
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGSEGV);
    }

    @Test
    void interruptedCallRestartsOrFailsAsItsErrorSays() throws ErrnoException {
        long eintr = -Errno.EINTR.number;
        assertThat(afterHandler(Errno.ERESTARTSYS, 0)).isEqualTo(eintr);
        assertThat(afterHandler(Errno.ERESTARTSYS, SA_RESTART)).isEqualTo(39);
        assertThat(afterHandler(Errno.ERESTARTNOHAND, SA_RESTART)).isEqualTo(eintr);
        assertThat(afterHandler(Errno.ERESTART_RESTARTBLOCK, SA_RESTART)).isEqualTo(eintr);
        assertThat(afterHandler(Errno.ERESTARTNOINTR, 0)).isEqualTo(39);
        assertThat(afterHandler(Errno.EAGAIN, SA_RESTART)).isEqualTo(-Errno.EAGAIN.number);
    }

    /** What the frame keeps of rax, for a call with number 39; checks rip too. */
    private long afterHandler(Errno error, int flags) throws ErrnoException {
        catchSignal(SIGUSR1, flags);
        Registers r = context.registers();
        r.rsp = stack + STACK_SIZE / 2;
        r.rip = 0x400102;
        r.origRax = 39;
        r.rax = -error.number;
        state().setBlocked(0);
        send(SIGUSR1);
        SignalDelivery.deliver(task);
        byte[] b = frame();
        long rax = LittleEndian.getLong(b, GREGS + 8 * 13);
        assertThat(LittleEndian.getLong(b, GREGS + 8 * 16))
                .isEqualTo(rax == 39 ? 0x400100 : 0x400102);
        return rax;
    }

    @Test
    void callRestartsWhenNoHandlerRuns() {
        Registers r = context.registers();
        for (Errno error : new Errno[] {
            Errno.ERESTARTSYS, Errno.ERESTARTNOHAND, Errno.ERESTARTNOINTR,
        }) {
            r.rip = 0x400102;
            r.origRax = 39;
            r.rax = -error.number;
            SignalDelivery.deliver(task);
            assertThat(r.rax).isEqualTo(39);
            assertThat(r.rip).isEqualTo(0x400100);
        }
        r.rip = 0x400102;
        r.origRax = 39;
        r.rax = -Errno.ERESTART_RESTARTBLOCK.number;
        SignalDelivery.deliver(task);
        assertThat(r.rax).isEqualTo(219);
        assertThat(r.rip).isEqualTo(0x400100);
    }

    @Test
    void temporaryMaskEndsWithTheHandler() throws ErrnoException {
        catchSignal(SIGUSR1, SA_RESETHAND);
        state().setBlocked(SignalSet.bit(SIGUSR1));
        send(SIGUSR1);
        assertThat(state().isPending()).isFalse();
        state().setTemporaryMask(SignalSet.bit(3));
        SignalDelivery.deliver(task);
        assertThat(LittleEndian.getLong(frame(), SIGMASK)).isEqualTo(SignalSet.bit(SIGUSR1));
        assertThat(state().blocked()).isEqualTo(SignalSet.bit(SIGUSR1) | SignalSet.bit(3));
        assertThat(group().handlers().get(SIGUSR1).isDefault()).isTrue();
        context.registers().rsp += 8;
        SignalFrame.pop(task);
        assertThat(state().blocked()).isEqualTo(SignalSet.bit(SIGUSR1));
    }
}
