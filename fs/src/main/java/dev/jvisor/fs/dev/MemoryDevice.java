// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.vfs.VfsRegistry;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** The devices of major 1 (Linux: drivers/char/mem.c). */
final class MemoryDevice implements VfsRegistry.Device {

    private final PageAllocator pages;

    MemoryDevice(PageAllocator pages) {
        this.pages = pages;
    }

    @Override
    public FileDescription open(CallContext context, Inode inode, VfsPath path, int flags)
            throws ErrnoException {
        return switch (DeviceNumber.minor(inode.rdevice())) {
            case Devices.NULL_MINOR -> new NullFile(inode, path, flags);
            case Devices.ZERO_MINOR -> new ZeroFile(inode, path, flags, false, pages);
            case Devices.FULL_MINOR -> new ZeroFile(inode, path, flags, true, pages);
            case Devices.RANDOM_MINOR, Devices.URANDOM_MINOR -> new RandomFile(inode, path, flags);
            default -> throw Errno.ENXIO.exception();
        };
    }
}
