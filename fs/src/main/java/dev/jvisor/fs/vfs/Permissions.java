// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_DAC_OVERRIDE;
import static dev.jvisor.platform.abi.Capabilities.CAP_DAC_READ_SEARCH;
import static dev.jvisor.platform.abi.Capabilities.CAP_FOWNER;
import static dev.jvisor.platform.abi.Capabilities.CAP_FSETID;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/**
 * Who may do what to an inode (Linux: {@code generic_permission} and its neighbours in fs/namei.c).
 */
public final class Permissions {

    public static final int MAY_EXEC = 1;
    public static final int MAY_WRITE = 2;
    public static final int MAY_READ = 4;

    private static final int SET_ID = StatMode.S_ISUID | StatMode.S_ISGID;

    private Permissions() {}

    /** Checks rwx (4, 2, 1) by mode bits and capabilities: EACCES. */
    static void check(Credentials who, Inode inode, int mask) throws ErrnoException {
        if (!allows(who, inode, mask)) {
            throw Errno.EACCES.exception();
        }
    }

    /** Whether mode bits and capabilities give the caller rwx (4, 2, 1). */
    public static boolean allows(Credentials who, Inode inode, int mask) {
        int mode = inode.mode();
        int bits;
        if (who.fsuid() == inode.uid()) {
            bits = mode >> 6;
        } else if ((mode & 070) == (mode & 07) << 3) {
            bits = mode; // the group makes no difference
        } else if (who.inGroup(inode.gid())) {
            bits = mode >> 3;
        } else {
            bits = mode;
        }
        return (mask & ~bits & 7) == 0
                || mayOverride(who, inode, mode, mask)
                || inode.permits(who, mask);
    }

    /**
     * Whether the caller has a capability over an inode (Linux: capable_wrt_inode_uidgid): its own
     * user namespace has names for the owner and the group.
     */
    static boolean isCapable(Credentials who, Inode inode, int capability) {
        return who.hasOwn(capability) && who.userNamespace().maps(inode.uid(), inode.gid());
    }

    private static boolean mayOverride(Credentials who, Inode inode, int mode, int mask) {
        if ((mode & StatMode.S_IFMT) == StatMode.S_IFDIR) {
            if ((mask & MAY_WRITE) == 0 && isCapable(who, inode, CAP_DAC_READ_SEARCH)) {
                return true;
            }
            return isCapable(who, inode, CAP_DAC_OVERRIDE);
        }
        if (mask == MAY_READ && isCapable(who, inode, CAP_DAC_READ_SEARCH)) {
            return true;
        }
        boolean executableByAnyone = (mode & 0111) != 0;
        return ((mask & MAY_EXEC) == 0 || executableByAnyone)
                && isCapable(who, inode, CAP_DAC_OVERRIDE);
    }

    /** Whether the caller owns it or may act as owner (Linux: {@code inode_owner_or_capable}). */
    static boolean isOwner(Credentials who, Inode inode) {
        return who.fsuid() == inode.uid() || isCapable(who, inode, CAP_FOWNER);
    }

    /** A new name in a directory: write and search permission, and the directory still exists. */
    static void checkCreate(Credentials who, Dentry directory) throws ErrnoException {
        if (directory.isDeleted()) {
            throw Errno.ENOENT.exception();
        }
        check(who, directory.inode(), MAY_WRITE | MAY_EXEC);
    }

    /**
     * Removal of a name (Linux: {@code may_delete}).
     *
     * @param wantDirectory whether the call removes directories (rmdir) or other files (unlink)
     * @throws ErrnoException EACCES, EPERM (sticky), ENOTDIR, EISDIR, ENOENT
     */
    static void checkDelete(Credentials who, Dentry directory, Inode victim, boolean wantDirectory)
            throws ErrnoException {
        Inode parent = directory.inode();
        check(who, parent, MAY_WRITE | MAY_EXEC);
        if ((parent.mode() & StatMode.S_ISVTX) != 0
                && who.fsuid() != victim.uid()
                && who.fsuid() != parent.uid()
                && !isCapable(who, victim, CAP_FOWNER)) {
            throw Errno.EPERM.exception();
        }
        if (wantDirectory && !victim.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if (!wantDirectory && victim.isDirectory()) {
            throw Errno.EISDIR.exception();
        }
        if (directory.isDeleted()) {
            throw Errno.ENOENT.exception();
        }
    }

    /** The group of a file made in a directory: the directory's if that is set-group-id. */
    public static int groupOfNew(Credentials who, Inode directory) {
        return (directory.mode() & StatMode.S_ISGID) != 0 ? directory.gid() : who.fsgid();
    }

    /**
     * The mode of a file made in a directory (Linux: {@code inode_init_owner},
     * {@code mode_strip_sgid}).
     *
     * @param mode with its type
     */
    public static int modeOfNew(Credentials who, Inode directory, int mode) {
        if ((directory.mode() & StatMode.S_ISGID) == 0) {
            return mode;
        }
        if ((mode & StatMode.S_IFMT) == StatMode.S_IFDIR) {
            return mode | StatMode.S_ISGID;
        }
        int setGroup = StatMode.S_ISGID | StatMode.S_IXGRP;
        if ((mode & setGroup) == setGroup
                && !who.inGroup(directory.gid())
                && !isCapable(who, directory, CAP_FSETID)) {
            return mode & ~StatMode.S_ISGID;
        }
        return mode;
    }

    /**
     * The mode after a change of contents by the caller: without set-id bits unless CAP_FSETID
     * (Linux: {@code file_remove_privs}). The same number if nothing changes.
     */
    public static int modeAfterWrite(Credentials who, int mode) {
        if ((mode & SET_ID) == 0
                || (mode & StatMode.S_IFMT) != StatMode.S_IFREG
                || who.hasOwn(CAP_FSETID)) {
            return mode;
        }
        return withoutSetId(mode);
    }

    /** A mode without set-user-id, and without set-group-id if the group may execute. */
    static int withoutSetId(int mode) {
        int left = mode & ~StatMode.S_ISUID;
        return (left & StatMode.S_IXGRP) != 0 ? left & ~StatMode.S_ISGID : left;
    }
}
