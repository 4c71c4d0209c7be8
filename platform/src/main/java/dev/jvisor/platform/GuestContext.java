// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * The execution context of one guest task: registers, vector state and the address space it runs
 * in.
 *
 * <p>Owned by one Java platform thread; only {@link #interrupt} may be called from others.
 */
public interface GuestContext extends AutoCloseable {

    /** What a child context shares with its parent. */
    enum CloneMode {
        /** A thread: the same address space. */
        SHARE_ADDRESS_SPACE,
        /**
         * A process: a copy of the address space, with every mapping that is in effect or queued
         * now. The copy shows the same pages with the same protection; copy-on-write is the
         * caller's business (queue {@link AddressSpace#protect} before).
         */
        COPY_ADDRESS_SPACE
    }

    /** Returns the address space this context runs in. */
    AddressSpace addressSpace();

    /**
     * Returns the general registers as of the last trap. Changes take effect at the next
     * {@link #run}.
     */
    Registers registers();

    /** Returns what the last {@link #run} ended with; the same object every time. */
    Trap trap();

    /**
     * Runs guest code until it traps, after making queued address space changes take effect.
     *
     * <p>On return {@link #trap} and {@link #registers} describe the stop. After
     * {@link Trap.Kind#SYSCALL} the instruction pointer is behind the system call instruction and
     * the call has not been executed: store the answer in {@code rax} and run again.
     *
     * @throws ErrnoException ENOMEM if queued mappings cannot be made; the context stays usable
     * @throws ContextLostException if the host process behind the context is gone (killed from
     *     outside)
     */
    void run() throws ErrnoException;

    /** As {@link #run}, but stops with {@link Trap.Kind#STEP} after one instruction. */
    void step() throws ErrnoException;

    /**
     * Makes the current or next {@link #run} return soon with {@link Trap.Kind#INTERRUPT}. Any
     * thread may call it, at any time; interrupts do not count, one may answer several calls. Never
     * lost: if the context is not running, the next run returns at once.
     */
    void interrupt();

    /**
     * Prepares a child context; called on this context's thread while it is stopped.
     *
     * <p>The child starts with a copy of all registers, vector and TLS state.
     *
     * @throws ErrnoException EAGAIN, ENOMEM
     */
    Seed cloneContext(CloneMode mode) throws ErrnoException;

    /**
     * Leaves the current address space for a fresh, empty one (execve(2)): general registers zero,
     * vector state initial, TLS bases zero.
     *
     * @throws ErrnoException EAGAIN, ENOMEM; the context is unchanged then
     */
    AddressSpace resetAddressSpace() throws ErrnoException;

    /** Returns the size of {@link #saveVectorState}'s result, in bytes. */
    int vectorStateSize();

    /**
     * Returns which state components the state can have, as XCR0 has it (for {@code struct
     * _fpx_sw_bytes.xfeatures} in a signal frame).
     */
    long vectorStateFeatures();

    /**
     * Writes x87, SSE and AVX state in the XSAVE standard format (Intel SDM vol. 1, 13.4), as
     * {@code struct _xstate} has it without the software bytes.
     *
     * @return bytes written
     */
    int saveVectorState(byte[] buffer);

    /**
     * Loads a state in the format of {@link #saveVectorState}. Reserved bits that a guest may have
     * set are cleared rather than trusted.
     */
    void restoreVectorState(byte[] buffer, int length);

    /** Sets vector state to what a new program starts with. */
    void resetVectorState();

    /**
     * Sets a debug register of the processor (Intel SDM vol. 3, 18.2) for this context.
     *
     * @param index 0 to 3 (addresses), 6 (status), 7 (control)
     * @throws ErrnoException EINVAL, EIO if the platform cannot or the value is not for user code
     */
    default void setDebugRegister(int index, long value) throws ErrnoException {
        throw Errno.EIO.exception();
    }

    /**
     * Reads a debug register.
     *
     * @throws ErrnoException EIO if the platform has none
     */
    default long debugRegister(int index) throws ErrnoException {
        throw Errno.EIO.exception();
    }

    /**
     * Returns the CPU time that the host counts for guest code of this context, in nanoseconds, or
     * -1 if it is not known. Any thread; asks the host.
     */
    default long cpuNanos() {
        return -1;
    }

    /**
     * Lets the platform rewrite the call site that the task is stopped at, so that later calls from
     * there are cheaper. To be called after {@link Trap.Kind#SYSCALL} if {@link Trap#hotSite} is
     * set and nobody looks at the task's every instruction (ptrace).
     */
    default void patchCallSite(GuestText text) {}

    /**
     * Says what getpid(2) and gettid(2) answer, so that the platform may answer them itself; 0 that
     * they have to be asked for. Holds until it is said anew.
     */
    default void publishIds(int processId, int threadId) {}

    /** Releases the context; the address space ends with its last context. */
    @Override
    void close();

    /** A child context that waits for the thread that will own it. */
    interface Seed {

        /**
         * Returns the child, owned by the calling thread from now on.
         *
         * @throws ErrnoException EAGAIN if the host process died meanwhile
         */
        GuestContext attach() throws ErrnoException;

        /** Returns the child's address space; the parent's own one for a thread. */
        AddressSpace addressSpace();

        /** Gives up the child; may be called from any thread instead of {@link #attach}. */
        void discard();
    }
}
