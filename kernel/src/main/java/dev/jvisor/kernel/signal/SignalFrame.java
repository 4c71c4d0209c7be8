// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.FP_XSTATE_MAGIC1;
import static dev.jvisor.platform.abi.Signals.FP_XSTATE_MAGIC2;
import static dev.jvisor.platform.abi.Signals.MINSIGSTKSZ;
import static dev.jvisor.platform.abi.Signals.SA_ONSTACK;
import static dev.jvisor.platform.abi.Signals.SA_RESTORER;
import static dev.jvisor.platform.abi.Signals.SA_SIGINFO;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import java.util.Arrays;

/**
 * The frame that a signal handler finds on its stack, and the way back through rt_sigreturn(2)
 * (Linux: {@code struct rt_sigframe}, arch/x86/kernel/signal_64.c and fpu/signal.c).
 *
 * <pre>
 *   below the interrupted stack pointer, or the top of the alternate stack:
 *             red zone of the ABI, 128 bytes (not on the alternate stack)
 *             vector state (XSAVE standard format), end mark   aligned to 64
 *   +312      siginfo_t, 128 bytes
 *   +8        ucontext: flags, link, stack_t, sigcontext, mask
 *   rsp +0    return address: the restorer
 * </pre>
 */
public final class SignalFrame {

    private static final int RED_ZONE_SIZE = 128;
    private static final int FRAME_SIZE = 440;
    private static final int FRAME_ALIGNMENT = 16;
    private static final int VECTOR_ALIGNMENT = 64;
    private static final int MAGIC2_SIZE = 4;

    // Offsets in the frame.
    private static final int UC_FLAGS = 8;
    private static final int UC_LINK = 16;
    private static final int UC_STACK = 24;
    private static final int UC_CONTEXT = 48;
    private static final int UC_MASK = 304;
    private static final int INFO = 312;

    /** Offset of {@code uc} itself. */
    private static final int UC = 8;

    // Offsets in struct sigcontext_64.
    private static final int SC_R8 = 0;
    private static final int SC_RDI = 64;
    private static final int SC_RSP = 120;
    private static final int SC_RIP = 128;
    private static final int SC_EFLAGS = 136;
    private static final int SC_CS = 144;
    private static final int SC_SS = 150;
    private static final int SC_ERR = 152;
    private static final int SC_TRAPNO = 160;
    private static final int SC_OLDMASK = 168;
    private static final int SC_CR2 = 176;
    private static final int SC_FPSTATE = 184;

    // Offsets in struct _xstate.
    private static final int FX_SIZE = 512;
    private static final int SW_MAGIC1 = 464;
    private static final int SW_EXTENDED_SIZE = 468;
    private static final int SW_FEATURES = 472;
    private static final int SW_XSTATE_SIZE = 480;
    private static final int SW_SIZE = 48;
    private static final int XSTATE_BV = 512;
    private static final long FEATURES_FP_SSE = 3;

    private static final long UC_FP_XSTATE = 1;
    private static final long UC_SIGCONTEXT_SS = 2;
    private static final long UC_STRICT_RESTORE_SS = 4;

    private static final long USER_CS = 0x33;
    private static final long USER_DS = 0x2b;
    private static final long FLAG_DF = 0x400;
    private static final long FLAG_RF = 0x10000;
    private static final long FLAG_TF = 0x100;

    /** Flags that a frame may change: AC OF DF TF SF ZF AF PF CF RF. */
    private static final long FLAGS_RESTORED = 0x50dd5;

    private SignalFrame() {}

    /** Most stack that a frame takes (AT_MINSIGSTKSZ), in bytes (Linux: max_frame_size). */
    public static int sizeBound(int vectorStateSize) {
        int size = FRAME_SIZE + FRAME_ALIGNMENT + vectorStateSize + MAGIC2_SIZE + VECTOR_ALIGNMENT;
        return Math.max(MINSIGSTKSZ, (size + FRAME_ALIGNMENT - 1) & -FRAME_ALIGNMENT);
    }

