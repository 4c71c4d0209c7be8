// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of mount(2), statfs(2).
 *
 * <p>Source: {@code linux/mount.h} of Linux, x86-64.
 */
public final class MountFlags {

    private MountFlags() {}

    public static final int ANON_INODE_FS_MAGIC = 0x9041934;

    public static final int CGROUP_SUPER_MAGIC = 0x27e0eb;

    public static final int DEVPTS_SUPER_MAGIC = 0x1cd1;

    public static final int EXT4_SUPER_MAGIC = 0xef53;

    public static final int MNT_FORCE = 1;
    public static final int MNT_DETACH = 2;
    public static final int MNT_EXPIRE = 4;

    public static final int MS_NOUSER = 0x80000000;
    public static final int MS_MGC_VAL = 0xc0ed0000;
    public static final int MS_MGC_MSK = 0xffff0000;
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_SYNCHRONOUS = 16;
    public static final int MS_REMOUNT = 32;
    public static final int MS_MANDLOCK = 64;
    public static final int MS_DIRSYNC = 128;
    public static final int MS_NOSYMFOLLOW = 0x100;
    public static final int MS_NOATIME = 0x400;
    public static final int MS_NODIRATIME = 0x800;
    public static final int MS_BIND = 0x1000;
    public static final int MS_MOVE = 0x2000;
    public static final int MS_REC = 0x4000;
    public static final int MS_SILENT = 0x8000;
    public static final int MS_VERBOSE = 0x8000;
    public static final int MS_POSIXACL = 0x10000;
    public static final int MS_UNBINDABLE = 0x20000;
    public static final int MS_PRIVATE = 0x40000;
    public static final int MS_SLAVE = 0x80000;
    public static final int MS_SHARED = 0x100000;
    public static final int MS_RELATIME = 0x200000;
    public static final int MS_KERNMOUNT = 0x400000;
    public static final int MS_I_VERSION = 0x800000;
    public static final int MS_STRICTATIME = 0x1000000;
    public static final int MS_LAZYTIME = 0x2000000;
    public static final int MS_RMT_MASK = 0x2800051;
    public static final int MS_SUBMOUNT = 0x4000000;
    public static final int MS_NOREMOTELOCK = 0x8000000;
    public static final int MS_NOSEC = 0x10000000;
    public static final int MS_BORN = 0x20000000;
    public static final int MS_ACTIVE = 0x40000000;

    public static final int NSFS_MAGIC = 0x6e736673;

    public static final int OVERLAYFS_SUPER_MAGIC = 0x794c7630;

    public static final int PIPEFS_MAGIC = 0x50495045;

    public static final int PROC_SUPER_MAGIC = 0x9fa0;

    public static final int SOCKFS_MAGIC = 0x534f434b;

    public static final int SYSFS_MAGIC = 0x62656572;

    public static final int TMPFS_MAGIC = 0x1021994;

    public static final int UMOUNT_NOFOLLOW = 8;

    public static final int V9FS_MAGIC = 0x1021997;
}
