// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;

import java.util.concurrent.atomic.AtomicLong;

/** A mounted synthetic file system: device, time stamps and inode numbers of its inodes. */
public abstract class KernfsFilesystem extends Filesystem {

    /** Inode number of the root (Linux: {@code PROC_ROOT_INO}). */
    public static final long ROOT_NUMBER = 1;

    /** Where numbers of fixed entries start (Linux: {@code PROC_DYNAMIC_FIRST}). */
    private static final long FIRST_NUMBER = 0xf0000000L;

    private static final int PAGE_BYTES = 4096;

    private final int magic;
    private final int blockBytes;
    private final long bornNanos;
    private final long device = DeviceNumber.nextAnonymous();
    private final AtomicLong lastNumber = new AtomicLong(FIRST_NUMBER);

    /**
     * Makes one.
     *
     * @param magic {@code f_type} of statfs(2)
     * @param blockBytes {@code st_blksize} of its inodes
     * @param bornNanos CLOCK_REALTIME, the time stamp of fixed entries
     */
    protected KernfsFilesystem(int magic, int blockBytes, long bornNanos) {
        this.magic = magic;
        this.blockBytes = blockBytes;
        this.bornNanos = bornNanos;
    }

    /** A number for a fixed entry. */
    public final long nextNumber() {
        return lastNumber.incrementAndGet();
    }

    final long bornNanos() {
        return bornNanos;
    }

    final int blockBytes() {
        return blockBytes;
    }

    @Override
    public final long deviceId() {
        return device;
    }

    /**
     * Whether a name that is not there can be found as a negative entry: a call that would make it
     * fails for what it wants to do rather than with ENOENT (sysfs does, procfs does not).
     */
    protected boolean hasNegativeEntries() {
        return true;
    }

    /** Nothing is kept outside of the heap. */
    @Override
    public boolean wantsEvict() {
        return false;
    }

    @Override
    public void status(CallContext context, FilesystemStatus result) {
        result.type = magic;
        result.blockSize = PAGE_BYTES;
        result.fragmentSize = PAGE_BYTES;
        result.id = device;
    }
}
