// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Layout of {@code struct msghdr} and {@code struct mmsghdr}.
 *
 * <p>Source: {@code linux/socket.h} (user_msghdr, mmsghdr) of Linux, x86-64.
 */
public final class MsghdrStruct {

    private MsghdrStruct() {}

    public static final int MSG_NAME = 0;
    public static final int MSG_NAMELEN = 8;
    public static final int MSG_IOV = 16;
    public static final int MSG_IOVLEN = 24;
    public static final int MSG_CONTROL = 32;
    public static final int MSG_CONTROLLEN = 40;
    public static final int MSG_FLAGS = 48;
    public static final int SIZE = 56;

    /** Of {@code struct mmsghdr}, behind the msghdr. */
    public static final int MSG_LEN = 56;

    public static final int MMSGHDR_SIZE = 64;
}
