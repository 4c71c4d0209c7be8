// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.mm.usercopy.UserMemory;
import dev.jvisor.platform.abi.EpollEventStruct;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.FlockStruct;
import dev.jvisor.platform.abi.Futex;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.OpenHowStruct;
import dev.jvisor.platform.abi.PollfdStruct;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.platform.abi.StatfsStruct;
import dev.jvisor.platform.abi.StatxStruct;
import dev.jvisor.platform.abi.TimespecStruct;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.SyscallDescriptor.Parameter;

import org.jspecify.annotations.Nullable;

/** Renders one argument of one call by its format. */
final class ArgumentPrinter {

    /** Bytes of a buffer that are shown, as strace(1) does without -s. */
    private static final int STRING_MAX = 32;

    private static final int PATH_MAX = 4095;
    private static final int ARRAY_MAX = 32;
    private static final int DENTRIES_BYTES_MAX = 64 * 1024;
    private static final int SOCKADDR_MAX = 128;
    private static final int UTIMBUF_SIZE = 16;
    private static final int FD_SET_MAX = 1024;

    private final StringBuilder out;
    private final GuestReader memory;
    private final SyscallDescriptor call;
    private final long[] arguments;

    /** What the call returned; the arguments that it fills in are printed then. */
    private final long result;

    ArgumentPrinter(
            StringBuilder out,
            @Nullable UserMemory memory,
            SyscallDescriptor call,
            long[] arguments,
            long result) {
        this.out = out;
        this.memory = new GuestReader(memory);
        this.call = call;
        this.arguments = arguments;
        this.result = result;
    }

    /** Whether it can be printed only when the call is over. */
    static boolean isResult(Arg.Format format) {
        return switch (format) {
            case BUFFER_OUT,
                    PATH_OUT,
                    WAIT_STATUS_OUT,
                    SIGSET_OUT,
                    SIGACTION_OUT,
                    STAT_OUT,
                    STATX_OUT,
                    STATFS_OUT,
                    TIMESPEC_OUT,
                    TIMEVAL_OUT,
                    PIPE_FDS_OUT,
                    IOVEC_OUT,
                    RLIMIT_OUT,
                    RUSAGE_OUT,
                    UTSNAME_OUT,
                    DIRENT_OUT,
                    SYSINFO_OUT,
                    EPOLL_EVENTS_OUT,
                    INT_OUT -> true;
            default -> false;
        };
    }

    /**
     * How many arguments strace(1) prints: a mode or fcntl argument that is not used is left out.
     */
    static int count(SyscallDescriptor call, long[] arguments) {
        int n = call.parameters().size();
        if (n == 0) {
            return 0;
        }
        Arg.Format last = call.parameters().get(n - 1).format();
        if (last == Arg.Format.FCNTL_ARGUMENT) {
            int command = (int) arguments[n - 2];
            boolean none = command == Fcntl.F_GETFD
                    || command == Fcntl.F_GETFL
                    || command == Fcntl.F_GETOWN
                    || command == Fcntl.F_GETSIG
                    || command == Fcntl.F_GETLEASE
                    || command == Fcntl.F_GETPIPE_SZ
                    || command == Fcntl.F_GET_SEALS;
            return none ? n - 1 : n;
        }
        if (n == 6 && call.parameters().get(1).format() == Arg.Format.FUTEX_OP) {
            return futexCount((int) arguments[1]);
        }
        if (last == Arg.Format.OCTAL_MODE
                && n >= 2
                && call.parameters().get(n - 2).format() == Arg.Format.OPEN_FLAGS) {
            int tmpfile = Fcntl.O_TMPFILE & ~Fcntl.O_DIRECTORY;
            return (arguments[n - 2] & (Fcntl.O_CREAT | tmpfile)) != 0 ? n : n - 1;
        }
        return n;
    }

    private static int futexCount(int operation) {
        return switch (operation & Futex.FUTEX_CMD_MASK) {
            case Futex.FUTEX_UNLOCK_PI, Futex.FUTEX_TRYLOCK_PI -> 2;
            case Futex.FUTEX_WAKE -> 3;
            case Futex.FUTEX_WAIT, Futex.FUTEX_LOCK_PI -> 4;
            default -> 6;
        };
    }

    /** Whether it is clone(2), whose arguments have names. */
    boolean isClone() {
        return call.parameters().size() == 5
                && call.parameters().get(0).format() == Arg.Format.CLONE_FLAGS;
    }

