// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import java.nio.charset.StandardCharsets;

/**
 * Typed host file calls, for the gofer and for descriptors donated to the Sentry.
 *
 * <p>Every method throws {@link ErrnoException} with the host's errno; lengths are bytes;
 * {@code address} is an address in this process (see {@code MemoryFile.address} and
 * {@link NativeBuffer}). Paths are byte strings in ISO-8859-1 Strings. EINTR is retried where the
 * call has had no effect yet.
 */
public final class HostFiles {

    /** Longest path, with its NUL (linux/limits.h: PATH_MAX). */
    private static final int PATH_MAX = 4096;
    /** Where a second path or a result goes in the thread's scratch block, behind a first path. */
    private static final int SECOND = 4352;
    /** Longest second path: the scratch block has at least 8 KiB. */
    private static final int SECOND_MAX = 8192 - SECOND;

    private static final int XATTR_SIZE_MAX = 64 * 1024;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final int STATX_BASIC_AND_BTIME = 0xfff;
    private static final int O_CLOEXEC = Fcntl.O_CLOEXEC;

    private HostFiles() {}

    private static long path(NativeBuffer buffer, int offset, String path) throws ErrnoException {
        int limit = offset == 0 ? PATH_MAX : SECOND_MAX;
        if (path.length() >= limit) {
            throw Errno.ENAMETOOLONG.exception();
        }
        if (path.indexOf('\0') >= 0) {
            throw Errno.EINVAL.exception();
        }
        return buffer.putCString(offset, path.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static long retry(int number, long a, long b, long c, long d, long e, long f)
            throws ErrnoException {
        for (; ; ) {
            long result = Host.syscall(number, a, b, c, d, e, f);
            if (result != -Errno.EINTR.number) {
                return Host.check(result);
            }
        }
    }

    // ---- opening and closing ------------------------------------------------------------------

    /**
     * openat(2). O_CLOEXEC is always set.
     *
     * @param flags {@code O_*}; callers in the gofer pass O_NOFOLLOW with every name
     * @return the descriptor
     */
    public static int openat(int directory, String path, int flags, int mode)
            throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        return (int) retry(Sys.OPENAT, directory, p, flags | O_CLOEXEC, mode, 0, 0);
    }

    /** Opens an absolute or working-directory-relative path. */
    public static int open(String path, int flags) throws ErrnoException {
        return openat(Fcntl.AT_FDCWD, path, flags, 0);
    }

    /** close(2). Errors are of no use to anyone: Linux has closed the descriptor all the same. */
    public static void close(int fd) {
        if (fd >= 0) {
            Host.syscall(Sys.CLOSE, fd, 0, 0);
        }
    }

    /** Duplicates a descriptor with close-on-exec set, to the lowest free number. */
    public static int dup(int fd) throws ErrnoException {
        return (int) Host.check(Host.syscall(Sys.FCNTL, fd, Fcntl.F_DUPFD_CLOEXEC, 3));
    }

    /** fcntl(2) with an integer argument. */
    public static int fcntl(int fd, int command, long argument) throws ErrnoException {
        return (int) retry(Sys.FCNTL, fd, command, argument, 0, 0, 0);
    }

    // ---- attributes ---------------------------------------------------------------------------

    /** Fills in the attributes of an open file (also of an O_PATH descriptor). */
    public static void fstat(int fd, HostStat result) throws ErrnoException {
        fstatat(fd, "", result);
    }

    /** Fills in the attributes of a directory's entry, never following a link at the end. */
    public static void fstatat(int directory, String path, HostStat result) throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.scratch();
        long p = path(buffer, 0, path);
        int flags = Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH | Fcntl.AT_NO_AUTOMOUNT;
        long to = buffer.address() + SECOND;
        retry(Sys.STATX, directory, p, flags, STATX_BASIC_AND_BTIME, to, 0);
        result.load(buffer, SECOND);
    }

    /** What fstatfs(2) says of a file system. */
    public static final class FsStat {
        public long type;
        public long blockSize;
        public long blocks;
        public long blocksFree;
        public long blocksAvailable;
        public long files;
        public long filesFree;
        public long id;
        public long nameLength;
        public long fragmentSize;
        public long flags;
    }

