// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.vfs.VfsRegistry;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * A device node of ptmx outside of devpts: it belongs to the instance that is mounted at the
 * directory pts beside it (Linux: {@code devpts_mntget}).
 */
public final class PtmxDevice implements VfsRegistry.Device {

    private static final int TTYAUX_MAJOR = 5;
    private static final int PTMX_MINOR = 2;

    private PtmxDevice() {}

    /** Registers the driver. */
    public static void register(VfsRegistry registry) {
        registry.registerCharDevice(TTYAUX_MAJOR, PTMX_MINOR, 1, new PtmxDevice());
    }

    @Override
    public FileDescription open(CallContext context, Inode inode, VfsPath path, int flags)
            throws ErrnoException {
        VfsPath beside = path.dentry().parent() == null
                ? path
                : new VfsPath(path.mount(), path.dentry().parent());
        VfsPath found = Vfs.resolve(context, beside, "pts", 0);
        if (found.dentry() != found.mount().root()
                || !(found.dentry().inode().filesystem() instanceof Devpts devpts)) {
            throw Errno.ENODEV.exception();
        }
        return devpts.open(context, inode, path, flags, found);
    }
}
