// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of getrandom(2).
 *
 * <p>Source: {@code linux/random.h} of Linux, x86-64.
 */
public final class Getrandom {

    private Getrandom() {}

    public static final int GRND_NONBLOCK = 1;
    public static final int GRND_RANDOM = 2;
    public static final int GRND_INSECURE = 4;
}
