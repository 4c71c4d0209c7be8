// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * What all mount namespaces of a kernel know: file system types and device drivers. Thread-safe.
 */
public final class VfsRegistry {

    /**
     * Opens device nodes, wherever they are (Linux: {@code struct file_operations} of a driver).
     */
    public interface Device {
        /**
         * Opens a node.
         *
         * @param inode the node, which the description answers as its inode
         * @param flags open(2) flags
         */
        FileDescription open(CallContext context, Inode inode, VfsPath path, int flags)
                throws ErrnoException;
    }

    private record Range(boolean block, int major, int firstMinor, int count, Device device) {}

    private volatile FilesystemType[] types = {};
    private volatile Range[] devices = {};

    /** Adds a type, in place of one of the same name. */
    public synchronized void registerType(FilesystemType type) {
        List<FilesystemType> list = new ArrayList<>(types.length + 1);
        for (FilesystemType t : types) {
            if (!t.name().equals(type.name())) {
                list.add(t);
            }
        }
        list.add(type);
        types = list.toArray(new FilesystemType[0]);
    }

    public List<FilesystemType> types() {
        return List.of(types);
    }

    /** Finds a type by name, or null. */
    public @Nullable FilesystemType type(String name) {
        for (FilesystemType t : types) {
            if (t.name().equals(name)) {
                return t;
            }
        }
        return null;
    }

    /** Registers a character device for a range of minors; later ones go first. */
    public void registerCharDevice(int major, int firstMinor, int count, Device device) {
        register(new Range(false, major, firstMinor, count, device));
    }

    private synchronized void register(Range range) {
        Range[] old = devices;
        Range[] wider = new Range[old.length + 1];
        wider[0] = range;
        System.arraycopy(old, 0, wider, 1, old.length);
        devices = wider;
    }

    /**
     * Opens a device node.
     *
     * @throws ErrnoException ENXIO if nobody serves its number
     */
    FileDescription openDevice(CallContext context, Inode inode, VfsPath path, int flags)
            throws ErrnoException {
        boolean block = (inode.mode() & StatMode.S_IFMT) == StatMode.S_IFBLK;
        int major = DeviceNumber.major(inode.rdevice());
        int minor = DeviceNumber.minor(inode.rdevice());
        for (Range r : devices) {
            if (r.block == block
                    && r.major == major
                    && minor >= r.firstMinor
                    && minor - r.firstMinor < r.count) {
                return r.device.open(context, inode, path, flags);
            }
        }
        throw Errno.ENXIO.exception();
    }
}
