// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.DIRENT_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Fsnotify;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.DirentStruct;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** getdents(2), mkdir(2), rmdir(2), chdir(2), chroot(2), getcwd(2). */
@SyscallHandlers
final class DirectorySyscalls {

    /** Larger buffers are filled up to here only: a call may return fewer entries than fit. */
    private static final int BATCH_MAX = 64 * 1024;

    private DirectorySyscalls() {}

    /** Packs entries as linux_dirent64 or linux_dirent. */
    private static final class Packer implements FileDescription.DirectorySink {
        final byte[] buffer;
        final boolean old;
        int used;
        boolean full;

        Packer(int size, boolean old) {
            this.buffer = new byte[size];
            this.old = old;
        }

        @Override
        public boolean entry(String name, long inode, int type, long offset) {
            int nameAt = old ? DirentStruct.NAME : DirentStruct.NAME64;
            // The old form has its type behind the name's NUL.
            int length = nameAt + name.length() + (old ? 2 : 1);
            length = length + DirentStruct.ALIGNMENT - 1 & -DirentStruct.ALIGNMENT;
            if (used + length > buffer.length) {
                full = true;
                return false;
            }
            LittleEndian.putLong(buffer, used + DirentStruct.INO, inode);
            LittleEndian.putLong(buffer, used + DirentStruct.OFF, offset);
            LittleEndian.putShort(buffer, used + DirentStruct.RECLEN, length);
            for (int i = 0; i < name.length(); i++) {
                buffer[used + nameAt + i] = (byte) name.charAt(i);
            }
            buffer[used + (old ? length - 1 : DirentStruct.TYPE64)] = (byte) type;
            used += length;
            return true;
        }
    }

    @Syscall(number = 78, name = "getdents")
    static long getdents(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long buffer, @Arg(UNSIGNED) int size)
            throws ErrnoException {
        return getdents(task, fd, buffer, size, true);
    }

    /**
     * EBADF; EFAULT; ENOTDIR; ENOENT for a removed directory; EINVAL if not even one entry fits.
     */
    @Syscall(number = 217, name = "getdents64")
    static long getdents64(
            Task task, @Arg(FD) int fd, @Arg(DIRENT_OUT) long buffer, @Arg(UNSIGNED) int size)
            throws ErrnoException {
        return getdents(task, fd, buffer, size, false);
    }

    private static long getdents(Task task, int fd, long buffer, int size, boolean old)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            UserArgs.checkRange(buffer, size & 0xffff_ffffL);
            long before = file.position();
            Packer packer = new Packer((int) Math.min(size & 0xffff_ffffL, BATCH_MAX), old);
            file.iterate(task, packer);
            Fsnotify.access(file);
            if (packer.used == 0 && packer.full) {
                throw Errno.EINVAL.exception();
            }
            try {
                task.memory().copyOut(buffer, packer.buffer, 0, packer.used);
            } catch (ErrnoException e) {
                file.setPosition(before);
                throw e;
            }
            return packer.used;
        } finally {
            file.release();
        }
    }

    @Syscall(number = 83, name = "mkdir")
    static long mkdir(Task task, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        return mkdirat(task, Fcntl.AT_FDCWD, path, mode);
    }

    @Syscall(number = 258, name = "mkdirat")
    static long mkdirat(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        String name = UserArgs.path(task, path);
        Vfs.mkdir(task, UserArgs.start(task, directory, name), name, mode & 01777);
        return 0;
    }

    @Syscall(number = 84, name = "rmdir")
    static long rmdir(Task task, @Arg(PATH) long path) throws ErrnoException {
        Vfs.unlink(task, null, UserArgs.path(task, path), Fcntl.AT_REMOVEDIR);
        return 0;
    }

    @Syscall(number = 80, name = "chdir")
    static long chdir(Task task, @Arg(PATH) long path) throws ErrnoException {
        VfsPath place = Vfs.resolve(task, null, UserArgs.path(task, path), 0);
        Vfs.checkSearchable(task, place);
        task.fs().setWorkingDirectory(place);
        return 0;
    }

    @Syscall(number = 81, name = "fchdir")
    static long fchdir(Task task, @Arg(FD) int fd) throws ErrnoException {
        FileDescription file = task.files().acquire(fd);
        try {
            VfsPath place = file.path();
            if (place == null) {
                throw Errno.ENOTDIR.exception();
            }
            Vfs.checkSearchable(task, place);
            task.fs().setWorkingDirectory(place);
            return 0;
        } finally {
            file.release();
        }
    }

    /** Path walk and search permission come before EPERM (CAP_SYS_CHROOT). */
    @Syscall(number = 161, name = "chroot")
    static long chroot(Task task, @Arg(PATH) long path) throws ErrnoException {
        VfsPath place = Vfs.resolve(task, null, UserArgs.path(task, path), 0);
        Vfs.checkSearchable(task, place);
        if (!task.credentials().hasOwn(Capabilities.CAP_SYS_CHROOT)) {
            throw Errno.EPERM.exception();
        }
        task.fs().setRoot(place);
        return 0;
    }

    /** ENOENT if the directory was removed; ERANGE; EFAULT. The result counts the NUL. */
    @Syscall(number = 79, name = "getcwd")
    static long getcwd(Task task, @Arg(PATH_OUT) long buffer, @Arg(SIZE) long size)
            throws ErrnoException {
        VfsPath place = task.fs().workingDirectory();
        if (place.dentry().isDeleted()) {
            throw Errno.ENOENT.exception();
        }
        String path = Vfs.pathOf(task, place);
        byte[] bytes = new byte[path.length() + 1];
        for (int i = 0; i < path.length(); i++) {
            bytes[i] = (byte) path.charAt(i);
        }
        if (Long.compareUnsigned(size, bytes.length) < 0) {
            throw Errno.ERANGE.exception();
        }
        task.memory().copyOut(buffer, bytes, 0, bytes.length);
        return bytes.length;
    }
}