    /** {@code child_stack=NULL, flags=..., parent_tid=..., tls=..., child_tidptr=...}. */
    void printClone() {
        long flags = arguments[0];
        out.append("child_stack=");
        GuestReader.pointer(out, arguments[1]);
        out.append(", flags=");
        FlagPrinter.print(out, Arg.Format.CLONE_FLAGS, flags);
        if ((flags & (Sched.CLONE_PARENT_SETTID | Sched.CLONE_PIDFD)) != 0) {
            out.append(", parent_tid=");
            GuestReader.pointer(out, arguments[2]);
        }
        if ((flags & Sched.CLONE_SETTLS) != 0) {
            out.append(", tls=");
            GuestReader.pointer(out, arguments[4]);
        }
        if ((flags & (Sched.CLONE_CHILD_SETTID | Sched.CLONE_CHILD_CLEARTID)) != 0) {
            out.append(", child_tidptr=");
            GuestReader.pointer(out, arguments[3]);
        }
    }

    /** Appends the argument with an index. */
    void print(int index) {
        Parameter p = call.parameters().get(index);
        long raw = arguments[index];
        long value = p.isInt() ? (int) raw : raw;
        if (isResult(p.format()) && (result < 0 || !printResult(index, p.format(), value))) {
            GuestReader.pointer(out, value);
        } else if (!isResult(p.format())) {
            printValue(index, p, value);
        }
    }

    private void printValue(int index, Parameter p, long value) {
        switch (p.format()) {
            case INT, FD, PID, OFFSET, TIMEOUT_MS -> out.append(value);
            case UNSIGNED, SIZE -> out.append(unsigned(p, value));
            case UID -> out.append((int) value == -1 ? "-1" : unsigned(p, value));
            case HEX -> Names.hex(out, p.isInt() ? value & 0xffff_ffffL : value);
            case POINTER -> GuestReader.pointer(out, value);
            case OCTAL_MODE -> {
                if ((value & StatMode.S_IFMT) != 0) {
                    StructPrinter.mode(out, (int) value);
                } else {
                    StructPrinter.octal(out, (int) value);
                }
            }
            case DEVICE -> StructPrinter.device(out, value);
            case DIRFD -> out.append((int) value == Fcntl.AT_FDCWD ? "AT_FDCWD" : "" + value);
            case PATH -> memory.string(out, value, PATH_MAX);
            case STRING -> memory.string(out, value, STRING_MAX);
            case BUFFER_IN -> memory.buffer(out, value, next(index), STRING_MAX);
            case IOVEC_IN -> iovec(value, (int) next(index), Long.MAX_VALUE);
            case STRING_ARRAY -> strings(value, p.name().startsWith("env"));
            case SIGNAL -> out.append(value == 0 ? "0" : SignalPrinter.name((int) value, true));
            case FCNTL_ARGUMENT -> fcntlArgument((int) arguments[index - 1], value);
            case FD_SET -> fdSet(value, (int) arguments[0]);
            case POLLFD -> pollfds(value, (int) next(index), false);
            case UTIMBUF_IN -> struct(index, value, UTIMBUF_SIZE);
            case UTIMENS_IN, UTIMES_IN -> struct(index, value, 2 * TimespecStruct.SIZE);
            case SIGSET_IN -> struct(index, value, Long.BYTES);
            case SIGACTION_IN -> struct(index, value, 32);
            case TIMESPEC_IN, TIMEVAL_IN -> struct(index, value, TimespecStruct.SIZE);
            case RLIMIT_IN -> struct(index, value, StructPrinter.RLIMIT_SIZE);
            case OPEN_HOW_IN -> struct(index, value, OpenHowStruct.SIZE);
            case EPOLL_EVENT -> struct(index, value, EpollEventStruct.SIZE);
            case OFFSET_IN -> struct(index, value, Long.BYTES);
            case SOCKET_OPTION -> {
                if (arguments[index - 1] == Socket.SOL_SOCKET) {
                    FlagPrinter.print(out, p.format(), value);
                } else {
                    Names.hex(out, value);
                }
            }
            case SOCKADDR_IN ->
                struct(index, value, (int) Math.clamp(next(index), 0, SOCKADDR_MAX));
            default -> FlagPrinter.print(out, p.format(), value);
        }
    }

    private static String unsigned(Parameter p, long value) {
        return p.isInt() ? Integer.toUnsignedString((int) value) : Long.toUnsignedString(value);
    }

    private long next(int index) {
        return index + 1 < call.parameters().size() ? arguments[index + 1] : 0;
    }

