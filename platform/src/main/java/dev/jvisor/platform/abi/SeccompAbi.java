// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of seccomp(2).
 *
 * <p>Source: {@code linux/seccomp.h} of Linux, x86-64.
 */
public final class SeccompAbi {

    private SeccompAbi() {}

    public static final int SECCOMP_MODE_DISABLED = 0;
    public static final int SECCOMP_MODE_STRICT = 1;
    public static final int SECCOMP_MODE_FILTER = 2;

    public static final int SECCOMP_SET_MODE_STRICT = 0;
    public static final int SECCOMP_SET_MODE_FILTER = 1;
    public static final int SECCOMP_GET_ACTION_AVAIL = 2;
    public static final int SECCOMP_GET_NOTIF_SIZES = 3;

    public static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    public static final int SECCOMP_FILTER_FLAG_LOG = 1 << 1;
    public static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 1 << 2;
    public static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
    public static final int SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 1 << 4;
    public static final int SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;

    public static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    public static final int SECCOMP_RET_KILL_THREAD = 0;
    public static final int SECCOMP_RET_TRAP = 0x00030000;
    public static final int SECCOMP_RET_ERRNO = 0x00050000;
    public static final int SECCOMP_RET_USER_NOTIF = 0x7fc00000;
    public static final int SECCOMP_RET_TRACE = 0x7ff00000;
    public static final int SECCOMP_RET_LOG = 0x7ffc0000;
    public static final int SECCOMP_RET_ALLOW = 0x7fff0000;
    public static final int SECCOMP_RET_ACTION_FULL = 0xffff0000;
    public static final int SECCOMP_RET_DATA = 0xffff;

    public static final int SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
    public static final int SECCOMP_ADDFD_FLAG_SETFD = 1;
    public static final int SECCOMP_ADDFD_FLAG_SEND = 2;

    public static final int SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
    public static final int SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
    public static final int SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;
    public static final int SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
    public static final int SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104;

    /** {@code sizeof(struct seccomp_data)}: nr, arch, instruction pointer, six arguments. */
    public static final int SECCOMP_DATA_SIZE = 64;

    /** {@code sizeof(struct seccomp_notif)}: id (8 bytes), pid, flags, the data. */
    public static final int SECCOMP_NOTIF_SIZE = 80;

    /** {@code sizeof(struct seccomp_notif_resp)}: id (8 bytes), val (8 bytes), error, flags. */
    public static final int SECCOMP_NOTIF_RESP_SIZE = 24;

    /** {@code sizeof(struct seccomp_notif_addfd)}: id (8), flags, srcfd, newfd, newfd_flags. */
    public static final int SECCOMP_NOTIF_ADDFD_SIZE = 24;

    /** {@code si_code} of SIGSYS. */
    public static final int SYS_SECCOMP = 1;
}
