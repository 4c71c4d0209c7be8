// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.lock.FileLocks;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

/** {@code /proc/locks}: who has locked which part of which file. Those who wait are not listed. */
final class LockText {

    private static final int OWNER_OPEN_FILE = -1;

    private LockText() {}

    static void write(TextBuffer out) {
        Task reader = Task.current();
        if (reader == null) {
            return;
        }
        int number = 0;
        for (FileLocks locks : FileLocks.active()) {
            String place = place(reader, locks.inode());
            for (FileLocks.WholeLock lock : locks.wholes()) {
                String type = lock.exclusive() ? "WRITE" : "READ ";
                line(out, ++number, "FLOCK ", type, lock.processId(), place, 0, FileLocks.END_MAX);
            }
            for (FileLocks.RecordLock lock : locks.records()) {
                boolean open = lock.processId() == OWNER_OPEN_FILE;
                String type = lock.type() == Fcntl.F_WRLCK ? "WRITE" : "READ ";
                line(
                        out,
                        ++number,
                        open ? "OFDLCK" : "POSIX ",
                        type,
                        lock.processId(),
                        place,
                        lock.start(),
                        lock.end());
            }
        }
    }

    private static String place(CallContext reader, @Nullable Inode inode) {
        FileStatus status = new FileStatus();
        try {
            if (inode != null) {
                inode.getAttributes(reader, status);
            }
        } catch (ErrnoException gone) {
            status.inode = 0;
        }
        long device = status.device;
        long major = device >>> 8 & 0xfff;
        long minor = device & 0xff | device >>> 12 & 0xfff00;
        return hex(major) + ":" + hex(minor) + ":" + status.inode;
    }

    private static String hex(long value) {
        String digits = Long.toHexString(value);
        return digits.length() < 2 ? "0" + digits : digits;
    }

    private static void line(
            TextBuffer out,
            int number,
            String kind,
            String type,
            int pid,
            String place,
            long start,
            long end) {
        out.add(number + ": " + kind + " ADVISORY  " + type + " " + pid);
        out.add(" " + place + " " + start);
        out.add(end == FileLocks.END_MAX ? " EOF\n" : " " + end + "\n");
    }
}