    /** A structure that the call reads: its fields, or the address if it cannot be read. */
    private void struct(int index, long address, int size) {
        byte[] b = size < 2 ? null : memory.bytes(address, size);
        if (b == null) {
            GuestReader.pointer(out, address);
            return;
        }
        switch (call.parameters().get(index).format()) {
            case UTIMBUF_IN -> {
                out.append("{actime=").append(LittleEndian.getLong(b, 0));
                out.append(", modtime=").append(LittleEndian.getLong(b, 8)).append('}');
            }
            case UTIMENS_IN, UTIMES_IN -> {
                boolean micros = call.parameters().get(index).format() == Arg.Format.UTIMES_IN;
                out.append('[');
                for (int at = 0; at < b.length; at += TimespecStruct.SIZE) {
                    out.append(at == 0 ? "" : ", ");
                    if (micros) {
                        StructPrinter.time(out, b, at, true);
                    } else {
                        StructPrinter.utimens(out, b, at);
                    }
                }
                out.append(']');
            }
            case SIGSET_IN -> SignalPrinter.set(out, LittleEndian.getLong(b, 0));
            case SIGACTION_IN -> SignalPrinter.action(out, b);
            case TIMESPEC_IN -> StructPrinter.time(out, b, 0, false);
            case TIMEVAL_IN -> StructPrinter.time(out, b, 0, true);
            case RLIMIT_IN -> StructPrinter.rlimit(out, b);
            case OPEN_HOW_IN -> StructPrinter.openHow(out, b);
            case EPOLL_EVENT -> StructPrinter.epollEvent(out, b, 0);
            case OFFSET_IN -> out.append('[').append(LittleEndian.getLong(b, 0)).append(']');
            case SOCKADDR_IN -> StructPrinter.sockaddr(out, b);
            default -> GuestReader.pointer(out, address);
        }
    }

    /** What the call filled in. False if it cannot be read: the caller prints the address. */
    private boolean printResult(int index, Arg.Format format, long address) {
        switch (format) {
            case BUFFER_OUT -> memory.buffer(out, address, result, STRING_MAX);
            case PATH_OUT -> memory.string(out, address, PATH_MAX);
            case IOVEC_OUT -> iovec(address, (int) next(index), result);
            case DIRENT_OUT -> {
                GuestReader.pointer(out, address);
                out.append(" /* ").append(entries(address)).append(" entries */");
            }
            case EPOLL_EVENTS_OUT -> epollEvents(address);
            default -> {
                byte[] b = memory.bytes(address, resultSize(format));
                if (b == null) {
                    return false;
                }
                printResultStruct(format, b);
            }
        }
        return true;
    }

    private static int resultSize(Arg.Format format) {
        return switch (format) {
            case STAT_OUT -> StatStruct.SIZE;
            case STATX_OUT -> StatxStruct.SIZE;
            case STATFS_OUT -> StatfsStruct.SIZE;
            case SIGACTION_OUT -> 32;
            case TIMESPEC_OUT, TIMEVAL_OUT -> TimespecStruct.SIZE;
            case RLIMIT_OUT -> StructPrinter.RLIMIT_SIZE;
            case RUSAGE_OUT -> StructPrinter.RUSAGE_SIZE;
            case UTSNAME_OUT -> StructPrinter.UTSNAME_SIZE;
            case SYSINFO_OUT -> StructPrinter.SYSINFO_SIZE;
            case WAIT_STATUS_OUT, INT_OUT -> Integer.BYTES;
            default -> Long.BYTES;
        };
    }

    private void printResultStruct(Arg.Format format, byte[] b) {
        switch (format) {
            case STAT_OUT -> StructPrinter.stat(out, b);
            case STATX_OUT -> StructPrinter.statx(out, b);
            case STATFS_OUT -> StructPrinter.statfs(out, b);
            case SIGACTION_OUT -> SignalPrinter.action(out, b);
            case SIGSET_OUT -> SignalPrinter.set(out, LittleEndian.getLong(b, 0));
            case TIMESPEC_OUT -> StructPrinter.time(out, b, 0, false);
            case TIMEVAL_OUT -> StructPrinter.time(out, b, 0, true);
            case RLIMIT_OUT -> StructPrinter.rlimit(out, b);
            case RUSAGE_OUT -> StructPrinter.rusage(out, b);
            case UTSNAME_OUT -> StructPrinter.utsname(out, b);
            case SYSINFO_OUT -> StructPrinter.sysinfo(out, b);
            case WAIT_STATUS_OUT -> waitStatus(b);
            case INT_OUT -> out.append('[').append(LittleEndian.getInt(b, 0)).append(']');
            default -> {
                out.append('[').append(LittleEndian.getInt(b, 0)).append(", ");
                out.append(LittleEndian.getInt(b, 4)).append(']');
            }
        }
    }

