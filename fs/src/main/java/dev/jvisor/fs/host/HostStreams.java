// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostStat;
import dev.jvisor.platform.host.HostTty;

import org.jspecify.annotations.Nullable;

/** Brings descriptors that the user passed to {@code runsc} into the sandbox. */
public final class HostStreams {

    private static final int KEPT_FLAGS = Fcntl.O_ACCMODE | Fcntl.O_APPEND | Fcntl.O_NONBLOCK;

    private HostStreams() {}

    /**
     * Makes descriptions of host descriptors, which are duplicated: the originals stay the
     * caller's. Descriptors of the same terminal share one {@link HostTerminal}.
     *
     * @return one for each, null for a descriptor that the user closed
     */
    public static @Nullable HostFileDescription[] open(int... descriptors) throws ErrnoException {
        return open(true, descriptors);
    }

    /** As {@link #open}, with terminals as streams like others: for the Sentry's own use. */
    public static @Nullable HostFileDescription[] openPlain(int... descriptors)
            throws ErrnoException {
        return open(false, descriptors);
    }

    private static @Nullable HostFileDescription[] open(boolean asTerminals, int... descriptors)
            throws ErrnoException {
        HostFileDescription[] files = new HostFileDescription[descriptors.length];
        HostTerminal[] terminals = new HostTerminal[descriptors.length];
        long[] devices = new long[descriptors.length];
        HostStat stat = new HostStat();
        for (int i = 0; i < descriptors.length; i++) {
            int fd;
            try {
                fd = HostFiles.dup(descriptors[i]);
            } catch (ErrnoException e) {
                continue; // closed by the user: closed in the sandbox
            }
            HostFiles.fstat(fd, stat);
            if (isOurs(descriptors[i], stat)) {
                HostFiles.close(fd);
                continue;
            }
            HostTerminal terminal = null;
            boolean fresh = false;
            if (asTerminals && stat.type() == StatMode.S_IFCHR && HostTty.isTty(fd)) {
                devices[i] = stat.rdevice;
                for (int k = 0; k < i; k++) {
                    if (terminals[k] != null && devices[k] == stat.rdevice) {
                        terminal = terminals[k];
                    }
                }
                fresh = terminal == null;
                terminal = fresh ? new HostTerminal(fd) : terminal;
                terminals[i] = terminal;
            }
            HostInode inode = new HostInode(fd, terminal, stat);
            if (fresh && terminal != null) {
                terminal.setInode(inode);
            }
            int flags = inode.hostFlags & KEPT_FLAGS;
            files[i] = new HostFileDescription(inode, inode.place(), flags, true);
        }
        return files;
    }

    /**
     * Whether this JVM opened the descriptor itself: the first files that it opens get the numbers
     * that the user left closed. Those are its class library, which has no close-on-exec flag, and
     * others, which have.
     */
    private static boolean isOurs(int fd, HostStat stat) throws ErrnoException {
        if ((HostFiles.fcntl(fd, Fcntl.F_GETFD, 0) & Fcntl.FD_CLOEXEC) != 0) {
            return true;
        }
        String home = System.getProperty("java.home");
        if (stat.type() != StatMode.S_IFREG || home == null) {
            return false;
        }
        HostStat library = new HostStat();
        try {
            HostFiles.fstatat(Fcntl.AT_FDCWD, home + "/lib/modules", library);
        } catch (ErrnoException e) {
            return false;
        }
        return library.device == stat.device && library.inode == stat.inode;
    }
}
