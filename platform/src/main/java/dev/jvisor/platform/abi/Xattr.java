// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of xattr(7).
 *
 * <p>Source: {@code linux/xattr.h} of Linux, x86-64.
 */
public final class Xattr {

    private Xattr() {}

    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;
}
