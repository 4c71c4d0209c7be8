// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.dev.ControllingTerminalDevice;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Signals;

import org.jspecify.annotations.Nullable;

/**
 * A terminal's part in job control: which session it controls and which process group is in the
 * foreground (Linux: drivers/tty/tty_jobctrl.c). Thread-safe; its lock is a leaf, signals are sent
 * without it.
 */
public abstract class ControllingTerminal implements ControllingTerminalDevice.Openable {

    /** Somebody who acts on a key's signal before the foreground process group gets it. */
    public interface KeyListener {
        /**
         * Called without locks.
         *
         * @return whether that was all: the group is not signalled
         */
        boolean onKeySignal(int signal);
    }

    private final Object jobLock = new Object();

    // Guarded by jobLock.
    /** A process of the session it controls, null for none. */
    private CallContext.@Nullable Session session;

    /** Identity of that session. */
    private @Nullable Object sessionKey;

    /** Identity of the process group in the foreground, null for none. */
    private @Nullable Object foreground;

    private boolean hasJobControl;

    private volatile @Nullable KeyListener keyListener;

    /** Sets who sees the signals of keys first. */
    public final void setKeyListener(KeyListener listener) {
        keyListener = listener;
    }

    @Override
    public final @Nullable Object foregroundProcessGroup() {
        synchronized (jobLock) {
            return foreground;
        }
    }

    /** Whether a shell in the sandbox moves process groups to and from the foreground. */
    public final boolean hasJobControl() {
        synchronized (jobLock) {
            return hasJobControl;
        }
    }

    /** Makes it the controlling terminal of a session leader, whose group is in the foreground. */
    public final void attach(CallContext.Session leader) {
        synchronized (jobLock) {
            attachLocked(leader);
        }
        leader.setControllingTerminal(this);
    }

    private void attachLocked(CallContext.Session leader) {
        session = leader;
        sessionKey = leader.session();
        foreground = leader.processGroup();
    }

    /** An open without O_NOCTTY: a leader without a terminal gets this one, if it is free. */
    final void attachOnOpen(CallContext context) {
        CallContext.Session s = context.session();
        synchronized (jobLock) {
            if (!s.isLeader() || s.controllingTerminal() != null || session != null) {
                return;
            }
            attachLocked(s);
        }
        s.setControllingTerminal(this);
    }

    /** Sends a signal to the foreground group, if there is one. */
    public final void signalForeground(int signal) {
        CallContext.Session s;
        Object group;
        synchronized (jobLock) {
            s = session;
            group = foreground;
        }
        if (s != null && group != null) {
            s.signalProcessGroup(group, signal);
        }
    }

    /** A key was typed that sends a signal. */
    protected final void signalByKey(int signal) {
        KeyListener listener = keyListener;
        if (listener == null || !listener.onKeySignal(signal)) {
            signalForeground(signal);
        }
    }

    /** Whether it is the controlling terminal of the caller. */
    protected final boolean controls(CallContext context) {
        return context.session().controllingTerminal() == this;
    }

    /** Whether the caller's group is not the one that may use its terminal. */
    protected final boolean isBackground(CallContext context) {
        if (!controls(context)) {
            return false;
        }
        Object group = context.session().processGroup();
        synchronized (jobLock) {
            return foreground != null && group != foreground;
        }
    }

    /**
     * Stops the caller's group if it is in the background (Linux: {@code __tty_check_change}).
     *
     * @param signal SIGTTIN or SIGTTOU
     * @throws ErrnoException ERESTARTSYS if it was signalled; EIO if it is orphaned, or would read
     *     and refuses the signal
     */
    protected final void checkForeground(CallContext context, int signal) throws ErrnoException {
        if (!isBackground(context)) {
            return;
        }
        CallContext.Session s = context.session();
        if (s.isIgnoredOrBlocked(signal)) {
            if (signal == Signals.SIGTTIN) {
                throw Errno.EIO.exception();
            }
            return;
        }
        if (s.isOrphaned()) {
            throw Errno.EIO.exception();
        }
        s.signalProcessGroup(s.processGroup(), signal);
        throw Errno.ERESTARTSYS.exception();
    }

