// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** A symbolic link; a subclass may say where to, each time anew. */
public class KernfsSymlink extends KernfsInode {

    /** The usual mode. */
    public static final int MODE = StatMode.S_IFLNK | 0777;

    private final String target;

    /** Makes one with a fixed target. */
    public KernfsSymlink(KernfsFilesystem filesystem, long number, String target) {
        this(filesystem, number, MODE, target);
    }

    protected KernfsSymlink(KernfsFilesystem filesystem, long number, int mode, String target) {
        super(filesystem, number, mode);
        this.target = target;
    }

    @Override
    public String readlink(CallContext context) throws ErrnoException {
        return target;
    }

    @Override
    public final FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        throw Errno.ELOOP.exception();
    }
}
