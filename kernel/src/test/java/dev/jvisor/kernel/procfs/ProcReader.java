// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes files as a program does. */
public final class ProcReader {

    private ProcReader() {}

    /** An entry of a directory. */
    public record Entry(String name, long inode, int type) {}

    public static FileDescription open(CallContext who, String path, int flags)
            throws ErrnoException {
        return Vfs.open(who, null, path, flags, 0, 0);
    }

    public static String read(CallContext who, String path) throws ErrnoException {
        return read(who, path, 4096);
    }

    /** Reads a file in pieces of a size. */
    public static String read(CallContext who, String path, int size) throws ErrnoException {
        FileDescription file = open(who, path, Fcntl.O_RDONLY);
        try {
            return read(who, file, size);
        } finally {
            file.release();
        }
    }

    public static String read(CallContext who, FileDescription file, int size)
            throws ErrnoException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[size];
        for (; ; ) {
            int n = (int) file.read(who, IovIter.of(piece, 0, size));
            if (n == 0) {
                return all.toString(StandardCharsets.ISO_8859_1);
            }
            all.write(piece, 0, n);
        }
    }

    public static void write(CallContext who, String path, String text) throws ErrnoException {
        FileDescription file = open(who, path, Fcntl.O_WRONLY | Fcntl.O_TRUNC);
        try {
            byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
            file.write(who, IovIter.of(data, 0, data.length));
        } finally {
            file.release();
        }
    }

    /** Lists a directory with at most so many entries at a time. */
    public static List<Entry> list(CallContext who, String path, int atOnce) throws ErrnoException {
        FileDescription file = open(who, path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        try {
            List<Entry> found = new ArrayList<>();
            for (; ; ) {
                int before = found.size();
                int[] left = {atOnce};
                file.iterate(who, (name, inode, type, offset) -> {
                    if (left[0] == 0) {
                        return false;
                    }
                    left[0]--;
                    found.add(new Entry(name, inode, type));
                    return true;
                });
                if (found.size() == before) {
                    return found;
                }
            }
        } finally {
            file.release();
        }
    }

    /** The error of an action, or null. */
    public static Errno errnoOf(Action action) {
        try {
            action.run();
            return null;
        } catch (ErrnoException e) {
            return e.errno;
        }
    }

    /** Something that may fail. */
    public interface Action {
        void run() throws ErrnoException;
    }
}
