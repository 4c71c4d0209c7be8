// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.HostTty;

import org.jspecify.annotations.Nullable;

/**
 * A terminal of the user's. Its settings and size are the host's; which session it controls and
 * which process group is in the foreground are the sandbox's, as the host knows only {@code runsc}
 * itself.
 */
public final class HostTerminal extends ControllingTerminal {

    // asm-generic/termbits.h, termios.h
    private static final int SIZEOF_TERMIOS = 36;
    private static final int SIZEOF_TERMIOS2 = 44;
    private static final int SIZEOF_TERMIO = 18;
    private static final int SIZEOF_WINSIZE = 8;
    private static final int OFFSET_C_LFLAG = 12;
    private static final int TOSTOP = 0x100;

    private final int fd;
    private @Nullable HostInode inode;

    /** Settings as they were found, to be restored when the sandbox ends. */
    private final byte[] initialSettings = new byte[SIZEOF_TERMIOS];

    /** Borrows a descriptor that is a terminal; the inode that owns it keeps it open. */
    HostTerminal(int fd) throws ErrnoException {
        this.fd = fd;
        HostTty.get(fd, Ioctls.TCGETS, initialSettings);
    }

    /** The inode that /dev/tty opens; held for ever. */
    void setInode(HostInode inode) {
        this.inode = inode;
        inode.retain();
    }

    /** Restores the settings that were found at the start. */
    public void restore() {
        try {
            HostTty.set(fd, Ioctls.TCSETS, initialSettings);
        } catch (ErrnoException e) {
            // The terminal is gone.
        }
    }

    @Override
    public FileDescription open(CallContext context, Inode node, VfsPath path, int flags)
            throws ErrnoException {
        HostInode i = inode;
        if (i == null) {
            throw Errno.ENXIO.exception();
        }
        return i.open(context, path, flags);
    }

    @Override
    public long deviceNumber() {
        HostInode i = inode;
        return i == null ? 0 : i.rdevice();
    }

    /**
     * Job control of a read: SIGTTIN for a background group (Linux: {@code __tty_check_change}).
     */
    void checkRead(CallContext context) throws ErrnoException {
        checkForeground(context, Signals.SIGTTIN);
    }

    /** Job control of a write: SIGTTOU for a background group if the terminal says so. */
    void checkWrite(CallContext context) throws ErrnoException {
        if (isBackground(context)) {
            byte[] settings = new byte[SIZEOF_TERMIOS];
            HostTty.get(fd, Ioctls.TCGETS, settings);
            int flags =
                    settings[OFFSET_C_LFLAG] & 0xff | (settings[OFFSET_C_LFLAG + 1] & 0xff) << 8;
            if ((flags & TOSTOP) != 0) {
                checkForeground(context, Signals.SIGTTOU);
            }
        }
    }

    long ioctl(CallContext context, int command, long argument, boolean readable)
            throws ErrnoException {
        if (jobControl(context, command, argument, false, readable)) {
            return 0;
        }
        switch (command) {
            case Ioctls.TCGETS -> get(context, command, argument, SIZEOF_TERMIOS);
            case (int) Ioctls.TCGETS2 -> get(context, command, argument, SIZEOF_TERMIOS2);
            case Ioctls.TCGETA -> get(context, command, argument, SIZEOF_TERMIO);
            case Ioctls.TIOCGWINSZ -> get(context, command, argument, SIZEOF_WINSIZE);
            case Ioctls.FIONREAD, Ioctls.TIOCOUTQ, Ioctls.TIOCGETD ->
                get(context, command, argument, 4);
            case Ioctls.TCSETS, Ioctls.TCSETSW, Ioctls.TCSETSF ->
                set(context, command, argument, SIZEOF_TERMIOS);
            case Ioctls.TCSETS2, Ioctls.TCSETSW2, Ioctls.TCSETSF2 ->
                set(context, command, argument, SIZEOF_TERMIOS2);
            case Ioctls.TCSETA, Ioctls.TCSETAW, Ioctls.TCSETAF ->
                set(context, command, argument, SIZEOF_TERMIO);
            case Ioctls.TIOCSWINSZ -> {
                byte[] size = new byte[SIZEOF_WINSIZE];
                context.memory().copyIn(argument, size, 0, SIZEOF_WINSIZE);
                HostTty.set(fd, command, size);
            }
            case Ioctls.TCSBRK, Ioctls.TCSBRKP, Ioctls.TCXONC, Ioctls.TCFLSH -> {
                checkForeground(context, Signals.SIGTTOU);
                return HostTty.control(fd, command, argument);
            }
            case Ioctls.TIOCSTI -> throw Errno.EPERM.exception(); // typing into the user's shell
            default -> throw Errno.ENOTTY.exception();
        }
        return 0;
    }

    private void get(CallContext context, int command, long argument, int size)
            throws ErrnoException {
        byte[] value = new byte[size];
        HostTty.get(fd, command, value);
        context.memory().copyOut(argument, value, 0, size);
    }

    private void set(CallContext context, int command, long argument, int size)
            throws ErrnoException {
        checkForeground(context, Signals.SIGTTOU);
        byte[] value = new byte[size];
        context.memory().copyIn(argument, value, 0, size);
        HostTty.set(fd, command, value);
    }
}