    /**
     * Builds a frame and sets the registers to the start of the handler.
     *
     * @return false if the frame cannot be written: the task gets SIGSEGV
     */
    static boolean push(Task task, SigInfo info, SignalAction action) {
        if (!action.has(SA_RESTORER)) {
            return false; // x86-64 has no other way back
        }
        SignalState state = task.signals();
        GuestContext context = task.context();
        Registers r = context.registers();
        int vectorSize = context.vectorStateSize();

        boolean onAltStack = state.isOnAltStack(r.rsp);
        long top = r.rsp - RED_ZONE_SIZE;
        if (action.has(SA_ONSTACK) && state.altStackMode(top) == 0) {
            top = state.altStackAddress() + state.altStackSize();
            onAltStack = true;
        }
        long vectorAt = top - vectorSize - MAGIC2_SIZE & -VECTOR_ALIGNMENT;
        long frameAt = (vectorAt - FRAME_SIZE & -FRAME_ALIGNMENT) - 8;
        if (onAltStack && !state.isWithinAltStack(frameAt)) {
            return false; // does not fit
        }

        int vectorIndex = (int) (vectorAt - frameAt);
        int size = vectorIndex + vectorSize + MAGIC2_SIZE;
        byte[] b = state.frameBuffer(size);
        Arrays.fill(b, 0, vectorIndex, (byte) 0);
        writeContext(b, state, r, vectorAt);
        LittleEndian.putLong(b, 0, action.restorer());
        if (action.has(SA_SIGINFO)) {
            info.write(b, INFO);
        }
        writeVectorState(b, vectorIndex, context, vectorSize);
        try {
            task.memory().copyOut(frameAt, b, 0, size);
        } catch (ErrnoException e) {
            return false;
        }
        r.rdi = info.signal;
        r.rax = 0;
        r.rsi = frameAt + INFO;
        r.rdx = frameAt + UC;
        r.rip = action.handler();
        r.rsp = frameAt;
        r.cs = USER_CS;
        r.ss = USER_DS;
        r.eflags &= ~(FLAG_DF | FLAG_RF | FLAG_TF);
        context.resetVectorState();
        return true;
    }