    /**
     * The ioctls of sessions and process groups.
     *
     * @param master whether it is asked through the master of a pseudo-terminal, whose holder need
     *     not be controlled by it
     * @param readable whether the description was opened for reading
     * @return whether it was one of them
     */
    protected final boolean jobControl(
            CallContext context, int command, long argument, boolean master, boolean readable)
            throws ErrnoException {
        switch (command) {
            case Ioctls.TIOCGPGRP -> {
                checkControls(context, master);
                Object group = foregroundProcessGroup();
                int id = group == null ? 0 : context.session().processGroupId(group);
                context.memory().putInt(argument, id);
            }
            case Ioctls.TIOCGSID -> {
                checkControls(context, master);
                Object key;
                synchronized (jobLock) {
                    key = sessionKey;
                }
                if (key == null) {
                    throw Errno.ENOTTY.exception();
                }
                context.memory().putInt(argument, context.session().sessionId(key));
            }
            case Ioctls.TIOCSPGRP -> setForeground(context, argument);
            case Ioctls.TIOCSCTTY -> take(context, argument, readable);
            case Ioctls.TIOCNOTTY -> {
                checkControls(context, false);
                leave(context);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void checkControls(CallContext context, boolean master) throws ErrnoException {
        if (!master && !controls(context)) {
            throw Errno.ENOTTY.exception();
        }
    }

    /** tcsetpgrp(3). */
    private void setForeground(CallContext context, long argument) throws ErrnoException {
        try {
            checkForeground(context, Signals.SIGTTOU);
        } catch (ErrnoException e) {
            throw e.errno == Errno.EIO ? Errno.ENOTTY.exception() : e;
        }
        int id = context.memory().getInt(argument);
        if (id < 0) {
            throw Errno.EINVAL.exception();
        }
        CallContext.Session s = context.session();
        Object own = s.session();
        synchronized (jobLock) {
            if (s.controllingTerminal() != this || sessionKey != own) {
                throw Errno.ENOTTY.exception();
            }
        }
        Object group = s.findProcessGroup(id);
        if (group == null) {
            throw Errno.ESRCH.exception();
        }
        if (!s.isOfSession(group)) {
            throw Errno.EPERM.exception();
        }
        synchronized (jobLock) {
            if (sessionKey == own) {
                foreground = group;
                hasJobControl = true;
            }
        }
    }

    /** TIOCSCTTY: 1 takes it from another session. */
    private void take(CallContext context, long argument, boolean readable) throws ErrnoException {
        CallContext.Session s = context.session();
        boolean isAdmin = context.credentials().has(Capabilities.CAP_SYS_ADMIN);
        CallContext.Session robbed;
        synchronized (jobLock) {
            if (s.isLeader() && sessionKey == s.session()) {
                return;
            }
            boolean isFree = session == null || argument == 1 && isAdmin;
            if (!s.isLeader() || s.controllingTerminal() != null || !isFree) {
                throw Errno.EPERM.exception();
            }
            if (!readable && !isAdmin) {
                throw Errno.EPERM.exception();
            }
            robbed = session;
            attachLocked(s);
        }
        if (robbed != null) {
            robbed.dropControllingTerminal(this);
        }
        s.setControllingTerminal(this);
    }

    /** TIOCNOTTY: a leader gives it up for its whole session. */
    private void leave(CallContext context) {
        CallContext.Session s = context.session();
        if (s.isLeader()) {
            detach(s, true);
        } else {
            s.setControllingTerminal(null);
        }
    }

    /** The leader of the session that it controls has ended. */
    public final void onLeaderExit(CallContext.Session leader) {
        detach(leader, false);
    }

    private void detach(CallContext.Session leader, boolean continues) {
        Object group;
        Object key = leader.session();
        synchronized (jobLock) {
            if (sessionKey != key) {
                return;
            }
            group = foreground;
            forgetSessionLocked();
        }
        leader.dropControllingTerminal(this);
        if (group != null) {
            leader.signalProcessGroup(group, Signals.SIGHUP);
            if (continues) {
                leader.signalProcessGroup(group, Signals.SIGCONT);
            }
        }
    }

    private void forgetSessionLocked() {
        session = null;
        sessionKey = null;
        foreground = null;
    }

    /** The line is gone: the session loses its terminal and its leader is told. */
    protected final void hangUpSession() {
        CallContext.Session s;
        Object group;
        synchronized (jobLock) {
            s = session;
            group = foreground;
            forgetSessionLocked();
        }
        if (s != null) {
            s.dropControllingTerminal(this);
            s.hangUpLeader(group);
        }
    }
}
