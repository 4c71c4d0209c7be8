// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.platform.abi.Futex;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.syscalls.annotation.Arg;

import org.jspecify.annotations.Nullable;

/** Formats that are one table of names each, or nearly so. */
final class FlagPrinter {
    private FlagPrinter() {}

    static void print(StringBuilder out, Arg.Format format, long value) {
        switch (format) {
            case OPEN_FLAGS -> ArgumentPrinter.openFlags(out, value & 0xffff_ffffL);
            case MAP_FLAGS -> {
                NameTables.MAP_TYPE.value(out, value & Mman.MAP_TYPE);
                long rest = value & 0xffff_fff0L;
                if (rest != 0) {
                    NameTables.MAP.flags(out, rest, "|");
                }
            }
            case CLONE_FLAGS -> {
                long flags = value & 0xffff_ffffL & ~Sched.CSIGNAL;
                int signal = (int) value & Sched.CSIGNAL;
                if (flags != 0 || signal == 0) {
                    NameTables.CLONE.flags(out, flags);
                }
                if (signal != 0) {
                    out.append(flags != 0 ? "|" : "");
                    out.append(SignalPrinter.name(signal, true));
                }
            }
            case FUTEX_OP -> {
                int modifiers = Futex.FUTEX_PRIVATE_FLAG | Futex.FUTEX_CLOCK_REALTIME;
                NameTables.FUTEX.value(out, (int) value & ~modifiers);
                out.append((value & Futex.FUTEX_PRIVATE_FLAG) != 0 ? "_PRIVATE" : "");
                boolean realtime = (value & Futex.FUTEX_CLOCK_REALTIME) != 0;
                out.append(realtime ? "|FUTEX_CLOCK_REALTIME" : "");
            }
            case SOCKET_TYPE -> {
                NameTables.SOCKET_TYPE.value(out, value & 0xf);
                if ((value & ~0xfL) != 0) {
                    NameTables.SOCKET_FLAGS.flags(out, value & 0xffff_fff0L, "|");
                }
            }
            default -> {
                Names values = valueTable(format);
                if (values != null) {
                    values.value(out, value);
                    return;
                }
                Names flags = flagTable(format);
                if (flags != null) {
                    flags.flags(out, value & 0xffff_ffffL);
                } else {
                    Names.hex(out, value);
                }
            }
        }
    }

    private static @Nullable Names valueTable(Arg.Format format) {
        return switch (format) {
            case MADVICE -> NameTables.MADVICE;
            case SIGMASK_HOW -> NameTables.SIGMASK_HOW;
            case CLOCK_ID -> NameTables.CLOCK;
            case FCNTL_COMMAND -> NameTables.FCNTL;
            case IOCTL_COMMAND -> NameTables.IOCTL;
            case SEEK_WHENCE -> NameTables.SEEK;
            case RESOURCE -> NameTables.RESOURCE;
            case PRCTL_OPTION -> NameTables.PRCTL;
            case ARCH_PRCTL_CODE -> NameTables.ARCH_PRCTL;
            case SOCKET_FAMILY -> NameTables.FAMILY;
            case FADVICE -> NameTables.FADVICE;
            case EPOLL_OP -> NameTables.EPOLL_OP;
            case SHUTDOWN_HOW -> NameTables.SHUTDOWN;
            case SOCKET_LEVEL -> NameTables.SOCKET_LEVEL;
            case SOCKET_OPTION -> NameTables.SOCKET_OPTION;
            default -> null;
        };
    }

    private static @Nullable Names flagTable(Arg.Format format) {
        return switch (format) {
            case AT_FLAGS, UNLINK_FLAGS -> NameTables.AT;
            case ACCESS_AT_FLAGS -> NameTables.ACCESS_AT;
            case ACCESS_MODE -> NameTables.ACCESS;
            case PROT -> NameTables.PROT;
            case MREMAP_FLAGS -> NameTables.MREMAP;
            case WAIT_FLAGS -> NameTables.WAIT;
            case DUP_FLAGS, PIPE_FLAGS -> NameTables.OPEN;
            case RANDOM_FLAGS -> NameTables.RANDOM;
            case RENAME_FLAGS -> NameTables.RENAME;
            case MOUNT_FLAGS -> NameTables.MOUNT;
            case RWF_FLAGS -> NameTables.RWF;
            case FLOCK_OPERATION -> NameTables.FLOCK;
            case CLOSE_RANGE_FLAGS -> NameTables.CLOSE_RANGE;
            case STATX_MASK -> NameTables.STATX;
            case FALLOCATE_MODE -> NameTables.FALLOCATE;
            case MSYNC_FLAGS -> NameTables.MSYNC;
            case MLOCKALL_FLAGS -> NameTables.MLOCKALL;
            case MEMFD_FLAGS -> NameTables.MEMFD;
            case EVENTFD_FLAGS -> NameTables.EVENTFD;
            case INOTIFY_FLAGS -> NameTables.INOTIFY_INIT;
            case INOTIFY_MASK -> NameTables.INOTIFY_EVENTS;
            case SIGNALFD_FLAGS -> NameTables.SIGNALFD;
            case EPOLL_FLAGS -> NameTables.EPOLL_CREATE;
            case SPLICE_FLAGS -> NameTables.SPLICE;
            case XATTR_FLAGS -> NameTables.XATTR;
            case SOCKET_FLAGS -> NameTables.SOCKET_FLAGS;
            case MSG_FLAGS -> NameTables.MSG;
            case UMOUNT_FLAGS -> NameTables.UMOUNT;
            default -> null;
        };
    }
}
