// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Xattr;
import dev.jvisor.platform.host.HostFiles;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Extended attributes in the server: fids that stand for a value. Only names in the {@code user}
 * namespace are served: the others mean something to the host's kernel.
 */
final class XattrFids {

    /** linux/limits.h: XATTR_SIZE_MAX. */
    private static final int SIZE_MAX = 64 * 1024;

    private static final String NAMESPACE = "user.";

    private final HostTree tree;
    private final FidTable fids;

    XattrFids(HostTree tree, FidTable fids) {
        this.tree = tree;
        this.fids = fids;
    }

    RMessage walk(TMessage.Xattrwalk m) throws ErrnoException {
        Fid from = fids.get(m.fid());
        fids.checkFree(m.newFid(), -1);
        byte[] value;
        int fd = tree.open(checkKind(from), Fcntl.O_RDONLY);
        try {
            value = m.name().isEmpty() ? list(fd) : get(fd, m.name());
        } finally {
            HostFiles.close(fd);
        }
        Fid f = tree.copy(from);
        f.xattr = value;
        fids.put(m.newFid(), f);
        return new RMessage.Xattrwalk(value.length);
    }

    private static Fid checkKind(Fid f) throws ErrnoException {
        if (f.xattr != null) {
            throw Errno.EBADF.exception();
        }
        if (!f.isRegular() && !f.isDirectory()) {
            throw Errno.EOPNOTSUPP.exception();
        }
        return f;
    }

    private static byte[] get(int fd, String name) throws ErrnoException {
        if (!name.startsWith(NAMESPACE)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        return HostFiles.fgetxattr(fd, name);
    }

    private static byte[] list(int fd) throws ErrnoException {
        String all = new String(HostFiles.flistxattr(fd), StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream served = new ByteArrayOutputStream();
        int start = 0;
        for (int end = all.indexOf('\0'); end >= 0; end = all.indexOf('\0', start)) {
            if (all.startsWith(NAMESPACE, start)) {
                byte[] name = all.substring(start, end + 1).getBytes(StandardCharsets.ISO_8859_1);
                served.write(name, 0, name.length);
            }
            start = end + 1;
        }
        return served.toByteArray();
    }

    void create(TMessage.Xattrcreate m) throws ErrnoException {
        tree.checkWritable();
        Fid f = checkKind(fids.get(m.fid()));
        if (!m.name().startsWith(NAMESPACE)) {
            throw Errno.EPERM.exception();
        }
        if (m.size() < 0 || m.size() > SIZE_MAX) {
            throw Errno.E2BIG.exception();
        }
        f.xattr = new byte[(int) m.size()];
        f.xattrName = m.name();
        f.xattrFlags = m.flags();
    }

    byte[] read(Fid f, long offset, int count) throws ErrnoException {
        byte[] value = f.xattr;
        if (value == null || f.xattrName != null) {
            throw Errno.EBADF.exception();
        }
        int start = (int) Math.min(offset, value.length);
        int n = Math.min(count, value.length - start);
        return java.util.Arrays.copyOfRange(value, start, start + n);
    }

    int write(Fid f, long offset, byte[] data) throws ErrnoException {
        byte[] value = f.xattr;
        if (value == null || f.xattrName == null) {
            throw Errno.EBADF.exception();
        }
        if (offset < 0 || offset > value.length || data.length > value.length - offset) {
            throw Errno.EINVAL.exception();
        }
        System.arraycopy(data, 0, value, (int) offset, data.length);
        return data.length;
    }

    /** Sets the attribute that a fid was collecting. */
    void clunk(Fid f) throws ErrnoException {
        String name = f.xattrName;
        byte[] value = f.xattr;
        if (name == null || value == null) {
            return;
        }
        f.xattr = null;
        int fd = tree.open(f, Fcntl.O_RDONLY);
        try {
            if (value.length == 0 && f.xattrFlags == Xattr.XATTR_REPLACE) {
                HostFiles.fremovexattr(fd, name);
            } else {
                HostFiles.fsetxattr(fd, name, value, f.xattrFlags);
            }
        } finally {
            HostFiles.close(fd);
        }
    }
}
