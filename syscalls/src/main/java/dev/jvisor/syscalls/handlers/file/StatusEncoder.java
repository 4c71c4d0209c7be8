// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.platform.abi.StatfsStruct;
import dev.jvisor.platform.abi.StatxStruct;

/** Attributes as the structures of stat(2), statx(2) and statfs(2). */
final class StatusEncoder {

    private StatusEncoder() {}

    static byte[] stat(FileStatus s) {
        byte[] b = new byte[StatStruct.SIZE];
        LittleEndian.putLong(b, StatStruct.DEV, s.device);
        LittleEndian.putLong(b, StatStruct.INO, s.inode);
        LittleEndian.putLong(b, StatStruct.NLINK, s.links & 0xffff_ffffL);
        LittleEndian.putInt(b, StatStruct.MODE, s.mode);
        LittleEndian.putInt(b, StatStruct.UID, s.uid);
        LittleEndian.putInt(b, StatStruct.GID, s.gid);
        LittleEndian.putLong(b, StatStruct.RDEV, s.rdevice);
        LittleEndian.putLong(b, StatStruct.SIZE_BYTES, s.size);
        LittleEndian.putLong(b, StatStruct.BLOCK_SIZE_BYTES, s.blockSize);
        LittleEndian.putLong(b, StatStruct.BLOCKS, s.blocks);
        LittleEndian.putLong(b, StatStruct.ATIME, s.accessSeconds);
        LittleEndian.putLong(b, StatStruct.ATIME_NSEC, s.accessNanos);
        LittleEndian.putLong(b, StatStruct.MTIME, s.modifySeconds);
        LittleEndian.putLong(b, StatStruct.MTIME_NSEC, s.modifyNanos);
        LittleEndian.putLong(b, StatStruct.CTIME, s.changeSeconds);
        LittleEndian.putLong(b, StatStruct.CTIME_NSEC, s.changeNanos);
        return b;
    }

    static byte[] statx(FileStatus s) {
        byte[] b = new byte[StatxStruct.SIZE];
        int mask = StatMode.STATX_BASIC_STATS | StatMode.STATX_MNT_ID;
        if (s.hasBirth) {
            mask |= StatMode.STATX_BTIME;
            timestamp(b, StatxStruct.BTIME, s.birthSeconds, s.birthNanos);
        }
        LittleEndian.putInt(b, StatxStruct.MASK, mask);
        LittleEndian.putInt(b, StatxStruct.BLKSIZE, s.blockSize);
        LittleEndian.putInt(b, StatxStruct.NLINK, s.links);
        LittleEndian.putInt(b, StatxStruct.UID, s.uid);
        LittleEndian.putInt(b, StatxStruct.GID, s.gid);
        LittleEndian.putShort(b, StatxStruct.MODE, s.mode);
        LittleEndian.putLong(b, StatxStruct.INO, s.inode);
        LittleEndian.putLong(b, StatxStruct.SIZE_BYTES, s.size);
        LittleEndian.putLong(b, StatxStruct.BLOCKS, s.blocks);
        timestamp(b, StatxStruct.ATIME, s.accessSeconds, s.accessNanos);
        timestamp(b, StatxStruct.CTIME, s.changeSeconds, s.changeNanos);
        timestamp(b, StatxStruct.MTIME, s.modifySeconds, s.modifyNanos);
        LittleEndian.putInt(b, StatxStruct.RDEV_MAJOR, major(s.rdevice));
        LittleEndian.putInt(b, StatxStruct.RDEV_MINOR, minor(s.rdevice));
        LittleEndian.putInt(b, StatxStruct.DEV_MAJOR, major(s.device));
        LittleEndian.putInt(b, StatxStruct.DEV_MINOR, minor(s.device));
        LittleEndian.putLong(b, StatxStruct.MNT_ID, s.mountId);
        return b;
    }

    static byte[] statfs(FilesystemStatus s) {
        byte[] b = new byte[StatfsStruct.SIZE];
        LittleEndian.putLong(b, StatfsStruct.TYPE, s.type);
        LittleEndian.putLong(b, StatfsStruct.BSIZE, s.blockSize);
        LittleEndian.putLong(b, StatfsStruct.BLOCKS, s.blocks);
        LittleEndian.putLong(b, StatfsStruct.BFREE, s.blocksFree);
        LittleEndian.putLong(b, StatfsStruct.BAVAIL, s.blocksAvailable);
        LittleEndian.putLong(b, StatfsStruct.FILES, s.files);
        LittleEndian.putLong(b, StatfsStruct.FFREE, s.filesFree);
        LittleEndian.putLong(b, StatfsStruct.FSID, s.id);
        LittleEndian.putLong(b, StatfsStruct.NAMELEN, s.nameLength);
        long fragment = s.fragmentSize == 0 ? s.blockSize : s.fragmentSize;
        LittleEndian.putLong(b, StatfsStruct.FRSIZE, fragment);
        LittleEndian.putLong(b, StatfsStruct.FLAGS, s.flags);
        return b;
    }

    private static void timestamp(byte[] b, int at, long seconds, int nanos) {
        LittleEndian.putLong(b, at, seconds);
        LittleEndian.putInt(b, at + StatxStruct.TIMESTAMP_NSEC, nanos);
    }

    /** Major number of stat(2)'s encoding (Linux: new_decode_dev). */
    private static int major(long device) {
        return (int) (device >>> 8) & 0xfff;
    }

    private static int minor(long device) {
        return (int) (device & 0xff | device >>> 12 & 0xfff00);
    }
}
