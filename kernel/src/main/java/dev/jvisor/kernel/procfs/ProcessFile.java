// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

/** A text of a process or thread. */
final class ProcessFile extends TextFile {

    private final ProcessDirectory process;
    private final String name;

    ProcessFile(ProcessDirectory process, ProcessEntry entry) {
        super(process.procfs(), process.numberOf(entry.index(), 0), entry.mode());
        this.process = process;
        this.name = entry.name();
    }

    @Override
    protected Owner owner() {
        return process;
    }

    @Override
    protected boolean seeksFromEnd() {
        return switch (name) {
            case "cmdline",
                    "environ",
                    "auxv",
                    "loginuid",
                    "sessionid",
                    "oom_adj",
                    "oom_score_adj",
                    "coredump_filter" -> true;
            default -> false;
        };
    }

    /** Keeps what is to be seen for those texts that only some may see, and the mounts. */
    @Override
    protected @Nullable Object begin(CallContext context, int flags) throws ErrnoException {
        Task task = process.task();
        return switch (name) {
            case "environ", "auxv" -> {
                ProcessAccess.check(context, task);
                MemoryManager memory = task.memoryOrNull();
                if (memory == null) {
                    throw Errno.ESRCH.exception();
                }
                yield memory;
            }
            case "maps", "smaps", "smaps_rollup", "numa_maps" -> {
                ProcessAccess.check(context, task);
                yield task.memoryOrNull();
            }
            case "mounts", "mountinfo", "mountstats" -> {
                FsContext fs = task.fsOrNull();
                if (fs == null) {
                    throw Errno.EINVAL.exception();
                }
                yield new MountText(fs.mounts(), fs.root());
            }
            case "setgroups" -> {
                boolean writes = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
                if (writes
                        && !context.credentials()
                                .hasIn(
                                        task.credentials().userNamespace(),
                                        Capabilities.CAP_SYS_ADMIN)) {
                    throw Errno.EACCES.exception();
                }
                yield null;
            }
            default -> null;
        };
    }

    @Override
    protected void generate(CallContext context, @Nullable Object subject, TextBuffer out)
            throws ErrnoException {
        if (subject instanceof MountText mounts) {
            mounts.write(name, out);
            return;
        }
        switch (name) {
            case "environ" -> MemoryText.environ((MemoryManager) subject, out);
            case "auxv" -> MemoryText.auxv((MemoryManager) subject, out);
            case "maps" -> MemoryText.maps((MemoryManager) subject, out);
            case "smaps" -> MemoryText.smaps((MemoryManager) subject, out);
            case "numa_maps" -> MemoryText.numaMaps((MemoryManager) subject, out);
            case "smaps_rollup" -> MemoryText.smapsRollup((MemoryManager) subject, out);
            default -> ofTask(context, process.task(), out);
        }
    }

    private void ofTask(CallContext context, Task task, TextBuffer out) throws ErrnoException {
        boolean whole = !process.isThread();
        switch (name) {
            case "status" ->
                new StatusText(task, process.procfs(), context.credentials().userNamespace())
                        .write(out);
            case "stat" ->
                StatText.stat(
                        task,
                        process.procfs().pids(),
                        whole,
                        ProcessAccess.mayRead(context, task),
                        out);
            case "children" -> ProcessText.children(task, process.procfs().pids(), out);
            case "uid_map", "gid_map" ->
                IdMapText.show(
                        name,
                        task.credentials().userNamespace(),
                        context.credentials().userNamespace(),
                        out);
            case "statm" -> MemoryText.statm(task.memoryOrNull(), out);
            case "cmdline" -> MemoryText.cmdline(task.memoryOrNull(), out);
            case "io" -> {
                ProcessAccess.check(context, task);
                ProcessText.io(task, whole, out);
            }
            case "personality" -> {
                ProcessAccess.check(context, task);
                out.addHex(task.personality(), 8).add('\n');
            }
            case "syscall" -> {
                if (!ProcessAccess.mayAttach(context, task)) {
                    throw Errno.EPERM.exception();
                }
                ProcessText.syscall(task.registersAtRest(), out);
            }
            default -> ProcessText.write(name, task, out);
        }
    }

    @Override
    protected void store(CallContext context, byte[] data, int length, long offset)
            throws ErrnoException {
        ProcessStore.store(name, context, process.task(), data, length, offset);
    }
}
