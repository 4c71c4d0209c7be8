// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of futex(2).
 *
 * <p>Source: {@code linux/futex.h} of Linux, x86-64.
 */
public final class Futex {

    private Futex() {}

    public static final int FUTEX_WAITERS = 0x80000000;
    public static final int FUTEX_CMD_MASK = 0xfffffe7f;
    public static final int FUTEX_BITSET_MATCH_ANY = -1;
    public static final int FUTEX_OP_CMP_EQ = 0;
    public static final int FUTEX_OP_SET = 0;
    public static final int FUTEX_WAIT = 0;
    public static final int FUTEX_OP_ADD = 1;
    public static final int FUTEX_OP_CMP_NE = 1;
    public static final int FUTEX_WAKE = 1;
    public static final int FUTEX_32 = 2;
    public static final int FUTEX_FD = 2;
    public static final int FUTEX_OP_CMP_LT = 2;
    public static final int FUTEX_OP_OR = 2;
    public static final int FUTEX_OP_ANDN = 3;
    public static final int FUTEX_OP_CMP_LE = 3;
    public static final int FUTEX_REQUEUE = 3;
    public static final int FUTEX_CMP_REQUEUE = 4;
    public static final int FUTEX_OP_CMP_GT = 4;
    public static final int FUTEX_OP_XOR = 4;
    public static final int FUTEX_OP_CMP_GE = 5;
    public static final int FUTEX_WAKE_OP = 5;
    public static final int FUTEX_LOCK_PI = 6;
    public static final int FUTEX_UNLOCK_PI = 7;
    public static final int FUTEX_OP_OPARG_SHIFT = 8;
    public static final int FUTEX_TRYLOCK_PI = 8;
    public static final int FUTEX_WAIT_BITSET = 9;
    public static final int FUTEX_WAKE_BITSET = 10;
    public static final int FUTEX_WAIT_REQUEUE_PI = 11;
    public static final int FUTEX_CMP_REQUEUE_PI = 12;
    public static final int FUTEX_LOCK_PI2 = 13;
    public static final int FUTEX_PRIVATE_FLAG = 128;
    public static final int FUTEX_WAITV_MAX = 128;
    public static final int FUTEX_WAIT_PRIVATE = 128;
    public static final int FUTEX_WAKE_PRIVATE = 129;
    public static final int FUTEX_REQUEUE_PRIVATE = 131;
    public static final int FUTEX_CMP_REQUEUE_PRIVATE = 132;
    public static final int FUTEX_WAKE_OP_PRIVATE = 133;
    public static final int FUTEX_LOCK_PI_PRIVATE = 134;
    public static final int FUTEX_UNLOCK_PI_PRIVATE = 135;
    public static final int FUTEX_TRYLOCK_PI_PRIVATE = 136;
    public static final int FUTEX_WAIT_BITSET_PRIVATE = 137;
    public static final int FUTEX_WAKE_BITSET_PRIVATE = 138;
    public static final int FUTEX_WAIT_REQUEUE_PI_PRIVATE = 139;
    public static final int FUTEX_CMP_REQUEUE_PI_PRIVATE = 140;
    public static final int FUTEX_LOCK_PI2_PRIVATE = 141;
    public static final int FUTEX_CLOCK_REALTIME = 0x100;
    public static final int FUTEX_TID_MASK = 0x3fffffff;
    public static final int FUTEX_OWNER_DIED = 0x40000000;
}
