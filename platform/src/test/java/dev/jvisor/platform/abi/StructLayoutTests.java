// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Offsets of structures against {@code offsetof} of the C compiler, where there is one. */
final class StructLayoutTests {

    /** What C calls what we call by a constant: size of a type, or offset of a field. */
    private static Map<String, Integer> layouts() {
        Map<String, Integer> m = new LinkedHashMap<>();
        m.put("sizeof(struct stat)", StatStruct.SIZE);
        m.put("offsetof(struct stat, st_dev)", StatStruct.DEV);
        m.put("offsetof(struct stat, st_ino)", StatStruct.INO);
        m.put("offsetof(struct stat, st_nlink)", StatStruct.NLINK);
        m.put("offsetof(struct stat, st_mode)", StatStruct.MODE);
        m.put("offsetof(struct stat, st_uid)", StatStruct.UID);
        m.put("offsetof(struct stat, st_gid)", StatStruct.GID);
        m.put("offsetof(struct stat, st_rdev)", StatStruct.RDEV);
        m.put("offsetof(struct stat, st_size)", StatStruct.SIZE_BYTES);
        m.put("offsetof(struct stat, st_blksize)", StatStruct.BLOCK_SIZE_BYTES);
        m.put("offsetof(struct stat, st_blocks)", StatStruct.BLOCKS);
        m.put("offsetof(struct stat, st_atim)", StatStruct.ATIME);
        m.put("offsetof(struct stat, st_atim.tv_nsec)", StatStruct.ATIME_NSEC);
        m.put("offsetof(struct stat, st_mtim)", StatStruct.MTIME);
        m.put("offsetof(struct stat, st_mtim.tv_nsec)", StatStruct.MTIME_NSEC);
        m.put("offsetof(struct stat, st_ctim)", StatStruct.CTIME);
        m.put("offsetof(struct stat, st_ctim.tv_nsec)", StatStruct.CTIME_NSEC);
        putStatx(m);
        putStatfs(m);
        putSmall(m);
        return m;
    }

    private static void putStatx(Map<String, Integer> m) {
        m.put("sizeof(struct statx)", StatxStruct.SIZE);
        m.put("offsetof(struct statx, stx_mask)", StatxStruct.MASK);
        m.put("offsetof(struct statx, stx_blksize)", StatxStruct.BLKSIZE);
        m.put("offsetof(struct statx, stx_attributes)", StatxStruct.ATTRIBUTES);
        m.put("offsetof(struct statx, stx_nlink)", StatxStruct.NLINK);
        m.put("offsetof(struct statx, stx_uid)", StatxStruct.UID);
        m.put("offsetof(struct statx, stx_gid)", StatxStruct.GID);
        m.put("offsetof(struct statx, stx_mode)", StatxStruct.MODE);
        m.put("offsetof(struct statx, stx_ino)", StatxStruct.INO);
        m.put("offsetof(struct statx, stx_size)", StatxStruct.SIZE_BYTES);
        m.put("offsetof(struct statx, stx_blocks)", StatxStruct.BLOCKS);
        m.put("offsetof(struct statx, stx_attributes_mask)", StatxStruct.ATTRIBUTES_MASK);
        m.put("offsetof(struct statx, stx_atime)", StatxStruct.ATIME);
        m.put("offsetof(struct statx, stx_btime)", StatxStruct.BTIME);
        m.put("offsetof(struct statx, stx_ctime)", StatxStruct.CTIME);
        m.put("offsetof(struct statx, stx_mtime)", StatxStruct.MTIME);
        m.put("offsetof(struct statx, stx_rdev_major)", StatxStruct.RDEV_MAJOR);
        m.put("offsetof(struct statx, stx_rdev_minor)", StatxStruct.RDEV_MINOR);
        m.put("offsetof(struct statx, stx_dev_major)", StatxStruct.DEV_MAJOR);
        m.put("offsetof(struct statx, stx_dev_minor)", StatxStruct.DEV_MINOR);
        m.put("offsetof(struct statx, stx_mnt_id)", StatxStruct.MNT_ID);
        m.put("offsetof(struct statx_timestamp, tv_nsec)", StatxStruct.TIMESTAMP_NSEC);
    }

