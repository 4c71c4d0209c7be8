// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.AddressSpace.HostUsage;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import java.nio.charset.StandardCharsets;

/** What the host's procfs says about a stub process. Answers zero if it cannot be asked. */
public final class StubUsage {

    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    private static final int PAGE_SHIFT = 12;
    private static final int TEXT_BYTES_MAX = 2048;
    private static final int PAGEMAP_ENTRIES_MAX = 512;

    /** Positions behind the name in {@code /proc/PID/stat}. */
    private static final int STAT_MINOR_FAULTS = 7;

    private static final int STAT_MAJOR_FAULTS = 9;
    private static final int STAT_RESIDENT = 21;

    /** The host's /proc, kept open for a Sentry that cannot reach it later. */
    private static final int PROC = open();

    private StubUsage() {}

    private static int open() {
        byte[] path = "/proc".getBytes(StandardCharsets.ISO_8859_1);
        long fd = Host.syscall(
                Sys.OPEN, NativeBuffer.scratch().putCString(0, path), O_PATH | O_CLOEXEC, 0);
        return Host.isError(fd) ? -1 : (int) fd;
    }

    private static long open(int process, String file) {
        byte[] path = (process + "/" + file).getBytes(StandardCharsets.ISO_8859_1);
        return Host.syscall(
                Sys.OPENAT, PROC, NativeBuffer.scratch().putCString(0, path), O_CLOEXEC, 0);
    }

    /** Returns the CPU time of a thread of a stub process, in nanoseconds; -1 if not known. */
    public static long threadNanos(int process, int tid) {
        byte[] text = text(process, "task/" + tid + "/schedstat");
        long value = 0;
        int at = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + text[at++] - '0';
        }
        return at == 0 ? -1 : value;
    }

    private static byte[] text(int process, String file) {
        long fd = open(process, file);
        if (Host.isError(fd)) {
            return new byte[0];
        }
        NativeBuffer buffer = NativeBuffer.scratch();
        long count = Host.syscall(Sys.READ, fd, buffer.address(), TEXT_BYTES_MAX);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        byte[] text = new byte[(int) Math.max(0, count)];
        buffer.get(0, text, 0, text.length);
        return text;
    }

    /** Fills in what is known about an address space. */
    public static void read(int process, HostUsage result, boolean withFiles) {
        byte[] stat = text(process, "stat");
        int at = stat.length - 1;
        while (at >= 0 && stat[at] != ')') {
            at--;
        }
        long[] fields = new long[STAT_RESIDENT + 1];
        for (int i = 0; i < fields.length && at >= 0; i++) {
            at = numberAt(stat, at + 1, fields, i);
        }
        result.minorFaults = fields[STAT_MINOR_FAULTS];
        result.majorFaults = fields[STAT_MAJOR_FAULTS];
        result.residentBytes = fields[STAT_RESIDENT] << PAGE_SHIFT;
        if (withFiles) {
            result.residentFileBytes = fileBytes(text(process, "status"));
        }
    }

    /** Reads the field behind a blank; returns where it ends, or -1. */
    private static int numberAt(byte[] text, int start, long[] fields, int index) {
        int at = start + 1;
        long value = 0;
        while (at < text.length && text[at] != ' ') {
            int digit = text[at] - '0';
            value = digit >= 0 && digit <= 9 ? value * 10 + digit : value;
            at++;
        }
        fields[index] = value;
        return at < text.length ? at - 1 : -1;
    }

    private static long fileBytes(byte[] status) {
        String text = new String(status, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("RssFile:");
        long value = 0;
        for (int i = at + 8; at >= 0 && i < text.length() && text.charAt(i) != 'k'; i++) {
            int digit = text.charAt(i) - '0';
            value = digit >= 0 && digit <= 9 ? value * 10 + digit : value;
        }
        return value << 10;
    }

    /** Bytes of a range that are in the page table. */
    public static long touchedBytes(int process, long address, long length) {
        long fd = open(process, "pagemap");
        if (Host.isError(fd)) {
            return 0;
        }
        NativeBuffer buffer = NativeBuffer.scratch();
        long pages = 0;
        long end = (address + length) >>> PAGE_SHIFT;
        for (long page = address >>> PAGE_SHIFT; page < end; page += PAGEMAP_ENTRIES_MAX) {
            int wanted = (int) Math.min(PAGEMAP_ENTRIES_MAX, end - page);
            long count = Host.syscall(
                    Sys.PREAD64,
                    fd,
                    buffer.address(),
                    (long) wanted * Long.BYTES,
                    page * Long.BYTES,
                    0,
                    0);
            for (int i = 0; i < count / Long.BYTES; i++) {
                pages += buffer.getLong(i * Long.BYTES) < 0 ? 1 : 0; // bit 63: present
            }
            if (count <= 0) {
                break;
            }
        }
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        return pages << PAGE_SHIFT;
    }
}
