// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_CHOWN;
import static dev.jvisor.platform.abi.Capabilities.CAP_FSETID;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;

/** Calls that look at or change attributes (Linux: fs/attr.c, fs/open.c, fs/utimes.c). */
final class AttributeOperations {

    private static final long UTIME_NOW = (1L << 30) - 1;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** SECBIT_NO_SETUID_FIXUP. */
    private static final int NO_SETUID_FIXUP = 1 << 2;

    private AttributeOperations() {}

    static void chmod(CallContext context, VfsPath place, int mode) throws ErrnoException {
        MountNamespace.wantWrite(place.mount());
        Inode inode = place.dentry().inode();
        if (inode.isSymlink()) {
            throw Errno.EOPNOTSUPP.exception();
        }
        Credentials who = context.credentials();
        if (!Permissions.isOwner(who, inode)) {
            throw Errno.EPERM.exception();
        }
        int bits = mode & 07777;
        if (!who.inGroup(inode.gid()) && !Permissions.isCapable(who, inode, CAP_FSETID)) {
            bits &= ~StatMode.S_ISGID;
        }
        Inode.Changes changes = new Inode.Changes();
        changes.setMode = true;
        changes.mode = inode.mode() & StatMode.S_IFMT | bits;
        inode.setAttributes(context, changes);
        Fsnotify.attributes(place.dentry(), changes);
    }

    static void chown(CallContext context, VfsPath place, int uid, int gid) throws ErrnoException {
        MountNamespace.wantWrite(place.mount());
        Inode inode = place.dentry().inode();
        Credentials who = context.credentials();
        boolean mayAll = Permissions.isCapable(who, inode, CAP_CHOWN);
        boolean owner = who.fsuid() == inode.uid();
        if (uid != -1 && !mayAll && !(owner && uid == inode.uid())) {
            throw Errno.EPERM.exception();
        }
        if (gid != -1 && !mayAll && !(owner && (gid == inode.gid() || who.inGroup(gid)))) {
            throw Errno.EPERM.exception();
        }
        Inode.Changes changes = new Inode.Changes();
        changes.setUid = uid != -1;
        changes.uid = uid;
        changes.setGid = gid != -1;
        changes.gid = gid;
        int mode = inode.mode();
        if (!inode.isDirectory()) {
            int left = Permissions.withoutSetId(mode);
            if ((left & StatMode.S_ISGID) != 0
                    && !who.inGroup(inode.gid())
                    && !Permissions.isCapable(who, inode, CAP_FSETID)) {
                left &= ~StatMode.S_ISGID;
            }
            changes.setMode = left != mode;
            changes.mode = left;
        }
        inode.setAttributes(context, changes);
        Fsnotify.attributes(place.dentry(), changes);
    }

    static void setTimes(CallContext context, VfsPath place, long[] times) throws ErrnoException {
        if (times[1] == UTIME_OMIT && times[3] == UTIME_OMIT) {
            return;
        }
        MountNamespace.wantWrite(place.mount());
        Inode inode = place.dentry().inode();
        Credentials who = context.credentials();
        boolean now = times[1] == UTIME_NOW && times[3] == UTIME_NOW;
        if (!Permissions.isOwner(who, inode)) {
            if (!now) {
                throw Errno.EPERM.exception();
            }
            Permissions.check(who, inode, Permissions.MAY_WRITE);
        }
        long clock = context.realtimeNanos();
        long seconds = Math.floorDiv(clock, NANOS_PER_SECOND);
        int nanos = (int) Math.floorMod(clock, NANOS_PER_SECOND);
        Inode.Changes changes = new Inode.Changes();
        changes.setAccess = times[1] != UTIME_OMIT;
        changes.accessSeconds = times[1] == UTIME_NOW ? seconds : times[0];
        changes.accessNanos = times[1] == UTIME_NOW ? nanos : nanosOf(times[1]);
        changes.setModify = times[3] != UTIME_OMIT;
        changes.modifySeconds = times[3] == UTIME_NOW ? seconds : times[2];
        changes.modifyNanos = times[3] == UTIME_NOW ? nanos : nanosOf(times[3]);
        inode.setAttributes(context, changes);
        Fsnotify.attributes(place.dentry(), changes);
    }

    private static int nanosOf(long value) throws ErrnoException {
        if (value == UTIME_OMIT) {
            return 0;
        }
        if (value < 0 || value >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.exception();
        }
        return (int) value;
    }

    static void truncate(CallContext context, VfsPath place, long size) throws ErrnoException {
        if (size < 0) {
            throw Errno.EINVAL.exception();
        }
        Inode inode = place.dentry().inode();
        if (inode.isDirectory()) {
            throw Errno.EISDIR.exception();
        }
        if (!inode.isRegular()) {
            throw Errno.EINVAL.exception();
        }
        MountNamespace.wantWrite(place.mount());
        Permissions.check(context.credentials(), inode, Permissions.MAY_WRITE);
        inode.beginWrite();
        try {
            truncateInode(context, place.dentry(), size);
        } finally {
            inode.endWrite();
        }
    }

    /** Sets the size and clears set-id bits as Linux' {@code do_truncate} does. */
    static void truncateInode(CallContext context, Dentry dentry, long size) throws ErrnoException {
        Inode inode = dentry.inode();
        Inode.Changes changes = new Inode.Changes();
        changes.setSize = true;
        changes.size = size;
        int mode = inode.mode();
        int left = Permissions.modeAfterWrite(context.credentials(), mode);
        changes.setMode = left != mode;
        changes.mode = left;
        inode.setAttributes(context, changes);
        Fsnotify.attributes(dentry, changes);
    }

    static void access(CallContext context, VfsPath place, int mode, Credentials who)
            throws ErrnoException {
        Inode inode = place.dentry().inode();
        Mount mount = place.mount();
        if ((mode & Permissions.MAY_EXEC) != 0
                && inode.isRegular()
                && (mount.flags() & MountFlags.MS_NOEXEC) != 0) {
            throw Errno.EACCES.exception();
        }
        Permissions.check(who, inode, mode);
        if ((mode & Permissions.MAY_WRITE) != 0 && !OpenOperations.isSpecial(inode.mode())) {
            MountNamespace.wantWrite(mount);
        }
    }

    /** Whose permissions access(2) asks about: the real ids', unless AT_EACCESS. */
    static Credentials credentialsForAccess(Credentials who, int flags) {
        if ((flags & Fcntl.AT_EACCESS) != 0
                || who.uid() == who.fsuid()
                        && who.gid() == who.fsgid()
                        && (who.uid() == who.userNamespace().kernelUid(0)
                                ? who.effective() == who.permitted()
                                : who.effective() == 0)) {
            return who;
        }
        long effective = who.effective();
        if ((who.secureBits() & NO_SETUID_FIXUP) == 0) {
            effective = who.uid() == who.userNamespace().kernelUid(0) ? who.permitted() : 0;
        }
        return new Credentials(
                who.uid(),
                who.euid(),
                who.suid(),
                who.uid(),
                who.gid(),
                who.egid(),
                who.sgid(),
                who.gid(),
                who.groups(),
                who.permitted(),
                effective,
                who.inheritable(),
                who.bounding(),
                who.ambient(),
                who.secureBits(),
                who.noNewPrivileges(),
                who.userNamespace());
    }
}
