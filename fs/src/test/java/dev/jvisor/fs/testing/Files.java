// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import java.util.ArrayList;
import java.util.List;

/** Calls of a file test in the words of a shell. */
public final class Files {

    private Files() {}

    /** A call that may fail. */
    public interface Call {
        void run() throws ErrnoException;
    }

    /** Runs a call that has to fail. */
    public static void assertErrno(Errno expected, Call call) {
        assertThat(errnoOf(call)).isEqualTo(expected);
    }

    /** Runs a call; null if it succeeds. */
    public static Errno errnoOf(Call call) {
        try {
            call.run();
            return null;
        } catch (ErrnoException e) {
            return e.errno;
        }
    }

    public static FileDescription open(CallContext context, String path, int flags)
            throws ErrnoException {
        return Vfs.open(context, null, path, flags, 0666, 0);
    }

    public static VfsPath find(CallContext context, String path) throws ErrnoException {
        return Vfs.resolve(context, null, path, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    public static FileStatus stat(CallContext context, String path) throws ErrnoException {
        FileStatus status = new FileStatus();
        Vfs.stat(context, find(context, path), status);
        return status;
    }

    public static void write(CallContext context, String path, String text) throws ErrnoException {
        int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC;
        FileDescription file = open(context, path, flags);
        write(context, file, text);
        file.release();
    }

    public static long write(CallContext context, FileDescription file, String text)
            throws ErrnoException {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return file.write(context, IovIter.of(bytes, 0, bytes.length));
    }

    public static String read(CallContext context, String path) throws ErrnoException {
        FileDescription file = open(context, path, Fcntl.O_RDONLY);
        try {
            return read(context, file, 1 << 20);
        } finally {
            file.release();
        }
    }

    /** Reads at most a number of bytes with one call. */
    public static String read(CallContext context, FileDescription file, int length)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        int n = (int) file.read(context, IovIter.of(bytes, 0, length));
        return new String(bytes, 0, n, ISO_8859_1);
    }

    /** Names in a directory without the dots, in order of the file system. */
    public static List<String> list(CallContext context, String path) throws ErrnoException {
        FileDescription file = open(context, path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        List<String> names = new ArrayList<>();
        file.iterate(context, (name, inode, type, offset) -> {
            if (!name.equals(".") && !name.equals("..")) {
                if (names.contains(name)) {
                    fail("twice: " + name);
                }
                names.add(name);
            }
            return true;
        });
        file.release();
        return names;
    }

    public static void mkdir(CallContext context, String path) throws ErrnoException {
        Vfs.mkdir(context, null, path, 0777);
    }

    public static void symlink(CallContext context, String target, String path)
            throws ErrnoException {
        Vfs.symlink(context, target, null, path);
    }

    public static void link(CallContext context, String from, String to) throws ErrnoException {
        Vfs.link(context, null, from, null, to, 0);
    }

    public static void unlink(CallContext context, String path) throws ErrnoException {
        Vfs.unlink(context, null, path, 0);
    }

    public static void rmdir(CallContext context, String path) throws ErrnoException {
        Vfs.unlink(context, null, path, Fcntl.AT_REMOVEDIR);
    }

    public static void rename(CallContext context, String from, String to) throws ErrnoException {
        Vfs.rename(context, null, from, null, to, 0);
    }
}
