// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/** {@code /proc/PID/fd}: a link to each open file. */
class DescriptorDirectory extends ProcessSubdirectory {

    DescriptorDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process, entry);
    }

    /**
     * A process may see its own descriptors, also after it gave up the user they belong to (Linux:
     * proc_fd_permission). Credentials are one object for whoever did not change them.
     */
    @Override
    public boolean permits(Credentials who, int mask) {
        Task task = process.taskOrNull();
        return task != null && task.credentials() == who;
    }

    /** The table, or null if the process has exited. */
    final @Nullable FdTable files() {
        Task task = process.taskOrNull();
        return task == null ? null : task.filesOrNull();
    }

    /** The open file of a descriptor, or null. */
    final @Nullable FileDescription file(int fd) {
        FdTable files = files();
        return files == null ? null : files.peek(fd);
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        int fd = ProcNumbers.parse(name);
        FileDescription file = fd < 0 ? null : file(fd);
        if (file == null) {
            throw Errno.ENOENT.exception();
        }
        return make(fd, file);
    }

    Inode make(int fd, FileDescription file) {
        return new DescriptorLink(this, fd, file);
    }

    int listedType() {
        return Dirent.DT_LNK;
    }

    /** The number of open files. */
    @Override
    protected long statSize(CallContext context) {
        FdTable files = files();
        return files == null ? 0 : files.descriptors().length;
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister)
            throws ErrnoException {
        FdTable files = files();
        if (process.taskOrNull() == null) {
            throw Errno.ENOENT.exception();
        }
        if (files == null) {
            return;
        }
        int[] open = files.descriptors();
        long first = from - FIRST_POSITION;
        int i = first > Integer.MAX_VALUE ? open.length : Arrays.binarySearch(open, (int) first);
        for (i = i < 0 ? -1 - i : i; i < open.length; i++) {
            int fd = open[i];
            long next = (long) fd + FIRST_POSITION + 1;
            if (!lister.add(Integer.toString(fd), numberOf(fd), listedType(), next)) {
                return;
            }
        }
    }
}