    private static void putStatfs(Map<String, Integer> m) {
        m.put("sizeof(struct statfs)", StatfsStruct.SIZE);
        m.put("offsetof(struct statfs, f_type)", StatfsStruct.TYPE);
        m.put("offsetof(struct statfs, f_bsize)", StatfsStruct.BSIZE);
        m.put("offsetof(struct statfs, f_blocks)", StatfsStruct.BLOCKS);
        m.put("offsetof(struct statfs, f_bfree)", StatfsStruct.BFREE);
        m.put("offsetof(struct statfs, f_bavail)", StatfsStruct.BAVAIL);
        m.put("offsetof(struct statfs, f_files)", StatfsStruct.FILES);
        m.put("offsetof(struct statfs, f_ffree)", StatfsStruct.FFREE);
        m.put("offsetof(struct statfs, f_fsid)", StatfsStruct.FSID);
        m.put("offsetof(struct statfs, f_namelen)", StatfsStruct.NAMELEN);
        m.put("offsetof(struct statfs, f_frsize)", StatfsStruct.FRSIZE);
        m.put("offsetof(struct statfs, f_flags)", StatfsStruct.FLAGS);
    }

    private static void putSmall(Map<String, Integer> m) {
        m.put("sizeof(struct timespec)", TimespecStruct.SIZE);
        m.put("offsetof(struct timespec, tv_nsec)", TimespecStruct.FRACTION);
        m.put("offsetof(struct timeval, tv_usec)", TimespecStruct.FRACTION);
        m.put("sizeof(struct flock)", FlockStruct.SIZE);
        m.put("offsetof(struct flock, l_type)", FlockStruct.TYPE);
        m.put("offsetof(struct flock, l_whence)", FlockStruct.WHENCE);
        m.put("offsetof(struct flock, l_start)", FlockStruct.START);
        m.put("offsetof(struct flock, l_len)", FlockStruct.LEN);
        m.put("offsetof(struct flock, l_pid)", FlockStruct.PID);
        m.put("sizeof(struct pollfd)", PollfdStruct.SIZE);
        m.put("offsetof(struct pollfd, fd)", PollfdStruct.FD);
        m.put("offsetof(struct pollfd, events)", PollfdStruct.EVENTS);
        m.put("offsetof(struct pollfd, revents)", PollfdStruct.REVENTS);
        m.put("sizeof(struct epoll_event)", EpollEventStruct.SIZE);
        m.put("offsetof(struct epoll_event, events)", EpollEventStruct.EVENTS);
        m.put("offsetof(struct epoll_event, data)", EpollEventStruct.DATA);
        m.put("sizeof(struct open_how)", OpenHowStruct.SIZE);
        m.put("offsetof(struct open_how, flags)", OpenHowStruct.FLAGS);
        m.put("offsetof(struct open_how, mode)", OpenHowStruct.MODE);
        m.put("offsetof(struct open_how, resolve)", OpenHowStruct.RESOLVE);
        // linux_dirent64 is not in a header for programs; glibc's dirent64 is the same.
        m.put("offsetof(struct dirent64, d_ino)", DirentStruct.INO);
        m.put("offsetof(struct dirent64, d_off)", DirentStruct.OFF);
        m.put("offsetof(struct dirent64, d_reclen)", DirentStruct.RECLEN);
        m.put("offsetof(struct dirent64, d_type)", DirentStruct.TYPE64);
        m.put("offsetof(struct dirent64, d_name)", DirentStruct.NAME64);
    }

    @Test
    void offsetsAreTheCompilers(@TempDir Path directory) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler");
        StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n");
        for (String header : new String[] {
            "stdio.h",
            "stddef.h",
            "dirent.h",
            "fcntl.h",
            "poll.h",
            "time.h",
            "sys/epoll.h",
            "sys/stat.h",
            "sys/time.h",
            "sys/vfs.h",
            "linux/openat2.h"
        }) {
            source.append("#include <").append(header).append(">\n");
        }
        source.append("int main(void) {\n");
        for (String expression : layouts().keySet()) {
            source.append("  printf(\"%s=%zu\\n\", \"").append(expression).append("\", ");
            source.append(expression).append(");\n");
        }
        source.append("}\n");
        Path file = directory.resolve("layout.c");
        Files.writeString(file, source);
        Path program = directory.resolve("layout");
        String errors = run("/usr/bin/cc", "-o", program.toString(), file.toString());
        Assumptions.assumeTrue(errors.isEmpty(), "headers are missing: " + errors);
        Map<String, Integer> actual = new LinkedHashMap<>();
        for (String line : run(program.toString()).split("\n")) {
            int equals = line.lastIndexOf('=');
            actual.put(line.substring(0, equals), Integer.valueOf(line.substring(equals + 1)));
        }
        assertThat(layouts()).isEqualTo(actual);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream in = process.getInputStream()) {
            String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        }
    }
}
