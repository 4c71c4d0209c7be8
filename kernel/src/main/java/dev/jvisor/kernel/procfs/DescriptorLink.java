// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsSymlink;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** {@code /proc/PID/fd/N}: leads to the open file's place; its mode says how it was opened. */
final class DescriptorLink extends KernfsSymlink {

    private static final long LINK_BYTES = 64;

    private final DescriptorDirectory directory;
    private final int fd;

    DescriptorLink(DescriptorDirectory directory, int fd, FileDescription file) {
        super(directory.process.procfs(), directory.numberOf(fd), modeOf(file), "");
        this.directory = directory;
        this.fd = fd;
    }

    private static int modeOf(FileDescription file) {
        int mode = StatMode.S_IFLNK | StatMode.S_IXUSR;
        mode |= file.isReadable() ? StatMode.S_IRUSR : 0;
        return mode | (file.isWritable() ? StatMode.S_IWUSR : 0);
    }

    @Override
    public int uid() {
        return directory.uid();
    }

    @Override
    public int gid() {
        return directory.gid();
    }

    @Override
    protected long stampNanos() {
        return directory.process.stampNanos();
    }

    @Override
    protected long statSize(CallContext context) {
        return LINK_BYTES;
    }

    /** The file's place; EACCES if the caller may not look, ENOENT if it was closed. */
    @Override
    public VfsPath magicLink(CallContext context) throws ErrnoException {
        Task task = directory.process.taskOrNull();
        if (task != null) {
            ProcessAccess.check(context, task);
        }
        FileDescription file = directory.file(fd);
        if (file == null) {
            throw Errno.ENOENT.exception();
        }
        VfsPath path = file.path();
        if (path != null) {
            return path;
        }
        Mount nowhere = Mount.internal(file.inode().filesystem());
        return new VfsPath(nowhere, new Dentry(null, "anon_inode:[unknown]", file.inode()));
    }
}
