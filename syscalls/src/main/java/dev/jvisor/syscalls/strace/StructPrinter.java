// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.platform.abi.EpollEventStruct;
import dev.jvisor.platform.abi.FlockStruct;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.OpenHowStruct;
import dev.jvisor.platform.abi.PollfdStruct;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.platform.abi.StatfsStruct;
import dev.jvisor.platform.abi.StatxStruct;
import dev.jvisor.platform.abi.TimespecStruct;

/** Structures in guest memory. Each method gets the bytes of the whole structure. */
final class StructPrinter {

    /** Size of {@code struct new_utsname}: six fields of 65 bytes. */
    static final int UTSNAME_SIZE = 390;

    static final int RLIMIT_SIZE = 16;
    static final int RUSAGE_SIZE = 144;
    static final int SYSINFO_SIZE = 112;
    static final int IOVEC_SIZE = 16;

    private static final int UTSNAME_FIELD = 65;
    private static final int UTIME_NOW = 0x3fffffff;
    private static final int UTIME_OMIT = 0x3ffffffe;

    private StructPrinter() {}

    /** Type by name and permissions in octal: {@code S_IFREG|0644}. */
    static void mode(StringBuilder out, int mode) {
        if ((mode & StatMode.S_IFMT) != 0) {
            NameTables.FILE_TYPE.value(out, mode & StatMode.S_IFMT);
            out.append('|');
        }
        int bits = mode & 07777;
        String special = "";
        for (int i = 0; i < 3; i++) {
            if ((bits & 04000 >> i) != 0) {
                special += i == 0 ? "S_ISUID|" : i == 1 ? "S_ISGID|" : "S_ISVTX|";
            }
        }
        out.append(special);
        octal(out, bits & 0777);
    }

    /** At least three digits behind a zero: {@code 0644}, {@code 000}. */
    static void octal(StringBuilder out, int value) {
        String digits = Integer.toOctalString(value);
        out.append("0".repeat(Math.max(1, (value == 0 ? 3 : 4) - digits.length())))
                .append(digits);
    }

    static void stat(StringBuilder out, byte[] b) {
        int mode = LittleEndian.getInt(b, StatStruct.MODE);
        out.append("{st_mode=");
        mode(out, mode);
        int type = mode & StatMode.S_IFMT;
        if (type == StatMode.S_IFCHR || type == StatMode.S_IFBLK) {
            out.append(", st_rdev=");
            device(out, LittleEndian.getLong(b, StatStruct.RDEV));
        } else {
            out.append(", st_size=").append(LittleEndian.getLong(b, StatStruct.SIZE_BYTES));
        }
        out.append(", ...}");
    }

    static void statx(StringBuilder out, byte[] b) {
        out.append("{stx_mask=");
        NameTables.STATX.flags(out, LittleEndian.getInt(b, StatxStruct.MASK));
        out.append(", stx_attributes=");
        Names.hex(out, LittleEndian.getLong(b, StatxStruct.ATTRIBUTES));
        out.append(", stx_mode=");
        mode(out, LittleEndian.getUnsignedShort(b, StatxStruct.MODE));
        out.append(", stx_size=").append(LittleEndian.getLong(b, StatxStruct.SIZE_BYTES));
        out.append(", ...}");
    }

    static void statfs(StringBuilder out, byte[] b) {
        out.append("{f_type=");
        NameTables.MAGIC.value(out, LittleEndian.getLong(b, StatfsStruct.TYPE));
        field(out, ", f_bsize=", b, StatfsStruct.BSIZE);
        field(out, ", f_blocks=", b, StatfsStruct.BLOCKS);
        field(out, ", f_bfree=", b, StatfsStruct.BFREE);
        field(out, ", f_bavail=", b, StatfsStruct.BAVAIL);
        field(out, ", f_files=", b, StatfsStruct.FILES);
        field(out, ", f_ffree=", b, StatfsStruct.FFREE);
        field(out, ", f_namelen=", b, StatfsStruct.NAMELEN);
        field(out, ", f_frsize=", b, StatfsStruct.FRSIZE);
        out.append(", f_flags=");
        Names.hex(out, LittleEndian.getLong(b, StatfsStruct.FLAGS));
        out.append('}');
    }

    private static void field(StringBuilder out, String name, byte[] b, int at) {
        out.append(name).append(LittleEndian.getLong(b, at));
    }

    static void device(StringBuilder out, long device) {
        out.append("makedev(");
        Names.hex(out, device >>> 8 & 0xfff);
        out.append(", ");
        Names.hex(out, device & 0xff | device >>> 12 & 0xfff00);
        out.append(')');
    }

    /** A timespec, or with {@code micros} a timeval, at an offset. */
    static void time(StringBuilder out, byte[] b, int at, boolean micros) {
        out.append("{tv_sec=").append(LittleEndian.getLong(b, at + TimespecStruct.SEC));
        out.append(micros ? ", tv_usec=" : ", tv_nsec=");
        out.append(LittleEndian.getLong(b, at + TimespecStruct.FRACTION)).append('}');
    }

    /** A timespec of utimensat(2). */
    static void utimens(StringBuilder out, byte[] b, int at) {
        long nanos = LittleEndian.getLong(b, at + TimespecStruct.FRACTION);
        if (nanos == UTIME_NOW) {
            out.append("UTIME_NOW");
        } else if (nanos == UTIME_OMIT) {
            out.append("UTIME_OMIT");
        } else {
            time(out, b, at, false);
        }
    }

