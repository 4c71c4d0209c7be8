// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.kernel.futex.FutexTable;
import dev.jvisor.kernel.loader.Vdso;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.kernel.time.TimerQueue;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.Platform;
import org.jspecify.annotations.Nullable;

/**
 * One sandbox's kernel. Contract skeleton (kernel.task owner adds: task table and pid allocation, boot of
 * the first process, exit notification).
 */
public class Kernel {

    private final Platform platform;
    private final PageAllocator pages;
    private final SyscallTable syscalls;
    private volatile @Nullable SyscallObserver observer;
    private @Nullable MountNamespace mounts;
    private final Clocks clocks = new Clocks();
    private final TimerQueue timerQueue = new TimerQueue(clocks);
    private final FutexTable futexes = new FutexTable();
    private @Nullable Vdso vdso;

    public Kernel(Platform platform, PageAllocator pages, SyscallTable syscalls) {
        this.platform = platform;
        this.pages = pages;
        this.syscalls = syscalls;
    }

    public final Platform platform() {
        return platform;
    }

    public final PageAllocator pages() {
        return pages;
    }

    public final SyscallTable syscalls() {
        return syscalls;
    }

    /** The observer of system calls, or null. */
    public final @Nullable SyscallObserver observer() {
        return observer;
    }

    public final void setObserver(@Nullable SyscallObserver observer) {
        this.observer = observer;
    }

    /** Sets the initial mount namespace; before the first task. */
    public final void setMounts(MountNamespace mounts) {
        this.mounts = mounts;
    }

    public final MountNamespace mounts() {
        MountNamespace m = mounts;
        if (m == null) {
            throw new IllegalStateException("mounts not set");
        }
        return m;
    }

    public final Clocks clocks() {
        return clocks;
    }

    public final TimerQueue timerQueue() {
        return timerQueue;
    }

    public final FutexTable futexes() {
        return futexes;
    }

    /** The vDSO that programs get, or null if they get none. */
    public final @Nullable Vdso vdso() {
        return vdso;
    }

    /** Sets the vDSO; before the first program. */
    public final void setVdso(@Nullable Vdso vdso) {
        this.vdso = vdso;
    }
}
