// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.tmpfs.TmpfsRegular;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Mman;

/** memfd_create(2) on an internal tmpfs. One for a kernel. */
public final class Memfds {

    private static final int NAME_MAX = 249;
    private static final int MFD_NOEXEC_SEAL = 8;
    private static final int MFD_EXEC = 16;
    private static final int O_LARGEFILE = 0100000;

    private static final int KNOWN_FLAGS =
            Mman.MFD_CLOEXEC | Mman.MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;

    private final Tmpfs filesystem;
    private final Mount mount;

    public Memfds(PageAllocator pages, CallContext context) {
        filesystem = Tmpfs.create(pages, context);
        mount = Mount.internal(filesystem);
    }

    /**
     * Makes a file in memory.
     *
     * @throws ErrnoException EINVAL for unknown flags (huge pages too) or a name of more than 249
     *     bytes
     */
    public FileDescription create(CallContext context, String name, int flags)
            throws ErrnoException {
        int exclusive = MFD_EXEC | MFD_NOEXEC_SEAL;
        if ((flags & ~KNOWN_FLAGS) != 0
                || name.length() > NAME_MAX
                || (flags & exclusive) == exclusive) {
            throw Errno.EINVAL.exception();
        }
        boolean executable = (flags & MFD_NOEXEC_SEAL) == 0;
        String shown = "/memfd:" + name + " (deleted)";
        TmpfsRegular inode = filesystem.newNameless(context, shown, executable ? 0777 : 0666);
        if ((flags & (Mman.MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL)) != 0) {
            inode.data().allowSealing(executable ? 0 : Fcntl.F_SEAL_EXEC);
        }
        VfsPath path = new VfsPath(mount, new Dentry(null, shown, inode));
        return inode.open(context, path, Fcntl.O_RDWR | O_LARGEFILE);
    }
}