    /** Nothing was stored if no child was found (WNOHANG). */
    private void waitStatus(byte[] b) {
        if (result == 0) {
            out.append("[0]");
            return;
        }
        out.append('[');
        SignalPrinter.waitStatus(out, LittleEndian.getInt(b, 0));
        out.append(']');
    }

    private void iovec(long address, int count, long length) {
        byte[] b = count <= 0
                ? null
                : memory.bytes(address, Math.min(count, ARRAY_MAX) * StructPrinter.IOVEC_SIZE);
        if (b == null) {
            GuestReader.pointer(out, address);
            return;
        }
        long left = length;
        out.append('[');
        for (int at = 0; at < b.length; at += StructPrinter.IOVEC_SIZE) {
            long size = LittleEndian.getLong(b, at + 8);
            long shown = Math.max(0, Math.min(size, left));
            out.append(at == 0 ? "{iov_base=" : ", {iov_base=");
            memory.buffer(out, LittleEndian.getLong(b, at), shown, STRING_MAX);
            out.append(", iov_len=").append(Long.toUnsignedString(size)).append('}');
            left -= shown;
        }
        out.append(count > ARRAY_MAX ? ", ...]" : "]");
    }

    /** A null-terminated array of strings, or for an environment only how many there are. */
    private void strings(long address, boolean onlyCount) {
        Long first = memory.word(address);
        if (first == null) {
            GuestReader.pointer(out, address);
            return;
        }
        int n = 0;
        if (onlyCount) {
            for (Long p = first; p != null && p != 0; p = memory.word(address + 8L * n)) {
                n++;
            }
            GuestReader.pointer(out, address);
            out.append(" /* ").append(n).append(n == 1 ? " var */" : " vars */");
            return;
        }
        out.append('[');
        for (Long p = first; p != null && p != 0; p = memory.word(address + 8L * n)) {
            out.append(n == 0 ? "" : ", ");
            if (n == ARRAY_MAX) {
                out.append("...");
                break;
            }
            memory.string(out, p, STRING_MAX);
            n++;
        }
        out.append(']');
    }

    private void fcntlArgument(int command, long value) {
        switch (command) {
            case Fcntl.F_SETFD -> {
                if (value == Fcntl.FD_CLOEXEC) {
                    out.append("FD_CLOEXEC");
                } else {
                    Names.hex(out, value);
                }
            }
            case Fcntl.F_SETFL -> openFlags(out, value);
            case Fcntl.F_ADD_SEALS -> NameTables.SEALS.flags(out, value);
            case Fcntl.F_DUPFD, Fcntl.F_DUPFD_CLOEXEC, Fcntl.F_SETPIPE_SZ, Fcntl.F_SETOWN ->
                out.append((int) value);
            case Fcntl.F_SETLK,
                    Fcntl.F_SETLKW,
                    Fcntl.F_GETLK,
                    Fcntl.F_OFD_SETLK,
                    Fcntl.F_OFD_SETLKW,
                    Fcntl.F_OFD_GETLK -> {
                byte[] b = memory.bytes(value, FlockStruct.SIZE);
                if (b == null) {
                    GuestReader.pointer(out, value);
                } else {
                    StructPrinter.flock(out, b);
                }
            }
            default -> Names.hex(out, value);
        }
    }

    /** Access mode by name, then the flags. */
    static void openFlags(StringBuilder out, long flags) {
        String[] modes = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
        out.append(modes[(int) (flags & Fcntl.O_ACCMODE)]);
        // O_LARGEFILE is not worth a word on 64 bits.
        long rest = flags & ~(Fcntl.O_ACCMODE | 0100000L);
        if (rest != 0) {
            NameTables.OPEN.flags(out, rest & 0xffff_ffffL, "|");
        }
    }

    private void pollfds(long address, int count, boolean results) {
        byte[] b = count <= 0
                ? null
                : memory.bytes(address, Math.min(count, ARRAY_MAX) * PollfdStruct.SIZE);
        if (b == null) {
            GuestReader.pointer(out, address);
            return;
        }
        out.append('[');
        String separator = "";
        for (int at = 0; at < b.length; at += PollfdStruct.SIZE) {
            if (results && LittleEndian.getUnsignedShort(b, at + PollfdStruct.REVENTS) == 0) {
                continue;
            }
            out.append(separator);
            StructPrinter.pollfd(out, b, at, results);
            separator = ", ";
        }
        out.append(count > ARRAY_MAX ? ", ...]" : "]");
    }

