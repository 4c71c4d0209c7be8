// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

/** Constants of the securebits of capabilities(7). Source: {@code linux/securebits.h}. */
public final class SecureBits {

    private SecureBits() {}

    public static final int SECBIT_NOROOT = 1;
    public static final int SECBIT_NOROOT_LOCKED = 1 << 1;
    public static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;
    public static final int SECBIT_NO_SETUID_FIXUP_LOCKED = 1 << 3;
    public static final int SECBIT_KEEP_CAPS = 1 << 4;
    public static final int SECBIT_KEEP_CAPS_LOCKED = 1 << 5;
    public static final int SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6;
    public static final int SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED = 1 << 7;

    public static final int SECURE_ALL_BITS =
            SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS | SECBIT_NO_CAP_AMBIENT_RAISE;

    public static final int SECURE_ALL_LOCKS = SECURE_ALL_BITS << 1;
}
