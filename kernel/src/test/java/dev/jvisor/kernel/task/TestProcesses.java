// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.signal.SignalState;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import java.lang.reflect.Proxy;

/** Processes of a kernel without a platform: no thread runs them, everybody can look at them. */
public final class TestProcesses implements AutoCloseable {

    private static final long MIN_ADDRESS = 0x10000;
    private static final long MAX_ADDRESS = 0x7ffffffff000L;

    private final MemoryFile memory;
    private final PageAllocator pages;
    private final Kernel kernel;

    public TestProcesses() throws ErrnoException {
        memory = MemoryFile.create(64L << 20);
        pages = new PageAllocator(memory);
        kernel = new Kernel(silent(Platform.class), pages, new SyscallTable());
        kernel.setMemoryBytes(1L << 30);
    }

    /** An object whose methods do nothing. */
    private static <T> T silent(Class<T> type) {
        Object proxy = Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Class<?> result = method.getReturnType();
                    if (result == boolean.class) {
                        return false;
                    }
                    return result == long.class ? 0L : null;
                });
        return type.cast(proxy);
    }

    public Kernel kernel() {
        return kernel;
    }

    /** Makes the root of all processes. */
    public MountNamespace mountRoot(Filesystem root) {
        MountNamespace mounts = MountNamespace.create(root, "none", 0);
        kernel.setMounts(mounts);
        return mounts;
    }

    /** A process of a user, leader of a session of its own, with empty memory and no files. */
    public Task newProcess(String name, Credentials credentials) throws ErrnoException {
        MountNamespace mounts = kernel.mounts();
        ProcessSpec spec = new ProcessSpec();
        spec.credentials = credentials;
        spec.files = FdTable.create();
        spec.fs = new FsContext(mounts, mounts.root(), mounts.root(), 022);
        Task task = ProcessStarter.create(kernel, spec);
        task.setName(name);
        task.setMemory(
                MemoryManager.create(silent(AddressSpace.class), pages, MIN_ADDRESS, MAX_ADDRESS));
        return task;
    }

    /** Another thread of a process. */
    public Task newThread(Task leader) throws ErrnoException {
        ThreadGroup group = leader.threadGroup();
        Pid pid = kernel.tasks().allocate();
        TaskSpec spec = new TaskSpec(new SignalState(group.signals()), leader.namespaces());
        spec.credentials = leader.credentials();
        spec.memory = leader.memory();
        spec.memory.retain();
        spec.files = leader.files();
        spec.files.retain();
        spec.fs = leader.fs();
        spec.fs.retain();
        spec.name = leader.name();
        Task task = new Task(kernel, pid, group, spec);
        kernel.taskTree().lock();
        try {
            pid.task = task;
            group.addTaskLocked(task);
        } finally {
            kernel.taskTree().unlock();
        }
        return task;
    }

    /** Makes a process (of one thread) what it is between exit and wait. */
    public void exit(Task task) {
        ThreadGroup group = task.threadGroup();
        group.beginGroupExit(0);
        MemoryManager old = task.memory();
        task.setMemory(null);
        old.release();
        task.files().release(task);
        task.setFiles(null);
        task.setFs(null);
        kernel.taskTree().lock();
        try {
            group.removeTaskLocked(task);
            group.setZombie();
        } finally {
            kernel.taskTree().unlock();
        }
    }

    /** Forgets a process that has exited. */
    public void reap(Task task) {
        kernel.taskTree().lock();
        try {
            TaskExit.releaseLocked(task.threadGroup());
        } finally {
            kernel.taskTree().unlock();
        }
    }

    @Override
    public void close() throws Exception {
        kernel.shutdown();
        memory.close();
    }
}
