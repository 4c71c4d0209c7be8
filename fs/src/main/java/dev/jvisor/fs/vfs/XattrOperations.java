// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_SYS_ADMIN;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.Xattr;

import java.util.ArrayList;
import java.util.List;

/**
 * Extended attributes with the rules of their namespaces (Linux: fs/xattr.c,
 * {@code xattr_permission}).
 */
final class XattrOperations {

    // Linux: uapi/linux/limits.h
    private static final int NAME_BYTES_MAX = 255;
    private static final int SIZE_BYTES_MAX = 65536;

    private XattrOperations() {}

    static byte[] get(CallContext context, VfsPath place, String name) throws ErrnoException {
        checkName(name);
        Inode inode = place.dentry().inode();
        checkPermission(context.credentials(), inode, name, Permissions.MAY_READ);
        byte[] value = inode.getXattr(context, name);
        if (value == null) {
            throw Errno.ENODATA.exception();
        }
        return value;
    }

    static void set(CallContext context, VfsPath place, String name, byte[] value, int flags)
            throws ErrnoException {
        if ((flags & ~(Xattr.XATTR_CREATE | Xattr.XATTR_REPLACE)) != 0) {
            throw Errno.EINVAL.exception();
        }
        checkName(name);
        if (value.length > SIZE_BYTES_MAX) {
            throw Errno.E2BIG.exception();
        }
        MountNamespace.wantWrite(place.mount());
        Inode inode = place.dentry().inode();
        checkPermission(context.credentials(), inode, name, Permissions.MAY_WRITE);
        inode.setXattr(context, name, value, flags);
        Fsnotify.attributes(place.dentry());
    }

    static void remove(CallContext context, VfsPath place, String name) throws ErrnoException {
        checkName(name);
        MountNamespace.wantWrite(place.mount());
        Inode inode = place.dentry().inode();
        checkPermission(context.credentials(), inode, name, Permissions.MAY_WRITE);
        inode.removeXattr(context, name);
        Fsnotify.attributes(place.dentry());
    }

    /** Names; those of {@code trusted.} only for administrators. */
    static String[] list(CallContext context, VfsPath place) throws ErrnoException {
        String[] all = place.dentry().inode().listXattr(context);
        if (context.credentials().has(CAP_SYS_ADMIN)) {
            return all;
        }
        List<String> seen = new ArrayList<>(all.length);
        for (String name : all) {
            if (!name.startsWith("trusted.")) {
                seen.add(name);
            }
        }
        return seen.toArray(new String[0]);
    }

    private static void checkName(String name) throws ErrnoException {
        if (name.isEmpty() || name.length() > NAME_BYTES_MAX) {
            throw Errno.ERANGE.exception();
        }
    }

    private static void checkPermission(Credentials who, Inode inode, String name, int mask)
            throws ErrnoException {
        boolean writes = mask == Permissions.MAY_WRITE;
        if (name.startsWith("security.") || name.startsWith("system.")) {
            if (writes && name.startsWith("security.") && !who.has(CAP_SYS_ADMIN)) {
                throw Errno.EPERM.exception();
            }
            return;
        }
        if (name.startsWith("trusted.")) {
            if (!who.has(CAP_SYS_ADMIN)) {
                throw (writes ? Errno.EPERM : Errno.ENODATA).exception();
            }
            return;
        }
        if (name.startsWith("user.")) {
            if (!inode.isRegular() && !inode.isDirectory()) {
                throw (writes ? Errno.EPERM : Errno.ENODATA).exception();
            }
            boolean sticky = inode.isDirectory() && (inode.mode() & StatMode.S_ISVTX) != 0;
            if (sticky && writes && !Permissions.isOwner(who, inode)) {
                throw Errno.EPERM.exception();
            }
        }
        Permissions.check(who, inode, mask);
    }
}
