// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.pipe;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;

/** An open end of a pipe, or both ends of a FIFO that was opened for reading and writing. */
public final class PipeFile extends FileDescription {

    private final Pipe pipe;
    private final Inode inode;
    private final boolean reads;
    private final boolean writes;
    private final int writersAtOpen;

    /** The pipe counts this end already. */
    PipeFile(Pipe pipe, Inode inode, VfsPath path, int flags, int writersAtOpen) {
        super(path, flags);
        this.pipe = pipe;
        this.inode = inode;
        this.reads = isReadable();
        this.writes = isWritable();
        this.writersAtOpen = writersAtOpen;
    }

    /** The buffer, for splice(2) and tee(2). */
    public Pipe pipe() {
        return pipe;
    }

    @Override
    public Inode inode() {
        return inode;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return pipe.read(destination);
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        return pipe.write(context, source, (flags() & Fcntl.O_DIRECT) != 0);
    }

    @Override
    public int poll() {
        int events = reads ? pipe.pollReader(writersAtOpen) : 0;
        return writes ? events | pipe.pollWriter() : events;
    }

    @Override
    public WaitQueue waitQueue() {
        return pipe.waitQueue();
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        if (command == Ioctls.FIONREAD) {
            context.memory().putInt(argument, pipe.available());
            return 0;
        }
        return super.ioctl(context, command, argument);
    }

    @Override
    public long fcntl(CallContext context, int command, long argument) throws ErrnoException {
        return switch (command) {
            case Fcntl.F_SETPIPE_SZ -> pipe.setCapacity(context, argument & 0xffffffffL);
            case Fcntl.F_GETPIPE_SZ -> pipe.capacity();
            default -> super.fcntl(context, command, argument);
        };
    }

    @Override
    protected void onRelease() {
        pipe.close(reads, writes);
    }
}
