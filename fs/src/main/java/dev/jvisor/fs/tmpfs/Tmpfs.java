// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import java.util.concurrent.atomic.AtomicLong;

/** An instance of tmpfs. */
public final class Tmpfs extends Filesystem {

    static final int BLOCK_BYTES = 4096;

    /**
     * Heap for one file in one instance of several: about 700 bytes, with dentry and overlay inode.
     */
    private static final int INODE_BYTES = 2048;

    private static final int INODES_MIN = 16384;

    final PageAllocator pages;
    final PageBudget budget;
    private final String type;
    private final long device = DeviceNumber.nextAnonymous();
    private final AtomicLong lastInode = new AtomicLong();
    private volatile TmpfsOptions options;

    /** What is not shown among the options. */
    private final TmpfsOptions defaults;

    private final TmpfsDirectory root;

    /**
     * Makes an instance with a root directory only.
     *
     * @param type name for /proc/mounts: tmpfs, devtmpfs, …
     * @param nowNanos time of the root directory, CLOCK_REALTIME
     */
    public Tmpfs(PageAllocator pages, String type, TmpfsOptions options, long nowNanos) {
        this(pages, type, options, TmpfsOptions.UNLIMITED, nowNanos);
    }

    private Tmpfs(
            PageAllocator pages,
            String type,
            TmpfsOptions options,
            TmpfsOptions defaults,
            long nowNanos) {
        this.defaults = defaults;
        this.pages = pages;
        this.type = type;
        this.options = options;
        budget = new PageBudget(options.pagesMax(), options.inodesMax());
        root = new TmpfsDirectory(
                this, null, nowNanos, options.mode(), options.uid(), options.gid());
        budget.takeInode();
    }

    /** An instance for as many files as the heap has room for, with mode 0755, owned by root. */
    public static Tmpfs create(PageAllocator pages, CallContext context) {
        return create(pages, context, 0755);
    }

    /**
     * As {@link #create(PageAllocator, CallContext)}, with permission bits of the root directory.
     */
    public static Tmpfs create(PageAllocator pages, CallContext context, int mode) {
        TmpfsOptions options = new TmpfsOptions(0, inodesMax(), mode, 0, 0);
        return new Tmpfs(pages, "tmpfs", options, context.realtimeNanos());
    }

    /** How many files, which are objects of the Sentry, a guest may make in one instance. */
    static long inodesMax() {
        return Math.max(INODES_MIN, Runtime.getRuntime().maxMemory() / INODE_BYTES);
    }

    /**
     * The type for mount(2).
     *
     * @param memoryBytes what {@code size=50%}, the default, is the half of
     */
    public static FilesystemType type(PageAllocator pages, long memoryBytes) {
        return new FilesystemType() {
            @Override
            public String name() {
                return "tmpfs";
            }

            @Override
            public boolean allowsUserNamespaces() {
                return true;
            }

            @Override
            public Filesystem mount(CallContext context, String source, int flags, String data)
                    throws ErrnoException {
                TmpfsOptions defaults = TmpfsOptions.defaults(context, memoryBytes);
                TmpfsOptions options = TmpfsOptions.parse(context, data, defaults, memoryBytes);
                return new Tmpfs(pages, "tmpfs", options, defaults, context.realtimeNanos());
            }
        };
    }

    long nextInode() {
        return lastInode.incrementAndGet();
    }

    /** Makes a regular file without a name (memfd). */
    public TmpfsRegular newNameless(CallContext context, String name, int mode) {
        TmpfsRegular made = new TmpfsRegular(
                this,
                context.realtimeNanos(),
                mode,
                context.credentials().fsuid(),
                context.credentials().fsgid(),
                name);
        budget.takeInode();
        return made;
    }

    @Override
    public boolean hasWhiteouts() {
        return true;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public long deviceId() {
        return device;
    }

    @Override
    public boolean wantsEvict() {
        return false;
    }

    @Override
    public void status(CallContext context, FilesystemStatus result) {
        result.type = MountFlags.TMPFS_MAGIC;
        result.blockSize = BLOCK_BYTES;
        result.fragmentSize = BLOCK_BYTES;
        result.blocks = budget.pagesMax();
        result.blocksFree = Math.max(0, budget.pagesMax() - budget.pagesUsed());
        result.blocksAvailable = result.blocksFree;
        result.files = budget.inodesMax();
        result.filesFree = Math.max(0, budget.inodesMax() - budget.inodesUsed());
        result.id = device;
    }

    @Override
    public String options() {
        return options.render(defaults);
    }

    @Override
    public void remount(CallContext context, int flags, String data) throws ErrnoException {
        TmpfsOptions changed = TmpfsOptions.parse(context, data, options, 0);
        if (!budget.setLimits(changed.pagesMax(), changed.inodesMax())) {
            throw Errno.EINVAL.exception();
        }
        options = changed;
    }

    @Override
    public void release() {
        root.discardTree();
    }
}
