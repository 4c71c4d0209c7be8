// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.dispatch.SyscallTable;
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
}
