// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Little-endian integers in byte arrays, for structures that go to and come from a guest.
 *
 * <p>Plain shifts on purpose: a byte array view {@code VarHandle} costs milliseconds when a sandbox
 * starts.
 */
public final class LittleEndian {

    private LittleEndian() {}

    public static int getUnsignedShort(byte[] buffer, int index) {
        return buffer[index] & 0xff | (buffer[index + 1] & 0xff) << 8;
    }

    public static void putShort(byte[] buffer, int index, int value) {
        buffer[index] = (byte) value;
        buffer[index + 1] = (byte) (value >> 8);
    }

    public static int getInt(byte[] buffer, int index) {
        return buffer[index] & 0xff
                | (buffer[index + 1] & 0xff) << 8
                | (buffer[index + 2] & 0xff) << 16
                | buffer[index + 3] << 24;
    }

    public static void putInt(byte[] buffer, int index, int value) {
        buffer[index] = (byte) value;
        buffer[index + 1] = (byte) (value >> 8);
        buffer[index + 2] = (byte) (value >> 16);
        buffer[index + 3] = (byte) (value >> 24);
    }

    public static long getLong(byte[] buffer, int index) {
        return getInt(buffer, index) & 0xffffffffL | (long) getInt(buffer, index + 4) << 32;
    }

    public static void putLong(byte[] buffer, int index, long value) {
        putInt(buffer, index, (int) value);
        putInt(buffer, index + 4, (int) (value >>> 32));
    }
}
