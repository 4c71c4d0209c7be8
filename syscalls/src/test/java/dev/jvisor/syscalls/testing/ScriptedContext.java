// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Semaphore;

/**
 * A processor that runs a {@link Guest} on a thread of its own, in turns with its task's thread.
 */
final class ScriptedContext implements GuestContext {

    private final ScriptedPlatform platform;
    private final Registers registers = new Registers();
    private final Trap trap = new Trap();
    private AddressSpace space = new NoAddressSpace();
    private volatile boolean interrupted;
    private Program program;

    /** Guests of the next child and of the next execve; set by the guest before the call. */
    volatile @Nullable Guest nextChild;

    volatile @Nullable Guest nextProgram;

    ScriptedContext(ScriptedPlatform platform, Guest guest) {
        this.platform = platform;
        this.program = new Program(guest);
    }

    /** One guest's thread and whose turn it is. */
    private final class Program implements Runnable {
        private final Guest guest;
        private final Semaphore guestTurn = new Semaphore(0);
        private final Semaphore sentryTurn = new Semaphore(0);
        private volatile boolean gone;
        private boolean started;

        Program(Guest guest) {
            this.guest = guest;
        }

        void resume() {
            if (!started) {
                started = true;
                Thread thread = new Thread(this, "guest");
                thread.setDaemon(true);
                thread.start();
            }
            guestTurn.release();
            sentryTurn.acquireUninterruptibly();
        }

        void end() {
            gone = true;
            guestTurn.release();
        }

        /** On the guest's thread: traps, and waits until it may go on. */
        void trap(Trap.Kind kind) {
            trap.kind = kind;
            sentryTurn.release();
            await();
        }

        private void await() {
            guestTurn.acquireUninterruptibly();
            if (gone) {
                throw new GuestGone();
            }
        }

        @Override
        public void run() {
            Cpu cpu = new Cpu(ScriptedContext.this, this::trap);
            try {
                await();
                int status = 0;
                try {
                    guest.run(cpu);
                } catch (GuestGone end) {
                    throw end;
                } catch (Throwable t) {
                    platform.failed(t);
                    status = 99;
                }
                cpu.exitGroup(status);
            } catch (GuestGone end) {
                // The task left this program.
            }
        }
    }

    /** Unwinds a guest's thread whose task has gone. */
    private static final class GuestGone extends Error {
        private static final long serialVersionUID = 1L;

        GuestGone() {
            super("gone", null, false, false);
        }
    }

    @Override
    public AddressSpace addressSpace() {
        return space;
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public Trap trap() {
        return trap;
    }

    @Override
    public void run() {
        if (interrupted) {
            interrupted = false;
            trap.kind = Trap.Kind.INTERRUPT;
            return;
        }
        program.resume();
    }

    @Override
    public void step() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void interrupt() {
        interrupted = true;
    }

    @Override
    public Seed cloneContext(CloneMode mode) {
        Guest guest = nextChild;
        if (guest == null) {
            throw new IllegalStateException("no guest for the child");
        }
        nextChild = null;
        ScriptedContext child = new ScriptedContext(platform, guest);
        child.registers.copyFrom(registers);
        if (mode == CloneMode.SHARE_ADDRESS_SPACE) {
            child.space = space;
        }
        return new Seed() {
            @Override
            public GuestContext attach() {
                return child;
            }

            @Override
            public AddressSpace addressSpace() {
                return child.space;
            }

            @Override
            public void discard() {}
        };
    }

    @Override
    public AddressSpace resetAddressSpace() {
        Guest guest = nextProgram;
        if (guest == null) {
            throw new IllegalStateException("no guest for the program");
        }
        nextProgram = null;
        program.end();
        program = new Program(guest);
        registers.copyFrom(new Registers());
        space = new NoAddressSpace();
        return space;
    }

    @Override
    public int vectorStateSize() {
        return 576;
    }

    @Override
    public long vectorStateFeatures() {
        return 3;
    }

    @Override
    public int saveVectorState(byte[] buffer) {
        return 576;
    }

    @Override
    public void restoreVectorState(byte[] buffer, int length) {}

    @Override
    public void resetVectorState() {}

    @Override
    public void close() {
        program.end();
    }
}
