// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Xattr;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Extended attributes over the protocol: the {@code user} namespace of regular files and
 * directories.
 */
final class GoferXattrs {

    private static final String NAMESPACE = "user.";

    private GoferXattrs() {}

    private static boolean canHave(GoferInode inode) {
        return inode.isRegular() || inode.isDirectory();
    }

    static byte @Nullable [] get(GoferInode inode, String name) throws ErrnoException {
        if (!name.startsWith(NAMESPACE)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (!canHave(inode)) {
            throw Errno.ENODATA.exception();
        }
        return read(inode, name);
    }

    static String[] list(GoferInode inode) throws ErrnoException {
        if (!canHave(inode)) {
            return new String[0];
        }
        byte[] bytes;
        try {
            bytes = read(inode, "");
        } catch (ErrnoException e) {
            if (e.errno == Errno.EOPNOTSUPP) {
                return new String[0];
            }
            throw e;
        }
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        java.util.ArrayList<String> names = new java.util.ArrayList<>();
        int start = 0;
        for (int end = all.indexOf('\0'); end >= 0; end = all.indexOf('\0', start)) {
            names.add(all.substring(start, end));
            start = end + 1;
        }
        return names.toArray(new String[0]);
    }

    private static byte[] read(GoferInode inode, String name) throws ErrnoException {
        GoferConnection c = inode.connection();
        synchronized (c) {
            int from = inode.gofer().fidOf(inode);
            int fid = c.newFid();
            long size;
            try {
                size = ((RMessage.Xattrwalk) c.call(new TMessage.Xattrwalk(from, fid, name)))
                        .size();
            } catch (ErrnoException e) {
                c.freeFid(fid);
                throw e;
            }
            try {
                ByteArrayOutputStream value = new ByteArrayOutputStream();
                while (value.size() < size) {
                    TMessage request = new TMessage.Read(fid, value.size(), c.payloadMax());
                    byte[] part = ((RMessage.Read) c.call(request)).data();
                    if (part.length == 0) {
                        break;
                    }
                    value.write(part, 0, part.length);
                }
                return value.toByteArray();
            } finally {
                c.clunkQuietly(fid);
            }
        }
    }

    static void set(GoferInode inode, String name, byte[] value, int flags) throws ErrnoException {
        if (!name.startsWith(NAMESPACE)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (!canHave(inode)) {
            throw Errno.EPERM.exception();
        }
        GoferConnection c = inode.connection();
        synchronized (c) {
            int fid = c.newFid();
            int from = inode.gofer().fidOf(inode);
            boolean bound = false;
            try {
                c.call(new TMessage.Walk(from, fid, GoferConnection.NO_NAMES));
                bound = true;
                c.call(new TMessage.Xattrcreate(fid, name, value.length, flags));
                int room = c.payloadMax() - 16;
                for (int at = 0; at < value.length; at += room) {
                    int end = Math.min(value.length, at + room);
                    byte[] part = java.util.Arrays.copyOfRange(value, at, end);
                    c.call(new TMessage.Write(fid, at, part));
                }
            } catch (ErrnoException e) {
                if (bound) {
                    c.clunkQuietly(fid);
                } else {
                    c.freeFid(fid);
                }
                throw e;
            }
            c.clunk(fid); // sets the attribute and says how that went
        }
    }

    static void remove(GoferInode inode, String name) throws ErrnoException {
        set(inode, name, new byte[0], Xattr.XATTR_REPLACE);
    }
}
