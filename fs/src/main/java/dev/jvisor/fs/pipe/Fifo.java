// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.pipe;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

/** Opening of named pipes (Linux: {@code fifo_open}): each side waits for the other. */
public final class Fifo {

    private Fifo() {}

    /**
     * Opens a FIFO, or an anonymous pipe again through /proc/PID/fd.
     *
     * @throws ErrnoException ENXIO for a writer with O_NONBLOCK if there is no reader; ERESTARTSYS
     */
    public static FileDescription open(CallContext context, Inode inode, VfsPath path, int flags)
            throws ErrnoException {
        Pipe pipe = (Pipe) inode.special(Pipe::new);
        boolean named = !path.mount().isInternal();
        boolean nonBlocking = (flags & Fcntl.O_NONBLOCK) != 0;
        int writersAtOpen = -1;
        switch (flags & Fcntl.O_ACCMODE) {
            case Fcntl.O_RDONLY -> {
                int writersEver = pipe.writersEver();
                // Looked at before: a writer that waits for us may be done and gone right after.
                boolean alone = pipe.writers() == 0;
                pipe.open(true, false);
                if (named && alone) {
                    if (nonBlocking) {
                        writersAtOpen = writersEver; // no POLLHUP before there was a writer
                    } else {
                        awaitPartner(context, pipe, true, writersEver);
                    }
                }
            }
            case Fcntl.O_WRONLY -> {
                if (named && nonBlocking && pipe.readers() == 0) {
                    throw Errno.ENXIO.exception();
                }
                int readersEver = pipe.readersEver();
                boolean alone = pipe.readers() == 0;
                pipe.open(false, true);
                if (named && alone) {
                    awaitPartner(context, pipe, false, readersEver);
                }
            }
            case Fcntl.O_RDWR -> pipe.open(true, true);
            default -> throw Errno.EINVAL.exception();
        }
        return new PipeFile(pipe, inode, path, flags, writersAtOpen);
    }

    private static void awaitPartner(CallContext context, Pipe pipe, boolean reads, int before)
            throws ErrnoException {
        WaitQueue.Entry entry = context.newWaitEntry(Poll.POLLIN | Poll.POLLOUT);
        pipe.waitQueue().add(entry);
        boolean met = false;
        try {
            while ((reads ? pipe.writersEver() : pipe.readersEver()) == before) {
                context.sleep(Long.MAX_VALUE);
            }
            met = true;
        } finally {
            pipe.waitQueue().remove(entry);
            if (!met) {
                pipe.close(reads, !reads);
            }
        }
    }
}
