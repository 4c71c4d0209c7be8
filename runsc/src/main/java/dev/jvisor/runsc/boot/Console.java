// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.host.HostFileDescription;
import dev.jvisor.fs.host.HostStreams;
import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.tty.Pty;
import dev.jvisor.fs.tty.PtyMaster;
import dev.jvisor.fs.tty.Termios;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.HostTty;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;

/**
 * A pseudo-terminal of the sandbox, shown at the user's terminal: what is typed there goes to its
 * master, what the master shows goes there. The user's terminal passes everything through
 * meanwhile: editing, echo and signals are the sandbox's.
 *
 * <p>One thread carries both directions and sleeps while nothing happens.
 */
final class Console implements Runnable, ControllingTerminal.KeyListener {

    /** Acts on keys before the guest does. */
    interface KeySignals {
        /** Whether a signal ended the first process, as the user means it to. */
        boolean endsSandbox(int signal, Pty terminal);
    }

    private static final String PTMX = "/dev/pts/ptmx";
    private static final int BUFFER_BYTES = 4096;
    private static final long STACK_BYTES = 128 * 1024;
    private static final long DRAIN_NANOS = 5_000_000_000L;
    private static final int SIGHUP = 1;
    private static final int SIGTSTP = 20;
    private static final int SIZEOF_WINSIZE = 8;

    private final BootContext context;
    private final PtyMaster master;
    private final FileDescription slave;
    private final @Nullable HostFileDescription input;
    private final @Nullable HostFileDescription output;

    /** Settings of the user's terminal as they were found; null if standard input is none. */
    private final byte @Nullable [] initialSettings;

    private final Thread thread = new Thread(null, this, "console", STACK_BYTES);
    private @Nullable KeySignals keys;
    private volatile boolean ending;
    private volatile boolean ended;

    // Of the thread.
    private final byte[] typed = new byte[BUFFER_BYTES];
    private int typedFrom;
    private int typedTo;
    private final byte[] shown = new byte[BUFFER_BYTES];
    private int shownFrom;
    private int shownTo;
    private boolean inputEnded;
    private boolean outputEnded;

    private Console(BootContext context, byte @Nullable [] windowSize) throws ErrnoException {
        this.context = context;
        int flags = Fcntl.O_RDWR | Fcntl.O_NOCTTY;
        master = (PtyMaster) Vfs.open(context, null, PTMX, flags, 0, 0);
        Pty pty = master.pty();
        pty.setLocked(false);
        slave = Vfs.open(context, null, "/dev/pts/" + pty.index(), flags, 0, 0);
        HostFileDescription[] streams = HostStreams.openPlain(0, 1);
        input = streams[0];
        output = streams[1];
        initialSettings = HostTty.isTty(0) ? new byte[Termios.SIZEOF_TERMIOS] : null;
        if (initialSettings != null) {
            HostTty.get(0, Ioctls.TCGETS, initialSettings);
            pty.setTermios(Termios.decode(initialSettings, false), false);
            updateSize();
        }
        if (windowSize != null) {
            pty.setWindowSize(windowSize);
        }
        pty.setKeyListener(this);
    }

    /**
     * Makes a pseudo-terminal in the devpts at /dev/pts.
     *
     * @param windowSize {@code struct winsize} it has at first, null for the user's
     * @throws ErrnoException if there is no devpts
     */
    static Console open(BootContext context, byte @Nullable [] windowSize) throws ErrnoException {
        return new Console(context, windowSize);
    }

    /** The terminal in the sandbox. */
    Pty terminal() {
        return master.pty();
    }

    /** Its slave, for the first process; the caller's to retain. */
    FileDescription slave() {
        return slave;
    }

    /** Gives the slave to a user. */
    void setOwner(int uid) throws ErrnoException {
        if (slave.path() != null) {
            Vfs.chown(context, slave.path(), uid, -1);
        }
    }

    /** Starts to carry. */
    void start(KeySignals keySignals) {
        keys = keySignals;
        setRaw();
        thread.setDaemon(true);
        thread.start();
    }