    /** fstatfs(2). */
    public static void fstatfs(int fd, FsStat result) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        retry(Sys.FSTATFS, fd, b.address(), 0, 0, 0, 0);
        result.type = b.getLong(0);
        result.blockSize = b.getLong(8);
        result.blocks = b.getLong(16);
        result.blocksFree = b.getLong(24);
        result.blocksAvailable = b.getLong(32);
        result.files = b.getLong(40);
        result.filesFree = b.getLong(48);
        result.id = b.getLong(56);
        result.nameLength = b.getLong(64);
        result.fragmentSize = b.getLong(72);
        result.flags = b.getLong(80);
    }

    /** fchmod(2). */
    public static void fchmod(int fd, int mode) throws ErrnoException {
        retry(Sys.FCHMOD, fd, mode, 0, 0, 0, 0);
    }

    /** fchmodat(2); it follows a link at the end. */
    public static void fchmodat(int directory, String path, int mode) throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        retry(Sys.FCHMODAT, directory, p, mode, 0, 0, 0);
    }

    /** Changes owner and group of an open file (O_PATH will do); -1 leaves one as it is. */
    public static void fchown(int fd, int uid, int gid) throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, "");
        int flags = Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW;
        retry(Sys.FCHOWNAT, fd, p, uid, gid, flags, 0);
    }

    /** fchownat(2), never following a link at the end; -1 leaves one as it is. */
    public static void fchownat(int directory, String path, int uid, int gid)
            throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        retry(Sys.FCHOWNAT, directory, p, uid, gid, Fcntl.AT_SYMLINK_NOFOLLOW, 0);
    }

    /**
     * utimensat(2) on an open file (O_PATH will do).
     *
     * @param accessNanos nanoseconds, UTIME_NOW, UTIME_OMIT; likewise {@code modifyNanos}
     */
    public static void futimens(
            int fd, long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        long p = path(b, 0, "");
        b.putLong(SECOND, accessSeconds);
        b.putLong(SECOND + 8, accessNanos);
        b.putLong(SECOND + 16, modifySeconds);
        b.putLong(SECOND + 24, modifyNanos);
        retry(Sys.UTIMENSAT, fd, p, b.address() + SECOND, Fcntl.AT_EMPTY_PATH, 0, 0);
    }

    /** Nanoseconds value that leaves a time stamp as it is. */
    public static long utimeOmit() {
        return UTIME_OMIT;
    }

    // ---- names --------------------------------------------------------------------------------

    /** readlinkat(2); an empty path reads the link that an O_PATH descriptor stands for. */
    public static String readlinkat(int directory, String path) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        long p = path(b, 0, path);
        int n = (int) retry(Sys.READLINKAT, directory, p, b.address() + SECOND, SECOND_MAX, 0, 0);
        if (n >= SECOND_MAX) {
            return readLongLink(directory, path);
        }
        return latin1(b, SECOND, n);
    }

    private static String readLongLink(int directory, String path) throws ErrnoException {
        NativeBuffer big = NativeBuffer.allocate(2 * PATH_MAX);
        try {
            long p = path(big, 0, path);
            long to = big.address() + PATH_MAX;
            int n = (int) retry(Sys.READLINKAT, directory, p, to, PATH_MAX, 0, 0);
            return latin1(big, PATH_MAX, n);
        } finally {
            big.free();
        }
    }

    private static String latin1(NativeBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.get(offset, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** mkdirat(2). */
    public static void mkdirat(int directory, String path, int mode) throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        retry(Sys.MKDIRAT, directory, p, mode, 0, 0, 0);
    }

    /** mknodat(2). */
    public static void mknodat(int directory, String path, int mode, long device)
            throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        retry(Sys.MKNODAT, directory, p, mode, device, 0, 0);
    }

    /** unlinkat(2); AT_REMOVEDIR removes a directory. */
    public static void unlinkat(int directory, String path, int flags) throws ErrnoException {
        long p = path(NativeBuffer.scratch(), 0, path);
        retry(Sys.UNLINKAT, directory, p, flags, 0, 0, 0);
    }

    /** symlinkat(2). */
    public static void symlinkat(String target, int directory, String path) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        long t = path(b, 0, target);
        retry(Sys.SYMLINKAT, t, directory, path(b, SECOND, path), 0, 0, 0);
    }

    /** linkat(2); {@code flags} AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. */
    public static void linkat(
            int oldDirectory, String oldPath, int newDirectory, String newPath, int flags)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        long from = path(b, 0, oldPath);
        retry(Sys.LINKAT, oldDirectory, from, newDirectory, path(b, SECOND, newPath), flags, 0);
    }

    /** renameat2(2); {@code flags} RENAME_NOREPLACE, RENAME_EXCHANGE. */
    public static void renameat2(
            int oldDirectory, String oldPath, int newDirectory, String newPath, int flags)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        long from = path(b, 0, oldPath);
        retry(Sys.RENAMEAT2, oldDirectory, from, newDirectory, path(b, SECOND, newPath), flags, 0);
    }

    /**
     * getdents64(2).
     *
     * @return bytes of {@code struct linux_dirent64} records, 0 at the end
     */
    public static int getdents64(int fd, long address, int length) throws ErrnoException {
        return (int) retry(Sys.GETDENTS64, fd, address, length, 0, 0, 0);
    }

    /** lseek(2). */
    public static long lseek(int fd, long offset, int whence) throws ErrnoException {
        return retry(Sys.LSEEK, fd, offset, whence, 0, 0, 0);
    }

    // ---- data ---------------------------------------------------------------------------------

    /** pread(2) into memory at an address; EINTR is retried. */
    public static long pread(int fd, long address, long length, long offset) throws ErrnoException {
        return retry(Sys.PREAD64, fd, address, length, offset, 0, 0);
    }

    /** pwrite(2); EINTR is retried. */
    public static long pwrite(int fd, long address, long length, long offset)
            throws ErrnoException {
        return retry(Sys.PWRITE64, fd, address, length, offset, 0, 0);
    }

    /** read(2) at the descriptor's own offset. Does not retry EINTR: the call may wait for long. */
    public static long read(int fd, long address, long length) throws ErrnoException {
        return Host.check(Host.syscall(Sys.READ, fd, address, length));
    }

    /** write(2) at the descriptor's own offset. Does not retry EINTR. */
    public static long write(int fd, long address, long length) throws ErrnoException {
        return Host.check(Host.syscall(Sys.WRITE, fd, address, length));
    }

    /**
     * preadv2(2) with one piece.
     *
     * @param offset -1 for the descriptor's own offset
     * @param flags {@code RWF_*}
     */
    public static long preadv2(int fd, long address, long length, long offset, int flags)
            throws ErrnoException {
        return vector(Sys.PREADV2, fd, address, length, offset, flags);
    }

    /** pwritev2(2) with one piece; as {@link #preadv2}. */
    public static long pwritev2(int fd, long address, long length, long offset, int flags)
            throws ErrnoException {
        return vector(Sys.PWRITEV2, fd, address, length, offset, flags);
    }

    /** The iovec goes to the end of the scratch block: callers may have their data at its start. */
    private static long vector(
            int number, int fd, long address, long length, long offset, int flags)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int at = b.size() - 16;
        b.putLong(at, address);
        b.putLong(at + 8, length);
        // The offset is passed in two halves; on 64-bit hosts only the low one counts.
        return Host.check(Host.syscall(number, fd, b.address() + at, 1, offset, 0, flags));
    }

    /** ftruncate(2). */
    public static void ftruncate(int fd, long size) throws ErrnoException {
        retry(Sys.FTRUNCATE, fd, size, 0, 0, 0, 0);
    }

    /** fallocate(2). */
    public static void fallocate(int fd, int mode, long offset, long length) throws ErrnoException {
        retry(Sys.FALLOCATE, fd, mode, offset, length, 0, 0);
    }

    /** fsync(2), or fdatasync(2) with {@code dataOnly}. */
    public static void fsync(int fd, boolean dataOnly) throws ErrnoException {
        retry(dataOnly ? Sys.FDATASYNC : Sys.FSYNC, fd, 0, 0, 0, 0, 0);
    }

    /** syncfs(2). */
    public static void syncfs(int fd) throws ErrnoException {
        retry(Sys.SYNCFS, fd, 0, 0, 0, 0, 0);
    }

    // ---- extended attributes ------------------------------------------------------------------

    /** fgetxattr(2). */
    public static byte[] fgetxattr(int fd, String name) throws ErrnoException {
        return xattrAnswer(Sys.FGETXATTR, fd, path(NativeBuffer.scratch(), 0, name));
    }

    /** flistxattr(2): names, each with its NUL. */
    public static byte[] flistxattr(int fd) throws ErrnoException {
        return xattrAnswer(Sys.FLISTXATTR, fd, 0);
    }

    private static byte[] xattrAnswer(int number, int fd, long name) throws ErrnoException {
        NativeBuffer big = NativeBuffer.allocate(XATTR_SIZE_MAX);
        try {
            long n = number == Sys.FGETXATTR
                    ? retry(number, fd, name, big.address(), XATTR_SIZE_MAX, 0, 0)
                    : retry(number, fd, big.address(), XATTR_SIZE_MAX, 0, 0, 0);
            byte[] value = new byte[(int) n];
            big.get(0, value, 0, value.length);
            return value;
        } finally {
            big.free();
        }
    }

    /** fsetxattr(2). */
    public static void fsetxattr(int fd, String name, byte[] value, int flags)
            throws ErrnoException {
        if (value.length > XATTR_SIZE_MAX) {
            throw Errno.E2BIG.exception();
        }
        long n = path(NativeBuffer.scratch(), 0, name);
        NativeBuffer big = NativeBuffer.allocate(Math.max(1, value.length));
        try {
            big.put(0, value, 0, value.length);
            retry(Sys.FSETXATTR, fd, n, big.address(), value.length, flags, 0);
        } finally {
            big.free();
        }
    }

    /** fremovexattr(2). */
    public static void fremovexattr(int fd, String name) throws ErrnoException {
        retry(Sys.FREMOVEXATTR, fd, path(NativeBuffer.scratch(), 0, name), 0, 0, 0, 0);
    }

    // ---- limits -------------------------------------------------------------------------------

    /** Returns this process's soft limit of open descriptors (RLIMIT_NOFILE). */
    public static int descriptorLimit() {
        NativeBuffer b = NativeBuffer.scratch();
        int resourceNofile = 7;
        if (Host.isError(Host.syscall(Sys.PRLIMIT64, 0, resourceNofile, 0, b.address()))) {
            return 1024;
        }
        long soft = b.getLong(0);
        return soft < 0 || soft > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) soft;
    }
}
