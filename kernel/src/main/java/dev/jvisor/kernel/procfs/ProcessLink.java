// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsSymlink;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** exe, cwd and root: links that lead to the place itself. */
final class ProcessLink extends KernfsSymlink {

    private final ProcessDirectory process;
    private final String name;

    ProcessLink(ProcessDirectory process, ProcessEntry entry) {
        super(process.procfs(), process.numberOf(entry.index(), 0), entry.mode(), "");
        this.process = process;
        this.name = entry.name();
    }

    @Override
    protected Owner owner() {
        return process;
    }

    /**
     * The place.
     *
     * @throws ErrnoException EACCES if the caller may not look; ENOENT for a process that has
     *     exited
     */
    @Override
    public VfsPath magicLink(CallContext context) throws ErrnoException {
        Task task = process.taskOrNull();
        if (task == null) {
            throw Errno.ENOENT.exception();
        }
        ProcessAccess.check(context, task);
        VfsPath place = place(task);
        if (place == null) {
            throw Errno.ENOENT.exception();
        }
        return place;
    }

    private @Nullable VfsPath place(Task task) {
        if (name.equals("exe")) {
            return task.memoryOrNull() == null ? null : task.threadGroup().executable();
        }
        FsContext fs = task.fsOrNull();
        if (fs == null) {
            return null;
        }
        return name.equals("cwd") ? fs.workingDirectory() : fs.root();
    }

    @Override
    public String readlink(CallContext context) throws ErrnoException {
        throw Errno.ENOENT.exception();
    }
}