    static void rlimit(StringBuilder out, byte[] b) {
        out.append("{rlim_cur=");
        limit(out, LittleEndian.getLong(b, 0));
        out.append(", rlim_max=");
        limit(out, LittleEndian.getLong(b, 8));
        out.append('}');
    }

    private static void limit(StringBuilder out, long value) {
        if (value == -1) {
            out.append("RLIM64_INFINITY");
        } else if (value > 1024 && value % 1024 == 0) {
            out.append(value / 1024).append("*1024");
        } else {
            out.append(Long.toUnsignedString(value));
        }
    }

    static void rusage(StringBuilder out, byte[] b) {
        out.append("{ru_utime=");
        time(out, b, 0, true);
        out.append(", ru_stime=");
        time(out, b, TimespecStruct.SIZE, true);
        out.append(", ...}");
    }

    static void sysinfo(StringBuilder out, byte[] b) {
        field(out, "{uptime=", b, 0);
        out.append(", loads=[").append(LittleEndian.getLong(b, 8));
        out.append(", ").append(LittleEndian.getLong(b, 16));
        out.append(", ").append(LittleEndian.getLong(b, 24)).append(']');
        field(out, ", totalram=", b, 32);
        field(out, ", freeram=", b, 40);
        out.append(", procs=").append(LittleEndian.getUnsignedShort(b, 80)).append(", ...}");
    }

    static void utsname(StringBuilder out, byte[] b) {
        out.append("{sysname=");
        utsField(out, b, 0);
        out.append(", nodename=");
        utsField(out, b, 1);
        out.append(", ...}");
    }

    private static void utsField(StringBuilder out, byte[] b, int index) {
        byte[] field = new byte[UTSNAME_FIELD];
        System.arraycopy(b, index * UTSNAME_FIELD, field, 0, UTSNAME_FIELD);
        int end = 0;
        while (end < field.length && field[end] != 0) {
            end++;
        }
        GuestReader.quote(out, field, end, false);
    }

    /** One pollfd with what is asked for, or with {@code result} what was found. */
    static void pollfd(StringBuilder out, byte[] b, int at, boolean result) {
        out.append("{fd=").append(LittleEndian.getInt(b, at + PollfdStruct.FD));
        out.append(result ? ", revents=" : ", events=");
        int field = at + (result ? PollfdStruct.REVENTS : PollfdStruct.EVENTS);
        NameTables.POLL.flags(out, LittleEndian.getUnsignedShort(b, field));
        out.append('}');
    }

    static void epollEvent(StringBuilder out, byte[] b, int at) {
        long data = LittleEndian.getLong(b, at + EpollEventStruct.DATA);
        long events = LittleEndian.getInt(b, at + EpollEventStruct.EVENTS) & 0xffff_ffffL;
        out.append("{events=");
        NameTables.EPOLL_EVENTS.flags(out, events);
        out.append(", data={u32=").append(data & 0xffff_ffffL);
        out.append(", u64=").append(Long.toUnsignedString(data)).append("}}");
    }

    static void flock(StringBuilder out, byte[] b) {
        out.append("{l_type=");
        NameTables.LOCK_TYPE.value(out, LittleEndian.getUnsignedShort(b, FlockStruct.TYPE));
        out.append(", l_whence=");
        NameTables.SEEK.value(out, LittleEndian.getUnsignedShort(b, FlockStruct.WHENCE));
        field(out, ", l_start=", b, FlockStruct.START);
        field(out, ", l_len=", b, FlockStruct.LEN);
        out.append('}');
    }

    static void openHow(StringBuilder out, byte[] b) {
        out.append("{flags=");
        ArgumentPrinter.openFlags(out, LittleEndian.getLong(b, OpenHowStruct.FLAGS));
        long mode = LittleEndian.getLong(b, OpenHowStruct.MODE);
        if (mode != 0) {
            out.append(", mode=");
            octal(out, (int) mode);
        }
        out.append(", resolve=");
        NameTables.RESOLVE.flags(out, LittleEndian.getLong(b, OpenHowStruct.RESOLVE));
        out.append('}');
    }

    /** A socket address of any length of at least 2. */
    static void sockaddr(StringBuilder out, byte[] b) {
        int family = LittleEndian.getUnsignedShort(b, 0);
        out.append("{sa_family=");
        NameTables.FAMILY.value(out, family);
        if (family == Socket.AF_UNIX) {
            int end = 2;
            boolean isAbstract = b.length > 2 && b[2] == 0;
            while (end < b.length && (isAbstract || b[end] != 0)) {
                end++;
            }
            int start = isAbstract ? 3 : 2;
            byte[] path = new byte[Math.max(0, end - start)];
            System.arraycopy(b, Math.min(start, end), path, 0, path.length);
            out.append(isAbstract ? ", sun_path=@" : ", sun_path=");
            GuestReader.quote(out, path, path.length, false);
        } else if (family == Socket.AF_INET && b.length >= 8) {
            out.append(", sin_port=htons(").append((b[2] & 0xff) << 8 | b[3] & 0xff);
            out.append("), sin_addr=inet_addr(\"");
            for (int i = 4; i < 8; i++) {
                out.append(i == 4 ? "" : ".").append(b[i] & 0xff);
            }
            out.append("\")");
        } else {
            out.append(", ...");
        }
        out.append('}');
    }
}
