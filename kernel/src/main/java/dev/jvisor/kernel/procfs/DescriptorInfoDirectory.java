// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

/** {@code /proc/PID/fdinfo}: position and flags of each open file. */
final class DescriptorInfoDirectory extends DescriptorDirectory {

    DescriptorInfoDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process, entry);
    }

    @Override
    protected void checkOpen(CallContext context) throws ErrnoException {
        ProcessAccess.check(context, process.task());
    }

    @Override
    protected long statSize(CallContext context) {
        return 0;
    }

    @Override
    int listedType() {
        return Dirent.DT_REG;
    }

    @Override
    Inode make(int fd, FileDescription file) {
        return new Info(this, fd);
    }

    /** One of the files. */
    private static final class Info extends TextFile {
        private final DescriptorInfoDirectory directory;
        private final int fd;

        Info(DescriptorInfoDirectory directory, int fd) {
            super(directory.process.procfs(), directory.numberOf(fd), READ_ONLY);
            this.directory = directory;
            this.fd = fd;
        }

        @Override
        public int uid() {
            return directory.uid();
        }

        @Override
        public int gid() {
            return directory.gid();
        }

        @Override
        protected long stampNanos() {
            return directory.process.stampNanos();
        }

        @Override
        protected @Nullable Object begin(CallContext context, int flags) throws ErrnoException {
            ProcessAccess.check(context, directory.process.task());
            return null;
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out)
                throws ErrnoException {
            FdTable files = directory.files();
            if (files == null) {
                throw Errno.ENOENT.exception();
            }
            FileDescription file = acquire(files);
            try {
                boolean closeOnExec = isCloseOnExec(files);
                int flags = file.flags() | (closeOnExec ? Fcntl.O_CLOEXEC : 0);
                FileStatus status = new FileStatus();
                file.inode().getAttributes(context, status);
                VfsPath path = file.path();
                out.add("pos:\t").add(file.position()).add("\nflags:\t0").addOctal(flags, 1);
                out.add("\nmnt_id:\t").add(path == null ? 0 : path.mount().id());
                out.add("\nino:\t").addUnsigned(status.inode).add('\n');
                StringBuilder own = new StringBuilder();
                file.describe(context, own);
                out.add(own.toString());
            } finally {
                file.release();
            }
        }

        private FileDescription acquire(FdTable files) throws ErrnoException {
            try {
                return files.acquire(fd);
            } catch (ErrnoException closed) {
                throw Errno.ENOENT.exception();
            }
        }

        private boolean isCloseOnExec(FdTable files) {
            try {
                return files.isCloseOnExec(fd);
            } catch (ErrnoException closed) {
                return false;
            }
        }
    }
}
