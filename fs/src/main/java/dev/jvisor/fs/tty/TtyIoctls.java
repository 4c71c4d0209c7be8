// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Signals;

/**
 * ioctl_tty(2) of both ends of a pseudo-terminal. Settings and size asked for at the master are the
 * slave's; job control checks happen at the slave only. Not served: line disciplines other than
 * N_TTY, locked settings, TIOCCONS.
 */
final class TtyIoctls {

    private final Pty pty;
    private final boolean master;

    TtyIoctls(Pty pty, boolean master) {
        this.pty = pty;
        this.master = master;
    }

    long call(CallContext context, int command, long argument, boolean readable)
            throws ErrnoException {
        if (settings(context, command, argument)
                || flow(context, command, argument)
                || window(context, command, argument)
                || pty.jobControl(context, command, argument, master, readable)
                || master && masterOnly(context, command, argument)) {
            return 0;
        }
        return others(context, command, argument);
    }

    /** A background process that changes the terminal is stopped. */
    private void checkChange(CallContext context) throws ErrnoException {
        if (!master) {
            pty.checkForeground(context, Signals.SIGTTOU);
        }
    }

    private boolean settings(CallContext context, int command, long argument)
            throws ErrnoException {
        switch (command) {
            case Ioctls.TCGETS ->
                put(context, argument, pty.termios().encode(Termios.SIZEOF_TERMIOS));
            case (int) Ioctls.TCGETS2 ->
                put(context, argument, pty.termios().encode(Termios.SIZEOF_TERMIOS2));
            case Ioctls.TCGETA -> put(context, argument, pty.termios().encodeTermio());
            case Ioctls.TCSETS, Ioctls.TCSETSW, Ioctls.TCSETSF ->
                set(context, argument, Termios.SIZEOF_TERMIOS, command == Ioctls.TCSETSF);
            case Ioctls.TCSETS2, Ioctls.TCSETSW2, Ioctls.TCSETSF2 ->
                set(context, argument, Termios.SIZEOF_TERMIOS2, command == Ioctls.TCSETSF2);
            case Ioctls.TCSETA, Ioctls.TCSETAW, Ioctls.TCSETAF ->
                set(context, argument, Termios.SIZEOF_TERMIO, command == Ioctls.TCSETAF);
            case Ioctls.TIOCGLCKTRMIOS -> put(context, argument, new byte[Termios.SIZEOF_TERMIOS]);
            case Ioctls.TIOCGSOFTCAR ->
                context.memory()
                        .putInt(
                                argument,
                                (pty.termios().controlFlags & Ioctls.CLOCAL) != 0 ? 1 : 0);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void put(CallContext context, long address, byte[] bytes) throws ErrnoException {
        context.memory().copyOut(address, bytes, 0, bytes.length);
    }

    private void set(CallContext context, long address, int size, boolean flushes)
            throws ErrnoException {
        checkChange(context);
        byte[] bytes = new byte[size];
        context.memory().copyIn(address, bytes, 0, size);
        Termios wanted = size == Termios.SIZEOF_TERMIO
                ? pty.termios().withTermio(bytes)
                : Termios.decode(bytes, size == Termios.SIZEOF_TERMIOS2);
        pty.setTermios(wanted, flushes);
    }

    private boolean flow(CallContext context, int command, long argument) throws ErrnoException {
        switch (command) {
            case Ioctls.TCFLSH -> {
                checkChange(context);
                int queue = (int) argument;
                if (queue < Ioctls.TCIFLUSH || queue > Ioctls.TCIOFLUSH) {
                    throw Errno.EINVAL.exception();
                }
                boolean input = queue != Ioctls.TCOFLUSH;
                boolean output = queue != Ioctls.TCIFLUSH;
                if (master) {
                    pty.masterFlush(input, output);
                } else {
                    pty.slaveFlush(input, output);
                }
            }
            case Ioctls.TCXONC -> {
                checkChange(context);
                control((int) argument);
            }
            case Ioctls.TCSBRK, Ioctls.TCSBRKP, Ioctls.TIOCSBRK, Ioctls.TIOCCBRK ->
                checkChange(context); // nothing to wait for, and no line that could break
            case Ioctls.FIONREAD ->
                context.memory()
                        .putInt(argument, master ? pty.masterAvailable() : pty.slaveAvailable());
            case Ioctls.TIOCOUTQ -> context.memory().putInt(argument, 0);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void control(int action) throws ErrnoException {
        switch (action) {
            case Ioctls.TCOOFF, Ioctls.TCOON -> {
                boolean stop = action == Ioctls.TCOOFF;
                if (master) {
                    pty.setMasterStopped(stop);
                } else {
                    pty.setSlaveStopped(stop);
                }
            }
            case Ioctls.TCIOFF, Ioctls.TCION -> {
                Termios t = master ? Termios.INITIAL : pty.termios();
                int c = t.character(action == Ioctls.TCIOFF ? Ioctls.VSTOP : Ioctls.VSTART);
                if (c != 0 && master) {
                    pty.masterWrite(new byte[] {(byte) c}, 0, 1);
                } else if (c != 0) {
                    pty.putToMaster(c);
                }
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private boolean window(CallContext context, int command, long argument) throws ErrnoException {
        if (command == Ioctls.TIOCGWINSZ) {
            put(context, argument, pty.windowSize());
        } else if (command == Ioctls.TIOCSWINSZ) {
            byte[] size = new byte[Pty.SIZEOF_WINSIZE];
            context.memory().copyIn(argument, size, 0, size.length);
            pty.setWindowSize(size);
        } else {
            return false;
        }
        return true;
    }

    private boolean masterOnly(CallContext context, int command, long argument)
            throws ErrnoException {
        switch (command) {
            case Ioctls.TIOCSPTLCK -> pty.setLocked(context.memory().getInt(argument) != 0);
            case (int) Ioctls.TIOCGPTLCK ->
                context.memory().putInt(argument, pty.isLocked() ? 1 : 0);
            case Ioctls.TIOCPKT -> pty.setPacketMode(context.memory().getInt(argument) != 0);
            case (int) Ioctls.TIOCGPKT ->
                context.memory().putInt(argument, pty.isPacketMode() ? 1 : 0);
            case (int) Ioctls.TIOCGPTN -> context.memory().putInt(argument, pty.index());
            case Ioctls.TIOCSIG -> {
                int signal = (int) argument;
                if (signal != Signals.SIGINT
                        && signal != Signals.SIGQUIT
                        && signal != Signals.SIGTSTP) {
                    throw Errno.EINVAL.exception();
                }
                pty.signalForeground(signal);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private long others(CallContext context, int command, long argument) throws ErrnoException {
        boolean isAdmin = context.credentials().has(Capabilities.CAP_SYS_ADMIN);
        switch (command) {
            case Ioctls.TIOCEXCL -> pty.setExclusive(master, true);
            case Ioctls.TIOCNXCL -> pty.setExclusive(master, false);
            case (int) Ioctls.TIOCGEXCL ->
                context.memory().putInt(argument, pty.isExclusive(master) ? 1 : 0);
            case Ioctls.TIOCGETD -> context.memory().putInt(argument, 0);
            case Ioctls.TIOCSETD -> {
                checkChange(context);
                if (context.memory().getInt(argument) != 0) {
                    throw Errno.EINVAL.exception();
                }
            }
            case (int) Ioctls.TIOCGDEV ->
                context.memory().putInt(argument, (int) pty.deviceNumber());
            case Ioctls.TIOCSTI -> type(context, argument, isAdmin);
            case Ioctls.TIOCVHANGUP -> {
                if (!isAdmin) {
                    throw Errno.EPERM.exception();
                }
                if (master) {
                    throw Errno.EINVAL.exception();
                }
                pty.hangUp();
            }
            case Ioctls.TIOCCONS, Ioctls.TIOCSLCKTRMIOS ->
                throw (isAdmin ? Errno.EINVAL : Errno.EPERM).exception();
            default -> throw Errno.ENOTTY.exception();
        }
        return 0;
    }

    private void type(CallContext context, long argument, boolean isAdmin) throws ErrnoException {
        if (!isAdmin && (master || !pty.controls(context))) {
            throw Errno.EPERM.exception();
        }
        int c = context.memory().getByte(argument) & 0xff;
        if (master) {
            pty.putToMaster(c);
        } else {
            pty.type(c);
        }
    }
}
