// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.platform.abi.StatfsStruct;
import dev.jvisor.platform.abi.StatxStruct;

import org.junit.jupiter.api.Test;

final class StatusEncoderTests {

    private static FileStatus status() {
        FileStatus s = new FileStatus();
        s.device = 0xfe02;
        s.inode = 0x1_2345_6789L;
        s.mode = 0104755;
        s.links = 3;
        s.uid = -2;
        s.gid = 100;
        // makedev(0x123, 0x45678)
        s.rdevice = 0x4561_2378L;
        s.size = 1L << 40;
        s.blockSize = 4096;
        s.blocks = 1L << 33;
        s.accessSeconds = -1;
        s.accessNanos = 1;
        s.modifySeconds = 2;
        s.modifyNanos = 999_999_999;
        s.changeSeconds = 1L << 34;
        s.changeNanos = 3;
        s.mountId = 77;
        return s;
    }

    @Test
    void statHasEveryField() {
        byte[] b = StatusEncoder.stat(status());
        assertThat(b).hasSize(144);
        assertThat(LittleEndian.getLong(b, StatStruct.DEV)).isEqualTo(0xfe02);
        assertThat(LittleEndian.getLong(b, StatStruct.INO)).isEqualTo(0x1_2345_6789L);
        assertThat(LittleEndian.getLong(b, StatStruct.NLINK)).isEqualTo(3);
        assertThat(LittleEndian.getInt(b, StatStruct.MODE)).isEqualTo(0104755);
        assertThat(LittleEndian.getInt(b, StatStruct.UID)).isEqualTo(-2);
        assertThat(LittleEndian.getInt(b, StatStruct.GID)).isEqualTo(100);
        assertThat(LittleEndian.getLong(b, StatStruct.RDEV)).isEqualTo(0x4561_2378L);
        assertThat(LittleEndian.getLong(b, StatStruct.SIZE_BYTES)).isEqualTo(1L << 40);
        assertThat(LittleEndian.getLong(b, StatStruct.BLOCK_SIZE_BYTES)).isEqualTo(4096);
        assertThat(LittleEndian.getLong(b, StatStruct.BLOCKS)).isEqualTo(1L << 33);
        assertThat(LittleEndian.getLong(b, StatStruct.ATIME)).isEqualTo(-1);
        assertThat(LittleEndian.getLong(b, StatStruct.ATIME_NSEC)).isEqualTo(1);
        assertThat(LittleEndian.getLong(b, StatStruct.MTIME)).isEqualTo(2);
        assertThat(LittleEndian.getLong(b, StatStruct.MTIME_NSEC)).isEqualTo(999_999_999);
        assertThat(LittleEndian.getLong(b, StatStruct.CTIME)).isEqualTo(1L << 34);
        assertThat(LittleEndian.getLong(b, StatStruct.CTIME_NSEC)).isEqualTo(3);
        // The padding behind gid and at the end.
        assertThat(LittleEndian.getInt(b, 36)).isZero();
        for (int i = 120; i < b.length; i++) {
            assertThat(b[i]).isZero();
        }
    }

    @Test
    void statxSplitsDeviceNumbersAndSaysWhatItHas() {
        byte[] b = StatusEncoder.statx(status());
        assertThat(b).hasSize(256);
        assertThat(LittleEndian.getInt(b, StatxStruct.MASK))
                .isEqualTo(StatMode.STATX_BASIC_STATS | StatMode.STATX_MNT_ID);
        assertThat(LittleEndian.getInt(b, StatxStruct.RDEV_MAJOR)).isEqualTo(0x123);
        assertThat(LittleEndian.getInt(b, StatxStruct.RDEV_MINOR)).isEqualTo(0x45678);
        assertThat(LittleEndian.getInt(b, StatxStruct.DEV_MAJOR)).isEqualTo(0xfe);
        assertThat(LittleEndian.getInt(b, StatxStruct.DEV_MINOR)).isEqualTo(2);
        assertThat(LittleEndian.getUnsignedShort(b, StatxStruct.MODE)).isEqualTo(0104755);
        assertThat(LittleEndian.getLong(b, StatxStruct.MTIME)).isEqualTo(2);
        assertThat(LittleEndian.getInt(b, StatxStruct.MTIME + StatxStruct.TIMESTAMP_NSEC))
                .isEqualTo(999_999_999);
        assertThat(LittleEndian.getLong(b, StatxStruct.BTIME)).isZero();
        assertThat(LittleEndian.getLong(b, StatxStruct.MNT_ID)).isEqualTo(77);
    }

    @Test
    void statxHasTheBirthTimeIfTheFileHas() {
        FileStatus s = status();
        s.hasBirth = true;
        s.birthSeconds = 12;
        s.birthNanos = 34;
        byte[] b = StatusEncoder.statx(s);
        assertThat(LittleEndian.getInt(b, StatxStruct.MASK) & StatMode.STATX_BTIME)
                .isNotZero();
        assertThat(LittleEndian.getLong(b, StatxStruct.BTIME)).isEqualTo(12);
        assertThat(LittleEndian.getInt(b, StatxStruct.BTIME + StatxStruct.TIMESTAMP_NSEC))
                .isEqualTo(34);
    }

    @Test
    void statfsFallsBackToTheBlockSize() {
        FilesystemStatus s = new FilesystemStatus();
        s.type = 0x0102_1994;
        s.blockSize = 4096;
        s.blocks = 1L << 32;
        s.nameLength = 255;
        byte[] b = StatusEncoder.statfs(s);
        assertThat(b).hasSize(120);
        assertThat(LittleEndian.getLong(b, StatfsStruct.TYPE)).isEqualTo(0x0102_1994);
        assertThat(LittleEndian.getLong(b, StatfsStruct.BLOCKS)).isEqualTo(1L << 32);
        assertThat(LittleEndian.getLong(b, StatfsStruct.NAMELEN)).isEqualTo(255);
        assertThat(LittleEndian.getLong(b, StatfsStruct.FRSIZE)).isEqualTo(4096);
    }
}
