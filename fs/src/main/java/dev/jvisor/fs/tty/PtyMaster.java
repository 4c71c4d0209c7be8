// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** The master: what opens /dev/ptmx. */
public final class PtyMaster extends PtyFile {

    /** The root of the devpts that has the slave. */
    private final VfsPath directory;

    PtyMaster(Pty pty, Inode inode, VfsPath path, int flags, VfsPath directory) {
        super(pty, inode, path, flags, true);
        this.directory = directory;
    }

    /** The pseudo-terminal. */
    public Pty pty() {
        return pty;
    }

    @Override
    protected void onRelease() {
        pty.closeMaster();
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        byte[] bytes = new byte[(int) Math.min(destination.remaining(), Pty.READ_BYTES_MAX + 1)];
        int n = pty.masterRead(bytes, 0, bytes.length);
        return n == 0 ? 0 : destination.copyTo(bytes, 0, n);
    }

    @Override
    int send(byte[] bytes, int length) {
        return pty.masterWrite(bytes, 0, length);
    }

    @Override
    public int poll() {
        return pty.masterPoll();
    }

    @Override
    public WaitQueue waitQueue() {
        return pty.masterQueue();
    }

    /**
     * Opens the slave whatever the caller's root and mounts are (TIOCGPTPEER).
     *
     * @param flags open(2) flags
     * @throws ErrnoException EIO if it is locked
     */
    public FileDescription openPeer(CallContext context, int flags) throws ErrnoException {
        VfsPath place = Vfs.resolve(context, directory, Integer.toString(pty.index()), 0);
        if (!(place.dentry().inode() instanceof DevptsNode node)) {
            throw Errno.EIO.exception();
        }
        return node.open(context, place, flags);
    }
}
