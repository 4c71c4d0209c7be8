// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** An overlay: what is written stays in memory, the lower file system is never changed. */
public final class OverlayFilesystem extends Filesystem {

    /** Numbers of upper files start here: host file systems do not get that far. */
    private static final long FIRST_UPPER_NUMBER = 1L << 42;

    /** Bits that a lower number is shifted aside by the index of its device. */
    private static final int DEVICE_SHIFT = 44;

    private static final int DEVICES_MAX = 1 << 16;

    private final Filesystem lower;
    private final Tmpfs upper;
    private final Mount lowerMount;
    private final long device = DeviceNumber.nextAnonymous();
    private final AtomicLong lastNumber = new AtomicLong(FIRST_UPPER_NUMBER);
    private final OverlayDirectory root;
    private final SharedFiles sharedFiles;

    /** The size of the lower root: what a small directory has there. */
    private final long directoryBytes;

    /** Devices of the lower file system, the root's first; replaced when one is added. */
    private volatile long[] lowerDevices;

    /**
     * Makes an overlay over a file system.
     *
     * @param pages where written data live
     * @throws ErrnoException what the lower root's attributes say
     */
    public OverlayFilesystem(CallContext context, Filesystem lower, PageAllocator pages)
            throws ErrnoException {
        this.lower = lower;
        this.upper = Tmpfs.create(pages, context);
        this.lowerMount = Mount.internal(lower);
        Inode lowerRoot = lower.root();
        FileStatus status = new FileStatus();
        lowerRoot.getAttributes(context, status);
        lowerDevices = new long[] {status.device};
        directoryBytes = status.blockSize > 0 ? Math.min(status.size, status.blockSize) : 0;
        sharedFiles = new SharedFiles(context, this, upper.root());
        CopyUp.attributes(context, lowerRoot, status, upper.root());
        root = new OverlayDirectory(this, null, lowerRoot, upper.root());
    }

    SharedFiles sharedFiles() {
        return sharedFiles;
    }

    long directoryBytes() {
        return directoryBytes;
    }

    long nextNumber() {
        return lastNumber.incrementAndGet();
    }

    /** The number here of a lower file. */
    long translate(long lowerDevice, long number) {
        long[] devices = lowerDevices;
        if (devices[0] == lowerDevice) {
            return number;
        }
        for (int i = 1; i < devices.length; i++) {
            if (devices[i] == lowerDevice) {
                return number ^ (long) i << DEVICE_SHIFT;
            }
        }
        return number ^ (long) addDevice(lowerDevice) << DEVICE_SHIFT;
    }

    private synchronized int addDevice(long lowerDevice) {
        long[] devices = lowerDevices;
        for (int i = 0; i < devices.length; i++) {
            if (devices[i] == lowerDevice) {
                return i;
            }
        }
        if (devices.length == DEVICES_MAX) {
            return DEVICES_MAX - 1;
        }
        long[] wider = Arrays.copyOf(devices, devices.length + 1);
        wider[devices.length] = lowerDevice;
        lowerDevices = wider;
        return devices.length;
    }

    /** The device of the entries of a lower directory, to translate their numbers by. */
    long deviceOf(CallContext context, Inode lowerDirectory) throws ErrnoException {
        FileStatus status = new FileStatus();
        lowerDirectory.getAttributes(context, status);
        return status.device;
    }

    /** A place for opening an inode that has none in this call. */
    VfsPath lowerPlace(Inode inode) {
        return new VfsPath(lowerMount, new Dentry(null, "overlay", inode));
    }

    /** An upper inode for a lower file whose name is gone already. */
    Inode newNameless(CallContext context, Inode original) throws ErrnoException {
        if (original.isRegular()) {
            return upper.root().tmpfile(context, 0600);
        }
        throw Errno.ENOENT.exception();
    }

    @Override
    public String type() {
        return "overlay";
    }

    @Override
    public Inode root() {
        return root;
    }

    /** The lower's figures: the upper layer has none of its own. */
    @Override
    public void status(CallContext context, FilesystemStatus result) throws ErrnoException {
        lower.status(context, result);
        result.type = MountFlags.OVERLAYFS_SUPER_MAGIC;
    }

    @Override
    public long deviceId() {
        return device;
    }

    @Override
    public String options() {
        return ",lowerdir=/,upperdir=/upper,workdir=/work";
    }

    @Override
    public void release() {
        upper.release();
        lower.release();
    }
}