    private void epollEvents(long address) {
        int n = (int) Math.min(result, ARRAY_MAX);
        byte[] b = memory.bytes(address, n * EpollEventStruct.SIZE);
        if (b == null && n > 0) {
            GuestReader.pointer(out, address);
            return;
        }
        out.append('[');
        for (int i = 0; i < n && b != null; i++) {
            out.append(i == 0 ? "" : ", ");
            StructPrinter.epollEvent(out, b, i * EpollEventStruct.SIZE);
        }
        out.append(']');
    }

    /** Whether a set of select(2) has a descriptor. */
    private boolean hasBits(long address) {
        int words = (Math.clamp(arguments[0], 0, FD_SET_MAX) + 63) / 64;
        byte[] b = memory.bytes(address, words * Long.BYTES);
        if (b == null) {
            return false;
        }
        for (byte bits : b) {
            if (bits != 0) {
                return true;
            }
        }
        return false;
    }

    private void fdSet(long address, int count) {
        int words = (Math.clamp(count, 0, FD_SET_MAX) + 63) / 64;
        byte[] b = memory.bytes(address, words * Long.BYTES);
        if (b == null || address == 0) {
            GuestReader.pointer(out, address);
            return;
        }
        out.append('[');
        String separator = "";
        for (int fd = 0; fd < Math.min(count, FD_SET_MAX); fd++) {
            if ((b[fd >> 3] >> (fd & 7) & 1) != 0) {
                out.append(separator).append(fd);
                separator = " ";
            }
        }
        out.append(']');
    }

    /** Entries in a filled buffer of getdents64(2). */
    private int entries(long address) {
        int length = (int) Math.min(result, DENTRIES_BYTES_MAX);
        byte[] b = memory.bytes(address, length);
        int n = 0;
        for (int at = 0; b != null && at + 18 <= length; n++) {
            int record = LittleEndian.getUnsignedShort(b, at + 16);
            if (record == 0) {
                break;
            }
            at += record;
        }
        return n;
    }

    /**
     * What follows the number of a result: the descriptors that poll(2) found, flags of F_GETFL.
     */
    void printAfterResult() {
        if (result <= 0) {
            if (result == 0 && returnsTimeout()) {
                out.append(" (Timeout)");
            }
            return;
        }
        int n = call.parameters().size();
        Arg.Format first = n == 0 ? Arg.Format.INT : call.parameters().get(0).format();
        if (first == Arg.Format.POLLFD) {
            out.append(" (");
            pollfds(arguments[0], (int) arguments[1], true);
            out.append(')');
        } else if (isSelect()) {
            String[] names = {"in ", "out ", "except "};
            String separator = " (";
            for (int i = 1; i <= names.length; i++) {
                if (arguments[i] != 0 && hasBits(arguments[i])) {
                    out.append(separator).append(names[i - 1]);
                    fdSet(arguments[i], (int) arguments[0]);
                    separator = ", ";
                }
            }
            out.append(separator.equals(", ") ? ")" : "");
        }
    }

    private boolean isSelect() {
        return call.parameters().size() > 1
                && call.parameters().get(1).format() == Arg.Format.FD_SET;
    }

    private boolean returnsTimeout() {
        return isSelect()
                || !call.parameters().isEmpty()
                        && call.parameters().get(0).format() == Arg.Format.POLLFD;
    }

    /** Whether the result of a call is an address. */
    static boolean returnsAddress(String name) {
        return switch (name) {
            case "mmap", "brk", "mremap", "shmat" -> true;
            default -> false;
        };
    }

    /** Whether the result is flags, as of {@code fcntl(fd, F_GETFL)}. */
    boolean returnsFlags() {
        int n = call.parameters().size();
        if (n == 0 || call.parameters().get(n - 1).format() != Arg.Format.FCNTL_ARGUMENT) {
            return false;
        }
        int command = (int) arguments[n - 2];
        return command == Fcntl.F_GETFL || command == Fcntl.F_GETFD;
    }

    /** {@code 0x8002 (flags O_RDWR|O_LARGEFILE)}. */
    void printFlagsResult() {
        Names.hex(out, result);
        int command = (int) arguments[call.parameters().size() - 2];
        if (command == Fcntl.F_GETFL) {
            out.append(" (flags ");
            openFlags(out, result);
            out.append((result & 0100000) != 0 ? "|O_LARGEFILE)" : ")");
        } else if (result == Fcntl.FD_CLOEXEC) {
            out.append(" (flags FD_CLOEXEC)");
        }
    }
}
