// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Device numbers as stat(2) and mknod(2) encode them (Linux: {@code new_encode_dev}, 12+20 bits).
 */
public final class DeviceNumber {

    private static final AtomicInteger NEXT_ANONYMOUS = new AtomicInteger(20);

    private DeviceNumber() {}

    public static long make(int major, int minor) {
        return (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & 0xfff00L) << 12;
    }

    public static int major(long device) {
        return (int) (device >>> 8 & 0xfff);
    }

    public static int minor(long device) {
        return (int) (device & 0xff | device >>> 12 & 0xfff00);
    }

    /** A number of its own for a file system without a device (major 0). */
    public static long nextAnonymous() {
        return make(0, NEXT_ANONYMOUS.getAndIncrement());
    }
}