    /** Shows what is still to be shown, and gives the user's terminal back. */
    void end() {
        ending = true;
        if (thread.isAlive()) {
            LockSupport.unpark(thread);
            try {
                thread.join(DRAIN_NANOS / 1_000_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        ended = true;
        restore();
    }

    /** The user came back to us from another program. */
    void resumed() {
        if (!ended) {
            setRaw();
            updateSize();
        }
    }

    /** The user's terminal changed its size. */
    void resized() {
        if (initialSettings != null) {
            updateSize();
        }
    }

    private void updateSize() {
        try {
            byte[] size = new byte[SIZEOF_WINSIZE];
            HostTty.get(0, Ioctls.TIOCGWINSZ, size);
            master.pty().setWindowSize(size);
        } catch (ErrnoException e) {
            // No terminal, or it is gone.
        }
    }

    private void setRaw() {
        byte[] before = initialSettings;
        if (before == null) {
            return;
        }
        try {
            byte[] raw = Termios.decode(before, false).raw().encode(before.length);
            HostTty.set(0, Ioctls.TCSETS, raw);
        } catch (ErrnoException e) {
            // The terminal is gone: reading tells.
        }
    }

    private void restore() {
        if (initialSettings == null) {
            return;
        }
        try {
            HostTty.set(0, Ioctls.TCSETS, initialSettings);
        } catch (ErrnoException e) {
            // The terminal is gone.
        }
    }

    // ---- keys ---------------------------------------------------------------------------------

    @Override
    public boolean onKeySignal(int signal) {
        KeySignals k = keys;
        if (k != null && k.endsSandbox(signal, master.pty())) {
            return true;
        }
        if (signal == SIGTSTP && !master.pty().hasJobControl()) {
            suspend();
            return true;
        }
        return false;
    }

    /** ^Z without a shell in the sandbox is for the shell outside. */
    private void suspend() {
        restore();
        HostProcess.kill(HostProcess.getpid(), SIGTSTP);
        resumed();
    }

    // ---- carrying -----------------------------------------------------------------------------

    @Override
    public void run() {
        WaitQueue.Entry[] entries = {
            watch(input, Poll.POLLIN), watch(output, Poll.POLLOUT), watch(master, ~0)
        };
        try {
            while (!outputEnded) {
                boolean moved = show();
                moved |= type();
                if (!moved && ending) {
                    return;
                }
                if (!moved) {
                    LockSupport.park(this);
                }
            }
        } finally {
            unwatch(input, entries[0]);
            unwatch(output, entries[1]);
            unwatch(master, entries[2]);
        }
    }

    private WaitQueue.Entry watch(@Nullable FileDescription file, int mask) {
        WaitQueue.Entry entry = new WaitQueue.Entry() {
            @Override
            protected void wake(int events) {
                LockSupport.unpark(thread);
            }
        };
        entry.mask = mask;
        if (file != null && file.waitQueue() != null) {
            file.waitQueue().add(entry);
        }
        return entry;
    }

    private static void unwatch(@Nullable FileDescription file, WaitQueue.Entry entry) {
        if (file != null && file.waitQueue() != null) {
            file.waitQueue().remove(entry);
        }
    }

    /** From the user to the master; whether anything moved. */
    private boolean type() {
        HostFileDescription from = input;
        if (typedFrom == typedTo && from != null && !inputEnded && !ending) {
            typedFrom = 0;
            typedTo = 0;
            try {
                typedTo = (int) from.read(context, IovIter.of(typed, 0, BUFFER_BYTES));
                if (typedTo == 0) {
                    endInput();
                }
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN) {
                    endInput();
                }
            }
        }
        if (typedFrom == typedTo) {
            return false;
        }
        int n = master.pty().masterWrite(typed, typedFrom, typedTo - typedFrom);
        typedFrom += n;
        return n > 0;
    }

    /** A terminal that ends was hung up; a file that ends says nothing more. */
    private void endInput() {
        inputEnded = true;
        if (initialSettings != null) {
            hangUp();
        }
    }

    private void hangUp() {
        KeySignals k = keys;
        if (k == null || !k.endsSandbox(SIGHUP, master.pty())) {
            master.pty().hangUp();
        }
    }

    /** From the master to the user; whether anything moved. */
    private boolean show() {
        if (shownFrom == shownTo) {
            try {
                shownFrom = 0;
                shownTo = 0;
                shownTo = master.pty().masterRead(shown, 0, BUFFER_BYTES);
            } catch (ErrnoException e) {
                return false; // nothing to show, or nobody there who shows anything
            }
        }
        HostFileDescription to = output;
        if (to == null) {
            shownFrom = shownTo;
            return true;
        }
        try {
            int n = (int) to.write(context, IovIter.of(shown, shownFrom, shownTo - shownFrom));
            shownFrom += n;
            return n > 0;
        } catch (ErrnoException e) {
            if (e.errno != Errno.EAGAIN) {
                outputEnded = true;
                hangUp();
            }
            return false;
        }
    }
}