    private static void writeContext(byte[] b, SignalState state, Registers r, long vectorAt) {
        LittleEndian.putLong(b, UC_FLAGS, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
        LittleEndian.putLong(b, UC_LINK, 0);
        LittleEndian.putLong(b, UC_STACK, state.altStackAddress());
        LittleEndian.putInt(b, UC_STACK + 8, state.altStackFlags());
        LittleEndian.putLong(b, UC_STACK + 16, state.altStackSize());
        LittleEndian.putLong(b, UC_MASK, state.maskToSave());
        writeGeneral(b, UC_CONTEXT, r);
        LittleEndian.putLong(b, UC_CONTEXT + SC_ERR, state.errorCode);
        LittleEndian.putLong(b, UC_CONTEXT + SC_TRAPNO, state.trapNumber);
        LittleEndian.putLong(b, UC_CONTEXT + SC_OLDMASK, state.maskToSave());
        LittleEndian.putLong(b, UC_CONTEXT + SC_CR2, state.faultAddress);
        LittleEndian.putLong(b, UC_CONTEXT + SC_FPSTATE, vectorAt);
    }

    private static void writeGeneral(byte[] b, int at, Registers r) {
        LittleEndian.putLong(b, at + SC_R8, r.r8);
        LittleEndian.putLong(b, at + 8, r.r9);
        LittleEndian.putLong(b, at + 16, r.r10);
        LittleEndian.putLong(b, at + 24, r.r11);
        LittleEndian.putLong(b, at + 32, r.r12);
        LittleEndian.putLong(b, at + 40, r.r13);
        LittleEndian.putLong(b, at + 48, r.r14);
        LittleEndian.putLong(b, at + 56, r.r15);
        LittleEndian.putLong(b, at + SC_RDI, r.rdi);
        LittleEndian.putLong(b, at + 72, r.rsi);
        LittleEndian.putLong(b, at + 80, r.rbp);
        LittleEndian.putLong(b, at + 88, r.rbx);
        LittleEndian.putLong(b, at + 96, r.rdx);
        LittleEndian.putLong(b, at + 104, r.rax);
        LittleEndian.putLong(b, at + 112, r.rcx);
        LittleEndian.putLong(b, at + SC_RSP, r.rsp);
        LittleEndian.putLong(b, at + SC_RIP, r.rip);
        LittleEndian.putLong(b, at + SC_EFLAGS, r.eflags);
        LittleEndian.putShort(b, at + SC_CS, (int) r.cs);
        LittleEndian.putShort(b, at + SC_SS, (int) r.ss);
    }

    /**
     * Vector state with the software bytes that tell a reader what follows the legacy 512 bytes.
     */
    private static void writeVectorState(byte[] b, int at, GuestContext context, int size) {
        byte[] state = new byte[size];
        int length = context.saveVectorState(state);
        System.arraycopy(state, 0, b, at, length);
        Arrays.fill(b, at + length, at + size + MAGIC2_SIZE, (byte) 0);
        Arrays.fill(b, at + SW_MAGIC1, at + SW_MAGIC1 + SW_SIZE, (byte) 0);
        if (size <= FX_SIZE) {
            return;
        }
        long inUse = LittleEndian.getLong(b, at + XSTATE_BV) | FEATURES_FP_SSE;
        LittleEndian.putLong(b, at + XSTATE_BV, inUse);
        LittleEndian.putInt(b, at + SW_MAGIC1, FP_XSTATE_MAGIC1);
        LittleEndian.putInt(b, at + SW_EXTENDED_SIZE, size + MAGIC2_SIZE);
        LittleEndian.putLong(b, at + SW_FEATURES, context.vectorStateFeatures() | inUse);
        LittleEndian.putInt(b, at + SW_XSTATE_SIZE, size);
        LittleEndian.putInt(b, at + size, FP_XSTATE_MAGIC2);
    }

    /**
     * rt_sigreturn(2): restores what the frame at the stack pointer holds. Nothing in it is
     * trusted: selectors are forced to the user's, only harmless flags are taken, and a frame that
     * cannot be read is SIGSEGV.
     *
     * @return what the call leaves in {@code rax}
     */
    public static long pop(Task task) {
        SignalState state = task.signals();
        Registers r = task.context().registers();
        long frameAt = r.rsp - 8;
        task.setRestartBlock(null);
        byte[] b = new byte[INFO];
        try {
            task.memory().copyIn(frameAt, b, 0, INFO);
            state.setBlocked(LittleEndian.getLong(b, UC_MASK));
            readGeneral(b, UC_CONTEXT, r);
            restoreVectorState(task, LittleEndian.getLong(b, UC_CONTEXT + SC_FPSTATE));
            restoreAltStack(state, b, r.rsp);
        } catch (ErrnoException e) {
            SignalDelivery.forceSegv(task, false);
            return r.rax;
        }
        return r.rax;
    }

    private static void readGeneral(byte[] b, int at, Registers r) {
        r.r8 = LittleEndian.getLong(b, at + SC_R8);
        r.r9 = LittleEndian.getLong(b, at + 8);
        r.r10 = LittleEndian.getLong(b, at + 16);
        r.r11 = LittleEndian.getLong(b, at + 24);
        r.r12 = LittleEndian.getLong(b, at + 32);
        r.r13 = LittleEndian.getLong(b, at + 40);
        r.r14 = LittleEndian.getLong(b, at + 48);
        r.r15 = LittleEndian.getLong(b, at + 56);
        r.rdi = LittleEndian.getLong(b, at + SC_RDI);
        r.rsi = LittleEndian.getLong(b, at + 72);
        r.rbp = LittleEndian.getLong(b, at + 80);
        r.rbx = LittleEndian.getLong(b, at + 88);
        r.rdx = LittleEndian.getLong(b, at + 96);
        r.rax = LittleEndian.getLong(b, at + 104);
        r.rcx = LittleEndian.getLong(b, at + 112);
        r.rsp = LittleEndian.getLong(b, at + SC_RSP);
        r.rip = LittleEndian.getLong(b, at + SC_RIP);
        long flags = LittleEndian.getLong(b, at + SC_EFLAGS);
        r.eflags = r.eflags & ~FLAGS_RESTORED | flags & FLAGS_RESTORED;
        r.cs = USER_CS;
        r.ss = USER_DS;
        r.origRax = -1; // no call to restart
    }

    /** Errors of the stack's values are ignored, as Linux does. */
    private static void restoreAltStack(SignalState state, byte[] b, long pointer) {
        try {
            state.setAltStack(
                    LittleEndian.getLong(b, UC_STACK),
                    LittleEndian.getLong(b, UC_STACK + 16),
                    LittleEndian.getInt(b, UC_STACK + 8),
                    pointer,
                    MINSIGSTKSZ);
        } catch (ErrnoException e) {
            // kept as it was
        }
    }

    /** Without valid software bytes only the legacy part is taken, the rest becomes initial. */
    private static void restoreVectorState(Task task, long address) throws ErrnoException {
        GuestContext context = task.context();
        if (address == 0) {
            context.resetVectorState();
            return;
        }
        if ((address & VECTOR_ALIGNMENT - 1) != 0) {
            throw Errno.EFAULT.exception(); // XRSTOR would fault
        }
        int size = context.vectorStateSize();
        byte[] state = new byte[size];
        int legacy = Math.min(size, FX_SIZE);
        task.memory().copyIn(address, state, 0, legacy);
        if (size > FX_SIZE) {
            int stored = storedSize(task, state, address, size);
            if (stored > FX_SIZE) {
                task.memory().copyIn(address + FX_SIZE, state, FX_SIZE, stored - FX_SIZE);
            } else {
                LittleEndian.putLong(state, XSTATE_BV, FEATURES_FP_SSE);
            }
        }
        Arrays.fill(state, SW_MAGIC1, SW_MAGIC1 + SW_SIZE, (byte) 0);
        context.restoreVectorState(state, size);
    }

    /**
     * Size of the state behind valid software bytes; {@link #FX_SIZE} if there is only the legacy
     * part.
     */
    private static int storedSize(Task task, byte[] state, long address, int size)
            throws ErrnoException {
        int stored = LittleEndian.getInt(state, SW_XSTATE_SIZE);
        int extended = LittleEndian.getInt(state, SW_EXTENDED_SIZE);
        if (LittleEndian.getInt(state, SW_MAGIC1) != FP_XSTATE_MAGIC1
                || stored < FX_SIZE + 64
                || stored > size
                || stored > extended
                || task.memory().getInt(address + stored) != FP_XSTATE_MAGIC2) {
            return FX_SIZE;
        }
        return stored;
    }
}
