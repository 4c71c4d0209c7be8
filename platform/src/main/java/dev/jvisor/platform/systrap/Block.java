// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

/**
 * What a stub thread and the Sentry share: a slot of the context file, mapped at
 * {@link StubCode#CONTEXTS} plus its offset in the file. Offsets are in bytes from the slot's
 * start.
 *
 * <pre>
 *   0x0000  words of the hand-over, general registers
 *   0x1000  vector state, when it is not in a signal frame
 *   0x4000  alternate signal stack, up to the slot's end
 * </pre>
 *
 * Guest code can write all of it, so what the Sentry reads here says as much as a register of the
 * guest and no more.
 */
final class Block {

    static final int SLOT_SIZE = 0x8000;

    /**
     * Who runs ({@link dev.jvisor.platform.host.Handover}); also the word of CLONE_CHILD_CLEARTID.
     */
    static final int STATE = 0x00;

    /** Why the stub stopped: {@link #KIND_SIGNAL} and so on. */
    static final int KIND = 0x04;

    /** Signal number, for KIND_SIGNAL and KIND_RESTORE. */
    static final int SIGNAL = 0x08;

    /** Set by who wants the stub to stop; looked at before guest code is entered. */
    static final int KICK = 0x0c;

    /** Address of the {@code ucontext_t}. */
    static final int FRAME = 0x10;

    /** Address of the {@code siginfo_t}. */
    static final int INFO = 0x18;

    /** Address of the general registers that are restored. */
    static final int GENERAL = 0x20;

    /** Address of the vector state that is restored; 0: it is in the processor. */
    static final int VECTOR = 0x28;

    static final int FS_BASE = 0x30;
    static final int GS_BASE = 0x38;

    /** What the stub does when it is resumed: {@link #COMMAND_FAST} and so on. */
    static final int COMMAND = 0x40;

    /** How often the stub looks at STATE before it sleeps. */
    static final int SPINS = 0x44;

    /** Of a patched call: where to go on. */
    static final int RESUME = 0x48;

    /** Address of the top of the stack that a patched call uses. */
    static final int STACK = 0x58;

    /** {@code stack_t} of the alternate signal stack, for the thread's start. */
    static final int SIGNAL_STACK = 0x60;

    /** General registers when they are not in a signal frame; {@link GeneralRegisters}. */
    static final int REGISTERS = 0x80;

    /** Answers to getpid(2) and gettid(2) that a patched call gives by itself; 0: it must ask. */
    static final int PROCESS_ID = 0x140;

    static final int THREAD_ID = 0x148;

    static final int VECTOR_AREA = 0x1000;
    static final int VECTOR_AREA_SIZE = 0x3000;
    static final int STACK_START = 0x4000;

    /** A thread starts, and patched calls run, that far below the end of the slot. */
    static final int STACK_TOP = SLOT_SIZE - 64;

    /** A signal frame is at FRAME. */
    static final int KIND_SIGNAL = 1;

    /** A patched call; registers are at REGISTERS, vector state is in the processor. */
    static final int KIND_CALL = 2;

    /** Interrupted while it restored registers: nothing was lost, nothing of the guest has run. */
    static final int KIND_RESTORE = 3;

    /** Go on behind a patched call; only rax, rcx, r11 and flags may have changed. */
    static final int COMMAND_FAST = 0;

    /** Restore all registers from GENERAL, vector state from VECTOR. */
    static final int COMMAND_RESTORE = 1;

    /** End the thread. */
    static final int COMMAND_EXIT = 2;

    /** Store vector state at VECTOR_AREA and stop again. */
    static final int COMMAND_SAVE_VECTOR = 3;

    /** As COMMAND_RESTORE; nothing on the signal stack is needed any more. */
    static final int COMMAND_RESTORE_AFRESH = 4;

    private Block() {}
}
