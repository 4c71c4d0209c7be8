// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.ipc.mqueue.QueueFilesystem;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

/**
 * What is shared by the processes that see the same IPC objects (Linux: {@code struct
 * ipc_namespace}). Its tables are made when first needed.
 */
public final class IpcNamespace extends Namespace {

    private final PageAllocator pages;
    private final IpcLimits limits = new IpcLimits();
    private @Nullable SharedMemoryTable sharedMemory; // guarded by this
    private volatile @Nullable SemaphoreTable semaphores; // written under this
    private @Nullable MessageTable messages; // guarded by this
    private @Nullable QueueFilesystem queues; // guarded by this

    private final UserNamespace owner;
    private int holders; // guarded by this

    /** Makes the initial one, whose segments take their pages from {@code pages}. */
    public IpcNamespace(PageAllocator pages) {
        super(INITIAL_IPC);
        this.pages = pages;
        this.owner = UserNamespace.INITIAL;
    }

    private IpcNamespace(PageAllocator pages, UserNamespace owner) {
        this.pages = pages;
        this.owner = owner;
    }

    /** Makes an empty one, as clone(2) with CLONE_NEWIPC does. */
    public IpcNamespace fresh(UserNamespace itsOwner) {
        return new IpcNamespace(pages, itsOwner);
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "ipc";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWIPC;
    }

    @Override
    public synchronized void hold() {
        holders++;
    }

    @Override
    public synchronized void letGo() {
        if (--holders == 0 && number() != INITIAL_IPC) {
            destroy();
        }
    }

    /** The limits that {@code /proc/sys/kernel} shows. */
    public IpcLimits limits() {
        return limits;
    }

    /** Segments of shared memory. */
    public synchronized SharedMemoryTable sharedMemory() {
        SharedMemoryTable t = sharedMemory;
        if (t == null) {
            sharedMemory = t = new SharedMemoryTable(pages, limits);
        }
        return t;
    }

    /** Sets of semaphores. */
    public synchronized SemaphoreTable semaphores() {
        SemaphoreTable t = semaphores;
        if (t == null) {
            semaphores = t = new SemaphoreTable(limits);
        }
        return t;
    }

    /** The sets of semaphores, or null if there never was one. */
    public @Nullable SemaphoreTable semaphoresOrNull() {
        return semaphores;
    }

    /** Message queues. */
    public synchronized MessageTable messages() {
        MessageTable t = messages;
        if (t == null) {
            messages = t = new MessageTable(limits);
        }
        return t;
    }

    /** POSIX message queues. */
    public synchronized QueueFilesystem queues() {
        QueueFilesystem q = queues;
        if (q == null) {
            queues = q = new QueueFilesystem(System.currentTimeMillis() * 1_000_000);
        }
        return q;
    }

    /** Nobody is in it any more: what it holds goes. */
    public synchronized void destroy() {
        SharedMemoryTable t = sharedMemory;
        if (t != null) {
            t.destroyAll();
        }
    }
}
