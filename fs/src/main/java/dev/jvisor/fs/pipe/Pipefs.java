// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.pipe;

import dev.jvisor.fs.anon.AnonymousFilesystem;
import dev.jvisor.fs.anon.AnonymousInode;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;

/** Anonymous pipes (Linux: pipefs). */
public final class Pipefs {

    private static final AnonymousFilesystem FILESYSTEM =
            new AnonymousFilesystem("pipefs", MountFlags.PIPEFS_MAGIC);

    private static final int KNOWN_FLAGS = Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_DIRECT;

    private Pipefs() {}

    /** Both ends of a new pipe. */
    public record Ends(FileDescription reader, FileDescription writer) {}

    /**
     * pipe2(2).
     *
     * @param flags O_NONBLOCK, O_DIRECT; O_CLOEXEC is the descriptor's and ignored
     * @throws ErrnoException EINVAL for other flags
     */
    public static Ends create(CallContext context, int flags) throws ErrnoException {
        if ((flags & ~KNOWN_FLAGS) != 0) {
            throw Errno.EINVAL.exception();
        }
        int kept = flags & (Fcntl.O_NONBLOCK | Fcntl.O_DIRECT);
        AnonymousInode inode = FILESYSTEM.newInode(
                context, StatMode.S_IFIFO | StatMode.S_IRUSR | StatMode.S_IWUSR);
        Pipe pipe = new Pipe();
        inode.setSpecial(pipe);
        VfsPath path = FILESYSTEM.place("pipe:[" + inode.number() + "]", inode);
        pipe.open(true, true);
        return new Ends(
                new PipeFile(pipe, inode, path, Fcntl.O_RDONLY | kept & ~Fcntl.O_DIRECT, -1),
                new PipeFile(pipe, inode, path, Fcntl.O_WRONLY | kept, -1));
    }
}
