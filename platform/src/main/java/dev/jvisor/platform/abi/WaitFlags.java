// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of wait(2).
 *
 * <p>Source: {@code linux/wait.h} of Linux, x86-64.
 */
public final class WaitFlags {

    private WaitFlags() {}

    public static final int P_ALL = 0;
    public static final int P_PID = 1;
    public static final int P_PGID = 2;
    public static final int P_PIDFD = 3;

    public static final int WCONTINUED = 8;

    public static final int WEXITED = 4;

    public static final int WNOHANG = 1;

    public static final int WNOWAIT = 0x1000000;

    public static final int WSTOPPED = 2;

    public static final int WUNTRACED = 2;

    public static final int __WALL = 0x40000000;
    public static final int __WCHAR_MAX__ = 0x7fffffff;
    public static final int __WCHAR_MIN__ = 0x80000000;
    public static final int __WCHAR_WIDTH__ = 32;
    public static final int __WCLONE = 0x80000000;
    public static final int __WINT_MAX__ = -1;
    public static final int __WINT_MIN__ = 0;
    public static final int __WINT_WIDTH__ = 32;
    public static final int __WNOTHREAD = 0x20000000;
}
