// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.ptrace.TraceRequest;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/** Registers of a stopped tracee that only its own thread can reach: vector state and debug. */
final class TraceeExtra {

    /** {@code struct user_fpregs_struct}: the legacy area of the XSAVE format, in bytes. */
    static final int FPREGS_SIZE = 512;

    /** Where the XSAVE image tells XCR0 (Linux: {@code sw_reserved}). */
    private static final int XCR0_OFFSET = 464;

    private static final int XSTATE_BV = 512;
    private static final long X87_SSE = 3;

    private TraceeExtra() {}

    /** Reads the whole vector state in the XSAVE standard format, XCR0 at byte 464. */
    static byte[] vectorState(Task tracer, Task tracee) throws ErrnoException {
        GetVectorState request = new GetVectorState(tracer);
        TraceLinks.ask(tracer, tracee, request);
        return request.state;
    }

    /** Sets the whole vector state. */
    static void setVectorState(Task tracer, Task tracee, byte[] state) throws ErrnoException {
        TraceLinks.ask(tracer, tracee, new SetVectorState(tracer, state, false));
    }

    /** Sets x87 and SSE state, {@link #FPREGS_SIZE} bytes. */
    static void setLegacyState(Task tracer, Task tracee, byte[] state) throws ErrnoException {
        TraceLinks.ask(tracer, tracee, new SetVectorState(tracer, state, true));
    }

    static long debugRegister(Task tracer, Task tracee, int index) throws ErrnoException {
        DebugRegister request = new DebugRegister(tracer, index, 0, false);
        TraceLinks.ask(tracer, tracee, request);
        return request.failed ? 0 : request.value;
    }

    /** Sets one; EINVAL if the platform cannot, or not to this value. */
    static void setDebugRegister(Task tracer, Task tracee, int index, long value)
            throws ErrnoException {
        DebugRegister request = new DebugRegister(tracer, index, value, true);
        TraceLinks.ask(tracer, tracee, request);
        if (request.failed) {
            throw Errno.EINVAL.exception();
        }
    }

    private static final class GetVectorState extends TraceRequest {
        private byte[] state = new byte[0];

        GetVectorState(Task caller) {
            super(caller);
        }

        @Override
        protected void serve(Task tracee) {
            GuestContext context = tracee.context();
            byte[] buffer = new byte[Math.max(FPREGS_SIZE, context.vectorStateSize())];
            context.saveVectorState(buffer);
            LittleEndian.putLong(buffer, XCR0_OFFSET, context.vectorStateFeatures());
            state = buffer;
        }
    }

    private static final class SetVectorState extends TraceRequest {
        private final byte[] state;
        private final boolean legacy;

        SetVectorState(Task caller, byte[] state, boolean legacy) {
            super(caller);
            this.state = state;
            this.legacy = legacy;
        }

        @Override
        protected void serve(Task tracee) {
            GuestContext context = tracee.context();
            if (!legacy) {
                context.restoreVectorState(state, state.length);
                return;
            }
            byte[] all = new byte[Math.max(FPREGS_SIZE, context.vectorStateSize())];
            context.saveVectorState(all);
            System.arraycopy(state, 0, all, 0, FPREGS_SIZE);
            if (all.length >= XSTATE_BV + Long.BYTES) {
                long components = LittleEndian.getLong(all, XSTATE_BV);
                LittleEndian.putLong(all, XSTATE_BV, components | X87_SSE);
            }
            context.restoreVectorState(all, all.length);
        }
    }

    private static final class DebugRegister extends TraceRequest {
        private final int index;
        private final boolean write;
        private long value;
        private boolean failed;

        DebugRegister(Task caller, int index, long value, boolean write) {
            super(caller);
            this.index = index;
            this.value = value;
            this.write = write;
        }

        @Override
        protected void serve(Task tracee) {
            try {
                if (write) {
                    tracee.context().setDebugRegister(index, value);
                } else {
                    value = tracee.context().debugRegister(index);
                }
            } catch (ErrnoException e) {
                failed = true;
            }
        }
    }
}
