// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.annotation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says how strace renders an argument. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Arg {

    /** Rendering format. */
    Format value();

    /** Formats of arguments; the strace package knows how to render each. */
    enum Format {
        /** Signed decimal. */
        INT,
        UNSIGNED,
        HEX,
        OCTAL_MODE,
        POINTER,
        /** File descriptor. */
        FD,
        /** Directory descriptor: AT_FDCWD by name. */
        DIRFD,
        /** NUL-terminated string at an address. */
        PATH,
        STRING,
        /** A path that the call fills in. */
        PATH_OUT,
        /** Bytes the call reads, length in the next argument (write). */
        BUFFER_IN,
        /** Bytes the call fills in, length is the result (read). */
        BUFFER_OUT,
        OPEN_FLAGS,
        AT_FLAGS,
        ACCESS_MODE,
        PROT,
        MAP_FLAGS,
        MADVICE,
        MREMAP_FLAGS,
        CLONE_FLAGS,
        WAIT_FLAGS,
        WAIT_STATUS_OUT,
        SIGNAL,
        SIGSET_IN,
        SIGSET_OUT,
        SIGMASK_HOW,
        SIGACTION_IN,
        SIGACTION_OUT,
        STAT_OUT,
        STATX_OUT,
        STATFS_OUT,
        TIMESPEC_IN,
        TIMESPEC_OUT,
        TIMEVAL_OUT,
        CLOCK_ID,
        FCNTL_COMMAND,
        IOCTL_COMMAND,
        SEEK_WHENCE,
        POLLFD,
        PIPE_FDS_OUT,
        IOVEC_IN,
        IOVEC_OUT,
        FUTEX_OP,
        RESOURCE,
        RLIMIT_IN,
        RLIMIT_OUT,
        RUSAGE_OUT,
        UTSNAME_OUT,
        DIRENT_OUT,
        STRING_ARRAY,
        PRCTL_OPTION,
        ARCH_PRCTL_CODE,
        SOCKET_FAMILY,
        SOCKET_TYPE,
        SOCKADDR_IN,
        DUP_FLAGS,
        PIPE_FLAGS,
        RANDOM_FLAGS,
        RENAME_FLAGS,
        MOUNT_FLAGS,
        PID,
        UID,
        OFFSET,
        SIZE,
        SYSINFO_OUT,
        EPOLL_EVENT,
        RWF_FLAGS,
        /** Argument of fcntl(2); depends on the command before it. */
        FCNTL_ARGUMENT,
        FLOCK_OPERATION,
        CLOSE_RANGE_FLAGS,
        STATX_MASK,
        FALLOCATE_MODE,
        /** Two timespecs; UTIME_NOW and UTIME_OMIT by name. */
        UTIMENS_IN,
        TIMEVAL_IN,
        UTIMES_IN,
        UTIMBUF_IN,
        /** {@code dev_t}. */
        DEVICE,
        OPEN_HOW_IN,
        MSYNC_FLAGS,
        MLOCKALL_FLAGS,
        MEMFD_FLAGS,
        FADVICE,
        EVENTFD_FLAGS,
        EPOLL_FLAGS,
        EPOLL_OP,
        /** Array of epoll_event filled in, as many as the result says. */
        EPOLL_EVENTS_OUT,
        /** {@code fd_set}, in and out, as wide as the first argument. */
        FD_SET,
        SPLICE_FLAGS,
        XATTR_FLAGS,
        UMOUNT_FLAGS,
        UNLINK_FLAGS,
        /** Milliseconds; negative for no limit. */
        TIMEOUT_MS,
        ACCESS_AT_FLAGS,
        /** Address of a 64-bit offset. */
        OFFSET_IN,
        /** Address of an int filled in. */
        INT_OUT,
        INOTIFY_FLAGS,
        INOTIFY_MASK,
        SIGNALFD_FLAGS,
        MSG_FLAGS,
        /** SOCK_NONBLOCK, SOCK_CLOEXEC. */
        SOCKET_FLAGS,
        SHUTDOWN_HOW,
        SOCKET_LEVEL,
        /** Option of a socket; depends on the level before it. */
        SOCKET_OPTION
    }
}
