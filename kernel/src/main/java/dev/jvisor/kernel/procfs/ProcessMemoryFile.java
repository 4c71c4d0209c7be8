// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** {@code /proc/PID/mem}: the memory, by address; protections do not count. */
final class ProcessMemoryFile extends KernfsInode {

    private final ProcessDirectory process;

    ProcessMemoryFile(ProcessDirectory process, ProcessEntry entry) {
        super(process.procfs(), process.numberOf(entry.index(), 0), entry.mode());
        this.process = process;
    }

    @Override
    protected Owner owner() {
        return process;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        Task task = process.task();
        ProcessAccess.check(context, task);
        MemoryManager memory = task.memoryOrNull();
        if (memory == null) {
            throw Errno.ESRCH.exception();
        }
        return new OpenMemory(this, memory, path, flags);
    }

    /** The memory that the process had when it was opened, whatever it executes later. */
    private static final class OpenMemory extends FileDescription {
        private static final int CHUNK_BYTES = 64 << 10;
        private static final int SEEK_CUR = 1;

        private final ProcessMemoryFile file;
        private final MemoryManager memory;

        OpenMemory(ProcessMemoryFile file, MemoryManager memory, VfsPath path, int flags) {
            super(path, flags);
            this.file = file;
            this.memory = memory;
        }

        @Override
        public Inode inode() {
            return file;
        }

        @Override
        public boolean isSeekable() {
            return true;
        }

        /** Positions are addresses: unsigned, so that none is out of range. */
        @Override
        public long seek(CallContext context, long offset, int whence) throws ErrnoException {
            if (whence != 0 && whence != SEEK_CUR) {
                throw Errno.EINVAL.exception();
            }
            synchronized (positionLock) {
                long target = whence == 0 ? offset : position() + offset;
                setPosition(target);
                return target;
            }
        }

        /** Reads; EIO if not a byte is there (0 if the memory is gone). */
        @Override
        public long readAt(CallContext context, IovIter destination, long offset)
                throws ErrnoException {
            if (memory.mappedBytes() == 0) {
                return 0;
            }
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, destination.remaining())];
            long done = 0;
            while (destination.remaining() > 0) {
                int wanted = (int) Math.min(chunk.length, destination.remaining());
                int n = memory.readRemote(offset + done, chunk, 0, wanted, true);
                int copied = n == 0 ? 0 : destination.copyTo(chunk, 0, n);
                done += copied;
                if (copied < wanted) {
                    return done == 0 ? ioError() : done;
                }
            }
            return done;
        }

        @Override
        public long writeAt(CallContext context, IovIter source, long offset)
                throws ErrnoException {
            if (memory.mappedBytes() == 0) {
                return 0;
            }
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, source.remaining())];
            long done = 0;
            while (source.remaining() > 0) {
                int wanted = (int) Math.min(chunk.length, source.remaining());
                int taken = source.copyFrom(chunk, 0, wanted);
                int n = memory.writeRemote(offset + done, chunk, 0, taken, true);
                done += n;
                if (n < taken || taken < wanted) {
                    return done == 0 ? ioError() : done;
                }
            }
            return done;
        }

        private static long ioError() throws ErrnoException {
            throw Errno.EIO.exception();
        }
    }
}
