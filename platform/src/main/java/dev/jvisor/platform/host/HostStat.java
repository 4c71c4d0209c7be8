// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

/**
 * Attributes of a host file as statx(2) gives them ({@code struct statx} of {@code linux/stat.h}).
 *
 * <p>A plain holder that a caller reuses. Device numbers are in the encoding of stat(2).
 */
public final class HostStat {

    static final int STATX_SIZE = 256;

    private static final int OFFSET_BLKSIZE = 4;
    private static final int OFFSET_NLINK = 16;
    private static final int OFFSET_UID = 20;
    private static final int OFFSET_GID = 24;
    private static final int OFFSET_MODE = 28;
    private static final int OFFSET_INO = 32;
    private static final int OFFSET_SIZE = 40;
    private static final int OFFSET_BLOCKS = 48;
    private static final int OFFSET_ATIME = 64;
    private static final int OFFSET_BTIME = 80;
    private static final int OFFSET_CTIME = 96;
    private static final int OFFSET_MTIME = 112;
    private static final int OFFSET_RDEV_MAJOR = 128;
    private static final int OFFSET_RDEV_MINOR = 132;
    private static final int OFFSET_DEV_MAJOR = 136;
    private static final int OFFSET_DEV_MINOR = 140;
    private static final int OFFSET_NANOS = 8;
    private static final int MASK_BTIME = 0x800;

    public long device;
    public long inode;

    /** Type and permission bits. */
    public int mode;

    public int links;
    public int uid;
    public int gid;
    public long rdevice;

    /** Bytes. */
    public long size;

    /** Preferred I/O size, bytes. */
    public int blockSize;

    /** In units of 512 bytes. */
    public long blocks;

    public long accessSeconds;
    public int accessNanos;
    public long modifySeconds;
    public int modifyNanos;
    public long changeSeconds;
    public int changeNanos;
    public boolean hasBirth;
    public long birthSeconds;
    public int birthNanos;

    /** Returns the file's type, one of {@code S_IFMT}'s values. */
    public int type() {
        return mode & 0170000;
    }

    /** Returns the device number that stat(2) reports for a major and a minor number. */
    public static long makeDevice(int major, int minor) {
        long high = major & 0xffffffffL;
        long low = minor & 0xffffffffL;
        return (low & 0xff) | (high & 0xfff) << 8 | (low & ~0xffL) << 12 | (high & ~0xfffL) << 32;
    }

    void load(NativeBuffer from, int at) {
        int mask = from.getInt(at);
        blockSize = from.getInt(at + OFFSET_BLKSIZE);
        links = from.getInt(at + OFFSET_NLINK);
        uid = from.getInt(at + OFFSET_UID);
        gid = from.getInt(at + OFFSET_GID);
        mode = from.getShort(at + OFFSET_MODE) & 0xffff;
        inode = from.getLong(at + OFFSET_INO);
        size = from.getLong(at + OFFSET_SIZE);
        blocks = from.getLong(at + OFFSET_BLOCKS);
        accessSeconds = from.getLong(at + OFFSET_ATIME);
        accessNanos = from.getInt(at + OFFSET_ATIME + OFFSET_NANOS);
        modifySeconds = from.getLong(at + OFFSET_MTIME);
        modifyNanos = from.getInt(at + OFFSET_MTIME + OFFSET_NANOS);
        changeSeconds = from.getLong(at + OFFSET_CTIME);
        changeNanos = from.getInt(at + OFFSET_CTIME + OFFSET_NANOS);
        hasBirth = (mask & MASK_BTIME) != 0;
        birthSeconds = hasBirth ? from.getLong(at + OFFSET_BTIME) : 0;
        birthNanos = hasBirth ? from.getInt(at + OFFSET_BTIME + OFFSET_NANOS) : 0;
        rdevice = makeDevice(
                from.getInt(at + OFFSET_RDEV_MAJOR), from.getInt(at + OFFSET_RDEV_MINOR));
        device = makeDevice(from.getInt(at + OFFSET_DEV_MAJOR), from.getInt(at + OFFSET_DEV_MINOR));
    }
}
